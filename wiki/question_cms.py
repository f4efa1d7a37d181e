"""Questions in the CMS: who waits longest comes first; one question with what may be its answer, and what can be done now."""

from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.rich_text import DraftailRichTextArea
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets import AdminPageChooser
from wagtail.models import Page

from academy.admin import ListingViewSet
from academy.blocks import TEXT_FEATURES
from academy.cms_verbs import LettersFirst, Verb, crumbs, history, in_state, offered, perform, words
from academy.models import User
from academy.permissions import COORDINATORS, TRAINERS
from wiki import actions
from wiki.models import Question, QuestionState, Visibility, WikiPage, WikiSection
from wiki.models.questions import WAITING
from wiki.permissions import can_answer_questions
from wiki.similar import similar_questions

S = QuestionState
MOST_OFFERED = 50


# --- the queue


class QuestionFilter(WagtailFilterSet):
    waiting = django_filters.ChoiceFilter(
        label=gettext_lazy("Waiting"),
        choices=[("all", gettext_lazy("Waits for an answer")), ("me", gettext_lazy("Waits for me"))],
        method="by_waiting",
    )

    class Meta:
        model = Question
        fields = ["state", "language", "section", "assigned_to"]

    def by_waiting(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        rows = rows.filter(state__in=WAITING)
        return rows.filter(assigned_to=self.request.user) if value == "me" else rows


class QuestionIndexView(generic.IndexView):
    def get_base_queryset(self):
        """Those that wait on top, the longest first; then the answered ones, the newest first."""
        waits = Case(When(state__in=WAITING, then=Value(0)), default=Value(1), output_field=IntegerField())
        rows = super().get_base_queryset().select_related("section", "assigned_to", "page")
        return rows.annotate(rank=waits, since=Coalesce("reopened_at", "asked_at"))

    def order_queryset(self, queryset):
        return super().order_queryset(queryset) if self.request.GET.get("ordering") else queryset.order_by("rank", "since", "-asked_again")

    @cached_property
    def columns(self):
        return [
            TitleColumn("text", label=_("Question"), get_url=lambda row: reverse("questions_cms_question", args=[row.pk])),
            Column("get_state_display", label=_("State"), sort_key="state"),
            DateColumn("waits_since", label=_("Since"), sort_key="since"),
            Column("asked_again", label=_("Asked again"), sort_key="asked_again"),
            Column("section", label=_("Section")),
            Column("assigned_to", label=_("Who answers"), sort_key="assigned_to__name"),
            Column("visibility", label=_("Who reads it"), accessor=lambda row: _("private") if row.is_private else _("everybody")),
            Column("page", label=_("Page")),
        ]


class QuestionViewSet(ListingViewSet):
    """What people ask; everything that happens to a question is a verb on its own page."""

    model = Question
    icon = "help"
    menu_label = gettext_lazy("Questions")
    menu_order = 158
    add_to_admin_menu = True
    index_view_class = QuestionIndexView
    filterset_class = QuestionFilter
    search_fields = ["text", "detail"]


# --- what the verbs ask


def _people_who_answer() -> QuerySet[User]:
    return User.objects.filter(is_active=True, groups__name__in=[TRAINERS, COORDINATORS]).distinct()


class AnswerWriter(DraftailRichTextArea):
    """Wagtail's own editor; what no editor of its kind sent is an empty answer, not an error."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        try:
            return super().value_from_datadict(data, files, name)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


class AnswerForm(forms.Form):
    html = forms.CharField(label=gettext_lazy("Answer, as the asker reads it"))

    def __init__(self, *args: Any, row: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["html"].widget = AnswerWriter(features=TEXT_FEATURES)


class CorrectForm(AnswerForm):
    def __init__(self, *args: Any, row: Question, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        answer = row.last_answer()
        self.initial.setdefault("html", answer.html if answer else "")


class AssignForm(forms.Form):
    to = forms.ModelChoiceField(label=gettext_lazy("Who answers"), queryset=User.objects.none())

    def __init__(self, *args: Any, row: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = _people_who_answer()


class DuplicateForm(forms.Form):
    """Only questions whose answer the asker may read, those most like this one first."""

    original = forms.ModelChoiceField(label=gettext_lazy("The question that has the answer"), queryset=Question.objects.none())

    def __init__(self, *args: Any, row: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["original"]
        field.queryset = (Question.objects.public() | Question.objects.asked_by(row.asker).filter(answered_at__isnull=False)).exclude(
            pk=row.pk
        )
        if not self.is_bound:
            choices = {one.pk: one.text for one in similar_questions(row)}
            others = field.queryset.exclude(pk__in=choices).order_by("-asked_again", "-answered_at")[:MOST_OFFERED]
            field.choices = [("", "---------"), *choices.items(), *((one.pk, one.text) for one in others)]


class PageForm(forms.Form):
    place = forms.ModelChoiceField(
        label=gettext_lazy("Where"),
        help_text=gettext_lazy("A section: the answer becomes a page of its own there. A page: the answer becomes a part at its end."),
        queryset=Page.objects.none(),
    )
    title = forms.CharField(
        label=gettext_lazy("Heading"),
        max_length=250,
        widget=words(2),
        help_text=gettext_lazy("Without anything by which the asker could be recognised."),
    )

    def __init__(self, *args: Any, row: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = Page.objects.type(WikiSection, WikiPage)
        self.fields["place"].widget = AdminPageChooser(target_models=[WikiSection, WikiPage])
        if not row.is_private:
            self.initial.setdefault("title", row.text)


class ReopenForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("What is missing"), widget=words(), max_length=4000)


def _no_page_yet(row: Question, user: User) -> bool:
    return row.answered_at is not None and row.page_id is None


VERBS = {
    verb.name: verb
    for verb in (
        Verb("answer", gettext_lazy("Answer"), actions.answer_question, in_state(*WAITING), AnswerForm, takes_row=True),
        Verb(
            "duplicate",
            gettext_lazy("Lead to the question that has the answer"),
            actions.close_as_duplicate,
            in_state(*WAITING),
            DuplicateForm,
            gettext_lazy("The asker gets a message with the way to it, and may open this one again. It counts as asked once more."),
            takes_row=True,
        ),
        Verb("assign", gettext_lazy("Give it to somebody"), actions.assign_question, in_state(*WAITING), AssignForm, takes_row=True),
        Verb(
            "page",
            gettext_lazy("Turn it into a page"),
            actions.question_to_page,
            _no_page_yet,
            PageForm,
            gettext_lazy("A draft: read it again and publish it. Then the question leads to the page, and the asker is told."),
            takes_row=True,
        ),
        Verb(
            "correct",
            gettext_lazy("Correct the answer"),
            actions.correct_answer,
            in_state(S.ANSWERED),
            CorrectForm,
            gettext_lazy("Nobody is told. To say something new, open the question again and answer."),
            takes_row=True,
        ),
        Verb("reopen", gettext_lazy("Open it again"), actions.reopen_question, in_state(S.ANSWERED, S.DUPLICATE), ReopenForm),
        Verb(
            "private",
            gettext_lazy("Make it private"),
            lambda row, *, by: actions.set_visibility(row, by=by, visibility=Visibility.PRIVATE),
            lambda row, user: row.visibility == Visibility.PUBLIC and row.state != S.WITHDRAWN,
            explanation=gettext_lazy("For words that say too much of a person. Only the asker can open it to everybody again."),
        ),
    )
}


@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, pk: UUID, verb: str = "") -> HttpResponse:
    if not can_answer_questions(request.user):
        raise Http404
    rows = Question.objects.for_admin(request.user).select_related("asker", "section", "assigned_to", "page", "duplicate_of")
    row = get_object_or_404(rows, pk=pk)
    refused = None
    if request.method == "POST":
        refused = perform(request, VERBS, row, verb)
        if isinstance(refused, LettersFirst):
            return refused.page(request, back=reverse("questions_cms_question", args=[row.pk]))
        if refused is None:
            return redirect(_after(verb, row))
    verbs = offered(VERBS, row, request.user, refused)
    return render(
        request,
        "wiki/cms/question.html",
        {
            "question": row,
            "answers": list(row.answers.select_related("answered_by").order_by("-answered_at")),
            "near": similar_questions(row)[:5] if row.is_waiting else [],
            "history": history(row),
            "writing": next((one for one in verbs if one.verb.name == "answer"), None),
            "verbs": [one for one in verbs if one.verb.name != "answer"],
            "media": sum((one.form.media for one in verbs), forms.Media()),
            "header_title": row.text,
            "header_icon": "help",
            "breadcrumbs_items": crumbs((_("Questions"), reverse("questions:index")), (row.text, "")),
        },
    )


def _after(verb: str, row: Question) -> str:
    """The draft of the page is read at once; everything else stays here."""
    if verb == "page":
        return reverse("wagtailadmin_pages:edit", args=[Question.objects.values_list("page_id", flat=True).get(pk=row.pk)])
    return reverse("questions_cms_question", args=[row.pk])

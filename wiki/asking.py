"""Asking, on the site: the list, the form that first looks for an answer that exists, and one question with what became of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from academy.http import refuse_politely
from academy.privacy import hidden_for
from academy.rehearsal import shows_mails
from academy.rules import RuleViolation
from academy.search.query import cleaned_text
from academy.typography import one_line
from wiki import actions
from wiki.models import Answer, Question, Visibility, WikiSection
from wiki.models.questions import LONGEST_DETAIL, LONGEST_QUESTION
from wiki.permissions import can_answer_questions
from wiki.similar import matching_questions, page_of, similar_to

QUESTIONS_A_PAGE = 20
KEPT = "question_typed"
ORDERS = {"recent": ("-answered_at",), "asked": ("-asked_again", "-answered_at")}


def _sections(request: HttpRequest, language: str | None = None) -> QuerySet[WikiSection]:
    """Those whose name this reader may know."""
    rows = hidden_for(request).exclude_from(WikiSection.objects.live()).order_by("path")
    return rows.filter(locale__language_code=language) if language else rows


class AskForm(forms.Form):
    """`checked` is the question for which the reader has seen what may be the answer already."""

    use_required_attribute = False

    text = forms.CharField(
        label=gettext_lazy("Your question, in one sentence"),
        max_length=LONGEST_QUESTION,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    detail = forms.CharField(
        label=gettext_lazy("What we should know to answer well"),
        help_text=gettext_lazy(
            "Your country, what you have tried, what you will do with the answer. Names of other people are not needed."
        ),
        max_length=LONGEST_DETAIL,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    section = forms.ModelChoiceField(
        WikiSection.objects.none(),
        label=gettext_lazy("What is it about?"),
        help_text=gettext_lazy("It leads your question to the right person. Leave it if you are not sure."),
        required=False,
        empty_label=gettext_lazy("I am not sure"),
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Who may read it, with its answer?"),
        choices=Visibility.choices,
        widget=forms.RadioSelect,
        initial=Visibility.PUBLIC,
    )
    checked = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, sections: QuerySet, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["section"].queryset = sections

    def clean_text(self) -> str:
        return one_line(self.cleaned_data["text"])


def questions(request: HttpRequest) -> HttpResponse:
    """`/questions/`: what was asked and answered, for everybody; with `?of=me` one's own, whatever their state."""
    of_me = request.GET.get("of") == "me"
    if of_me and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), reverse("account_login"))
    query, language = cleaned_text(request.GET.get("q", "")), get_language()
    in_all = request.GET.get("language") == "all"
    rows = Question.objects.asked_by(request.user) if of_me else Question.objects.public()
    if not of_me and not in_all:
        rows = rows.filter(language=language)
    if query and of_me:
        rows = rows.filter(Q(text__icontains=query) | Q(detail__icontains=query))
    elif query:
        rows = rows.filter(pk__in=matching_questions(query, request=request, language="" if in_all else language))
    became = request.GET.get("page_it_became", "")
    if became.isdecimal() and len(became) < 12 and not of_me:
        rows = rows.filter(page_id=int(became), page_published_at__isnull=False)
    else:
        became = ""
    sections = [] if of_me else list(_sections(request).filter(pk__in=Question.objects.public().values("section")))
    section = next((one for one in sections if str(one.pk) == request.GET.get("section")), None)
    if section is not None:
        rows = rows.filter(section=section)
    order = request.GET.get("order") if request.GET.get("order") in ORDERS else "recent"
    rows = rows.order_by("-asked_at") if of_me else rows.order_by(*ORDERS[order])
    page = Paginator(rows.select_related("page"), QUESTIONS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [(row, page_of(row, request)) for row in page],
        "query": query,
        "of_me": of_me,
        "order": order,
        "sections": sections,
        "section": section,
        "in_all": in_all,
        "is_narrowed": bool(query or section or became),
        "has_mine": Question.objects.asked_by(request.user).exists(),
    }
    return render(request, "wiki/questions.html", context)


# --- asking


@shows_mails()
@require_http_methods(["GET", "POST"])
def question_ask(request: HttpRequest) -> HttpResponse:
    """One sentence, then what may be its answer already, then the rest and *send*. Anybody may look; sending asks to sign in, and
    what was typed waits meanwhile."""
    sections = _sections(request, get_language())
    if request.method == "POST":
        return _send(request, AskForm(request.POST, sections=sections), sections)
    kept = request.session.pop(KEPT, None) if request.user.is_authenticated else None
    typed = kept or {"text": cleaned_text(request.GET.get("q", ""))[:LONGEST_QUESTION]}
    form = AskForm(initial={**typed, "checked": typed["text"]}, sections=sections)
    return _show(request, form, typed["text"], is_kept=kept is not None)


def _show(request: HttpRequest, form: AskForm, text: str, *, is_kept: bool = False, found: list | None = None) -> HttpResponse:
    found = similar_to(text, request=request) if found is None else found
    return render(request, "wiki/question_ask.html", {"form": form, "text": text, "found": found, "is_kept": is_kept})


def _send(request: HttpRequest, form: AskForm, sections: QuerySet) -> HttpResponse:
    if not form.is_valid():
        return _show(request, form, one_line(request.POST.get("text", ""))[:LONGEST_QUESTION])
    typed = form.cleaned_data
    if typed["checked"] != typed["text"]:
        found = similar_to(typed["text"], request=request)
        if found:
            data = request.POST.copy()
            data["checked"] = typed["text"]
            return _show(request, AskForm(data, sections=sections), typed["text"], found=found)
    if not request.user.is_authenticated:
        section = typed["section"]
        request.session[KEPT] = {**typed, "section": section.pk if section else None}
        response = redirect_to_login(reverse("question_ask"), reverse("account_login"))
        response.keeps_what_was_sent = True
        return response
    answers = {name: typed[name] for name in ("text", "detail", "section", "visibility")}
    try:
        question = actions.ask_question(by=request.user, language=get_language(), **answers)
    except RuleViolation as refusal:
        form.add_error(None, str(refusal))
        return _show(request, form, typed["text"], found=[])
    messages.success(request, _("Your question is sent. You get a message when it is answered."))
    return redirect("question", pk=question.pk)


# --- one question


def _visibility(to: str) -> Callable[..., Any]:
    return lambda row, *, by: actions.set_visibility(row, by=by, visibility=to)


ACTS: dict[str, tuple[Callable[..., Any], Any, tuple[str, ...]]] = {
    "mine": (actions.recognise_question, gettext_lazy("Good. We count how often a question is asked: it tells us what to write."), ()),
    "helped": (actions.say_it_helped, gettext_lazy("Thank you for saying so."), ()),
    "reopen": (actions.reopen_question, gettext_lazy("Your question is open again. You get a message when there is more."), ("reason",)),
    "withdraw": (actions.withdraw_question, gettext_lazy("Your question is withdrawn. Nobody else reads it."), ()),
    "private": (_visibility(Visibility.PRIVATE), gettext_lazy("Only you and the team that answers can read it now."), ()),
    "public": (_visibility(Visibility.PUBLIC), gettext_lazy("Everybody can read it once it is answered, without your name."), ()),
}


@require_http_methods(["GET", "POST"])
@refuse_politely
def question(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The question, its newest answer, the page it became. Whoever may not read it is told nothing of it."""
    rows = Question.objects.for_user(request.user).select_related("section", "asker", "assigned_to", "page", "duplicate_of")
    row = rows.filter(pk=pk).first()
    signed_in = request.user.is_authenticated
    if (row is None or request.method == "POST") and not signed_in:
        return redirect_to_login(request.path, reverse("account_login"))
    if row is None:
        raise Http404
    if request.method == "POST":
        if request.POST.get("act") not in ACTS:
            raise Http404
        verb, said, names = ACTS[request.POST["act"]]
        verb(row, by=request.user, **{name: request.POST.get(name, "") for name in names})
        messages.success(request, said)
        return redirect("question", pk=pk)
    return render(request, "wiki/question.html", _context(request, row))


def _context(request: HttpRequest, row: Question) -> dict[str, Any]:
    is_mine, may_answer = row.asker_id is not None and row.asker_id == request.user.pk, can_answer_questions(request.user)
    answers: list[Answer] = list(row.answers.select_related("answered_by").order_by("-answered_at"))
    original = row.duplicate_of
    if original is not None and not Question.objects.for_user(request.user).filter(pk=original.pk).exists():
        original = None
    section = row.section if row.section and row.section.live and not hidden_for(request).hides(row.section) else None
    return {
        "question": row,
        "section": section,
        "section_href": section.get_url(request) if section else "",
        "answer": answers[0] if answers else None,
        "earlier": answers[1:] if is_mine or may_answer else [],
        "original": original,
        "became": page_of(row, request),
        "is_mine": is_mine,
        "may_answer": may_answer,
        "may_echo": request.user.is_authenticated and not is_mine and not row.echoes.filter(person=request.user.pk).exists(),
        "times": row.asked_again + 1,
        "crumbs": [(_("Questions"), reverse("questions")), (row.text, "")],
    }

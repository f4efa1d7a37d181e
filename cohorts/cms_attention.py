"""Who needs somebody of the team today: the list, one thing with what can be done about it, and the rules with what they find now."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic

from academy.admin import GuardedModelViewSet
from academy.cms_verbs import LettersFirst, Verb, crumbs, history, offered, perform, words
from academy.http import as_uuid
from academy.models import User
from academy.permissions import COORDINATORS, TRAINERS, is_coordinator, is_trainer
from cohorts import actions
from cohorts.attention import as_item, find, letters_about, stock_of
from cohorts.interests import interests_of
from cohorts.letters import people_of
from cohorts.models import AttentionItem, AttentionKind, AttentionRule, Cohort, Partnership

SHOWN = 200
LATER = (("3", gettext_lazy("3 days")), ("7", gettext_lazy("a week")), ("14", gettext_lazy("two weeks")), ("30", gettext_lazy("a month")))


class LaterForm(forms.Form):
    days = forms.TypedChoiceField(label=gettext_lazy("For"), choices=LATER, coerce=int, initial="7")


class DoneForm(forms.Form):
    note = forms.CharField(label=gettext_lazy("What was done"), widget=words(), max_length=2000)


class HandOnForm(forms.Form):
    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True, groups__name__in=[COORDINATORS, TRAINERS]).distinct().order_by("name"),
        label=gettext_lazy("To whom"),
    )


class RemindForm(forms.Form):
    """`letter` is made with the form: a second press sends nothing again."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=150)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        widget=words(7),
        max_length=4000,
        help_text=gettext_lazy("They receive it as it stands here, under your name; their answer reaches you."),
    )
    letter = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


ATTENTION_VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "remind",
            gettext_lazy("Write to the project"),
            actions.remind_project,
            lambda row, user: row.resolved_at is None,
            form=RemindForm,
        ),
        Verb(
            "done",
            gettext_lazy("It is dealt with"),
            actions.resolve,
            lambda row, user: row.resolved_at is None,
            form=DoneForm,
            explanation=gettext_lazy("What ends by itself leaves the list without you."),
        ),
        Verb(
            "later", gettext_lazy("Later"), actions.snooze, lambda row, user: row.resolved_at is None and not row.is_put_off, form=LaterForm
        ),
        Verb("wake", gettext_lazy("Show it again now"), actions.wake, lambda row, user: row.resolved_at is None and row.is_put_off),
        Verb(
            "hand_on", gettext_lazy("Give it to somebody else"), actions.hand_on, lambda row, user: row.resolved_at is None, form=HandOnForm
        ),
    )
}


def _team(request: HttpRequest) -> None:
    if not (is_coordinator(request.user) or is_trainer(request.user)):
        raise Http404


@require_safe
def attention(request: HttpRequest) -> HttpResponse:
    """What is one's own, or everybody's (`?whose=all`); of one rule (`?kind=`), of one cohort (`?cohort=`); also what is put off."""
    _team(request)
    everything = AttentionItem.objects.for_user(request.user)
    whose, kind, cohort = (request.GET.get(name, "") for name in ("whose", "kind", "cohort"))
    shown = everything.standing() if request.GET.get("put_off") else everything.calling()
    mine = shown.filter(owner=request.user)
    counts = {"mine": mine.count(), "all": shown.count()}
    whose = whose if whose in counts else ("mine" if counts["mine"] else "all")
    rows: QuerySet = mine if whose == "mine" else shown
    if kind in AttentionKind.values:
        rows = rows.filter(kind=kind)
    if as_uuid(cohort):
        rows = rows.filter(cohort=as_uuid(cohort))
    rows = rows.select_related("project", "cohort", "person", "requirement", "owner").order_by("since", "pk")
    context = {
        "rows": list(rows[: SHOWN + 1]),
        "most": SHOWN,
        "counts": counts,
        "whose": whose,
        "kinds": [(value, label, value == kind) for value, label in AttentionKind.choices],
        "cohorts": [
            (str(row.pk), str(row), str(row.pk) == cohort)
            for row in Cohort.objects.for_user(request.user).filter(attention_items__in=everything).distinct()
        ],
        "put_off": bool(request.GET.get("put_off")),
        "may_rule": is_coordinator(request.user),
        "header_title": _("Who needs you"),
        "header_icon": "warning",
        "breadcrumbs_items": crumbs((_("Who needs you"), "")),
    }
    return render(request, "cohorts/cms/attention.html", context)


@require_http_methods(["GET", "POST"])
def item(request: HttpRequest, pk: Any, verb: str = "") -> HttpResponse:
    _team(request)
    rows = AttentionItem.objects.for_user(request.user).select_related("project", "cohort", "person", "requirement", "owner", "resolved_by")
    row = get_object_or_404(rows, pk=pk)
    refused = None
    if request.method == "POST":
        refused = perform(request, ATTENTION_VERBS, row, verb)
        if isinstance(refused, LettersFirst):
            return refused.page(request, back=reverse("cohorts_cms_attention_item", args=[pk]))
        if refused is None:
            still = rows.filter(pk=pk, resolved_at__isnull=True).exists()
            return redirect("cohorts_cms_attention_item", pk=pk) if still else redirect("cohorts_cms_attention")
    people = people_of(row.project)
    context = {
        "item": row,
        "participation": row.project.participations.filter(cohort=row.cohort).first(),
        "partnership": Partnership.objects.current().for_user(request.user).filter(project=row.project).first(),
        "rule": AttentionRule.objects.filter(kind=row.kind).first(),
        "people": people,
        "letters": list(letters_about(row, people)[:10]),
        "history": history(row),
        "verbs": offered(ATTENTION_VERBS, row, request.user, refused),
        "header_title": str(row.project),
        "header_icon": "warning",
        "breadcrumbs_items": crumbs((_("Who needs you"), reverse("cohorts_cms_attention")), (str(row.project), "")),
    }
    return render(request, "cohorts/cms/attention_item.html", context)


@require_safe
def rehearsal(request: HttpRequest) -> HttpResponse:
    """What each rule finds now, what it would open and what would end: seen before it is said."""
    if not is_coordinator(request.user):
        raise Http404
    stock = stock_of(find())
    closed = set(interests_of(request.user).values_list("pk", flat=True))
    found, ended = ([one for one in rows if one.project.pk not in closed] for rows in (stock.found, stock.ended))
    new = {id(one) for one in stock.opened}
    lines = [(rule, [(as_item(one), id(one) in new) for one in found if one.kind == rule.kind]) for rule in AttentionRule.objects.all()]
    context = {
        "lines": lines,
        "ended": ended,
        "header_title": _("What the rules find now"),
        "header_icon": "cog",
        "breadcrumbs_items": crumbs((_("Who needs you"), reverse("cohorts_cms_attention")), (_("What the rules find now"), "")),
    }
    return render(request, "cohorts/cms/attention_rules.html", context)


class RuleIndexView(generic.IndexView):
    def dispatch(self, request, *args, **kwargs):
        if not is_coordinator(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def columns(self):
        return [
            TitleColumn("kind", label=_("Rule"), accessor="get_kind_display", url_name=self.edit_url_name),
            Column("meaning", label=_("What it finds")),
            Column("falls_to", label=_("Whose it is"), accessor="get_falls_to_display"),
            Column("is_on", label=_("In use"), accessor=lambda row: _("yes") if row.is_on else _("no")),
        ]


class AttentionRuleViewSet(GuardedModelViewSet):
    model = AttentionRule
    name = "attention_rules"
    icon = "cog"
    menu_label = gettext_lazy("Rules of attention")
    index_view_class = RuleIndexView
    copy_view_enabled = False
    inspect_view_enabled = False
    form_fields = ["days", "falls_to", "is_on"]
    list_filter: list[str] = []

    def get_index_view_kwargs(self, **kwargs):
        return super().get_index_view_kwargs(**{"add_url_name": None, "delete_url_name": None, "usage_url_name": None, **kwargs})

    def get_edit_view_kwargs(self, **kwargs):
        return super().get_edit_view_kwargs(**{"delete_url_name": None, "usage_url_name": None, **kwargs})

    def get_urlpatterns(self):
        """There is one rule of each kind: none is added, none is deleted, one is turned off."""
        return [one for one in super().get_urlpatterns() if one.name in ("index", "index_results", "edit", "history", "history_results")]


def pages() -> list:
    return [
        path("attention/", attention, name="cohorts_cms_attention"),
        path("attention/rules/", rehearsal, name="cohorts_cms_attention_rules"),
        path("attention/<uuid:pk>/", item, name="cohorts_cms_attention_item"),
        path("attention/<uuid:pk>/<slug:verb>/", item, name="cohorts_cms_attention_verb"),
    ]

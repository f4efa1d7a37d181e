"""Pages of the CMS about the reading: a round with its coverage, its readers and whom to ask next; a reader and what they can take."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.admin.widgets import AdminDateInput

from academy.cms_verbs import LettersFirst, crumbs, history, offered, perform
from academy.models import User
from academy.permissions import REVIEWERS, is_coordinator
from academy.rules import RuleViolation
from cohorts.actions import ask_reviewers, save_reviewer_profile
from cohorts.coverage import pillars, profile_of, propose, read_round, readers_of
from cohorts.models import Application, Cohort, ReviewAssignment, ReviewRound
from cohorts.round_acts import ROUND_VERBS, AdminProfileForm

ASK = "ask"


class DueForm(forms.Form):
    due_on = forms.DateField(required=False, widget=AdminDateInput)


def _round(request: HttpRequest, pk: int) -> ReviewRound:
    if not is_coordinator(request.user):
        raise Http404
    cohorts = Cohort.objects.for_user(request.user)
    return get_object_or_404(ReviewRound.objects.filter(cohort__in=cohorts).select_related("cohort"), pk=pk)


@require_http_methods(["GET", "POST"])
def round(request: HttpRequest, pk: int, verb: str = "") -> HttpResponse:
    row = _round(request, pk)
    refused = None
    due = DueForm(request.POST if verb == ASK else None, auto_id="ask_%s", initial={"due_on": _usual_due(row)})
    if request.method == "POST":
        if verb == ASK:
            if due.is_valid():
                return _ask(request, row, due.cleaned_data["due_on"])
        else:
            refused = perform(request, ROUND_VERBS, row, verb)
            if isinstance(refused, LettersFirst):
                return refused.page(request, back=reverse("cohorts_cms_round", args=[row.pk]))
            if refused is None:
                return redirect("cohorts_cms_round", pk=row.pk)
    names = dict(pillars())
    state = read_round(row, request.user, names)
    proposal = None if row.is_over else propose(state, names)
    ticked = request.POST.getlist("pair") if verb == ASK else None
    return render(
        request,
        "cohorts/cms/round.html",
        {
            "round": row,
            "state": state,
            "proposal": proposal,
            "groups": _by_application(proposal, ticked) if proposal else [],
            "due": due,
            "verbs": offered(ROUND_VERBS, row, request.user, refused),
            "history": history(row),
            "header_title": _("%(cohort)s: round %(number)s of reading") % {"cohort": row.cohort, "number": row.number},
            "header_icon": "view",
            "breadcrumbs_items": crumbs(
                (_("Cohorts"), reverse("cohorts:index")),
                (str(row.cohort), reverse("cohorts_cms_cohort", args=[row.cohort_id])),
                (_("%(cohort)s: round %(number)s of reading") % {"cohort": row.cohort, "number": row.number}, ""),
            ),
        },
    )


def _usual_due(row: ReviewRound) -> date:
    """In two weeks, or when the round closes if that is sooner."""
    zone = row.cohort.zone
    return min(timezone.localdate(timezone=zone) + timedelta(days=14), timezone.localdate(row.closes_at, zone))


def _by_application(proposal: Any, ticked: list[str] | None) -> list[tuple[Application, list[tuple[Any, bool]]]]:
    """The proposed lines under their application, each ticked unless somebody has unticked it."""
    groups: dict = {}
    for line in proposal.lines:
        groups.setdefault(line.application.pk, (line.application, []))[1].append((line, ticked is None or line.value in ticked))
    return list(groups.values())


def _ask(request: HttpRequest, row: ReviewRound, due_on: date | None) -> HttpResponse:
    """Asks what is ticked. A pair that is not of this round, or not for this coordinator to ask, is a forged form."""
    pairs = [value.partition(":") for value in request.POST.getlist("pair")]
    applications = {str(one.pk): one for one in _open_applications(request, row)}
    readers = {str(one.pk): one for one in readers_of(row)}
    try:
        wanted = [(applications[application], readers[reader]) for application, _sep, reader in pairs]
    except KeyError as unknown:
        raise Http404 from unknown
    try:
        asked = ask_reviewers(row, by=request.user, pairs=wanted, due_on=due_on)
    except RuleViolation as refusal:
        messages.error(request, str(refusal))
        return redirect("cohorts_cms_round", pk=row.pk)
    _say(request, len(asked.made), asked.passed_over)
    return redirect("cohorts_cms_round", pk=row.pk)


def _open_applications(request: HttpRequest, row: ReviewRound):
    return Application.objects.for_staff(request.user).filter(cohort=row.cohort_id).select_related("project", "cohort")


def _say(request: HttpRequest, made: int, passed_over: list[str]) -> None:
    if made:
        words = ngettext(
            "%(n)s reader’s place is asked for. They are told by mail.", "%(n)s readings are asked for. Each reader gets one mail.", made
        )
        messages.success(request, words % {"n": made})
    elif not passed_over:
        messages.warning(request, _("Nothing is ticked, so nobody was asked."))
    for one in passed_over:
        messages.warning(request, _("Not asked: %(why)s") % {"why": one})


@require_http_methods(["GET", "POST"])
def reader(request: HttpRequest, pk: int) -> HttpResponse:
    """What a reader can take, written by a coordinator for them, and what they have in hand as far as this coordinator may know."""
    if not is_coordinator(request.user):
        raise Http404
    readers = User.objects.filter(Q(groups__name=REVIEWERS) | Q(review_assignments__isnull=False))
    person = get_object_or_404(readers.select_related("reviewer_profile").distinct(), pk=pk)
    form = AdminProfileForm(request.POST or None, instance=profile_of(person))
    if request.method == "POST" and form.is_valid():
        save_reviewer_profile(person, by=request.user, **form.said)
        messages.success(request, _("The profile of %(person)s is saved.") % {"person": person})
        return redirect("cohorts_cms_reader", pk=person.pk)
    rows = ReviewAssignment.objects.for_user(request.user).filter(reviewer=person)
    return render(
        request,
        "cohorts/cms/reader.html",
        {
            "person": person,
            "form": form,
            "assignments": list(rows.select_related("application__project", "round__cohort").order_by("-proposed_at")[:100]),
            "header_title": str(person),
            "header_icon": "user",
            "breadcrumbs_items": crumbs((_("Cohorts"), reverse("cohorts:index")), (str(person), "")),
        },
    )

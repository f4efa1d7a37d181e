"""From the open call to the submitted application."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from academy.http import as_uuid, refuse_politely
from academy.models import User
from academy.rules import RuleViolation
from cohorts.actions import keep_self_check, save_draft, start_application
from cohorts.answers import in_words
from cohorts.calls import calls_for, earlier_calls, next_call
from cohorts.forms import StartForm
from cohorts.models import Application, Cohort, Project
from cohorts.readiness import replies_to
from cohorts.views.ready import CARRIED, carried


def apply(request: HttpRequest) -> HttpResponse:
    """The open calls, what is asked in return, and every question before signing up."""
    calls = calls_for(request.user)
    coming = None if calls else next_call()
    opening = (
        bool(calls),
        coming and (coming.intake_opens_at, coming.intake_closes_at, coming.time_zone),
    )  # all that the head of the page depends on
    earlier = earlier_calls()
    context = {"calls": calls, "next_call": coming, "opening": opening, "sections": lambda: in_words({})}
    context |= {
        "earlier": earlier,
        "earlier_lines": tuple((one.pk, str(one.title), one.intake_closes_at, one.time_zone) for one in earlier),
    }
    return render(request, "cohorts/apply.html", context)


@login_required
@refuse_politely
def start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Opens a draft with its first two answers."""
    cohort = get_object_or_404(Cohort.objects.for_user(request.user).exclude(state="planned"), pk=pk)
    mine = Project.objects.spoken_for_by(request.user)
    if request.method == "POST" and (there := _there(request, mine, cohort)):
        return there
    taken = Application.objects.live().filter(cohort=cohort).values("project")
    form = StartForm(request.POST or None, projects=mine.exclude(pk__in=taken), initial={"country": request.user.country})
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        project = found.get("project")
        try:
            application = start_application(cohort, by=request.user, project=project, name=found["name"])
        except RuleViolation:
            if there := _there(request, mine, cohort):  # the other click came between
                return there
            raise
        if project is None:
            save_draft(application, by=request.user, answers={"country": found["country"]})
        if said := carried(request):
            keep_self_check(application, by=request.user, answers=said)
            del request.session[CARRIED]
        return redirect("cohorts_application", pk=application.pk)
    return render(
        request,
        "cohorts/start.html",
        {"form": form, "cohort": cohort, "going_on": _drafts(request.user, cohort), "carried": replies_to(carried(request))},
    )


def _there(request: HttpRequest, mine: QuerySet, cohort: Cohort) -> HttpResponse | None:
    """To the application that the project has already: of a double click, or of a page that was opened before."""
    rows = Application.objects.live().filter(cohort=cohort, project__in=mine, project=as_uuid(request.POST.get("project")))
    row = rows.first()
    return redirect("cohorts_application", pk=row.pk) if row else None


def _drafts(user: User, cohort: Cohort) -> list[Application]:
    return list(Application.objects.of_member(user).live().filter(cohort=cohort).select_related("project"))

"""The page of one call, and its questions on paper."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from cohorts.call_page import call_context, questions_of
from cohorts.models import Cohort
from cohorts.permissions import can_manage_cohort


def _load(request: HttpRequest, pk: UUID) -> Cohort:
    """A planned call is there for coordinators only, who look at it before they open it."""
    cohort = get_object_or_404(Cohort, pk=pk)
    if cohort.state == Cohort.State.PLANNED and not can_manage_cohort(request.user, cohort):
        raise Http404
    return cohort


def call(request: HttpRequest, pk: UUID) -> HttpResponse:
    return render(request, "cohorts/call.html", call_context(request, _load(request, pk)))


def questions(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Made to be printed: every question with room for notes."""
    cohort = _load(request, pk)
    return render(request, "cohorts/call_questions.html", {"cohort": cohort, "parts": questions_of(cohort)})

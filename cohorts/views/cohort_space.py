"""The space of a cohort on the site: what is announced."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from cohorts.announcements import announced
from cohorts.models import Announcement
from cohorts.models.announcement import cohorts_open_to
from cohorts.permissions import can_announce


@login_required
@require_safe
def my_cohorts(request: HttpRequest) -> HttpResponse:
    """Straight to the only one, else the list."""
    cohorts = list(cohorts_open_to(request.user).order_by("-starts_at"))
    if len(cohorts) == 1:
        return redirect("cohorts_space", pk=cohorts[0].pk)
    return render(request, "cohorts/my_cohorts.html", {"cohorts": cohorts})


@login_required
@require_safe
def space(request: HttpRequest, pk: UUID) -> HttpResponse:
    cohort = get_object_or_404(cohorts_open_to(request.user).select_related("coordinator"), pk=pk)
    rows = Announcement.objects.standing().filter(cohort=cohort).select_related("posted_by").pinned_first()
    context = {
        "cohort": cohort,
        "announced": announced(list(rows)),
        "may_announce": can_announce(request.user, cohort),
    }
    return render(request, "cohorts/space.html", context)


@login_required
@require_safe
def announcement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One announcement, whole."""
    rows = Announcement.objects.for_user(request.user).select_related("cohort", "posted_by")
    row = get_object_or_404(rows, pk=pk)
    (one,) = announced([row])
    return render(request, "cohorts/announcement.html", {"one": one, "announcement": row, "cohort": row.cohort})

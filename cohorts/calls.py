"""The calls for projects, as a visitor or a promoter sees them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from academy.models import User
from cohorts.models import Application, Cohort, CohortState, Session


@dataclass(frozen=True)
class Call:
    """One open call; `mine` are the reader's own applications to it."""

    cohort: Cohort
    sessions: list[Session]
    mine: list[Application]


def calls_for(user: User) -> list[Call]:
    """Open calls, the one that closes first on top. Three queries at most, however many calls."""
    cohorts = list(Cohort.objects.accepting().order_by("intake_closes_at"))
    if not cohorts:
        return []
    sessions: dict[object, list[Session]] = {}
    through = Session.cohorts.through.objects.filter(cohort__in=cohorts, session__cancelled_at__isnull=True)
    for link in through.select_related("session").order_by("session__starts_at"):
        sessions.setdefault(link.cohort_id, []).append(link.session)
    mine: dict[object, list[Application]] = {}
    for row in Application.objects.of_member(user).live().filter(cohort__in=cohorts).select_related("project"):
        mine.setdefault(row.cohort_id, []).append(row)
    return [Call(cohort, sessions.get(cohort.pk, []), mine.get(cohort.pk, [])) for cohort in cohorts]


def next_call() -> Cohort | None:
    """A call that is announced and has not opened yet."""
    coming = Cohort.objects.filter(state=CohortState.OPEN, intake_opens_at__gt=timezone.now())
    return coming.order_by("intake_opens_at").first()

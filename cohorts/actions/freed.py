"""What a project holds in a cohort and gives back when its way there ends: seats at sessions to come, office hours."""

from __future__ import annotations

from django.utils import timezone

from academy.models import User
from cohorts.actions.office_hours import give_back_office_hours
from cohorts.actions.sessions import cancel_registration
from cohorts.models import Cohort, Participation, Registration, Session


def free_what_it_holds(participation: Participation, *, by: User, reason: str) -> None:
    """For good: it goes on nowhere."""
    free_seats(participation, by=by, reason=reason)
    give_back_office_hours(participation.project, by=by, reason=reason)


def free_seats(participation: Participation, *, by: User, reason: str, goes_to: Cohort | None = None) -> None:
    """Its seats at sessions to come go to whoever waits. `goes_to`: the cohort in which it goes on, whose sessions it still comes to."""
    coming = Registration.objects.live().filter(project=participation.project_id, session__cohorts=participation.cohort_id)
    kept = Session.objects.filter(cohorts=goes_to) if goes_to else Session.objects.none()
    coming = coming.filter(session__starts_at__gt=timezone.now()).exclude(session__in=kept.values("pk"))
    for registration in coming.order_by("session_id"):
        cancel_registration(registration, by=by, reason=reason)

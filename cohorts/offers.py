"""Places that were offered and not taken yet: until when each project may answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from cohorts.models import Determination, Participation, ParticipationState

REMINDED_BEFORE = timedelta(days=3)


def answer_by_of(participation: Participation) -> datetime | None:
    """Until when the project may answer; None when no date was given."""
    if participation.application_id is None:
        return None
    admitted = Determination.objects.in_force().filter(application=participation.application_id, outcome=Determination.Outcome.ADMITTED)
    return admitted.values_list("answer_by", flat=True).first()


def unanswered(now: datetime) -> QuerySet[Determination]:
    """Admissions told to projects that have not answered, whose date is near or past; the place is still kept."""
    invited = Participation.objects.filter(state=ParticipationState.INVITED).values("application")
    rows = Determination.objects.in_force().filter(outcome=Determination.Outcome.ADMITTED, application__in=invited)
    return rows.filter(answer_by__lte=now + REMINDED_BEFORE).select_related("application__project", "application__cohort__coordinator")

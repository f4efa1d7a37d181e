"""Places that were offered and not taken yet: until when each project may answer, and what reminds it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from cohorts.decisions import offer_letters_of
from cohorts.letters import hold_back
from cohorts.models import Determination, Participation, ParticipationState

REMINDED_BEFORE = timedelta(days=3)


def offer_of(participation: Participation) -> Determination | None:
    """The admission that offers this place, while it is in force; None for a place that came from another cohort."""
    if participation.application_id is None:
        return None
    rows = Determination.objects.in_force().filter(application=participation.application_id)
    return rows.filter(outcome=Determination.Outcome.ADMITTED).first()


def answer_by_of(participation: Participation) -> datetime | None:
    """Until when the project may answer; None when no date was given."""
    offer = offer_of(participation)
    return offer.answer_by if offer else None


def hold_back_reminders(participation: Participation, *, now: datetime) -> None:
    """The place is answered, or no longer kept: what was to remind of it and has not left yet stays here."""
    if offer := offer_of(participation):
        hold_back(offer_letters_of(offer), now=now)


def unanswered(now: datetime) -> QuerySet[Determination]:
    """Admissions told to projects that have not answered, whose date is near or past; the place is still kept."""
    invited = Participation.objects.filter(state=ParticipationState.INVITED).values("application")
    rows = Determination.objects.in_force().filter(outcome=Determination.Outcome.ADMITTED, application__in=invited)
    return rows.filter(answer_by__lte=now + REMINDED_BEFORE).select_related("application__project", "application__cohort__coordinator")

"""Places of which nobody pays the trip: their people are told by when to say who does, then the clock releases them (anchors §6, T−60).

Held against nobody: what is said and waits for the team's check, a project that pauses, and what comes after registration, when nobody
could take the place any more.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.audit import record
from academy.locking import lock
from academy.models import Message, User
from academy.rules import RuleViolation
from cohorts.actions.funding import forget_the_day
from cohorts.actions.seat_letters import tell_released
from cohorts.actions.sessions import free_the_place
from cohorts.actions.travel_letters import call_for_funding, tell_more_time
from cohorts.funding import NOTICE, Funding, funding_cause, funding_in, funding_of
from cohorts.models import Registration, RegistrationStatus, Session

TOLD = timedelta(days=14)  # before the last day
TOLD_AGAIN = timedelta(days=3)


def _still(row: Registration, session: Session) -> bool:
    """Reads it again under its lock."""
    lock(row)
    row.session = session
    return row.status == RegistrationStatus.CONFIRMED and row.funding_verified_at is None


@transaction.atomic
def tell_of_funding(session: Session, *, by: User | None, now: datetime) -> int:
    """Writes to whoever has a place and nobody to pay for all of the trip: two weeks before their last day, and three days before it.

    Told late (the gap opened late, the session came nearer), they have a week. Where the gap is closed the day is forgotten, so that one
    that opens again is told anew. Gives back how many letters were written.
    """
    lock(session)
    if not session.releases_places_at(now):
        return 0
    written = 0
    rows = session.registrations.depending_on_money().with_funding().select_related("person", "project")
    for row in list(rows.order_by("confirmed_at", "pk")):
        row.session = session
        if _wanted(row, funding_in(row, session.estimated_cost), now) and _still(row, session):
            written += _tell(row, by=by, now=now)
    return written


def _wanted(row: Registration, funding: Funding, now: datetime) -> str:
    """What this moment wants of one place: `forget` its day, tell it `first`, remind of it (`last`), or nothing."""
    told, until = row.funding_due_at, row.funding_until
    if not funding.is_missing:
        return "forget" if told and told <= now + NOTICE else ""
    if until is None or now < until - TOLD:
        return ""
    if told is None or told < until:
        return "first" if max(until, now + NOTICE) < row.session.registration_deadline else ""
    return "last" if until - TOLD_AGAIN <= now < until else ""


def _tell(row: Registration, *, by: User | None, now: datetime) -> bool:
    """Whether a letter was written. Only under the registration's lock."""
    funding = funding_of(row, row.funding.all(), row.session.estimated_cost)
    wanted = _wanted(row, funding, now)
    if wanted == "forget":
        forget_the_day(row, by=by, now=now)
    if wanted == "first":
        row.funding_due_at = max(row.funding_until, now + NOTICE)
        row.save(update_fields=["funding_due_at"])
        record(row, "cohorts.tell_of_funding", by=by, data={"until": row.funding_due_at.isoformat()})
    if wanted not in ("first", "last") or Message.objects.filter(cause=funding_cause(row, wanted)).exists():
        return False
    call_for_funding(row, funding=funding, which=wanted, by=by)
    return True


@transaction.atomic
def release_unfunded(session: Session, *, by: User | None, now: datetime) -> list[Registration]:
    """Ends the places whose last day, as their people were told it, is over while nobody pays for all of the trip; they go to whoever waits.

    Run by the clock. Gives back what it released.
    """
    lock(session)
    if not session.releases_places_at(now):
        return []
    released = []
    due = session.registrations.depending_on_money().filter(funding_due_at__lte=now).select_related("person", "project")
    for row in list(due.order_by("confirmed_at", "pk")):
        if not _still(row, session) or row.funding_due_at is None or row.funding_until is None or row.funding_until > now:
            continue
        if funding_of(row, row.funding.all(), session.estimated_cost).is_missing:
            released.append(free_the_place(row, to=RegistrationStatus.RELEASED, by=by, reason="", verb="release_unfunded"))
    tell_released(session, released=released, by=by)
    return released


@transaction.atomic
def give_time_to_fund(registration: Registration, *, by: User, until: datetime) -> Registration:
    """A later last day for one person, who is told. After the end of registration it means that the place is not released by itself."""
    session = lock(registration.session)
    lock(registration)
    registration.session = session
    if registration.status != RegistrationStatus.CONFIRMED or registration.funding_verified_at:
        raise RuleViolation(_("Only a confirmed place whose funding is not settled has a last day for it."), code="wrong_state")
    if not session.funding_lead_days:
        raise RuleViolation(_("At this session no place is released by itself: nobody needs more time."), code="no_day")
    if until >= session.starts_at:
        raise RuleViolation(_("The session has begun by then. Choose an earlier day."), code="late")
    if until <= max(timezone.now(), registration.funding_until or timezone.now()):
        raise RuleViolation(_("This is no later than the day that they have already. Choose a later one."), code="early")
    registration.funding_due_at = until
    registration.save(update_fields=["funding_due_at"])
    record(registration, "cohorts.give_time_to_fund", by=by, data={"until": until.isoformat()})
    tell_more_time(registration, by=by)
    return registration

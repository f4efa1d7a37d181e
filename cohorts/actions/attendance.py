"""The day itself: who arrived, and who did not."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.audit import record
from academy.locking import check_move, lock, move, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.models import REGISTRATION_MOVES, CheckIn, Registration, RegistrationStatus, Session

DESK_OPENS = timedelta(hours=24)


@transaction.atomic
def check_in(registration: Registration, *, by: User, method: str = CheckIn.Method.DESK, at: datetime | None = None) -> CheckIn:
    """Somebody is here. `at` is for arrivals that were noted on paper and are typed in later."""
    lock(registration)
    now = timezone.now()
    at = at or now
    if registration.status == RegistrationStatus.CONFIRMED:
        raise RuleViolation(_("Nobody has checked this person's funding yet: do it now, then check them in."), code="funding")
    check_move(registration, to=RegistrationStatus.ATTENDED, moves=REGISTRATION_MOVES, field="status")
    if registration.session.is_cancelled:
        raise RuleViolation(_("This session is cancelled."), code="cancelled")
    if not registration.session.starts_at - DESK_OPENS <= at <= now:
        raise RuleViolation(_("The desk opens the day before the session starts."), code="early")
    arrival = CheckIn.objects.create(registration=registration, method=method, checked_in_at=at, checked_in_by=by)
    move(registration, to=RegistrationStatus.ATTENDED, moves=REGISTRATION_MOVES, field="status")
    record(registration, "cohorts.check_in", by=by, data={"method": method})
    return arrival


@transaction.atomic
def annul_check_in(arrival: CheckIn, *, by: User, reason: str) -> CheckIn:
    """It was somebody else. The row stays, with the reason; the person is ready again."""
    registration = lock(arrival.registration)
    lock(arrival)
    if registration.status != RegistrationStatus.ATTENDED:  # confirmed → ready is `verify_funding`
        raise RuleViolation(_("This person is not checked in."), code="wrong_state")
    if arrival.annulled_at:
        raise RuleViolation(_("This is annulled already."), code="twice")
    arrival.annulled_at, arrival.annulled_by, arrival.annulled_reason = timezone.now(), by, wanted(reason, _("Say why."))
    arrival.save(update_fields=["annulled_at", "annulled_by", "annulled_reason"])
    move(registration, to=RegistrationStatus.READY, moves=REGISTRATION_MOVES, field="status")
    record(registration, "cohorts.annul_check_in", by=by, data={"reason": reason})
    return arrival


@transaction.atomic
def mark_no_shows(session: Session, *, by: User | None, now: datetime | None = None) -> list[Registration]:
    """After the end: whoever had a place and was not checked in did not come. `by` None when the clock does it."""
    lock(session)
    now = now or timezone.now()
    if now < session.ends_at:
        raise RuleViolation(_("The session is not over yet."), code="early")
    expected = session.registrations.filter(status__in=[RegistrationStatus.CONFIRMED, RegistrationStatus.READY])
    absent = []
    for registration in list(expected.select_for_update(no_key=True).order_by("pk")):
        absent.append(move(registration, to=RegistrationStatus.NO_SHOW, moves=REGISTRATION_MOVES, field="status", ended_at=now))
        record(registration, "cohorts.mark_no_show", by=by)
    return absent

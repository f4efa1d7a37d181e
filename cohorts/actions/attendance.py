"""The day itself: who arrived, and who did not."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.audit import record
from academy.locking import check_move, lock, move, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.actions.seat_letters import tell_certified
from cohorts.attested import attest, certificates_of, take_back
from cohorts.models import REGISTRATION_MOVES, CheckIn, Registration, RegistrationStatus, Session
from courses.models import Certificate

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
    """It was somebody else. The row stays, with the reason; the person is ready again, and a certificate that rests on it is revoked."""
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
    take_back(registration, by=by, reason=reason.strip())
    return arrival


@transaction.atomic
def mark_no_shows(session: Session, *, by: User | None, now: datetime | None = None) -> list[Registration]:
    """After the end: whoever had a place and was not checked in did not come. `by` None when the clock does it."""
    lock(session)
    now = now or timezone.now()
    if now < session.ends_at:
        raise RuleViolation(_("The session is not over yet."), code="early")
    absent = []
    for registration in list(session.registrations.expected().select_for_update(no_key=True).order_by("pk")):
        absent.append(move(registration, to=RegistrationStatus.NO_SHOW, moves=REGISTRATION_MOVES, field="status", ended_at=now))
        record(registration, "cohorts.mark_no_show", by=by)
    return absent


@transaction.atomic
def certify_attendance(session: Session, *, by: User | None, now: datetime | None = None) -> list[Certificate]:
    """Once the session is over: a certificate and a letter for each person who was checked in and has none. Gives back the new ones.

    By itself (`by` None) the Academy never gives again what somebody revoked; a coordinator may. The registrations are held, so that a check-in
    that is annulled at the same moment is seen here, or finds its certificate.
    """
    lock(session)
    now = now or timezone.now()
    if session.is_cancelled or now < session.ends_at:
        raise RuleViolation(_("The session is not over yet."), code="early")
    given = certificates_of(session) if by is None else certificates_of(session).filter(revoked_at__isnull=True)
    arrivals = CheckIn.objects.filter(registration=OuterRef("pk"), annulled_at__isnull=True)
    came = session.registrations.filter(Exists(arrivals), status=RegistrationStatus.ATTENDED)
    came = came.exclude(person__in=given.filter(holder__isnull=False).values("holder"))
    new = []
    held = came.select_for_update(of=("self",), no_key=True).select_related("person", "project", "session")
    for registration in held.order_by("pk"):
        new.append(attest(registration, by=by))
        tell_certified(registration, certificate=new[-1], by=by)
    return new

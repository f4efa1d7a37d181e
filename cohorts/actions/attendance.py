"""The day itself: who arrived, and who did not."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from academy.audit import record
from academy.locking import check_move, lock, move, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.actions.satisfaction import drop_answer
from cohorts.actions.seat_letters import tell_certified
from cohorts.arrivals import OTHERWISE, REFUSED, opens_at
from cohorts.attested import attest, certificates_of, take_back
from cohorts.models import REGISTRATION_MOVES, CheckIn, Registration, RegistrationStatus, Session, Visa
from courses.models import Certificate

_NO_SHOW = RegistrationStatus.NO_SHOW


def _refuse_a_second(registration: Registration) -> None:
    """Two desks, one code: the second is told who was first, and when."""
    arrival = registration.check_ins.filter(annulled_at__isnull=True).select_related("checked_in_by").first()
    if arrival is None:
        return
    moment = timezone.localtime(arrival.checked_in_at, ZoneInfo(registration.session.time_zone))
    words = {"who": arrival.checked_in_by, "day": formats.date_format(moment), "time": formats.time_format(moment)}
    raise RuleViolation(_("Is here already, since %(day)s · %(time)s: %(who)s checked them in.") % words, code="twice")


@transaction.atomic
def check_in(
    registration: Registration, *, by: User, method: str = CheckIn.Method.DESK, at: datetime | None = None, client_id: UUID | None = None
) -> CheckIn:
    """Somebody is here. `at` is for arrivals that were noted, on paper or on a device without a network, and reach us later.

    With the number that a device gave it (`client_id`) the same arrival may be sent any number of times. What was noted before the end counts,
    even when it comes after the attendance was closed.
    """
    lock(registration)
    now = timezone.now()
    known = CheckIn.objects.filter(client_id=client_id).first() if client_id else None
    if known and known.registration_id != registration.pk:
        raise RuleViolation(_("This arrival was noted for another person."), code="foreign")
    if known:
        return known
    session = registration.session
    if session.is_cancelled:
        raise RuleViolation(_("This session is cancelled."), code="cancelled")
    if registration.status == RegistrationStatus.ATTENDED:
        _refuse_a_second(registration)
    if registration.status == RegistrationStatus.CONFIRMED and registration.funding_verified_at:
        raise RuleViolation(_("Nobody has said that this person's visa is settled: do it now, then check them in."), code="visa")
    if registration.status == RegistrationStatus.CONFIRMED:
        raise RuleViolation(_("Nobody has checked this person's funding yet: do it now, then check them in."), code="funding")
    if registration.status == RegistrationStatus.NO_SHOW:
        _check_noted_in_time(registration, at=at)
    check_move(registration, to=RegistrationStatus.ATTENDED, moves=REGISTRATION_MOVES, field="status")
    at = at or now
    if not opens_at(session) <= at <= now:
        raise RuleViolation(_("The desk opens the day before the session starts."), code="early")
    arrival = CheckIn.objects.create(
        registration=registration, method=method, checked_in_at=at, checked_in_by=by, received_at=now, client_id=client_id
    )
    move(registration, to=RegistrationStatus.ATTENDED, moves=REGISTRATION_MOVES, field="status", ended_at=None)
    record(registration, "cohorts.check_in", by=by, data={"method": method, "happened": at.isoformat()})
    return arrival


def refuse_arrival(
    session: Session,
    *,
    by: User,
    refusal: RuleViolation,
    registration: Registration | None = None,
    typed: str = "",
    method: str = CheckIn.Method.DESK,
    at: datetime | None = None,
    client_id: UUID | None = None,
) -> None:
    """Somebody stood at the desk and was not let in: kept in the history, once for what a device sends again. It names nobody."""
    about = registration if registration and registration.session_id == session.pk else session
    number = {"client_id": str(client_id)} if client_id else {}
    if (
        number
        and ModelLogEntry.objects.filter(action="cohorts.refuse_arrival", object_id=str(about.pk), data__client_id=str(client_id)).exists()
    ):
        return
    happened = {"method": method, "happened": (at or timezone.now()).isoformat(), "reason": str(REFUSED.get(refusal.code, OTHERWISE))}
    record(about, "cohorts.refuse_arrival", by=by, data={**happened, **number, "code": refusal.code, "typed": typed[:40]})


def _check_noted_in_time(registration: Registration, *, at: datetime | None) -> None:
    """After the attendance is closed: only what was noted while the session was on, of somebody who was ready."""
    was_ready = registration.funding_verified_at is not None and registration.visa != Visa.NEEDED
    if at is None or at > registration.session.ends_at or not was_ready:
        raise RuleViolation(_("The attendance is closed, and says that this person did not come."), code="closed")


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
    drop_answer(registration, by=by)
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
def correct_absence(registration: Registration, *, by: User, reason: str) -> CheckIn:
    """They were there all the same, and nobody had noted it: who coordinates says so afterwards, with a reason. Whoever stood there had the
    money and the visa to come; what had not been checked counts as seen, for the same reason. It happened when the session began."""
    lock(registration)
    check_move(registration, to=RegistrationStatus.ATTENDED, moves={_NO_SHOW: REGISTRATION_MOVES[_NO_SHOW]}, field="status")
    said, now = wanted(reason, _("Say why.")), timezone.now()
    seen = {} if registration.visa != Visa.NEEDED else {"visa": Visa.SETTLED}
    if registration.funding_verified_at is None:
        seen |= {"funding_verified_at": now, "funding_verified_by": by, "funding_reason": said[:2000]}
    arrival = CheckIn.objects.create(
        registration=registration, checked_in_at=registration.session.starts_at, checked_in_by=by, received_at=now
    )
    move(registration, to=RegistrationStatus.ATTENDED, moves=REGISTRATION_MOVES, field="status", ended_at=None, **seen)
    record(registration, "cohorts.correct_absence", by=by, data={"reason": said})
    return arrival


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

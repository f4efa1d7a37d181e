"""Places at a session. Every verb that gives or frees one locks the session first and counts afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy import dates
from academy.audit import record
from academy.locking import check_move, lock, move, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.actions.funding import declare_funding, make_ready
from cohorts.actions.polls import close_with_session
from cohorts.actions.seat_letters import (
    tell_cancelled,
    tell_cancelled_late,
    tell_changed,
    tell_confirmed,
    tell_ended,
    tell_offered,
    tell_shortened,
    tell_waiting,
)
from cohorts.actions.visa import close_letters
from cohorts.models import (
    REGISTRATION_MOVES,
    HalfDay,
    Participation,
    Project,
    ProjectMember,
    Registration,
    RegistrationStatus,
    Session,
)
from courses.uploads import Brought

IN_THE_CALENDAR = ("title", "place", "address", "time_zone", "starts_at", "ends_at")
CHANGEABLE = (
    *IN_THE_CALENDAR,
    "description",
    "capacity",
    "needs_approval",
    "arrival",
    "cost_covers",
    "bring",
    "registration_deadline",
    "cancellation_deadline",
    "visa_deadline",
    "visa_lead_days",
    "visa_letter",
    "offer_hours",
    "funding_lead_days",
    "estimated_cost",
    "currency",
)
NOT_A_DAY = gettext_lazy("The programme has a day on which the session does not take place.")


def _move(registration: Registration, *, to: str, **values) -> Registration:
    return move(registration, to=to, moves=REGISTRATION_MOVES, field="status", **values)


def _free_places(session: Session, *, newcomer: bool) -> int:
    """Counted, never kept in a column. A newcomer counts behind everybody who waits, save those who are passed over meanwhile. Ask only under
    the session's lock."""
    held = session.registrations.holding_a_seat().count()
    return session.capacity - held - (session.registrations.in_line().with_pauses().filter(pauses=False).count() if newcomer else 0)


def _note_passed_over(session: Session, goes_first: Registration, *, by: User | None) -> None:
    """Of those who wait before them, whose project pauses: nobody is overtaken silently. The page of the session says it to them as well."""
    before = session.registrations.in_line().with_pauses().filter(pauses=True)
    if goes_first.queue_number is not None:
        before = before.filter(queue_number__lt=goes_first.queue_number)
    for row in before:
        record(row, "cohorts.pass_over_seat", by=by, data={"registration": str(goes_first.pk)})


def _offer(registration: Registration, session: Session, *, now: datetime) -> Registration:
    """An offer never outlives the day until which one may register. Shown so long ago that its hours are over, it has them anew."""
    lasts, last = timedelta(hours=session.offer_hours), session.registration_deadline
    expires = min(now + lasts, last)
    if expires <= timezone.now():
        expires = min(timezone.now() + lasts, last)
    return _move(registration, to=RegistrationStatus.OFFERED, offer_expires_at=expires)


def _take_place_or_wait(registration: Registration, session: Session, *, free: int, now: datetime) -> Registration:
    if free > 0 and session.needs_approval:
        return _move(registration, to=RegistrationStatus.AWAITING_APPROVAL)
    if free > 0:
        return _offer(registration, session, now=now)
    last = session.registrations.aggregate(last=Max("queue_number"))["last"] or 0
    return _move(registration, to=RegistrationStatus.WAITING, queue_number=last + 1)


def _check_may_come(session: Session, person: User, project: Project, now: datetime) -> None:
    if session.is_cancelled:
        raise RuleViolation(_("This session is cancelled."), code="cancelled")
    if now >= session.registration_deadline:
        raise RuleViolation(_("Registration for this session is closed."), code="closed")
    speaks = ProjectMember.objects.speaking().filter(project=project, person=person)
    if not speaks.exists():
        raise RuleViolation(_("Only members of a project come to its sessions."), code="not_a_member")
    if not Participation.objects.walking().filter(project=project, cohort__sessions=session).exists():
        raise RuleViolation(_("This session is for projects that take part in its cohort."), code="not_in_cohort")


@transaction.atomic
def register(
    session: Session,
    *,
    by: User,
    person: User,
    project: Project,
    payer: str = "",
    amount: Decimal | None = None,
    detail: str = "",
    brought: Brought | None = None,
) -> Registration:
    """Asks for a place. With `payer` (who funds the trip) a free place is confirmed at once; without, it is offered for a time.

    Full, or somebody waits already: the person joins the end of the line.
    """
    lock(session)
    now = timezone.now()
    _check_may_come(session, person, project, now)
    if session.registrations.live().filter(person=person).exists():
        raise RuleViolation(_("You are registered for this session already."), code="twice")
    registration = Registration.objects.create(
        session=session,
        person=person,
        project=project,
        requested_at=now,
        requested_by=by,
    )
    record(registration, "cohorts.register", by=by)
    if payer:
        declare_funding(registration, by=by, payer=payer, amount=amount, detail=detail, brought=brought)
    claim_seat(registration, by=by)
    if registration.status == RegistrationStatus.OFFERED and payer:
        confirm_registration(registration, by=by)
    elif registration.status == RegistrationStatus.WAITING:
        tell_waiting(registration, by=by)
    elif registration.status == RegistrationStatus.OFFERED:
        tell_offered(registration, by=by, waited=False)
    return registration


@transaction.atomic
def claim_seat(registration: Registration, *, by: User) -> Registration:
    """The one place where a newcomer gets a seat or a place in the line: session locked first, counted after."""
    session = lock(registration.session)
    lock(registration)
    check_move(registration, to=RegistrationStatus.OFFERED, moves={"requested": REGISTRATION_MOVES["requested"]}, field="status")
    _take_place_or_wait(registration, session, free=_free_places(session, newcomer=True), now=dates.now())
    if registration.holds_a_seat:
        _note_passed_over(session, registration, by=by)
    return registration


def _promote(session: Session, *, by: User | None, now: datetime) -> list[Registration]:
    """Free places go to whoever waits longest. Only under the session's lock; never once registration has closed.

    A project that pauses could not come: its people are passed over, keep their number, and come first again once it goes on.
    """
    if session.is_cancelled or max(now, timezone.now()) >= session.registration_deadline:
        return []
    promoted = []
    free = _free_places(session, newcomer=False)
    line = session.registrations.in_line().with_pauses().filter(pauses=False)
    for registration in list(line.select_related("person", "session")[: max(free, 0)]):
        promoted.append(_offer(registration, session, now=now))
        record(registration, "cohorts.offer_place", by=by)
        _note_passed_over(session, registration, by=by)
        tell_offered(registration, by=by, waited=True)
    return promoted


@transaction.atomic
def go_on_in_line(session: Session, *, by: User, project: Project) -> list[Registration]:
    """Of a project that paused and goes on: whoever of it waits is considered again, at their old place in the line."""
    lock(session)
    if not session.registrations.in_line().filter(project=project).exists():
        return []
    return _promote(session, by=by, now=dates.now())


@transaction.atomic
def approve_registration(registration: Registration, *, by: User) -> Registration:
    """The team agrees; the place that was held meanwhile is offered."""
    session = lock(registration.session)
    lock(registration)
    if registration.status != RegistrationStatus.AWAITING_APPROVAL:
        raise RuleViolation(_("This registration does not wait for approval."), code="wrong_state")
    if timezone.now() >= session.registration_deadline:
        words = _("Registration for this session is closed: nobody could accept a place any more. Set a later day first, or refuse.")
        raise RuleViolation(words, code="closed")
    _offer(registration, session, now=dates.now())
    record(registration, "cohorts.approve_registration", by=by)
    tell_offered(registration, by=by, waited=False)
    return registration


@transaction.atomic
def refuse_registration(registration: Registration, *, by: User, reason: str) -> Registration:
    """The team does not agree, and says why. The place goes to whoever waits."""
    return free_the_place(
        registration, to=RegistrationStatus.REFUSED, by=by, reason=wanted(reason, _("Say why.")), verb="refuse_registration"
    )


@transaction.atomic
def confirm_registration(
    registration: Registration,
    *,
    by: User,
    payer: str = "",
    amount: Decimal | None = None,
    detail: str = "",
    brought: Brought | None = None,
) -> Registration:
    """The person accepts the place and says who pays for the trip, unless they have said it already."""
    lock(registration)
    now = timezone.now()
    check_move(registration, to=RegistrationStatus.CONFIRMED, moves=REGISTRATION_MOVES, field="status")
    if registration.offer_expires_at and now >= registration.offer_expires_at:
        raise RuleViolation(_("The time to accept this place is over. Ask again to join the line."), code="expired")
    if payer:
        declare_funding(registration, by=by, payer=payer, amount=amount, detail=detail, brought=brought)
    payers = list(registration.funding.standing().values_list("payer", flat=True))
    if not payers:
        raise RuleViolation(_("Say who pays for the trip before you confirm."), code="funding")
    _move(registration, to=RegistrationStatus.CONFIRMED, confirmed_at=now, offer_expires_at=None)
    record(registration, "cohorts.confirm_registration", by=by, data={"payer": ", ".join(payers)})
    make_ready(registration, by=by)
    tell_confirmed(registration, by=by)
    return registration


def free_the_place(registration: Registration, *, to: str, by: User | None, reason: str, verb: str) -> Registration:
    """For the verbs that end a registration, inside their transaction: the session locked first, whoever waits longest offered the place."""
    session = lock(registration.session)
    lock(registration)
    _move(registration, to=to, status_reason=reason, ended_at=timezone.now(), offer_expires_at=None)
    record(registration, f"cohorts.{verb}", by=by, data={"reason": reason})
    close_letters(registration, by=by)
    tell_ended(registration, by=by, reason=reason)
    _promote(session, by=by, now=dates.now())
    return registration


@transaction.atomic
def decline_offer(registration: Registration, *, by: User, reason: str = "") -> Registration:
    """The person does not take the offered place; it goes to whoever waits."""
    return free_the_place(registration, to=RegistrationStatus.DECLINED, by=by, reason=reason.strip(), verb="decline_offer")


@transaction.atomic
def cancel_registration(registration: Registration, *, by: User, reason: str = "") -> Registration:
    """Always allowed before the session ends; after the deadline a confirmed place is marked as cancelled late. Frees the place."""
    session = lock(registration.session)
    lock(registration)
    if registration.is_unnoted:
        raise RuleViolation(_("The session is over: a place is not given back any more."), code="over")
    late = registration.is_expected and timezone.now() >= session.cancellation_deadline
    to = RegistrationStatus.CANCELLED_LATE if late else RegistrationStatus.CANCELLED
    ended = free_the_place(registration, to=to, by=by, reason=reason.strip(), verb="cancel_registration")
    if late:
        tell_cancelled_late(ended, by=by)
    return ended


@transaction.atomic
def expire_offers(session: Session, *, by: User | None, now: datetime | None = None) -> list[Registration]:
    """Ends the offers whose time is over, then offers the places to whoever waits. Run by the clock; gives back what expired."""
    lock(session)
    now = now or timezone.now()
    overdue = session.registrations.filter(status=RegistrationStatus.OFFERED, offer_expires_at__lte=now)
    expired = []
    for registration in list(overdue.select_for_update(no_key=True).order_by("offer_expires_at", "pk")):
        expired.append(_move(registration, to=RegistrationStatus.EXPIRED, ended_at=now))
        close_letters(registration, by=by)
        record(registration, "cohorts.expire_offer", by=by)
        tell_ended(registration, by=by, reason="")
    _promote(session, by=by, now=now)
    return expired


def _shorten_offers(session: Session, *, by: User) -> None:
    """Registration closes earlier than was said: what is offered ends with it. Only under the session's lock."""
    last = session.registration_deadline
    longer = session.registrations.filter(status=RegistrationStatus.OFFERED, offer_expires_at__gt=last)
    for registration in longer.select_for_update(no_key=True, of=("self",)).select_related("person").order_by("pk"):
        registration.session, registration.offer_expires_at = session, last
        registration.save(update_fields=["offer_expires_at"])
        if last > timezone.now():  # else the clock ends it, and tells
            tell_shortened(registration, by=by)


def _planned(halves: list[HalfDay]) -> list[tuple]:
    """What can be compared, in every language."""
    written = [[[pair for pair in sorted(words.items()) if pair[1]] for words in (half.title, half.text)] for half in halves]
    return sorted((str(half.pk or ""), half.day, half.half, *words) for half, words in zip(halves, written, strict=True))


def _replan(session: Session, halves: list[HalfDay]) -> None:
    """Only under the session's lock."""
    HalfDay.objects.filter(session=session).exclude(pk__in=[half.pk for half in halves if half.pk]).delete()
    for half in halves:
        half.session = session
        half.save()


@transaction.atomic
def change_session(session: Session, *, by: User, programme: Iterable[HalfDay] | None = None, **changes: Any) -> Session:
    """The one way to change a session: raises the calendar's SEQUENCE when its entry changes, tells those who come, fills new places.

    `changes` are columns of `CHANGEABLE`. `programme`: all its half-days as they shall be; None leaves them, but when the session moves
    away from one of them it is refused. A lower capacity removes nobody.
    """
    lock(session)
    unknown = set(changes) - set(CHANGEABLE)
    if unknown:
        raise ValueError(f"not for this verb: {sorted(unknown)}")
    if session.is_cancelled:
        raise RuleViolation(_("This session is cancelled."), code="cancelled")
    changed = [name for name, value in changes.items() if getattr(session, name) != value]
    before = list(HalfDay.objects.filter(session=session))
    halves = before if programme is None else list(programme)
    replanned = _planned(halves) != _planned(before)
    if not changed and not replanned:
        return session
    for name in changed:
        setattr(session, name, changes[name])
    try:
        session.full_clean()
    except ValidationError as error:
        raise RuleViolation(" ".join(error.messages), code="invalid") from error
    if (replanned or set(changed) & {"starts_at", "ends_at", "time_zone"}) and not all(session.takes_place_on(half.day) for half in halves):
        raise RuleViolation(str(NOT_A_DAY), code="not_a_day")
    moved = [name for name in changed if name in IN_THE_CALENDAR]
    session.ics_sequence += bool(moved)
    session.save(update_fields=[*changed, "ics_sequence", "changed_at"])
    if replanned:
        _replan(session, halves)
    record(session, "cohorts.change_session", by=by, data={"changed": [*changed, *(["programme"] if replanned else [])]})
    if moved:
        tell_changed(session, by=by)
    _shorten_offers(session, by=by)
    _promote(session, by=by, now=dates.now())
    return session


@transaction.atomic
def cancel_session(session: Session, *, by: User, reason: str) -> Session:
    """The session does not take place. Its calendar entry is cancelled under the same UID, everybody is told."""
    lock(session)
    if session.is_cancelled:
        raise RuleViolation(_("This session is cancelled already."), code="twice")
    now = timezone.now()
    if now >= session.starts_at:
        raise RuleViolation(_("This session has begun: it is no longer cancelled."), code="late")
    reason = wanted(reason, _("Say why, to those who wanted to come."))
    ended = list(session.registrations.live().select_for_update(no_key=True).order_by("pk"))
    for registration in ended:
        _move(registration, to=RegistrationStatus.CANCELLED, status_reason=reason, ended_at=now, offer_expires_at=None)
        close_letters(registration, by=by)
    session.cancelled_at, session.cancelled_by, session.cancelled_reason = now, by, reason
    session.ics_sequence += 1
    session.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_reason", "ics_sequence", "changed_at"])
    close_with_session(session, by=by)
    record(session, "cohorts.cancel_session", by=by, data={"reason": reason})
    tell_cancelled(session, registrations=ended, by=by, reason=reason)
    return session

"""A registration in words: where the person stands, what is owed, until when. No query after the rows are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from academy.models import User
from cohorts.models import EXPECTED, Registration, RegistrationStatus, Session

_R = RegistrationStatus


@dataclass(frozen=True)
class Place:
    """One registration, said to its person."""

    registration: Registration

    @property
    def status(self) -> str:
        return self.registration.status

    @property
    def is_live(self) -> bool:
        return self.registration.is_live

    @property
    def is_sure(self) -> bool:
        return self.registration.has_a_place

    @property
    def was_sure(self) -> bool:
        """A place that was confirmed and given back: a calendar that had it must forget it."""
        return self.status in (_R.CANCELLED, _R.CANCELLED_LATE, _R.RELEASED) and self.registration.confirmed_at is not None

    @property
    def is_waiting(self) -> bool:
        return self.status == _R.WAITING

    @property
    def is_offered(self) -> bool:
        return self.status == _R.OFFERED

    @property
    def asks_funding(self) -> bool:
        """Whoever comes, or may come, says who pays until the team has seen that it is enough: also on the waiting list, so that nothing is lost."""
        return self.is_live and self.registration.funding_verified_at is None

    @property
    def shows_code(self) -> bool:
        return self.registration.is_expected and not self.registration.is_unnoted

    @property
    def may_leave(self) -> bool:
        return self.status in {_R.AWAITING_APPROVAL, _R.WAITING, _R.OFFERED} | EXPECTED and not self.registration.is_unnoted

    @property
    def is_late_to_cancel(self) -> bool:
        return self.registration.is_expected and timezone.now() >= self.registration.session.cancellation_deadline

    @property
    def due(self) -> datetime | None:
        return self.registration.offer_expires_at if self.is_offered else None

    @property
    def kind(self) -> str:
        """For the badge: its colour; the words say the rest."""
        if self.registration.is_unnoted:
            return "neutral"
        if self.status in (_R.READY, _R.ATTENDED):
            return "good"
        if self.status in (_R.OFFERED, _R.CONFIRMED):
            return "warn" if self.is_offered else "info"
        if self.status in (_R.NO_SHOW, _R.CANCELLED_LATE, _R.REFUSED, _R.EXPIRED, _R.RELEASED):
            return "bad"
        return "neutral"

    @property
    def label(self) -> str:
        if self.registration.is_unnoted:
            return _("Arrival not noted")
        return {
            _R.AWAITING_APPROVAL: _("The team looks at your request"),
            _R.OFFERED: _("A place is kept for you"),
            _R.WAITING: _("On the waiting list"),
            _R.CONFIRMED: _("Place confirmed"),
            _R.READY: _("You are expected"),
            _R.ATTENDED: _("You were there"),
            _R.RELEASED: _("Place given to somebody else"),
        }.get(self.status, self.registration.get_status_display())

    @property
    def headline(self) -> str:
        """One sentence: what is, and what happens next."""
        is_paid = self.registration.funding_verified_at is not None
        is_closed = timezone.now() >= self.registration.session.registration_deadline
        if self.registration.is_unnoted:
            return _("The session is over, and your arrival was not noted. Write to the team if you were there.")
        return headline_of(self.status, is_paid=is_paid, is_closed=is_closed) or self.registration.get_status_display()


def headline_of(status: str, *, is_paid: bool, is_closed: bool) -> str:
    """What a seat in this state is, and what happens next; empty where the name of the state says it all. `is_closed`: registration is."""
    return {
        _R.AWAITING_APPROVAL: _("Registration is closed and the team has not answered you yet. It owes you an answer; your place is kept.")
        if is_closed
        else _("We have your request. A place is kept for you while the team looks at it; you need do nothing."),
        _R.OFFERED: _("A place is kept for you. Accept it to make it yours."),
        _R.WAITING: _("No place became free before registration closed: you have none.")
        if is_closed
        else _("The session is full, so you have no place yet. You are on the waiting list: we write to you as soon as it is your turn."),
        _R.CONFIRMED: _("Your place is yours. One thing is missing: your visa.")
        if is_paid
        else _("Your place is yours. You are ready to come once the team has seen that your trip is paid for."),
        _R.READY: _("Everything is settled: you are expected."),
        _R.ATTENDED: _("You were there. Thank you for coming."),
        _R.NO_SHOW: _("You were expected and did not come. Write to the team if this is wrong."),
        _R.DECLINED: _("You did not take the place that was offered. You may ask again while registration is open."),
        _R.EXPIRED: _("The time to accept the place is over, and it went to somebody else. You may ask again while registration is open."),
        _R.REFUSED: _("The team could not give you a place."),
        _R.CANCELLED: _("Your registration is cancelled. The place goes to whoever waits."),
        _R.CANCELLED_LATE: _("Your registration is cancelled, after the day until which that was free of consequence. The team knows."),
        _R.RELEASED: _(
            "Nobody had said in time who pays for your trip, and the place went to whoever waits. You may ask again while registration is open."
        ),
    }.get(status, "")


def places_of(session: Session, person: User) -> list[Place]:
    """All that this person ever asked of a session, the last one first."""
    if not person.is_authenticated:
        return []
    rows = Registration.objects.filter(session=session, person=person).select_related("session", "project")
    return [Place(row) for row in rows.order_by("-requested_at")]

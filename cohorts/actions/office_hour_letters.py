"""What is said of an office hour, to whoever comes and to its host: on the clocks of both, with the calendar's file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy, ngettext

from academy.models import Message, User
from cohorts.calendar import days_before
from cohorts.entries import hour_cancellation, hour_invitation, who_comes
from cohorts.letters import on_clocks, tell, with_words
from cohorts.models import OfficeHour, OfficeHourBooking, OfficeHourEntry

CHANGED = gettext_lazy("An office hour has changed")
_lasts = lazy(lambda n: ngettext("It lasts %(n)s minute.", "It lasts %(n)s minutes.", n) % {"n": n}, str)


def _tell(hour: OfficeHour, person: User, *, subject, lines: list, cause: str, by: User | None, calendar: str = "") -> None:
    """`person` is its host, or somebody who comes: their own clock first."""
    is_host = person.pk == hour.host_id
    tell(
        [person],
        subject=subject,
        lines=[on_clocks(hour.starts_at, person.time_zone, hour.time_zone), *lines],
        link="cohorts_cms_office_hour" if is_host else "cohorts_office_hour",
        link_to=hour.pk,
        link_label=gettext_lazy("See who comes") if is_host else gettext_lazy("See the office hour"),
        cause=cause,
        by=by,
        calendar=calendar,
    )


def _where(hour: OfficeHour) -> list:
    return [with_words(gettext_lazy("Where: %(words)s"), part) for part in (hour.place, hour.link) if part]


def tell_booked(booking: OfficeHourBooking, *, by: User) -> None:
    hour = booking.hour
    _tell(
        hour,
        booking.person,
        subject=gettext_lazy("Your office hour is booked"),
        lines=[with_words(gettext_lazy("With %(words)s"), hour.host), *_where(hour)],
        cause=f"office-hour-booked:{booking.pk}",
        by=by,
        calendar=hour_invitation(hour, booking.person),
    )
    _tell(
        hour,
        hour.host,
        subject=gettext_lazy("Somebody comes to your office hour"),
        lines=[f"{booking.project} ({booking.person})", booking.question],
        cause=f"office-hour-booked:{booking.pk}:host",
        by=by,
        calendar=hour_invitation(hour, hour.host),
    )


def tell_given_back(booking: OfficeHourBooking, *, by: User) -> None:
    """The host keeps the hour in the calendar as long as somebody else comes."""
    hour = booking.hour
    _tell(
        hour,
        booking.person,
        subject=gettext_lazy("Your office hour is cancelled"),
        lines=[
            gettext_lazy("You do not come to this hour any more. It leaves your calendar with this message."),
            booking.cancelled_reason if by != booking.person else "",
        ],
        cause=f"office-hour-given-back:{booking.pk}",
        by=by,
        calendar=hour_cancellation(hour, booking.person),
    )
    calendar = hour_invitation(hour, hour.host) if hour.bookings.live().exists() else hour_cancellation(hour, hour.host)
    _tell(
        hour,
        hour.host,
        subject=gettext_lazy("Somebody no longer comes to your office hour"),
        lines=[f"{booking.project} ({booking.person})", booking.cancelled_reason],
        cause=f"office-hour-given-back:{booking.pk}:host",
        by=by,
        calendar=calendar,
    )


def tell_hour_cancelled(hour: OfficeHour, *, by: User) -> None:
    cause = f"office-hour-cancelled:{hour.pk}"
    subject = gettext_lazy("An office hour is cancelled")
    for booking in who_comes(hour):
        lines = [with_words(gettext_lazy("With %(words)s"), hour.host), hour.cancelled_reason]
        calendar = hour_cancellation(hour, booking.person)
        _tell(hour, booking.person, subject=subject, lines=lines, cause=cause, by=by, calendar=calendar)
    gone = hour_cancellation(hour, hour.host)
    if gone or by != hour.host:
        _tell(hour, hour.host, subject=subject, lines=[hour.cancelled_reason], cause=f"{cause}:host", by=by, calendar=gone)


def tell_hour_changed(hour: OfficeHour, *, before: dict[str, Any], words: str, by: User) -> None:
    """Whoever comes, and the host where somebody comes or somebody else changed it: what it was, what it is, and the calendar's file."""
    coming = who_comes(hour)
    cause = f"{hour.causes_of_changes}{timezone.now():%Y%m%d%H%M%S%f}"
    for booking in coming:
        lines = [
            *_changes(hour, booking.person, before),
            *_where(hour),
            with_words(gettext_lazy("With %(words)s"), hour.host),
            words,
            gettext_lazy("Your booking stands. If you cannot come any more, give the hour back there, so that somebody else can have it."),
        ]
        calendar = hour_invitation(hour, booking.person)
        _tell(hour, booking.person, subject=CHANGED, lines=lines, cause=cause, by=by, calendar=calendar)
    if coming or by != hour.host:
        lines = [*_changes(hour, hour.host, before), *_where(hour), words, *(f"{row.project} ({row.person})" for row in coming)]
        calendar = hour_invitation(hour, hour.host) if coming else ""
        _tell(hour, hour.host, subject=CHANGED, lines=lines, cause=f"{cause}:host", by=by, calendar=calendar)


def _changes(hour: OfficeHour, person: User, before: dict[str, Any]) -> list:
    """What is not as it was; the new time is the first line of the letter already."""
    lines = []
    if hour.starts_at != before["starts_at"]:
        old = on_clocks(before["starts_at"], person.time_zone, hour.time_zone)
        lines.append(with_words(gettext_lazy("It was: %(words)s"), old))
    if hour.ends_at - hour.starts_at != before["ends_at"] - before["starts_at"]:
        lines.append(_lasts(hour.minutes))
    if hour.about != before["about"] and hour.about:
        lines.append(with_words(gettext_lazy("What it is about: %(words)s"), hour.about))
    if (hour.place, hour.link) != (before["place"], before["link"]):
        lines.append(gettext_lazy("One meets somewhere else:"))
    return lines


def remind(hour: OfficeHour, *, by: User | None, now: datetime) -> int:
    """Gives back how many letters were written. Whoever booked, or was told of a change, within the last day knows that it is tomorrow."""
    due = days_before(hour, 1)
    if hour.is_cancelled or not due <= now < hour.starts_at:
        return 0
    coming = who_comes(hour)
    told = dict(OfficeHourEntry.objects.filter(hour=hour).values_list("person", "changed_at"))
    causes = {_reminder(hour, row.pk): row for row in coming if told.get(row.person_id, row.booked_at) < due}
    known = set(Message.objects.filter(cause__in=causes).values_list("cause", flat=True))
    new = {cause: row for cause, row in causes.items() if cause not in known}
    for cause, row in new.items():
        lines = [with_words(gettext_lazy("With %(words)s"), hour.host), *_where(hour)]
        lines.append(gettext_lazy("If you cannot come, give the hour back there, so that somebody else can have it."))
        _tell(hour, row.person, subject=gettext_lazy("Tomorrow: your office hour"), lines=lines, cause=cause, by=by)
    cause = f"{_reminder(hour, hour.pk)}:host"
    if not causes or Message.objects.filter(cause=cause).exists():
        return len(new)
    lines = [f"{row.project} ({row.person}): {row.question}".rstrip(": ") for row in coming]
    _tell(hour, hour.host, subject=gettext_lazy("Tomorrow: your office hour"), lines=lines, cause=cause, by=by)
    return len(new) + 1


def _reminder(hour: OfficeHour, about: UUID) -> str:
    """An hour that moves to another day is reminded of again."""
    return f"office-hour-reminder:{about}:{hour.starts_at.astimezone(UTC):%Y%m%dT%H%M}"

"""Dates as calendars read them (RFC 5545 and 5546). No query: what is written here was read elsewhere.

A session that anybody may see keeps its own UID. The seat of a person has a UID of its own, which never changes; its SEQUENCE rises with
each mail about it, and a cancellation is sent as one. Hours are written in the zone of the session, which the file describes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, Event, vCalAddress, vText

from cohorts.models import CalendarEntry, Session

REFRESH = timedelta(hours=6)


@dataclass(frozen=True)
class Day:
    """A date that is not an appointment: until when something is due. `uid` stays the same as long as it is about the same thing."""

    uid: str
    day: date
    title: str
    words: str
    address: str


def session_calendar(session: Session, *, entry: CalendarEntry | None = None) -> bytes:
    """The `.ics` file of a session: the public facts, or with `entry` the seat of one person, who sees nobody else's."""
    gone = session.is_cancelled or (entry is not None and entry.is_cancelled)
    calendar = _calendar("CANCEL" if gone else "REQUEST" if entry else "PUBLISH")
    event = _event(session, entry=entry, status="CANCELLED" if gone else "CONFIRMED")
    _add_people(event, entry)
    calendar.add_component(event)
    return _written(calendar)


def feed(seats: Iterable[tuple[Session, CalendarEntry, bool]], days: Iterable[Day], *, title: str) -> bytes:
    """All the dates of one person, for a calendar that fetches them: each seat with whether it is only offered, and the days."""
    calendar = _calendar()
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for session, entry, offered in seats:
        calendar.add_component(_event(session, entry=entry, status="TENTATIVE" if offered else "CONFIRMED"))
    for one in days:
        calendar.add_component(_day(one))
    return _written(calendar)


def _calendar(method: str = "") -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Smart Academy//Sessions//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    return calendar


def _written(calendar: Calendar) -> bytes:
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(session: Session, *, entry: CalendarEntry | None, status: str) -> Event:
    zone = ZoneInfo(session.time_zone)
    changed: datetime = entry.changed_at if entry else session.changed_at
    address = settings.BASE_URL.rstrip("/") + reverse("cohorts_session", args=[session.pk])
    event = Event()
    event.add("uid", entry.uid if entry else session.ics_uid)
    event.add("sequence", entry.sequence if entry else session.ics_sequence)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", session.starts_at.astimezone(zone))
    event.add("dtend", session.ends_at.astimezone(zone))
    event.add("summary", str(session.title))
    event.add("location", ", ".join(part for part in (session.place, " ".join(session.address.split())) if part))
    event.add("description", "\n\n".join(part for part in (str(session.description), address) if part))
    event.add("url", address)
    event.add("status", status)
    return event


def _add_people(event: Event, entry: CalendarEntry | None) -> None:
    """Whoever organises, and the one who comes: calendars ignore a request or a cancellation that does not name them."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["cn"] = vText(name or address)
    event["organizer"] = organizer
    if entry is None:
        return
    guest = vCalAddress(f"mailto:{entry.person.email}")
    guest.params["cn"] = vText(str(entry.person))
    guest.params["role"] = vText("REQ-PARTICIPANT")
    guest.params["partstat"] = vText("ACCEPTED")
    guest.params["rsvp"] = vText("FALSE")
    event.add("attendee", guest, encode=0)


def _day(one: Day) -> Event:
    event = Event()
    event.add("uid", one.uid)
    event.add("dtstamp", timezone.now())
    event.add("dtstart", one.day)
    event.add("dtend", one.day + timedelta(days=1))
    event.add("summary", one.title)
    event.add("description", "\n\n".join(part for part in (one.words, one.address) if part))
    event.add("url", one.address)
    event.add("transp", "TRANSPARENT")
    return event


def days_before(session: Session, number: int) -> datetime:
    """The same hour on the clock of the session's place, whatever summer time does in between."""
    local = session.starts_at.astimezone(ZoneInfo(session.time_zone))
    return (local.replace(tzinfo=None) - timedelta(days=number)).replace(tzinfo=local.tzinfo)

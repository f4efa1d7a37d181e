"""Dates as calendars read them (RFC 5545 and 5546). No query: what is written here was read elsewhere.

A session that anybody may see keeps its own UID. The seat of a person has a UID of its own, which never changes; its SEQUENCE rises with
each mail about it, and a cancellation is sent as one. Hours are written in the zone of the session, which the file describes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import parseaddr
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from cohorts.models import CalendarEntry, OfficeHour, OfficeHourBooking, OfficeHourEntry, Session
from cohorts.models.calendar import Entry

REFRESH = timedelta(hours=6)


class DescribedZone(Timezone):
    """icalendar looks for changes of the clock 64 days apart, and misses the five weeks of Ramadan in Morocco: look closer."""

    _from_tzinfo_skip_search = [step for step in Timezone._from_tzinfo_skip_search if step <= timedelta(days=16)]


@dataclass(frozen=True)
class Appointment:
    """All that a calendar shows of something with an hour. Written in the zone where it takes place."""

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    title: str
    where: str
    words: str
    address: str
    status: str = "CONFIRMED"


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
    appointment = session_appointment(session, entry=entry, status="CANCELLED" if gone else "CONFIRMED")
    return _file(appointment, "CANCEL" if gone else "REQUEST" if entry else "PUBLISH", entry)


def office_hour_calendar(hour: OfficeHour, *, entry: OfficeHourEntry, coming: Iterable[OfficeHourBooking]) -> bytes:
    """The `.ics` file of an office hour for one person; only its host reads in it who comes."""
    gone = hour.is_cancelled or entry.is_cancelled
    appointment = hour_appointment(hour, entry=entry, coming=coming, status="CANCELLED" if gone else "CONFIRMED")
    return _file(appointment, "CANCEL" if gone else "REQUEST", entry)


def _file(appointment: Appointment, method: str, entry: Entry | None) -> bytes:
    calendar = _calendar(method)
    event = _event(appointment)
    _add_people(event, entry)
    calendar.add_component(event)
    return _written(calendar)


def feed(appointments: Iterable[Appointment], days: Iterable[Day], *, title: str) -> bytes:
    """All the dates of one person, for a calendar that fetches them."""
    calendar = _calendar()
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for one in appointments:
        calendar.add_component(_event(one))
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
    """Its zones are described for the years around what it holds: some programs lose count in the changes of seventy years."""
    years = [event[name].dt.year for event in calendar.walk("VEVENT") for name in ("DTSTART", "DTEND") if name in event]
    if years:
        for zone in sorted(calendar.get_missing_tzids()):
            calendar.subcomponents.insert(
                0, DescribedZone.from_tzid(zone, first_date=date(min(years) - 1, 1, 1), last_date=date(max(years) + 2, 1, 1))
            )
    return calendar.to_ical()


def session_appointment(session: Session, *, entry: CalendarEntry | None, status: str) -> Appointment:
    where = ", ".join(part for part in (session.place, " ".join(session.address.split())) if part)
    return Appointment(
        uid=entry.uid if entry else session.ics_uid,
        sequence=entry.sequence if entry else session.ics_sequence,
        changed_at=entry.changed_at if entry else session.changed_at,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        time_zone=session.time_zone,
        title=str(session.title),
        where=where,
        words=str(session.description),
        address=_address("cohorts_session", session.pk),
        status=status,
    )


def hour_appointment(
    hour: OfficeHour, *, entry: OfficeHourEntry, coming: Iterable[OfficeHourBooking], status: str = "CONFIRMED"
) -> Appointment:
    """The host reads who comes and what they ask; whoever comes, with whom they talk."""
    if entry.person_id == hour.host_id:
        who = [f"{row.project} ({row.person}): {row.question}".rstrip(": ") for row in coming]
        names = list(dict.fromkeys(str(row.project) for row in coming))
        title = _("Office hour: %(names)s") % {"names": ", ".join(names)} if names else _("Office hour")
        words, address = "\n".join([hour.about, *who]), _address("cohorts_cms_office_hour", hour.pk)
    else:
        title = _("Office hour with %(name)s") % {"name": hour.host}
        words, address = hour.about, _address("cohorts_office_hour", hour.pk)
    return Appointment(
        uid=entry.uid,
        sequence=entry.sequence,
        changed_at=entry.changed_at,
        starts_at=hour.starts_at,
        ends_at=hour.ends_at,
        time_zone=hour.time_zone,
        title=title,
        where=", ".join(part for part in (hour.place, hour.link) if part),
        words=words.strip(),
        address=address,
        status=status,
    )


def _address(name: str, pk: UUID) -> str:
    return settings.BASE_URL.rstrip("/") + reverse(name, args=[pk])


def _event(one: Appointment) -> Event:
    zone = ZoneInfo(one.time_zone)
    event = Event()
    event.add("uid", one.uid)
    event.add("sequence", one.sequence)
    event.add("dtstamp", one.changed_at)
    event.add("last-modified", one.changed_at)
    event.add("dtstart", one.starts_at.astimezone(zone))
    event.add("dtend", one.ends_at.astimezone(zone))
    event.add("summary", one.title)
    event.add("location", one.where)
    event.add("description", "\n\n".join(part for part in (one.words, one.address) if part))
    event.add("url", one.address)
    event.add("status", one.status)
    return event


def _add_people(event: Event, entry: Entry | None) -> None:
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


def days_before(session: Session | OfficeHour, number: int) -> datetime:
    """The same hour on the clock of the session's place, whatever summer time does in between."""
    local = session.starts_at.astimezone(ZoneInfo(session.time_zone))
    return (local.replace(tzinfo=None) - timedelta(days=number)).replace(tzinfo=local.tzinfo)

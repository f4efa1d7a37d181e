"""A session as a calendar entry (RFC 5545): one UID for ever, SEQUENCE raised at each change, a cancellation sent as one."""

from __future__ import annotations

from email.utils import parseaddr
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText

from academy.models import User
from cohorts.models import Session


def session_calendar(session: Session, *, attendee: User | None = None, cancelled: bool = False) -> bytes:
    """The `.ics` file of a session. `attendee` receives a request in their own name and sees nobody else's.

    `cancelled` is for somebody whose own place is gone; a cancelled session is a cancellation for everybody.
    """
    gone = cancelled or session.is_cancelled
    calendar = Calendar()
    calendar.add("prodid", "-//Smart Academy//Sessions//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if gone else "REQUEST" if attendee else "PUBLISH")
    calendar.add_component(_event(session, attendee=attendee, gone=gone))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(session: Session, *, attendee: User | None, gone: bool) -> Event:
    zone = ZoneInfo(session.time_zone)
    event = Event()
    event.add("uid", session.ics_uid)
    event.add("sequence", session.ics_sequence + (1 if gone and not session.is_cancelled else 0))
    event.add("dtstamp", session.changed_at)
    event.add("last-modified", session.changed_at)
    event.add("dtstart", session.starts_at.astimezone(zone))
    event.add("dtend", session.ends_at.astimezone(zone))
    event.add("summary", str(session.title))
    event.add("location", ", ".join(part for part in (session.place, " ".join(session.address.split())) if part))
    if session.description:
        event.add("description", str(session.description))
    event.add("status", "CANCELLED" if gone else "CONFIRMED")
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["cn"] = vText(name or address)
    event["organizer"] = organizer
    if attendee is not None:
        guest = vCalAddress(f"mailto:{attendee.email}")
        guest.params["cn"] = vText(str(attendee))
        guest.params["partstat"] = vText("ACCEPTED")
        event.add("attendee", guest, encode=0)
    return event

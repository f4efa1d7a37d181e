"""The calendar entry of a seat, and of an office hour: what goes with a letter, and what number it has. Called by the verbs that write
the letters.
"""

from __future__ import annotations

from django.utils import timezone, translation

from academy.locking import lock
from academy.models import User
from cohorts.calendar import office_hour_calendar, session_calendar
from cohorts.models import CalendarEntry, OfficeHour, OfficeHourBooking, OfficeHourEntry, Session
from cohorts.models.calendar import Entry, uid_for


def invitation(session: Session, person: User) -> str:
    """The `.ics` that puts the session into the person's calendar, or moves it there. Each call raises SEQUENCE: send what it gives."""
    return _next(session, person, is_cancelled=False)


def cancellation(session: Session, person: User) -> str:
    """The `.ics` that takes it away. Empty when no invitation ever went out, or when the last mail took it away already."""
    sent = CalendarEntry.objects.filter(session=session, person=person, is_cancelled=False)
    return _next(session, person, is_cancelled=True) if sent.exists() else ""


def _next(session: Session, person: User, *, is_cancelled: bool) -> str:
    uid = uid_for(session.ics_uid, person)
    entry, is_new = CalendarEntry.objects.get_or_create(session=session, person=person, defaults={"uid": uid})
    _raise(entry, is_new=is_new, is_cancelled=is_cancelled)
    with translation.override(person.language):
        return session_calendar(session, entry=entry).decode()


def _raise(entry: Entry, *, is_new: bool, is_cancelled: bool) -> None:
    """Runs inside the verb that causes it: a verb that is refused takes the number back with it."""
    if not is_new:
        lock(entry)
        entry.sequence += 1
    entry.is_cancelled, entry.changed_at = is_cancelled, timezone.now()
    entry.save(update_fields=["sequence", "is_cancelled", "changed_at"])


def new_entry(session: Session, person: User) -> CalendarEntry:
    """Of a seat about which no invitation has gone out: the same UID as the one that will."""
    return CalendarEntry(session=session, person=person, uid=uid_for(session.ics_uid, person), changed_at=session.changed_at)


def entry_of(session: Session, person: User) -> CalendarEntry:
    return CalendarEntry.objects.filter(session=session, person=person).first() or new_entry(session, person)


def who_comes(hour: OfficeHour) -> list[OfficeHourBooking]:
    return list(hour.bookings.live().select_related("person", "project"))


def hour_invitation(hour: OfficeHour, person: User) -> str:
    """The same for an office hour. The host's says who comes, with which question."""
    return _next_hour(hour, person, is_cancelled=False)


def hour_cancellation(hour: OfficeHour, person: User) -> str:
    sent = OfficeHourEntry.objects.filter(hour=hour, person=person, is_cancelled=False)
    return _next_hour(hour, person, is_cancelled=True) if sent.exists() else ""


def _next_hour(hour: OfficeHour, person: User, *, is_cancelled: bool) -> str:
    entry, is_new = OfficeHourEntry.objects.get_or_create(hour=hour, person=person, defaults={"uid": uid_for(str(hour.pk), person)})
    _raise(entry, is_new=is_new, is_cancelled=is_cancelled)
    with translation.override(person.language):
        return office_hour_calendar(hour, entry=entry, coming=who_comes(hour)).decode()

"""The calendar entry of a seat: what goes with a letter, and what number it has. Called by the verbs that write the letters."""

from __future__ import annotations

from django.utils import timezone, translation

from academy.locking import lock
from academy.models import User
from cohorts.calendar import session_calendar
from cohorts.models import CalendarEntry, Session
from cohorts.models.calendar import uid_for


def invitation(session: Session, person: User) -> str:
    """The `.ics` that puts the session into the person's calendar, or moves it there. Each call raises SEQUENCE: send what it gives."""
    return _next(session, person, is_cancelled=False)


def cancellation(session: Session, person: User) -> str:
    """The `.ics` that takes it away. Empty when no invitation ever went out, or when the last mail took it away already."""
    sent = CalendarEntry.objects.filter(session=session, person=person, is_cancelled=False)
    return _next(session, person, is_cancelled=True) if sent.exists() else ""


def _next(session: Session, person: User, *, is_cancelled: bool) -> str:
    """Runs inside the verb that causes it: a verb that is refused takes the number back with it."""
    entry, is_new = CalendarEntry.objects.get_or_create(session=session, person=person, defaults={"uid": uid_for(session, person)})
    if not is_new:
        lock(entry)
        entry.sequence += 1
    entry.is_cancelled, entry.changed_at = is_cancelled, timezone.now()
    entry.save(update_fields=["sequence", "is_cancelled", "changed_at"])
    with translation.override(person.language):
        return session_calendar(session, entry=entry).decode()


def new_entry(session: Session, person: User) -> CalendarEntry:
    """Of a seat about which no invitation has gone out: the same UID as the one that will."""
    return CalendarEntry(session=session, person=person, uid=uid_for(session, person), changed_at=session.changed_at)


def entry_of(session: Session, person: User) -> CalendarEntry:
    return CalendarEntry.objects.filter(session=session, person=person).first() or new_entry(session, person)

"""What the desk of a session knows: when it is open, when an arrival that was kept on a device happened, how many are here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import isnan
from zlib import crc32

from cohorts.models import HAVE_A_PLACE, Registration, RegistrationStatus, Session

DESK_OPENS = timedelta(hours=24)
KEPT_AFTER = timedelta(hours=24)  # a device without a network may still have to send something
LISTED = HAVE_A_PLACE | {RegistrationStatus.NO_SHOW}


def opens_at(session: Session) -> datetime:
    return session.starts_at - DESK_OPENS


def is_held(session: Session, now: datetime) -> bool:
    """Whether somebody may be standing at the desk: then, and only then, its list is kept on their device."""
    return not session.is_cancelled and opens_at(session) <= now <= session.ends_at + KEPT_AFTER


def happened_at(session: Session, *, age: str, now: datetime) -> datetime:
    """When something happened that waited `age` seconds on a device.

    A device says for how long something waited, never what time it is: its clock may be wrong. One that was set meanwhile counts
    nonsense: then it happened now, or when the desk opened, whichever is nearer.
    """
    try:
        seconds = min(max(float(age), 0), 10**9)
    except ValueError:
        seconds = 0
    if isnan(seconds):
        seconds = 0
    return max(now - timedelta(seconds=seconds), min(opens_at(session), now))


def listed(session: Session):
    return session.registrations.filter(status__in=LISTED)


def mark_of(rows: Iterable[tuple]) -> str:
    """Changes when somebody of the list does: a device that holds another mark fetches the list again."""
    return f"{crc32(' '.join(sorted(f'{pk}{status}' for pk, status in rows)).encode()):08x}"


def standing(rows: Iterable[tuple]) -> dict:
    """Expected, here, absent (once the attendance is closed), missing (whoever may still come), and the mark of the list, from (pk, status)."""
    rows = list(rows)
    here, absent = (sum(status == wanted for _pk, status in rows) for wanted in (RegistrationStatus.ATTENDED, RegistrationStatus.NO_SHOW))
    return {"expected": len(rows), "here": here, "absent": absent, "missing": len(rows) - here - absent, "mark": mark_of(rows)}


def standing_of(registrations: Iterable[Registration]) -> dict:
    return standing((row.pk, row.status) for row in registrations)

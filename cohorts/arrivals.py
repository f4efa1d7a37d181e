"""What the desk of a session knows: when it is open, when an arrival that was kept on a device happened, how many are here, who was refused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import isnan
from zlib import crc32

from django.utils.translation import gettext_lazy as _
from wagtail.models import ModelLogEntry

from academy.search.words import folded
from cohorts.models import HAVE_A_PLACE, Registration, RegistrationStatus, Session

DESK_OPENS = timedelta(hours=24)
KEPT_AFTER = timedelta(hours=24)  # a device without a network may still have to send something
LISTED = HAVE_A_PLACE | {RegistrationStatus.NO_SHOW}
REFUSED = {  # in the history, which names nobody; who stands at the desk reads the whole sentence
    "stranger": _("Nobody has this code."),
    "foreign": _("A place in another session."),
    "twice": _("Here already."),
    "funding": _("Funding not checked"),
    "visa": _("Visa not settled"),
    "closed": _("The attendance was closed."),
    "early": _("The desk was not open."),
    "cancelled": _("This session is cancelled."),
}
OTHERWISE = _("No place that can be taken.")


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


def words_of(name: str) -> str:
    """A name as one looks for it and sorts it: no case, no accents, no signs. static/js/desk.js does the same."""
    return " ".join("".join(sign if sign.isalnum() else " " for sign in folded(name)).split())


def is_named(name: str, asked: str) -> bool:
    """Whether all that is asked is somewhere in the name, in any order."""
    wanted, found = words_of(asked).split(), words_of(name)
    return bool(wanted) and all(word in found for word in wanted)


def by_name(registrations: Iterable[Registration]) -> list[Registration]:
    """As on a list at a door: É with E, on every database."""
    return sorted(registrations, key=lambda row: (words_of(row.person.name), row.pk))


def refused_at(session: Session, rows: Iterable[Registration]) -> list[ModelLogEntry]:
    """Who was not let in, the last one first, each with `row` (None: whoever it was has no place here) and `why`, in the reader's language."""
    known = {str(row.pk): row for row in rows}
    lines = ModelLogEntry.objects.filter(action="cohorts.refuse_arrival", object_id__in=[str(session.pk), *known]).select_related("user")
    found = list(lines.order_by("-timestamp")[:30])
    for line in found:
        line.row, line.why = known.get(line.object_id), REFUSED.get(line.data.get("code"), OTHERWISE)
    return found


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

"""What the clock will write by itself in the coming days if nothing happens meanwhile: a rehearsal of its strokes, taken back at its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from academy.messages import noted
from academy.models import Message, User
from cohorts import actions, clock, digest
from cohorts.mails import mails_open_to
from courses import actions as learning
from wiki import question_letters

AT_HOUR = 9  # on the clock of the site: reminders and the letters of the week have left by then
MOST_DAYS = 7


@dataclass(frozen=True)
class Stroke:
    """One moment of the clock, and the letters that it would write, in their order. None of them is kept."""

    at: datetime
    letters: list[Message]


def moments(days: int, now: datetime) -> Iterator[datetime]:
    """Now, and every following morning."""
    yield now
    today = timezone.localtime(now)
    for day in range(1, min(days, MOST_DAYS) + 1):
        yield (today + timedelta(days=day)).replace(hour=AT_HOUR, minute=0, second=0, microsecond=0)


def what_leaves(reader: User, *, days: int, now: datetime | None = None) -> list[Stroke]:
    """Of each moment, what this person may read of it; a moment without letters is left out.

    Everything is written in one transaction and taken back: nobody else sees it, nothing leaves. While it lasts, others wait to write on
    SQLite, so it looks a week ahead at most.
    """
    strokes = []
    with transaction.atomic():
        for at in moments(days, now or timezone.now()):
            with noted() as letters:
                _strike(at)
            mine = set(mails_open_to(reader).filter(pk__in=[one.pk for one in letters]).values_list("pk", flat=True))
            strokes.append(Stroke(at, [one for one in letters if one.pk in mine]))
        transaction.set_rollback(True)
    return [one for one in strokes if one.letters]


def _strike(at: datetime) -> None:
    """Only what writes letters: a rehearsal deletes no file, takes up no import, and notes nothing in the cache."""
    clock.strike(at, parts=clock.WRITES)
    learning.remind_of_due(by=None, now=at)
    learning.remind_of_expiry(by=None, now=at)
    learning.tell_changes(by=None, now=at)
    question_letters.remind()
    for person, cause in digest.due(at):
        actions.send_weekly_letter(person, by=None, cause=cause, now=at)

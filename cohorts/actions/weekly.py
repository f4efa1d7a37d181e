"""The weekly letter of each person."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation

from academy import messages
from academy.models import User
from cohorts.digest import digest_of


@transaction.atomic
def send_weekly_letter(person: User, *, by: User | None, cause: str, now: datetime) -> bool:
    """Queues the letter, in the person's language and on their clock. False: nothing to say, or said already."""
    with translation.override(person.language), timezone.override(person.time_zone):
        digest = digest_of(person, now=now)
        if digest is None:
            return False
        return messages.queue(person, template="cohorts_weekly", context={"digest": digest}, cause=cause, by=by) is not None

"""The address at which a calendar fetches the dates of a person: made, renewed, closed."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.audit import record
from academy.locking import lock
from academy.models import User
from academy.rules import RuleViolation
from cohorts.models import CalendarFeed


@transaction.atomic
def open_feed(person: User, *, by: User) -> CalendarFeed:
    """Gives the person an address for their calendar; the one that there is already, if there is."""
    feed, is_new = CalendarFeed.objects.get_or_create(person=person)
    if is_new:
        record(feed, "cohorts.open_calendar_feed", by=by)
    return feed


@transaction.atomic
def renew_feed(person: User, *, by: User) -> CalendarFeed:
    """A new address; whoever knows the old one reads nothing any more."""
    feed = _own_feed(person)
    feed.key, feed.made_at = uuid.uuid4(), timezone.now()
    feed.save(update_fields=["key", "made_at"])
    record(feed, "cohorts.renew_calendar_feed", by=by)
    return feed


@transaction.atomic
def close_feed(person: User, *, by: User) -> None:
    """No address any more."""
    feed = _own_feed(person)
    record(feed, "cohorts.close_calendar_feed", by=by)
    feed.delete()


def _own_feed(person: User) -> CalendarFeed:
    feed = CalendarFeed.objects.filter(person=person).first()
    if feed is None:
        raise RuleViolation(_("You have no calendar address."), code="no_feed")
    return lock(feed)

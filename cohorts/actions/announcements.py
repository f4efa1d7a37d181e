"""What the coordinator of a cohort announces to it: posted, changed with its history, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from academy.audit import record
from academy.fields import LocalizedText
from academy.html import clean, text_of
from academy.locking import lock, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.announcements import body_for_letter, people_inside, title_for_letter
from cohorts.letters import hold_back, tell
from cohorts.models import Announcement, AnnouncementVersion, Cohort

TWICE = timedelta(days=1)
MOST_CHARACTERS = 20_000


def _written(title: Mapping[str, str], body: Mapping[str, str]) -> tuple[LocalizedText, LocalizedText]:
    """Each language with both its title and its text, or without either. The text is cleaned, and empty markup is no text."""
    titles, bodies = {}, {}
    for code, _name in settings.LANGUAGES:
        name, html = " ".join(str(title.get(code) or "").split()), clean(body.get(code) or "")
        words = text_of(html)
        if not name and not words:
            continue
        language = get_language_info(code)["name_local"]
        if not name or not words:
            raise RuleViolation(
                _("In %(language)s there is a title without a text, or a text without a title.") % {"language": language}, code="half"
            )
        if len(name) > Announcement.MOST_TITLE or len(html) > MOST_CHARACTERS:
            raise RuleViolation(_("This is too long for an announcement. Make a page of it, and announce the page."), code="long")
        titles[code], bodies[code] = name, html
    if not titles:
        raise RuleViolation(_("Write the announcement in one language at least."), code="empty")
    return LocalizedText(titles), LocalizedText(bodies)


def _keep_version(row: Announcement, *, by: User) -> None:
    number = row.versions.count() + 1
    AnnouncementVersion.objects.create(
        announcement=row, number=number, title=row.title, body=row.body, written_at=timezone.now(), written_by=by
    )


@transaction.atomic
def announce(
    cohort: Cohort, *, by: User, title: Mapping[str, str], body: Mapping[str, str], delivery: str, is_pinned: bool = False
) -> Announcement:
    """Posts it for everybody inside the cohort. A letter of its own leaves only where it was asked for."""
    lock(cohort)
    title, body = _written(title, body)
    now = timezone.now()
    lately = Announcement.objects.standing().filter(cohort=cohort, posted_at__gt=now - TWICE)
    if any((row.title, row.body) == (title, body) for row in lately):
        raise RuleViolation(_("You have posted this already."), code="twice")
    row = Announcement.objects.create(
        cohort=cohort, title=title, body=body, delivery=delivery, is_pinned=is_pinned, posted_at=now, posted_by=by
    )
    _keep_version(row, by=by)
    record(cohort, "cohorts.announce", by=by, data={"announcement": str(row.pk), "delivery": delivery})
    if row.delivery == Announcement.Delivery.NOW:
        _tell(row, by=by)
    return row


def _tell(row: Announcement, *, by: User) -> None:
    """It leads to the space of the cohort: an announcement that is only looked at has no address that stays."""
    tell(
        people_inside(row.cohort),
        subject=title_for_letter(row),
        lines=[body_for_letter(row)],
        link="cohorts_space",
        link_to=row.cohort_id,
        link_label=gettext_lazy("Read it in the space of your cohort"),
        cause=_cause(row),
        by=by,
    )


def _cause(row: Announcement) -> str:
    return f"announcement:{row.pk}"


@transaction.atomic
def change_announcement(
    announcement: Announcement, *, by: User, title: Mapping[str, str], body: Mapping[str, str], is_pinned: bool
) -> Announcement:
    """Other words in the place of these, which stay readable for the team; or only another place. Nobody is written to again."""
    lock(announcement)
    _check_standing(announcement)
    title, body = _written(title, body)
    is_new = (title, body) != (announcement.title, announcement.body)
    if not is_new and is_pinned == announcement.is_pinned:
        raise RuleViolation(_("Nothing is different from what stands there."), code="same")
    announcement.title, announcement.body, announcement.is_pinned = title, body, is_pinned
    if is_new:
        announcement.changed_at = timezone.now()
        _keep_version(announcement, by=by)
    announcement.save(update_fields=["title", "body", "is_pinned", "changed_at"])
    data = {"announcement": str(announcement.pk), "words": is_new, "pinned": is_pinned}
    record(announcement.cohort, "cohorts.change_announcement", by=by, data=data)
    return announcement


@transaction.atomic
def withdraw_announcement(announcement: Announcement, *, by: User, reason: str) -> Announcement:
    """Nobody of the cohort reads it any more. A letter of it that has not left never does."""
    lock(announcement)
    _check_standing(announcement)
    reason = wanted(reason, _("Say why it is withdrawn."))
    announcement.withdrawn_at, announcement.withdrawn_by, announcement.withdrawn_reason = timezone.now(), by, reason
    announcement.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    hold_back([_cause(announcement)], now=announcement.withdrawn_at)
    record(announcement.cohort, "cohorts.withdraw_announcement", by=by, data={"announcement": str(announcement.pk), "reason": reason})
    return announcement


def _check_standing(row: Announcement) -> None:
    if row.withdrawn_at is not None:
        raise RuleViolation(_("This announcement is withdrawn: post a new one."), code="withdrawn")

"""The verbs about what needs somebody of the team."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy import messages
from academy.audit import record
from academy.locking import lock
from academy.models import User
from academy.permissions import is_coordinator, is_trainer
from academy.rules import RuleViolation
from cohorts.attention import Stock, as_item, find, left_alone, stock_of, written_about
from cohorts.interests import check_decides_freely
from cohorts.letters import people_of
from cohorts.models import AttentionItem, AttentionRule

LONGEST = 90  # days that something may be put off


@transaction.atomic
def take_stock(*, by: User | None, now: datetime | None = None) -> Stock:
    """Opens what the rules find, ends what is no longer true. Twice in a row, the second time changes nothing.

    Two clocks at once: the first to write a thing writes it, the other leaves it alone.
    """
    now = now or timezone.now()
    list(AttentionRule.objects.select_for_update(no_key=True).values_list("pk"))
    stock = stock_of(find(now))
    alone = left_alone(stock.items.values())
    for one in stock.found:
        row = stock.items.get(one.key)
        if row is not None and row.pk in alone:
            row.owner = one.owner
            row.save(update_fields=["owner"])
        if row is not None and (row.count, row.requirement_id, row.since) != (one.count, one.requirement and one.requirement.pk, one.since):
            row.count, row.requirement, row.since = one.count, one.requirement, one.since
            row.save(update_fields=["count", "requirement", "since"])
    AttentionItem.objects.bulk_create(as_item(one, now) for one in stock.opened)
    AttentionItem.objects.standing().filter(pk__in=[row.pk for row in stock.ended]).update(resolved_at=now)
    return stock


def _standing(item: AttentionItem, *, by: User) -> AttentionItem:
    """The item under a lock, for somebody without an interest in its project, while it stands."""
    lock(item)
    check_decides_freely(item.project, by=by)
    if item.resolved_at:
        raise RuleViolation(_("This is ended already: nothing more is to be done."), code="ended")
    return item


@transaction.atomic
def snooze(item: AttentionItem, *, by: User, days: int) -> AttentionItem:
    """Out of sight for some days. It comes back by itself, unless it has ended meanwhile."""
    _standing(item, by=by)
    if not 1 <= days <= LONGEST:
        raise RuleViolation(_("Put it off by 1 to %(most)d days.") % {"most": LONGEST}, code="days")
    item.snoozed_until = timezone.now() + timedelta(days=days)
    item.save(update_fields=["snoozed_until"])
    record(item, "cohorts.snooze", by=by, data={"days": days})
    return item


@transaction.atomic
def wake(item: AttentionItem, *, by: User) -> AttentionItem:
    """Takes `snooze` back."""
    _standing(item, by=by)
    item.snoozed_until = None
    item.save(update_fields=["snoozed_until"])
    record(item, "cohorts.wake", by=by)
    return item


@transaction.atomic
def resolve(item: AttentionItem, *, by: User, note: str) -> AttentionItem:
    """Somebody has done what had to be done, and says what. The same thing does not come back; a new one of its kind does."""
    _standing(item, by=by)
    if not note.strip():
        raise RuleViolation(_("Say in a few words what was done."), code="note")
    item.resolved_at, item.resolved_by, item.note = timezone.now(), by, note.strip()
    item.save(update_fields=["resolved_at", "resolved_by", "note"])
    record(item, "cohorts.resolve", by=by, data={"reason": item.note})
    return item


@transaction.atomic
def hand_on(item: AttentionItem, *, by: User, owner: User) -> AttentionItem:
    """From now on somebody else of the team has it."""
    _standing(item, by=by)
    if not (owner.is_active and (is_coordinator(owner) or is_trainer(owner))):
        raise RuleViolation(_("Give it to a coordinator or a trainer."), code="owner")
    if not AttentionItem.objects.for_user(owner).filter(pk=item.pk).exists():
        raise RuleViolation(_("This person has an interest in the project: give it to somebody else."), code="interest")
    item.owner = owner
    item.save(update_fields=["owner"])
    record(item, "cohorts.hand_on", by=by, data={"owner": owner.pk})
    return item


@transaction.atomic
def remind_project(item: AttentionItem, *, by: User, subject: str, text: str, letter: UUID) -> int:
    """Writes to those who speak for the project, and answers how many. `letter` names this sending: sent twice, it arrives once."""
    _standing(item, by=by)
    subject, text = " ".join(subject.split()), text.strip()
    if not subject or not text:
        raise RuleViolation(_("Write a subject and a text."), code="empty")
    context = {"subject_line": subject, "text": text, "author": by, "project": item.project.name, "on_pathway": True}
    cause = f"{written_about(item.project_id)}{letter}"
    people = people_of(item.project)
    sent = [
        person.pk
        for person in people
        if messages.queue(person, template="cohorts_letter", context=context, cause=cause, by=by, reply_to=by.email)
    ]
    if sent:
        record(item, "cohorts.write", by=by, data={"reason": subject, "people": sent})
    return len(sent)

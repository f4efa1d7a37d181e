"""After graduation: the support plan and the agreements of a partnership. Verbs of coordinators without an interest."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.audit import record
from academy.fields import LocalizedText
from academy.locking import check_move, lock, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.interests import check_decides_freely
from cohorts.letters import tell_project, with_words
from cohorts.models import AGREEMENT_MOVES, Agreement, Partnership, SupportPlanItem, TypologyTerm
from cohorts.organisers import who_answers_about
from courses.uploads import Brought

EARLIEST_SIGNATURE = timedelta(days=366)  # before the partnership: a contract may be signed while the decision is prepared


def _hold(partnership: Partnership, *, by: User) -> Partnership:
    """The partnership under a lock, for somebody who may decide about it, while it goes on."""
    lock(partnership)
    check_decides_freely(partnership.project, by=by)
    if partnership.ended_at:
        raise RuleViolation(_("This partnership has ended: its plan and its agreements are kept as they are."), code="ended")
    return partnership


@transaction.atomic
def end_partnership(partnership: Partnership, *, by: User, reason: str) -> Partnership:
    """The tie ends, for a reason that the project reads; the graduation stays, and its certificates. Plan and agreements are kept as they
    are, the entry leaves the directory, indicators are asked no more.
    """
    _hold(partnership, by=by)
    reason = wanted(reason, _("Say why it ends."))
    partnership.ended_at, partnership.ended_by = timezone.now(), by
    partnership.save(update_fields=["ended_at", "ended_by"])
    record(partnership, "cohorts.end_partnership", by=by, data={"reason": reason})
    tell_project(
        partnership.project,
        subject=gettext_lazy("Our partnership ends"),
        lines=[
            gettext_lazy("The partnership between your project and Smart ends today, for this reason:"),
            reason,
            gettext_lazy("What you have reached stays yours: the graduation and your certificates hold. Your page leaves the network."),
        ],
        link="cohorts_partnership",
        link_to=partnership.pk,
        link_label=gettext_lazy("Open our partnership"),
        cause=f"partnership-ended:{partnership.pk}",
        by=by,
    )
    return partnership


@transaction.atomic
def begin_plan(partnership: Partnership, *, by: User) -> list[SupportPlanItem]:
    """The terms of the typology as they stand on this day become the plan: what each side owes, and until when.

    Whoever coordinates sees to what Smart owes until somebody else is named; the lead of the project to what it owes (`plan_of`).
    """
    owner = who_answers_about(partnership.project, partnership.determination.participation.cohort.coordinator)
    rows = [
        SupportPlanItem(
            partnership=partnership,
            sort_order=place,
            kind=term.kind,
            owed_by=term.owed_by,
            what=term.text,
            owner=owner if term.owed_by == SupportPlanItem.Party.SMART else None,
            due_on=None if term.due_in_days is None else partnership.since + timedelta(days=term.due_in_days),
            added_by=by,
        )
        for place, term in enumerate(partnership.typology.terms.all())
    ]
    return SupportPlanItem.objects.bulk_create(rows)


@transaction.atomic
def add_item(
    partnership: Partnership, *, by: User, what: LocalizedText, kind: str, owner: User | None = None, due_on: date | None = None
) -> SupportPlanItem:
    """One more thing that one side owes the other: Smart, or the project when it is expected in return."""
    _hold(partnership, by=by)
    if not what:
        raise RuleViolation(_("Say what is owed."), code="words")
    party = SupportPlanItem.Party
    row = SupportPlanItem.objects.create(
        partnership=partnership,
        sort_order=partnership.plan.count(),
        kind=kind,
        owed_by=party.PROMOTER if kind == TypologyTerm.Kind.RETURN else party.SMART,
        what=what,
        owner=owner,
        due_on=due_on,
        added_by=by,
    )
    record(partnership, "cohorts.add_item", by=by, data={"item": row.pk})
    return row


def _open(item: SupportPlanItem, *, by: User) -> SupportPlanItem:
    _hold(item.partnership, by=by)
    lock(item)
    if item.state != SupportPlanItem.State.OPEN:
        raise RuleViolation(_("This is settled already. Add a new line if something is owed again."), code="wrong_state")
    return item


@transaction.atomic
def change_item(item: SupportPlanItem, *, by: User, owner: User | None, due_on: date | None) -> SupportPlanItem:
    """Who sees to it, and until when."""
    _open(item, by=by)
    item.owner, item.due_on = owner, due_on
    item.save(update_fields=["owner", "due_on"])
    record(item.partnership, "cohorts.change_item", by=by, data={"item": item.pk, "due": str(due_on or "")})
    return item


def _settle(item: SupportPlanItem, *, by: User, state: str, reason: str) -> SupportPlanItem:
    item.state, item.reason, item.settled_at, item.settled_by = state, reason, timezone.now(), by
    item.save(update_fields=["state", "reason", "settled_at", "settled_by"])
    record(item.partnership, f"cohorts.item_{state}", by=by, data={"item": item.pk, "reason": reason})
    return item


@transaction.atomic
def finish_item(item: SupportPlanItem, *, by: User, note: str = "") -> SupportPlanItem:
    """What was owed is given."""
    return _settle(_open(item, by=by), by=by, state=SupportPlanItem.State.DONE, reason=note.strip())


@transaction.atomic
def drop_item(item: SupportPlanItem, *, by: User, reason: str) -> SupportPlanItem:
    """It is not owed any more. Author and reason stay, and the project reads them."""
    _open(item, by=by)
    return _settle(item, by=by, state=SupportPlanItem.State.DROPPED, reason=wanted(reason, _("Say why it is dropped.")))


@transaction.atomic
def keep_agreement(
    partnership: Partnership, *, by: User, brought: Brought, title: LocalizedText | None = None, replaces: Agreement | None = None
) -> Agreement:
    """A draft: of a new document with its title, or the next version of one. A version that nobody has signed is replaced at once."""
    _hold(partnership, by=by)
    if replaces is None and not title:
        raise RuleViolation(_("Say which document it is."), code="words")
    row = Agreement(partnership=partnership, title=title or {}, added_by=by, name=brought.name, kind=brought.kind)
    if replaces is not None:
        versions = partnership.agreements.filter(document=replaces.document)
        row.document, row.title, row.number = replaces.document, replaces.title, versions.count() + 1
        versions.filter(state__in=[Agreement.State.DRAFT, Agreement.State.SENT]).update(
            state=Agreement.State.REPLACED, replaced_at=timezone.now()
        )
    row.size, row.sha256 = len(brought.content), brought.sha256
    row.file.save(brought.name, ContentFile(brought.content), save=False)
    row.save()
    record(partnership, "cohorts.keep_agreement", by=by, data={"agreement": str(row.pk), "sha256": row.sha256})
    return row


@transaction.atomic
def send_agreement(agreement: Agreement, *, by: User) -> Agreement:
    """The project reads it from now on, and is told."""
    _hold(agreement.partnership, by=by)
    lock(agreement)
    check_move(agreement, to=Agreement.State.SENT, moves=AGREEMENT_MOVES)
    agreement.state, agreement.sent_at, agreement.sent_by = Agreement.State.SENT, timezone.now(), by
    agreement.save(update_fields=["state", "sent_at", "sent_by"])
    record(agreement.partnership, "cohorts.send_agreement", by=by, data={"agreement": str(agreement.pk)})
    tell_project(
        agreement.partnership.project,
        subject=gettext_lazy("A document for your partnership"),
        lines=[with_words(gettext_lazy("This document waits for you, to read and to sign: %(words)s"), agreement.title)],
        link="cohorts_partnership",
        link_to=agreement.partnership_id,
        link_label=gettext_lazy("Open our partnership"),
        cause=f"agreement:{agreement.pk}",
        by=by,
    )
    return agreement


@transaction.atomic
def sign_agreement(agreement: Agreement, *, by: User, signed_on: date) -> Agreement:
    """Both sides have signed this version. The one that was signed before is replaced; this one is never changed."""
    _hold(agreement.partnership, by=by)
    lock(agreement)
    check_move(agreement, to=Agreement.State.SIGNED, moves=AGREEMENT_MOVES)
    if signed_on > timezone.localdate():
        raise RuleViolation(_("This day is still to come: record the signature when both have signed."), code="date")
    if signed_on < agreement.partnership.since - EARLIEST_SIGNATURE:
        raise RuleViolation(_("This day is more than a year before the partnership: look at the year again."), code="date")
    now = timezone.now()
    before = agreement.partnership.agreements.filter(document=agreement.document, state=Agreement.State.SIGNED)
    before.update(state=Agreement.State.REPLACED, replaced_at=now)
    agreement.state, agreement.signed_on, agreement.signed_at, agreement.signed_by = Agreement.State.SIGNED, signed_on, now, by
    agreement.save(update_fields=["state", "signed_on", "signed_at", "signed_by"])
    record(agreement.partnership, "cohorts.sign_agreement", by=by, data={"agreement": str(agreement.pk), "sha256": agreement.sha256})
    return agreement

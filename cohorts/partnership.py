"""What a partnership says on both its pages: what each side owes, what is late, and the agreements, one document after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.models import User
from cohorts.models import Agreement, Partnership, SupportPlanItem, TypologyPaper


@dataclass(frozen=True)
class PlanLine:
    item: SupportPlanItem
    late: str
    owner: User | None  # who was named; else, for what the project owes, its lead

    @property
    def is_open(self) -> bool:
        return self.item.state == SupportPlanItem.State.OPEN


@dataclass(frozen=True)
class Plan:
    """Open things first, those with a date before the others."""

    by_smart: list[PlanLine]
    by_project: list[PlanLine]

    @property
    def smarts_debts(self) -> int:
        return sum(bool(line.late) for line in self.by_smart)


def _late(item: SupportPlanItem, today: date) -> str:
    number = item.days_late(today)
    if not number:
        return ""
    if item.owed_by == SupportPlanItem.Party.SMART:
        return ngettext("Smart owes it for %(n)s day", "Smart owes it for %(n)s days", number) % {"n": number}
    return ngettext("%(number)s day late", "%(number)s days late", number) % {"number": number}


def plan_of(partnership: Partnership, *, today: date) -> Plan:
    """Two queries."""
    lead = User.objects.filter(
        project_memberships__project=partnership.project_id, project_memberships__role="lead", is_active=True
    ).first()
    rows = list(partnership.plan.select_related("owner", "settled_by"))
    rows.sort(key=lambda row: (row.state != "open", row.due_on is None, row.due_on or today, row.sort_order, row.pk))
    smart = SupportPlanItem.Party.SMART
    over = partnership.ended_at is not None  # nobody owes anything any more
    lines = [PlanLine(row, "" if over else _late(row, today), row.owner or (lead if row.owed_by != smart else None)) for row in rows]
    return Plan([one for one in lines if one.item.owed_by == smart], [one for one in lines if one.item.owed_by != smart])


def documents_of(rows: Iterable[Agreement]) -> list[list[Agreement]]:
    """The versions of each document, the last one first; documents in the order in which they began."""
    found: dict[UUID, list[Agreement]] = {}
    for row in sorted(rows, key=lambda one: (one.added_at, one.number)):
        found.setdefault(row.document, []).insert(0, row)
    return list(found.values())


def still_to_prepare(partnership: Partnership, documents: Iterable[list[Agreement]]) -> list[TypologyPaper]:
    """The documents of the status of which no version is kept, known by their title. One query."""
    kept = {str(dict(versions[0].title)) for versions in documents}
    return [paper for paper in partnership.typology.papers.all() if str(dict(paper.title)) not in kept]


def state_words(row: Agreement) -> str:
    """Where a version stands, said to anybody."""
    return {
        Agreement.State.DRAFT: _("draft"),
        Agreement.State.SENT: _("to be signed"),
        Agreement.State.SIGNED: _("signed"),
        Agreement.State.REPLACED: _("replaced by a later version"),
    }[Agreement.State(row.state)]

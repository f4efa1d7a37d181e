"""The numbers of one year as texts, by the name of their box: what a page starts from, and what two people may change at once
(`cohorts.merging`). Money has one currency for the whole year, in a box of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from cohorts.models import IndicatorDefinition, IndicatorReport, IndicatorValue, Project

CURRENCY, NOTE = "currency", "note"
MONEY = IndicatorDefinition.Kind.MONEY
LONGEST_NOTE = 2000


def name_of(indicator: IndicatorDefinition) -> str:
    return f"i{indicator.pk}"


@dataclass(frozen=True)
class Kept:
    """What is asked now, what is kept of it, and the same as texts."""

    indicators: dict[str, IndicatorDefinition]
    report: IndicatorReport | None
    texts: dict[str, str]

    @property
    def is_sent(self) -> bool:
        return self.report is not None and self.report.sent_at is not None

    def is_money(self, name: str) -> bool:
        return name in self.indicators and self.indicators[name].kind == MONEY

    def given(self, texts: Mapping[str, str]) -> dict[IndicatorDefinition, tuple[Decimal, str]]:
        """Each number with its currency; what is empty has none."""
        return {
            row: (Decimal(texts[name]), texts.get(CURRENCY, "") if row.kind == MONEY else "")
            for name, row in self.indicators.items()
            if texts.get(name)
        }


def kept_of(project: Project, year: int) -> Kept:
    """Three or four queries."""
    indicators = {name_of(row): row for row in IndicatorDefinition.objects.filter(is_on=True)}
    reports = IndicatorReport.objects.filter(project=project, year=year, kind=IndicatorReport.Kind.YEARLY)
    report = reports.prefetch_related("values").first()
    values = {row.indicator_id: row for row in report.values.all()} if report else {}
    texts = {name: f"{values[row.pk].value:.2f}" if row.pk in values else "" for name, row in indicators.items()}
    texts[NOTE] = report.note if report else ""
    if any(row.kind == MONEY for row in indicators.values()):
        own = next((row.currency for row in values.values() if row.currency), "")
        texts[CURRENCY] = own or _currency_before(project, year)
    return Kept(indicators, report, texts)


def _currency_before(project: Project, year: int) -> str:
    """That of the last amounts that the project said."""
    sent = IndicatorReport.objects.sent().filter(project=project, year__lte=year)
    rows = IndicatorValue.objects.filter(report__in=sent).exclude(currency="")
    return rows.order_by("-report__year", "-report__kind").values_list("currency", flat=True).first() or ""

"""Indicators as they are read: one project over the years, all projects beside each other, and means that name nobody.

Numbers are what each project says of itself. A mean of fewer than FEWEST projects is shown to nobody, nor one that another mean would
give away; amounts of two currencies are never put together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean, median
from uuid import UUID

from django.utils.translation import gettext as _

from academy.charts import Bar, bars
from academy.countries import country_name
from academy.dates import money
from academy.models import User
from academy.search.words import folded
from academy.ui import PILLARS, Pillar
from cohorts.models import IndicatorDefinition, IndicatorReport, IndicatorValue, Partnership, Project
from wiki.figures import number_words

FEWEST = 5
_K = IndicatorDefinition.Kind


def value_words(indicator: IndicatorDefinition, value: Decimal | float | None, currency: str = "") -> str:
    """As the reader's language writes it; empty when it is not known."""
    if value is None:
        return ""
    if indicator.kind == _K.MONEY:
        return money(Decimal(value).quantize(Decimal(1)), currency)
    return number_words(Decimal(str(round(value, 2))), "fee" if indicator.kind == _K.PERCENT else "")


@dataclass(frozen=True)
class Cell:
    """One number of one report, in words; empty words: not given."""

    label: str
    words: str = ""
    value: Decimal | None = None
    currency: str = ""
    bar: Bar | None = None


@dataclass(frozen=True)
class Summary:
    """What projects say together. NULL `mean`: too few to say it."""

    count: int
    mean: float | None = None
    middle: float | None = None
    currency: str = ""


@dataclass(frozen=True)
class Line:
    """One indicator of one project: its baseline and its years; `others` is what all projects say of the last year, in words."""

    indicator: IndicatorDefinition
    cells: tuple[Cell, ...]
    others: str = ""

    @property
    def draws(self) -> bool:
        """At least two numbers, in one currency."""
        known = [cell for cell in self.cells if cell.words]
        return len(known) > 1 and len({cell.currency for cell in known}) == 1


@dataclass(frozen=True)
class OverYears:
    """The table of one project, by pillar. `heads` are its reports, the oldest first."""

    heads: list[str]
    pillars: list[tuple[Pillar, list[Line]]]
    compared: int | None

    @property
    def is_empty(self) -> bool:
        return not self.heads


def by_pillar(rows: Iterable) -> list[tuple[Pillar, list]]:
    """`rows` have an `indicator`, or are one."""
    found: dict[str, list] = defaultdict(list)
    for row in rows:
        found[getattr(row, "indicator", row).pillar].append(row)
    return [(pillar, found[key]) for key, pillar in PILLARS.items() if key in found]


def head_of(report: IndicatorReport) -> str:
    return _("%(year)s, at the application") % {"year": report.year} if report.is_baseline else str(report.year)


def over_years(project: Project) -> OverYears:
    """Four queries."""
    reports = list(IndicatorReport.objects.sent().filter(project=project))
    reports.sort(key=lambda row: (row.year, row.kind))
    values = {(row.report_id, row.indicator_id): row for row in IndicatorValue.objects.filter(report__in=reports)}
    known = {indicator for _report, indicator in values}
    last = max((row.year for row in reports if not row.is_baseline), default=None)
    summaries = {} if last is None else summaries_of(last)
    lines = []
    for indicator in IndicatorDefinition.objects.all():
        if indicator.is_on or indicator.pk in known:
            cells = _cells(indicator, reports, values)
            currency = next((cell.currency for cell in reversed(cells) if cell.words), "")
            lines.append(Line(indicator, cells, summary_words(indicator, summaries.get((indicator.pk, currency)))))
    return OverYears([head_of(row) for row in reports], by_pillar(lines), last)


def _cells(indicator: IndicatorDefinition, reports: Sequence[IndicatorReport], values: dict) -> tuple[Cell, ...]:
    rows = [values.get((report.pk, indicator.pk)) for report in reports]
    drawn = bars([row.value if row else None for row in rows])
    return tuple(
        Cell(head_of(report), value_words(indicator, row.value, row.currency), row.value, row.currency, bar)
        if row
        else Cell(head_of(report))
        for report, row, bar in zip(reports, rows, drawn, strict=True)
    )


def summary_of(values: Sequence[Decimal], currency: str = "") -> Summary:
    if len(values) < FEWEST:
        return Summary(len(values), currency=currency)
    numbers = [float(value) for value in values]
    return Summary(len(values), fmean(numbers), median(numbers), currency)


def summaries_of(year: int) -> dict[tuple[int, str], Summary]:
    """Of every indicator and currency, over all that those who are partners now sent about one year. One query."""
    found: dict[tuple[int, str], list[Decimal]] = defaultdict(list)
    partners = Partnership.objects.current().values("project")
    rows = IndicatorValue.objects.filter(report__in=IndicatorReport.objects.sent().yearly().filter(year=year, project__in=partners))
    for indicator, currency, value in rows.values_list("indicator", "currency", "value"):
        found[indicator, currency].append(value)
    return {key: summary_of(values, key[1]) for key, values in found.items()}


def summary_words(indicator: IndicatorDefinition, summary: Summary | None) -> str:
    """`1,200 (7 projects)`; empty when they are too few."""
    if summary is None or summary.mean is None:
        return ""
    return _("%(value)s (%(n)s projects)") % {"value": value_words(indicator, summary.mean, summary.currency), "n": summary.count}


# --- all projects, for the team


@dataclass(frozen=True)
class Row:
    """One project's report of one year, or None where it sent none."""

    partnership: UUID
    project: Project
    typology: str
    report: IndicatorReport | None
    values: dict[int, IndicatorValue]
    before: dict[int, IndicatorValue]

    def words(self, indicator: IndicatorDefinition) -> str:
        row = self.values.get(indicator.pk)
        return value_words(indicator, row.value, row.currency) if row else ""

    def words_before(self, indicator: IndicatorDefinition) -> str:
        row = self.before.get(indicator.pk)
        return value_words(indicator, row.value, row.currency) if row else ""


@dataclass(frozen=True)
class Group:
    """Means of some of the projects; `summaries` has one for each indicator, None where nothing may be said."""

    label: str
    count: int
    summaries: dict[int, Summary]


@dataclass(frozen=True)
class Comparison:
    """The partners that are listed, in one year, and all that there are. Six queries, however many there are."""

    year: int
    rows: list[Row]
    indicators: list[IndicatorDefinition]
    everybody: list[Row]

    @property
    def sent(self) -> list[Row]:
        return [row for row in self.rows if row.report]

    @property
    def missing(self) -> list[Row]:
        return [row for row in self.rows if not row.report]

    @property
    def together(self) -> Group:
        return self._group(_("All that are listed"), self.sent)

    @property
    def countries(self) -> list[Group]:
        """A country's mean is said only where neither it nor what is left without it is of fewer than FEWEST."""
        return self._grouped(lambda row: country_name(row.project.country) if row.project.country else _("No country said"))

    @property
    def typologies(self) -> list[Group]:
        return self._grouped(lambda row: row.typology)

    def _grouped(self, key) -> list[Group]:
        parts: dict[str, list[Row]] = defaultdict(list)
        for row in self.sent:
            parts[key(row)].append(row)
        return [self._group(label, rows) for label, rows in sorted(parts.items(), key=lambda part: folded(part[0]))]

    def _group(self, label: str, rows: list[Row]) -> Group:
        """Silent where what is left of the list, or of everybody, would be of too few: one mean must not give away another."""
        summaries = {}
        for indicator in self.indicators:
            found = _values_of(rows, indicator)
            wholes = [len(_values_of(whole, indicator)) for whole in (self.sent, self.everybody)]
            summaries[indicator.pk] = summary_within([(row.value, row.currency) for row in found], wholes)
        return Group(label, len(rows), summaries)


def _values_of(rows: list[Row], indicator: IndicatorDefinition) -> list[IndicatorValue]:
    return [row.values[indicator.pk] for row in rows if indicator.pk in row.values]


def summary_within(values: Sequence[tuple[Decimal, str]], wholes: Sequence[int]) -> Summary:
    """Of values in one currency. `wholes`: how many there are where others are shown too."""
    currencies = {currency for _value, currency in values}
    if len(currencies) != 1 or any(0 < whole - len(values) < FEWEST for whole in wholes):
        return Summary(len(values))
    return summary_of([value for value, _currency in values], currencies.pop())


def compare(reader: User, *, year: int, country: str = "", typology: str = "", pillar: str = "") -> Comparison:
    """The partners that the reader may know of, narrowed; each with what it sent about the year and about the one before."""
    partners = Partnership.objects.current().known_to(reader).select_related("project", "typology").order_by("project__name")
    reports = list(IndicatorReport.objects.told_to(reader).filter(year__in=[year, year - 1]))
    values: dict[UUID, dict[int, IndicatorValue]] = defaultdict(dict)
    for row in IndicatorValue.objects.filter(report__in=reports):
        values[row.report_id][row.indicator_id] = row
    by_project = {(row.project_id, row.year): row for row in reports}

    def row_of(one: Partnership) -> Row:
        report, before = (by_project.get((one.project_id, wanted)) for wanted in (year, year - 1))
        said, said_before = (values[found.pk] if found else {} for found in (report, before))
        return Row(one.pk, one.project, str(one.typology.label), report, said, said_before)

    everybody = [(one, row_of(one)) for one in partners]
    rows = [row for one, row in everybody if country in ("", one.project.country) and typology in ("", one.typology.key)]
    known = {indicator for found in values.values() for indicator in found}
    indicators = [row for row in IndicatorDefinition.objects.all() if (row.is_on or row.pk in known) and pillar in ("", row.pillar)]
    order = {key: place for place, key in enumerate(PILLARS)}
    indicators.sort(key=lambda row: order.get(row.pillar, 9))
    return Comparison(year, rows, indicators, [row for _one, row in everybody if row.report])


def trends(
    reader: User, *, indicators: list[IndicatorDefinition], country: str = "", typology: str = ""
) -> dict[int, list[tuple[int, Summary]]]:
    """Of each indicator, what those that are partners now say together, year after year: of a year, the same as the table. Two queries."""
    reports = IndicatorReport.objects.told_to(reader).filter(project__in=Partnership.objects.current().values("project"))
    narrowed = reports
    if country:
        narrowed = narrowed.filter(project__country=country)
    if typology:
        narrowed = narrowed.filter(project__in=Partnership.objects.current().filter(typology__key=typology).values("project"))
    kept = set(narrowed.values_list("pk", flat=True))
    found: dict[tuple[int, int], list[tuple[Decimal, str]]] = defaultdict(list)
    wholes: Counter = Counter()
    rows = IndicatorValue.objects.filter(report__in=reports, indicator__in=indicators)
    for report, indicator, year, value, currency in rows.values_list("report", "indicator", "report__year", "value", "currency"):
        wholes[indicator, year] += 1
        if report in kept:
            found[indicator, year].append((value, currency))
    return {
        indicator.pk: [
            (year, summary_within(found[indicator.pk, year], [wholes[indicator.pk, year]]))
            for year in sorted(year for known, year in found if known == indicator.pk)
        ]
        for indicator in indicators
    }

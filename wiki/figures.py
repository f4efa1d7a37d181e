"""Key figures: the closed list of indicators, and tables and bars made of them. Pure: rows in, words and shares out."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.charts import Bar, bars
from academy.cldr import reader_language

MOST_YEARS = 3


class Indicator(models.TextChoices):
    TURNOVER = "turnover", gettext_lazy("Turnover")
    MEMBERS = "members", gettext_lazy("Active members")
    SHARES = "shares", gettext_lazy("Shares subscribed")
    FEE = "fee", gettext_lazy("Average levy")
    FTE = "fte", gettext_lazy("Team, in full-time equivalents")
    RESULT = "result", gettext_lazy("Result of the year")


MONEY = (Indicator.TURNOVER, Indicator.SHARES, Indicator.RESULT)


def number_words(value: Decimal, indicator: str = "") -> str:
    """A number as the reader's language writes it: `1,250,000.5`, `1 250 000,5`; a percentage for the levy."""
    language = reader_language()
    words = format_decimal(value, format="#,##0.##", locale=language).replace("-", "−")
    return words + ("\u202f%" if language == "fr" else "%") if indicator == Indicator.FEE else words


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of one year as it is read; no words: it was not given."""

    year: int
    words: str = ""
    value: Decimal | None = None
    currency: str = ""
    is_forecast: bool = False
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator over the years."""

    indicator: str
    label: str
    cells: tuple[Cell, ...]

    @property
    def is_given(self) -> bool:
        return any(cell.words for cell in self.cells)

    @property
    def currency(self) -> str:
        return next((cell.currency for cell in self.cells if cell.currency), "")

    @property
    def draws(self) -> bool:
        """Amounts in two currencies are in no chart together."""
        return self.is_given and len({cell.currency for cell in self.cells if cell.words}) == 1


@dataclass(frozen=True, slots=True)
class FigureTable:
    years: tuple[int, ...]
    lines: tuple[Line, ...]
    sources: tuple[tuple[str, str], ...]


def _cell(year: int, figure: Any, indicator: str, bar: Bar | None) -> Cell:
    if figure is None:
        return Cell(year)
    words = number_words(figure.value, indicator)
    return Cell(year, words, figure.value, figure.currency, figure.is_forecast, bar)


def figure_table(figures: Iterable[Any]) -> FigureTable | None:
    """The last three years that have a figure, the oldest first; None when there is none. A missing figure stays missing."""
    known = {(figure.indicator, figure.year): figure for figure in figures}
    years = tuple(sorted({year for _indicator, year in known})[-MOST_YEARS:])
    if not years:
        return None
    lines, sources = [], defaultdict(list)
    for indicator, label in Indicator.choices:
        row = [known.get((indicator, year)) for year in years]
        drawn = bars([figure.value if figure else None for figure in row])
        cells = tuple(_cell(year, figure, indicator, bar) for year, figure, bar in zip(years, row, drawn, strict=True))
        lines.append(Line(indicator, str(label), cells))
        for figure in row:
            if figure is not None and figure.source:
                sources[figure.source].append(f"{label} {figure.year}")
    return FigureTable(years, tuple(lines), tuple((source, ", ".join(what)) for source, what in sources.items()))


def cell_words(cell: Cell) -> str:
    """`1 250 000 SEK (forecast)`, or that it was not given."""
    written = " ".join(filter(None, [cell.words, cell.currency]))
    return f"{written} ({_('forecast')})" if cell.is_forecast else written or _("not given")


def table_block(table: FigureTable, *, caption: str) -> dict:
    """The same figures as the value of a table block: for paper and for markdown."""

    columns = [{"type": "text", "heading": _("Indicator")}, *({"type": "number", "heading": str(year)} for year in table.years)]
    rows = [{"values": [line.label, *map(cell_words, line.cells)]} for line in table.lines]
    sources = "; ".join(source for source, _what in table.sources)
    caption = f"{caption}. {_('Sources:')} {sources}" if sources else caption
    return {"table": {"columns": columns, "rows": rows, "caption": caption[:250]}, "first_column_is_header": True}


# --- one indicator, several monographs


@dataclass(frozen=True, slots=True)
class Entrant:
    """A monograph in a comparison."""

    title: str
    href: str
    place: str
    cells: tuple[Cell, ...]
    index: tuple[Cell, ...] = ()
    language: str = ""
    sources: tuple[str, ...] = ()

    @property
    def chosen(self) -> Cell:
        return self.cells[-1]


@dataclass(frozen=True, slots=True)
class Group:
    """Those who may stand in one chart: the same unit. `currency` is empty for what is not money."""

    currency: str
    entrants: tuple[Entrant, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    indicator: str
    years: tuple[int, ...]
    entrants: tuple[Entrant, ...]
    groups: tuple[Group, ...]
    changes: tuple[Entrant, ...]
    missing: tuple[Entrant, ...] = ()


@dataclass(frozen=True)
class Source:
    """What the database says of one monograph: where it is, and its figures of one indicator by year."""

    title: str
    href: str
    place: str
    language: str = ""
    figures: dict[int, Any] = field(default_factory=dict)


def years_given(sources: Iterable[Source]) -> list[int]:
    return sorted({year for source in sources for year in source.figures}, reverse=True)


def best_year(sources: Iterable[Source]) -> int | None:
    """The year that most monographs give; the latest of those."""
    counted = Counter(year for source in sources for year in source.figures)
    return max(counted, key=lambda year: (counted[year], year)) if counted else None


def compare(sources: list[Source], *, indicator: str, year: int) -> Comparison:
    """The chosen year and the two before it. Amounts are drawn by currency, never together; changes are drawn for all."""
    years = tuple(range(year - MOST_YEARS + 1, year + 1))
    entrants = [_entrant(source, indicator, years) for source in sources if any(one in source.figures for one in years)]
    entrants.sort(key=lambda one: (one.chosen.value is None, -(one.chosen.value or 0), one.title))
    by_currency: dict[str, list[Entrant]] = defaultdict(list)
    for entrant in entrants:
        if entrant.chosen.words:
            by_currency[entrant.chosen.currency].append(entrant)
    groups = []
    for currency, members in sorted(by_currency.items(), key=lambda item: (-len(item[1]), item[0])):
        drawn = bars([one.chosen.value for one in members])
        groups.append(Group(currency, tuple(_with_bar(one, bar) for one, bar in zip(members, drawn, strict=True))))
    return Comparison(
        indicator,
        years,
        tuple(entrants),
        tuple(groups),
        _changes(entrants),
        tuple(one for one in entrants if not one.chosen.words),
    )


def _entrant(source: Source, indicator: str, years: tuple[int, ...]) -> Entrant:
    cells = tuple(_cell(year, source.figures.get(year), indicator, None) for year in years)
    given = [source.figures[year].source for year in years if year in source.figures]
    return Entrant(
        source.title, source.href, source.place, cells, language=source.language, sources=tuple(dict.fromkeys(filter(None, given)))
    )


def _with_bar(entrant: Entrant, bar: Bar | None) -> Entrant:
    last = entrant.chosen
    drawn = Cell(last.year, last.words, last.value, last.currency, last.is_forecast, bar)
    return Entrant(entrant.title, entrant.href, entrant.place, (*entrant.cells[:-1], drawn), language=entrant.language)


def _changes(entrants: list[Entrant]) -> tuple[Entrant, ...]:
    """The first year given made 100: what may be compared across currencies. Only where every figure is above zero and of one currency."""
    indexed = []
    for entrant in entrants:
        given = [cell for cell in entrant.cells if cell.value is not None]
        if len(given) < 2 or min(cell.value for cell in given) <= 0 or len({cell.currency for cell in given}) > 1:
            continue
        first = given[0].value
        values = [None if cell.value is None else round(cell.value * 100 / first, 1) for cell in entrant.cells]
        indexed.append((entrant, values))
    most = max((value for _entrant, values in indexed for value in values if value is not None), default=None)
    result = []
    for entrant, values in indexed:
        drawn = bars(values, most=most)
        cells = tuple(
            Cell(cell.year) if value is None else Cell(cell.year, number_words(value), value, "", cell.is_forecast, bar)
            for cell, value, bar in zip(entrant.cells, values, drawn, strict=True)
        )
        result.append(Entrant(entrant.title, entrant.href, entrant.place, entrant.cells, cells, entrant.language))
    return tuple(result)


def indicator_or_default(value: str) -> str:
    return value if value in Indicator.values else Indicator.TURNOVER.value

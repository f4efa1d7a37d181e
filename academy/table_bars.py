"""The numbers of a table as bars: which column is drawn, what its words come to, how long each bar is. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import formats

from academy.charts import Bar, bars

NUMBER = re.compile(r"(?P<sign>[-−]?)\s?(?P<figures>\d[\d.,’']*)")
SPACES = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")


@dataclass(frozen=True, slots=True)
class BarLine:
    """One row: its name, the number as it is written, and its bar; None where it says no number."""

    label: str
    words: str
    bar: Bar | None


@dataclass(frozen=True, slots=True)
class TableBars:
    """`title` is the heading of the column that is drawn."""

    title: str
    lines: tuple[BarLine, ...]


def number_in(words: str) -> float | None:
    """The first number of what somebody wrote: `1 250,5 €`, `12 %`, `−3`. A sign that could part thousands or decimals is read as the language does."""
    found = NUMBER.search(SPACES.sub("", words))
    if found is None:
        return None
    figures = re.sub(r"[’']", "", found["figures"]).rstrip(".,")
    signs = re.findall(r"[.,]", figures)
    if (
        len(set(signs)) == 2
        or len(signs) > 1
        or (signs and re.search(r"[.,]\d{3}$", figures) and signs[0] != formats.get_format("DECIMAL_SEPARATOR"))
    ):
        parts = signs[0]
    else:
        parts = ""
    plain = (figures.replace(parts, "") if parts else figures).replace(",", ".")
    return float(plain) * (-1 if found["sign"] else 1)


def table_bars(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], *, whole: int | None = None) -> TableBars | None:
    """`columns`: `(kind, heading)`; the first one of numbers is drawn, named by the first other one. `whole`: what a bar across stands for.

    None: there is no such column, or no number in it.
    """
    kinds = [kind for kind, _heading in columns]
    if "number" not in kinds:
        return None
    drawn = kinds.index("number")
    names = next((place for place, kind in enumerate(kinds) if kind != "number"), None)
    words = [str(row[drawn]).strip() for row in rows]
    values = [number_in(one) for one in words]
    if all(value is None for value in values):
        return None
    labels = [str(row[names]).strip() if names is not None else "" for row in rows]
    found = bars(values, most=whole)
    return TableBars(columns[drawn][1], tuple(BarLine(*line) for line in zip(labels, words, found, strict=True)))

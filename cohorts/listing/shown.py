"""A list of applications as one address asks for it and one person may read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Window
from django.http import QueryDict
from django.utils.http import urlencode

from academy.prepared import PreparedForPerson
from cohorts.listing import rows
from cohorts.listing.columns import ALWAYS, BUILT_IN, Column, columns_of
from cohorts.listing.facts import Facts, named_in, read_facts
from cohorts.listing.filters import Filter, Said, as_typed, condition_of, filters_for, read_all
from cohorts.models import Application

ORDER = "-submitted"
PAGE = 50
OPENING = frozenset(one.name for one in BUILT_IN if one.order and one.order not in rows.ORDERS)  # no moment in these orders


@dataclass(frozen=True)
class Chip:
    """One thing that narrows the list, and the address without it."""

    label: str
    words: str
    without: str


@dataclass
class Listing:
    """What an address asks for: which rows (`said`), which columns in which order, for one reader. Nothing is read before it is asked."""

    reader: Any
    query: QueryDict
    facts: Facts
    filters: list[Filter]
    said: list[Said]
    columns: list[Column]
    known: dict[str, Column]
    order: str

    @property
    def all_rows(self) -> QuerySet:
        """Those that the reader may read and that the filters leave, in no order."""
        return Application.objects.for_staff(self.reader).filter(condition_of(self.said, self.reader)).order_by()

    @property
    def in_order(self) -> QuerySet:
        down = "-" if self.order.startswith("-") else ""
        return rows.in_order(self.all_rows, f"{down}{self.known[self.order.removeprefix('-')].order}")

    @property
    def needs(self) -> set[str]:
        return {need for column in self.columns for need in column.needs}

    @property
    def chips(self) -> list[Chip]:
        return [
            Chip(str(said.filter.label), words, without(self.query, said.filter.name, value))
            for said in self.said
            for value, words in zip(said.values, said.words, strict=True)
        ]

    @property
    def troubles(self) -> list[str]:
        return [said.trouble for said in self.said if said.trouble]

    @property
    def page_size(self) -> int:
        return PAGE

    def page(self, number: int) -> tuple[list[rows.Row], int]:
        """The rows of one page, and how many there are on all. Two queries, and those of `rows.read`."""
        found = self._first_page() if number == 1 and not self.said else list(self._keys_of(number))
        if not found:
            return [], self.all_rows.count() if number > 1 else 0
        return self.read([key for key, _all in found]), found[0][1]

    def _keys_of(self, number: int) -> QuerySet:
        return self.in_order.annotate(x_all=Window(Count("pk"))).values_list("pk", "x_all")[PAGE * (number - 1) : PAGE * number]

    def _first_page(self) -> list[tuple]:
        """What the list opens with, before anything narrows it."""
        if self.order.lstrip("-") not in OPENING:
            return list(self._keys_of(1))
        return _opened(self.order, PAGE).rows(self.reader)

    def read(self, keys: Sequence[UUID]) -> list[rows.Row]:
        return rows.read(keys, self.needs, reader=self.reader, cohorts=self.facts.cohorts)

    def every_row(self, parcel: int) -> Iterator[rows.Row]:
        """All of them, read so many at a time: whatever their number, no more are held than these and the keys of all."""
        keys = self.in_order.values_list("pk", flat=True).iterator(chunk_size=parcel)
        while some := list(islice(keys, parcel)):
            yield from self.read(some)


@cache
def _opened(order: str, size: int) -> PreparedForPerson:
    known = {one.name: one for one in BUILT_IN}
    return PreparedForPerson(lambda person: Listing(person, QueryDict(), Facts({}), [], [], [], known, order)._keys_of(1))


def without(query: QueryDict, name: str, value: str | None = None) -> str:
    """The address without one value of a filter (None: any). The first page is shown again."""
    left = query.copy()
    left.pop("page", None)
    left.setlist(name, [one for one in query.getlist(name) if value is not None and as_typed(one) != value])
    return f"?{left.urlencode()}"


def with_parts(query: QueryDict, **parts: str) -> str:
    """The address with some parts said anew; the first page is shown again."""
    changed = query.copy()
    changed.pop("page", None)
    for name, value in parts.items():
        changed[name] = value
    return f"?{changed.urlencode()}"


def kept_part(query: QueryDict) -> str:
    """What a saved view keeps of an address: filters, columns and order, nothing of the moment."""
    kept = query.copy()
    for name in ("page", "export", "view", "csrfmiddlewaretoken"):
        kept.pop(name, None)
    said = [(name, [value for value in values if value]) for name, values in kept.lists()]
    return urlencode([(name, value) for name, values in said for value in values])


def listing_of(reader: Any, query: QueryDict, *, every_question: bool = False) -> Listing:
    """Reads an address. One query: cohorts, and the questions that it speaks of (or all of them, for the form that offers them)."""
    facts = read_facts(reader, None if every_question else named_in(query))
    filters, known = filters_for(facts), columns_of(facts)
    chosen = [known[name] for name in dict.fromkeys(query.getlist("column")) if name in known and name != ALWAYS]
    columns = [known[ALWAYS], *(chosen or [one for one in BUILT_IN if one.is_default and one.name != ALWAYS])]
    order = query.get("order", "")
    if not getattr(known.get(order.removeprefix("-")), "order", ""):
        order = ORDER
    return Listing(reader, query, facts, filters, read_all(filters, query), columns, known, order)

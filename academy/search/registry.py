"""What can be found: each app says it of its own models (see `academy.search`)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.db.models.signals import post_delete, post_save

from academy.search.models import Access


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of thing: `label` names many of them, for the filter of the search page, `one` a single one. Two models may share a kind."""

    key: str
    label: Any
    order: int = 50
    one: Any = ""

    @property
    def name(self) -> Any:
        return self.one or self.label


@dataclass(frozen=True, slots=True)
class Entry:
    """One findable part of a thing, in its own words.

    `title` weighs most, then `headings` and `also` (tags, synonyms, the name of a file), then `body` (plain text). `language` is the
    one its words are in; empty: the index looks at the words. `part` tells the parts of one thing apart, `number` is the page of
    a file. `address` is for what is neither page nor document, with its language prefix. `fresh_until`: who vouches for
    it does so until this day.
    """

    title: str
    body: str = ""
    headings: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    language: str = ""
    address: str = ""
    page: Any = None
    document: Any = None
    access: int = Access.PUBLIC
    person: Any = None
    part: int = 0
    number: int = 0
    changed_at: datetime | None = None
    fresh_until: date | None = None


@dataclass(frozen=True, slots=True)
class Findable:
    model: type[Model]
    kind: Kind
    rows: Callable[[], QuerySet]
    entries: Callable[[Any], Iterable[Entry]]

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    def owner(self, pk: Any) -> str:
        return f"{self.label}:{pk}"

    def owned(self) -> Q:
        """The entries of all its rows. A range, for both databases walk their index along it."""
        return Q(owner__gt=f"{self.label}:", owner__lt=f"{self.label};")


_findables: dict[str, Findable] = {}


def register(
    model: type[Model], *, kind: Kind, rows: Callable[[], QuerySet], entries: Callable[[Any], Iterable[Entry]], on_save: bool = True
) -> None:
    """Called once per model, in AppConfig.ready. `on_save=False`: the app calls `index.later` itself."""
    from academy.search import index  # index reads this registry

    found = Findable(model, kind, rows, entries)
    _findables[found.label] = found
    if on_save:
        post_save.connect(index.row_saved, sender=model, dispatch_uid=f"search-save-{found.label}")
    post_delete.connect(index.row_deleted, sender=model, dispatch_uid=f"search-delete-{found.label}")


def findables() -> Iterator[Findable]:
    yield from sorted(_findables.values(), key=lambda found: (found.kind.order, found.label))


def findable(label: str) -> Findable | None:
    return _findables.get(label)


def findable_of(row: Model) -> Findable | None:
    return _findables.get(row._meta.label_lower)


def name_of(owner: str) -> Any:
    """What one thing of the sort is called: page, lesson, question."""
    found = _findables.get(owner.partition(":")[0])
    return found.kind.name if found else ""


def kinds() -> dict[str, Kind]:
    """Every kind, in the order of the filter."""
    return {found.kind.key: found.kind for found in findables()}

"""Writing the index: after the commit, in a task, one thing at a time; or all of it, in batches, while the old rows go on serving.

A row is written over in place, and what was not written is taken out at the very end: whoever searches meanwhile, or after a crash in
the middle, finds the old rows and the new ones.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model, Q
from django.utils import timezone

from academy.search import schema
from academy.search.models import SearchEntry, SearchWord
from academy.search.registry import Entry, Findable, findable, findable_of, findables
from academy.search.words import VERSION, as_key, cleaned, indexed, language_of

logger = logging.getLogger(__name__)

BATCH = 200
MOST_CHARACTERS = 400_000
WRITTEN = [
    "kind", "number", "language", "access", "person", "page", "document", "changed_at", "fresh_until", "indexed_at", "version", "title_key", "title",
    "address", "previous_titles", "headings", "title_words", "heading_words", "body_words", "body",
]  # fmt: skip


# --- one thing


def later(row: Model) -> None:
    """Writes the row's entries anew once the current transaction is committed; several times in one transaction is once."""
    _enqueue(row._meta.label_lower, row.pk)


def row_saved(sender: type[Model], instance: Model, update_fields: Any = None, raw: bool = False, **_kwargs) -> None:
    """A draft of a page writes named fields only: nothing that can be found has changed."""
    if update_fields is None and not raw:
        later(instance)


def row_deleted(sender: type[Model], instance: Model, **_kwargs) -> None:
    found = findable_of(instance)
    if found is not None:
        SearchEntry.objects.filter(owner=found.owner(instance.pk)).delete()


def _enqueue(label: str, pk: Any) -> None:
    """Callbacks of one row in one transaction share a sheet: the first that runs does the work, whichever a savepoint has taken back."""
    from academy.search.tasks import refresh_entry  # tasks import this module

    sheet: dict[str, Any] = {"row": (label, str(pk)), "done": False}
    for _savepoints, waiting, *_rest in connection.run_on_commit:
        other = getattr(waiting, "search_sheet", None)
        if other and other["row"] == sheet["row"] and not other["done"]:
            sheet = other
            break

    def enqueue() -> None:
        if not sheet["done"]:
            sheet["done"] = True
            refresh_entry.enqueue(*sheet["row"])

    enqueue.search_sheet = sheet
    transaction.on_commit(enqueue, robust=True)


def refresh(label: str, pk: Any) -> int:
    """Writes what one row is found by, now; takes out what is no longer to be found. Answers with the number of entries."""
    found = findable(label)
    if found is None:
        return 0
    row = found.rows().filter(pk=pk).first()
    if row is None:
        SearchEntry.objects.filter(owner=found.owner(pk)).delete()
        return 0
    return write(found, [row])


# --- many


def write(found: Findable, rows: Iterable[Model]) -> int:
    """The entries of some rows, in one transaction. Raises whatever the app's own `entries` raises."""
    now = timezone.now()
    made = [(found.owner(row.pk), entry) for row in rows for entry in found.entries(row)]
    owners = {found.owner(row.pk) for row in rows}
    with transaction.atomic():
        before = _titles_before(owners)
        entries = [entry_row(found, owner, entry, before.get(owner), now) for owner, entry in made]
        SearchEntry.objects.bulk_create(
            entries, update_conflicts=True, unique_fields=["owner", "part"], update_fields=WRITTEN, batch_size=BATCH
        )
        SearchEntry.objects.filter(owner__in=owners, indexed_at__lt=now).delete()
        keep_words(entries)
    return len(entries)


def _titles_before(owners: set[str]) -> dict[str, tuple[str, str]]:
    rows = SearchEntry.objects.filter(owner__in=owners, part=0).values_list("owner", "title", "previous_titles")
    return {owner: (title, previous) for owner, title, previous in rows}


def entry_row(found: Findable, owner: str, entry: Entry, before: tuple[str, str] | None, now: datetime) -> SearchEntry:
    title, body = cleaned(entry.title).strip()[:255], cleaned(entry.body).strip()[:MOST_CHARACTERS]
    language = entry.language or language_of(body or title)
    stems = language or settings.LANGUAGE_CODE  # a file without a telling word is of no language, and still found by its plural
    previous = _previous_titles(title, before) if entry.part == 0 else ""
    headings = "\n".join(cleaned(heading) for heading in entry.headings)
    beside = "\n".join([headings, *(cleaned(word) for word in entry.also), previous])
    return SearchEntry(
        kind=found.kind.key,
        owner=owner,
        part=entry.part,
        number=entry.number,
        language=language,
        access=entry.access,
        person=entry.person,
        page=entry.page,
        document=entry.document,
        changed_at=entry.changed_at,
        fresh_until=entry.fresh_until,
        indexed_at=now,
        version=VERSION,
        title_key=as_key(title) if entry.part == 0 else "",
        title=title,
        address=entry.address,
        previous_titles=previous,
        headings=headings,
        title_words=indexed(title, stems) if entry.part == 0 else "",
        heading_words=indexed(beside, stems),
        body_words=indexed(body, stems),
        body=body,
    )


def _previous_titles(title: str, before: tuple[str, str] | None) -> str:
    """What a renamed thing was called: it is still looked for by that name."""
    if before is None:
        return ""
    last, older = before
    names = [name for name in [last, *older.split("\n")] if name and name != title]
    return "\n".join(dict.fromkeys(names[:5]))


def _words(entries: Iterable[SearchEntry]) -> set[str]:
    found = {word for entry in entries for part in (entry.title_words, entry.heading_words, entry.body_words) for word in part.split()}
    return {word for word in found if 4 <= len(word) <= 30 and word.isalpha()}


def keep_words(entries: Iterable[SearchEntry]) -> None:
    """Sorted, so that two tasks that add the same words never wait for each other in a circle."""
    SearchWord.objects.bulk_create([SearchWord(word=word) for word in sorted(_words(entries))], ignore_conflicts=True, batch_size=500)


def _forget_words() -> None:
    """Takes out the words that no row holds any more."""
    held: set[str] = set()
    for batch in _batches(SearchEntry.objects.values_list("pk", flat=True)):
        held |= _words(SearchEntry.objects.filter(pk__in=batch).only("title_words", "heading_words", "body_words"))
    gone = [word for word in SearchWord.objects.values_list("word", flat=True) if word not in held]
    for start in range(0, len(gone), BATCH):
        SearchWord.objects.filter(word__in=gone[start : start + BATCH]).delete()


def _batches(keys: Any) -> Iterator[list]:
    keys = list(keys.order_by("pk"))
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


# --- everything


def missing() -> list[Findable]:
    """What the index does not know: sorts of which it holds no row though there are some, or rows made by other rules than today's."""

    def is_missing(found: Findable) -> bool:
        entries = SearchEntry.objects.filter(found.owned())
        return entries.exclude(version=VERSION).exists() or (not entries.exists() and found.rows().exists())

    return [found for found in findables() if is_missing(found)]


def rebuild(say: Callable[[str, int, int, int], None] = lambda *_counts: None, *, only: Collection[Findable] | None = None) -> list[str]:
    """Every row of every app, anew. `say` hears label, done, all and entries after each batch. Answers with what could not be written."""
    started = timezone.now()
    failed: list[str] = []
    for found in findables() if only is None else only:
        total, done, written = found.rows().count(), 0, 0
        say(found.label, 0, total, 0)
        for batch in _batches(found.rows().values_list("pk", flat=True)):
            count, broken = _write_batch(found, batch)
            done, written, failed = done + len(batch), written + count, failed + broken
            say(found.label, done, total, written)
    stale = SearchEntry.objects.filter(indexed_at__lt=started).exclude(owner__in=failed)
    if only is not None:
        stale = stale.filter(reduce(or_, [found.owned() for found in only], Q(pk=None)))
    stale.delete()
    _forget_words()
    schema.repair(connection)
    return failed


def _write_batch(found: Findable, keys: list) -> tuple[int, list[str]]:
    """A batch at once; where that fails one by one, so that one bad row takes nothing else with it."""
    try:
        return write(found, list(found.rows().filter(pk__in=keys))), []
    except Exception:  # an app's own reading of its row may raise anything
        logger.exception("search: a batch of %s failed, trying one by one", found.label)
    count, failed = 0, []
    for row in found.rows().filter(pk__in=keys):
        try:
            count += write(found, [row])
        except Exception:
            logger.exception("search: %s is not indexed", found.owner(row.pk))
            failed.append(found.owner(row.pk))
    return count, failed

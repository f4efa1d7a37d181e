"""What the search page shows: hits put together, their sentences, where they stand, and how to narrow them. Reads only."""

from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from os.path import basename
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page

from academy import lookups
from academy.prepared import Later, Prepared
from academy.remembered import remembered
from academy.search.engine import Filters, Found, Hit, find
from academy.search.models import SearchEntry
from academy.search.nearest import nearest
from academy.search.query import Query, parsed
from academy.search.reader import Reader
from academy.search.registry import kinds, name_of
from academy.search.snippets import marked, snippet

HITS_A_PAGE = 10
MOST_PAGES_OF_A_FILE = 8
ALL_LANGUAGES = "all"
CHANGED = {"month": 31, "year": 366}


@dataclass(frozen=True)
class Asked:
    """A search as its address says it."""

    text: str
    language: str
    kind: str = ""
    of_language: str = ""
    section: str = ""
    fresh: str = ""
    page: str = "1"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.kind or self.of_language or self.section or self.fresh)


@dataclass(frozen=True)
class Shown:
    """One hit as it is read. `language` is empty where it is the reader's own."""

    place: int
    kind: Any
    title: SafeString
    href: str
    snippet: SafeString
    language: str
    trail: list[str]
    number: str = ""
    others: list[tuple[str, str]] = field(default_factory=list)
    changed_on: str = ""
    is_vouched_for: bool = False

    @property
    def language_name(self) -> str:
        return dict(settings.LANGUAGES).get(self.language, self.language)


@dataclass
class Results:
    """`has_some_words`: nothing holds every word, these hold some. `facets`: kind, label, how many, of what was found without that filter."""

    query: Query
    page: PaginatorPage | None = None
    hits: list[Shown] = field(default_factory=list)
    total: int = 0
    is_capped: bool = False
    facets: list[tuple[str, Any, int]] = field(default_factory=list)
    everything: int = 0
    elsewhere: int = 0
    has_some_words: bool = False
    is_only_elsewhere: bool = False
    nearest: list[str] = field(default_factory=list)


def languages_of_the_index() -> tuple[str, ...]:
    """Those whose stems are worth looking for; read again every half minute."""
    read = lambda: tuple(sorted(filter(None, SearchEntry.objects.order_by().values_list("language", flat=True).distinct())))  # noqa: E731
    return lookups.remembered(("search", "languages"), read)


def search(asked: Asked, reader: Reader) -> Results:
    """In the reader's language first; in the others where that one has nothing, and counted where it has little."""
    languages = tuple(dict.fromkeys([asked.language, *languages_of_the_index()]))
    query = parsed(asked.text, languages, small_words_of=asked.language)
    results = Results(query)
    if not query:
        return results
    filters = _filters(asked)
    everywhere = replace(filters, languages=())

    def ask(narrowed: Filters) -> Found:
        return find(query, reader, narrowed, first=asked.language, every=not results.has_some_words)

    found = ask(filters)
    if not found.hits and filters.languages and (asked.of_language != asked.language):
        found = ask(everywhere)
        results.is_only_elsewhere = bool(found.hits)
    if not found.hits:
        results.nearest = nearest(query, reader, languages, filters)
        if len(query.must) > 1 and not results.nearest and not asked.is_narrowed:
            results.has_some_words = True
            found = ask(filters)
            results.has_some_words = bool(found.hits)
    filters = everywhere if results.is_only_elsewhere else filters
    _narrow(results, asked, found, lambda: ask(replace(filters, kinds=(asked.kind,))))
    has_few = found.hits and not results.has_some_words and not results.is_only_elsewhere and results.everything <= HITS_A_PAGE
    if has_few and not asked.of_language and len(languages) > 1:
        others = tuple(language for language in languages if language != asked.language)
        results.elsewhere = len(_grouped(list(ask(replace(filters, languages=others)).hits)))
    results.hits = _shown(results, languages)
    return results


def _filters(asked: Asked) -> Filters:
    """What has no language of its own is in every language."""
    languages = () if asked.of_language == ALL_LANGUAGES else (asked.of_language,) if asked.of_language else ("", asked.language)
    return Filters(
        languages=languages,
        section=asked.section,
        changed_since=timezone.now() - timedelta(days=CHANGED[asked.fresh]) if asked.fresh in CHANGED else None,
        fresh_on=timezone.localdate() if asked.fresh == "verified" else None,
    )


def _narrow(results: Results, asked: Asked, found: Found, of_kind: Callable[[], Found]) -> None:
    """By kind: from what was found where that is all of it, else by asking again."""
    groups = _grouped(list(found.hits))
    counts: dict[str, int] = {}
    for group in groups:
        counts[group[0].kind] = counts.get(group[0].kind, 0) + 1
    results.facets = [(key, kind.label, counts[key]) for key, kind in kinds().items() if key in counts]
    results.everything, results.is_capped = len(groups), found.is_capped
    if asked.kind and found.is_capped:
        found = of_kind()
        groups, results.is_capped = _grouped(list(found.hits)), found.is_capped
    if asked.kind:
        groups = [group for group in groups if group[0].kind == asked.kind]
    results.total = len(groups)
    results.page = Paginator(groups, HITS_A_PAGE).get_page(asked.page)


def _grouped(hits: list[Hit]) -> list[list[Hit]]:
    """The pages of one file, and the same file twice, are one hit: the best page, and the others with it."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.sha256 or hit.owner, []).append(hit)
    return list(groups.values())


# --- what is shown of the ten


def _shown(results: Results, languages: tuple[str, ...]) -> list[Shown]:
    groups = list(results.page)
    wanted = [group[0].pk for group in groups]
    rows = entries_with_what_they_need(wanted)
    trails = _trails([row.page__path for row in rows.values() if row.page_id])
    marks, changed, days = results.query.marks, _("Changed on %(day)s"), {}

    def changed_on(moment: datetime) -> str:
        day = timezone.localtime(moment).date()
        if day not in days:
            days[day] = changed % {"day": date_format(day, "DATE_FORMAT")}
        return days[day]

    own, today = get_language()[:2], timezone.localdate()
    shown = []
    for place, group in enumerate(groups, results.page.start_index()):
        row = rows.get(group[0].pk)
        if row is None:  # gone since
            continue
        of_row = (row.language, *languages) if row.language not in languages else languages
        others = [hit for hit in group[1:] if hit.owner == row.owner and hit.number and hit.number != row.number]
        shown.append(
            Shown(
                place=place,
                kind=str(name_of(row.owner)),
                title=marked(row.title, marks, of_row),
                href=address_of(row),
                snippet=snippet(row.body, marks, of_row),
                language=row.language if row.language != own else "",
                trail=trails.get(row.page__path, []),
                number=number_of(row),
                others=[
                    (number_of(row, hit.number), address_of(row, hit.number))
                    for hit in sorted(others, key=lambda hit: hit.number)[:MOST_PAGES_OF_A_FILE]
                ],
                changed_on=changed_on(row.changed_at) if row.changed_at else "",
                is_vouched_for=row.fresh_until is not None and row.fresh_until >= today,
            )
        )
    return shown


NEEDED = (
    "pk", "owner", "number", "language", "title", "address", "body", "changed_at", "fresh_until", "page_id", "page__path", "page__url_path",
    "document_id", "document__file",
)  # fmt: skip


Entry = namedtuple("Entry", NEEDED)
_entries = Prepared(lambda: SearchEntry.objects.filter(pk__in=Later("keys", SearchEntry._meta.pk)).values_list(*NEEDED))


def entries_with_what_they_need(keys: list[int]) -> dict[int, Entry]:
    """The rows of some hits with what their address is made of, in one query: tuples, for a page of Wagtail is slow to make."""
    return {row[0]: Entry._make(row) for row in _entries.rows(keys=keys)}


def address_of(row: Any, number: int | None = None) -> str:
    """Where a hit leads: the page in its language, the file at its page, or what the entry says."""
    if row.page_id:
        return quote(f"/{row.language}/" + "/".join(row.page__url_path.split("/")[2:]))
    if row.document_id:
        name = basename(row.document__file)
        number = row.number if number is None else number
        anchor = f"#page={number}" if number and name.lower().endswith(".pdf") else ""
        return reverse("wagtaildocs_serve", args=[row.document_id, name]) + anchor
    return row.address


def number_of(row: Any, number: int | None = None) -> str:
    """The page, slide or sheet of a file, in words."""
    number = row.number if number is None else number
    if not row.document_id or not number:
        return ""
    ending = row.document__file.lower().rsplit(".", 1)[-1]
    if ending in ("pptx", "odp"):
        return _("slide %(number)d") % {"number": number}
    if ending in ("xlsx", "ods"):
        return _("sheet %(number)d") % {"number": number}
    return _("page %(number)d") % {"number": number}


_titles = Prepared(lambda: Page.objects.filter(path__in=Later("paths", Page._meta.get_field("path"))).values_list("path", "title"))


def _trails(paths: list[str]) -> dict[str, list[str]]:
    """The titles of the sections above each page, below the home page."""
    step = Page.steplen
    above = {path: [path[:end] for end in range(step * 3, len(path), step)] for path in paths}
    wanted = {path for several in above.values() for path in several}
    titles = dict(_titles.rows(paths=sorted(wanted)))
    return {page: [titles[path] for path in several if path in titles] for page, several in above.items()}


def sections_for(request: HttpRequest, reader: Reader, language: str) -> tuple[tuple[int, str, str], ...]:
    """The sections that a search can be narrowed to: what holds pages, two steps below the home page. Number, title, tree path."""

    def read() -> list[tuple[int, str, str]]:
        pages = Page.objects.live().filter(depth__in=(3, 4), numchild__gt=0, locale__language_code=language).order_by("path")
        return [
            (pk, ("– " if depth > 3 else "") + title, path) for pk, title, depth, path in pages.values_list("pk", "title", "depth", "path")
        ]

    known = remembered(request, ("search sections", language), read)
    return tuple(one for one in known if not (reader.pages and one[2].startswith(reader.pages)))

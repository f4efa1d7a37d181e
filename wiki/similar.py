"""What may be the answer already, before a question is sent: the one search, asked for any of the words instead of all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import get_language
from wagtail.models import Page

from academy.privacy import hidden_for
from academy.search.engine import Filters, find
from academy.search.models import SearchEntry
from academy.search.query import Query, parsed
from academy.search.reader import Reader, reader_for
from wiki.models import Question

MOST, LOOKED_AT = 5, 40
KINDS = ("page", "question", "term")
ENOUGH = 0.5  # of the words that say something; a word in the title counts whole, elsewhere half


@dataclass(frozen=True, slots=True)
class Similar:
    """`kind` is question, page or term. A question that became a page is a page here, and keeps its own row."""

    kind: str
    title: str
    href: str
    excerpt: str = ""
    question: Question | None = None


def page_of(question: Question, request: HttpRequest) -> tuple[str, str] | None:
    """Title and address of the page it became, once that is published and when this reader may open it."""
    page = question.page
    if page is None or question.page_published_at is None or not page.live or hidden_for(request).hides(page):
        return None
    anchor = f"#{question.page_anchor}" if question.page_anchor else ""
    return page.title, f"{page.get_url(request)}{anchor}"


def similar_to(text: str, *, request: HttpRequest) -> list[Similar]:
    """The best few for these words, among what this reader may open, in the language they read; what became a page comes first."""
    language = get_language() or ""
    entries = _alike(text, language, reader_for(request), KINDS)
    rows = _questions_of(entries)
    pages = Page.objects.in_bulk([entry.page_id for entry in entries if entry.page_id])
    found: dict[str, Similar] = {}
    for entry in entries:
        row, excerpt = rows.get(entry.owner), Truncator(entry.body).words(30)
        if entry.kind == "question" and row is None:  # closed a moment ago
            continue
        if row is not None and (became := page_of(row, request)):
            one = Similar("page", became[0], became[1], row.text, row)
        else:
            href = pages[entry.page_id].get_url(request) if entry.page_id in pages else entry.address
            one = Similar(entry.kind, entry.title, href or "", excerpt, row)
        place = one.href.partition("#")[0] if one.kind == "page" else one.href
        if place not in found or found[place].question is None:
            found[place] = one
    return sorted(found.values(), key=lambda one: one.kind != "page" or one.question is None)[:MOST]


def similar_questions(question: Question, most: int = 20) -> list[Question]:
    """For the team: public questions that are answered, the most alike first."""
    entries = _alike(f"{question.text} {question.detail[:300]}", question.language, Reader(), ("question",))
    rows = _questions_of(entries)
    return [rows[entry.owner] for entry in entries if entry.owner in rows and rows[entry.owner].pk != question.pk][:most]


def matching_questions(words: str, *, request: HttpRequest, language: str = "") -> list[UUID]:
    """Public questions that have every word, as the search page would find them."""
    languages = (language,) if language else ()
    query = parsed(words, languages or ("fr", "en"), small_words_of=language or "fr")
    hits = find(query, reader_for(request), Filters(kinds=("question",), languages=languages), first=language).hits
    return [UUID(hit.owner.partition(":")[2]) for hit in hits]


def _questions_of(entries: Iterable[SearchEntry]) -> dict[str, Question]:
    keys = [entry.owner.partition(":")[2] for entry in entries if entry.kind == "question"]
    return {f"wiki.question:{row.pk}": row for row in Question.objects.public().filter(pk__in=keys).select_related("page")} if keys else {}


def _alike(text: str, language: str, reader: Reader, kinds: tuple[str, ...]) -> list[SearchEntry]:
    query = parsed(text, (language,), small_words_of=language or "fr")
    hits = find(query, reader, Filters(kinds=kinds, languages=(language,)), first=language, every=False).hits[:LOOKED_AT]
    entries = SearchEntry.objects.in_bulk([hit.pk for hit in hits])
    shares = {pk: _share(query, entry) for pk, entry in entries.items()}
    order = {hit.pk: place for place, hit in enumerate(hits)}
    return [entries[pk] for pk in sorted(entries, key=lambda pk: (-shares[pk], order[pk])) if shares[pk] >= ENOUGH]


def _share(query: Query, entry: SearchEntry) -> float:
    """How much of what was asked this entry speaks of."""
    title = set(entry.title_words.split())
    rest = {*entry.heading_words.split(), *entry.body_words.split()}
    got = 0.0
    for clause in query.must:
        words = {word for several in clause.any_of for word in several}
        got += 1 if words & title else 0.5 if words & rest else 0
    return got / max(1, len(query.must))

"""The glossary as a reader meets it: one entry for each notion, in the reader's language where it is written, else in another."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, get_language_info

from academy.html import text_of
from academy.privacy import hidden_for
from academy.search.query import cleaned_text
from wiki.models import GlossaryTerm


def folded(words: str) -> str:
    """Without accents and capitals: `Équilibre` stands under E, and `equilibre` finds it."""
    return "".join(c for c in unicodedata.normalize("NFKD", words.casefold()) if not unicodedata.combining(c)).replace("’", "'")


def language_name(code: str) -> str:
    """In the middle of a sentence: `French`, `français`."""
    name = get_language_info(code)["name_translated"]
    return name if get_language() == "en" else name.lower()


@dataclass(frozen=True, slots=True)
class Notion:
    """`language` is the code of the words shown when it is not the reader's own; `elsewhere` is the same word in other languages."""

    row: GlossaryTerm
    anchor: str
    language: str = ""
    page_title: str = ""
    page_href: str = ""
    elsewhere: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def language_name(self) -> str:
        return language_name(self.language) if self.language else ""

    @property
    def letter(self) -> str:
        first = folded(self.row.term)[:1].upper()
        return first if "A" <= first <= "Z" else "#"


def _holds(rows: list[GlossaryTerm], wanted: list[str]) -> bool:
    """Every word that was typed is somewhere in what is written of this notion, in whatever language."""
    text = folded(" ".join(f"{row.term} {row.other_names} {text_of(row.definition)}" for row in rows))
    return all(word in text for word in wanted)


def notions(request: HttpRequest, *, language: str, query: str = "") -> list[Notion]:
    """The glossary in the order of the alphabet: one query, whatever the number of words."""
    by_key = defaultdict(list)
    for row in GlossaryTerm.objects.select_related("locale", "page"):
        by_key[row.translation_key].append(row)
    wanted = folded(query).split()
    found = [_notion(rows, language, request) for rows in by_key.values() if not wanted or _holds(rows, wanted)]
    return sorted(found, key=lambda notion: (notion.letter, folded(notion.row.term), notion.row.applies_to))


def notions_called(numbers: Iterable[int], request: HttpRequest, *, language: str) -> dict[int, Notion]:
    """Those of these rows that are still there, each as it is written in this language, else in another: one query."""
    wanted = set(numbers)
    keys = GlossaryTerm.objects.filter(pk__in=wanted).values("translation_key")
    by_key = defaultdict(list)
    for row in GlossaryTerm.objects.filter(translation_key__in=keys).select_related("locale", "page"):
        by_key[row.translation_key].append(row)
    found = {}
    for rows in by_key.values():
        notion = _notion(rows, language, request)
        found |= {row.pk: notion for row in rows if row.pk in wanted}
    return found


def _notion(rows: list[GlossaryTerm], language: str, request: HttpRequest) -> Notion:
    row = next((one for one in rows if one.locale.language_code == language), rows[0])
    code = row.locale.language_code
    page = row.page if row.page is not None and row.page.live and not hidden_for(request).hides(row.page) else None
    others = [(one.locale.language_code, one.term) for one in rows if one is not row]
    return Notion(
        row=row,
        anchor=row.slug if code == language else f"{code}-{row.slug}",
        language="" if code == language else code,
        page_title=page.title if page else "",
        page_href=(page.get_url(request) or "") if page else "",
        elsewhere=[(code, language_name(code), term) for code, term in others if term != row.term],
    )


def by_letter(found: list[Notion]) -> list[tuple[str, list[Notion]]]:
    return [(letter, list(group)) for letter, group in groupby(found, key=lambda notion: notion.letter)]


def glossary(request: HttpRequest) -> HttpResponse:
    """`/glossary/`: every word, by letter; `?q=` keeps those that hold what was typed."""
    query = cleaned_text(request.GET.get("q", ""))
    found = notions(request, language=get_language(), query=query)
    context = {"query": query, "total": len(found), "letters": by_letter(found), "is_empty": not found and not query}
    return render(request, "wiki/glossary.html", context)

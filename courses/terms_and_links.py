"""What a lesson says of its words and links: the glossary explains the words that it uses, and wiki pages say how fresh they are.

Both come after the body, which is kept and the same for everybody: a definition that changes, or a page that is verified, shows at once, and of a page
that the reader may not open nothing is said.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from academy.privacy import Hidden, hidden_for, hidden_from
from academy.rich_text import ids_in, link_targets
from wiki.glossary import Notion, notions_called
from wiki.models import Freshness, WikiPage

TERM = re.compile(r'<a class="term" data-term="(\d+)">')  # what `wiki.terms` leaves
LINK = re.compile(r'<a href="([^"]*)" data-page="(\d+)">(.*?)</a>', re.DOTALL)  # what `academy.rich_text` leaves
FACTS = ("verified_at", "review_due_on")


def freshness_in_words(page: WikiPage) -> str:
    """The same as the page says of itself, in a few words."""
    if page.freshness == Freshness.NEVER:
        return pgettext("wiki page", "not verified yet")
    is_fresh = page.freshness == Freshness.FRESH
    words = pgettext("wiki page", "verified on %(day)s") if is_fresh else _("to be verified again: last verified on %(day)s")
    return words % {"day": date_format(localtime(page.verified_at), "DATE_FORMAT")}


def fresh_pages(numbers: Iterable[int], hidden: Hidden) -> dict[int, WikiPage]:
    """Those of these pages that are live pages of the wiki and that the reader may open: one query."""
    pages = WikiPage.objects.live().filter(pk__in=set(numbers)).only("path", *FACTS)
    return {page.pk: page for page in pages if not hidden.hides(page.path)}


def _known(request: HttpRequest | None, kind: str, numbers: Iterable[int], read: Callable[[list[int]], dict[int, Any]]) -> dict[int, Any]:
    """What these numbers stand for; each is read once for a request, all that are new at once. What is not found is left out."""
    kept = {} if request is None else request.__dict__.setdefault(f"_courses_{kind}_{get_language()}", {})
    numbers = list(numbers)
    if new := [number for number in numbers if number not in kept]:
        found = read(new)
        kept.update({number: found.get(number) for number in new})
    return {number: kept[number] for number in numbers if kept[number] is not None}


def known_words(numbers: Iterable[int], request: HttpRequest) -> dict[int, Notion]:
    return _known(request, "words", numbers, lambda new: notions_called(new, request, language=get_language()))


def known_pages(numbers: Iterable[int], request: HttpRequest | None) -> dict[int, WikiPage]:
    hidden = hidden_for(request) if request is not None else hidden_from(None)
    return _known(request, "pages", numbers, lambda new: fresh_pages(new, hidden))


def read_ahead(texts: Iterable[str], request: HttpRequest) -> None:
    """Where several bodies stand on one page: what all of them name, in two queries instead of two for each."""
    together = " ".join(texts)
    known_words(sorted(map(int, ids_in(together, "term"))), request)
    known_pages(sorted(map(int, ids_in(together, "page"))), request)


def with_freshness(html: str, request: HttpRequest | None) -> str:
    """Behind each link to a page of the wiki, how fresh that is."""
    numbers = [int(number) for _address, number, _words in LINK.findall(html)]
    if not numbers:
        return html
    pages = known_pages(numbers, request)

    def said(link: re.Match) -> str:
        tag, page = f'<a href="{link[1]}">{link[3]}</a>', pages.get(int(link[2]))
        return f'{tag} <span class="fresh" data-state="{page.freshness}">({escape(freshness_in_words(page))})</span>' if page else tag

    return mark_safe(LINK.sub(said, html))  # noqa: S308 (what the templates rendered)


@dataclass(frozen=True)
class Word:
    """One word that a lesson uses, as the list under the lesson has it."""

    notion: Notion
    anchor: str


def with_words(html: str, request: HttpRequest | None, *, prefix: str = "") -> str:
    """Words of the glossary lead to their explanation, which stands under the text: read without a script, on paper and offline."""
    numbers = list(dict.fromkeys(int(number) for number in TERM.findall(html)))
    if not numbers:
        return html
    if request is None:
        return mark_safe(TERM.sub("<a>", html))  # noqa: S308 (what the templates rendered)
    found = known_words(numbers, request)
    words = {number: Word(found[number], f"{prefix}{found[number].anchor}") for number in numbers if number in found}
    seen: set[str] = set()

    def link(tag: re.Match) -> str:
        word = words.get(int(tag[1]))
        if word is None:
            return "<a>"
        place = "" if word.anchor in seen else f' id="word-{word.anchor}"'
        seen.add(word.anchor)
        return f'<a class="term" href="#term-{word.anchor}"{place}>'

    html = mark_safe(TERM.sub(link, html))  # noqa: S308 (what the templates rendered)
    listed = list({word.anchor: word for word in words.values()}.values())
    if not listed:
        return html
    with link_targets(" ".join(word.notion.row.definition for word in listed)):
        html += render_to_string("courses/_words.html", {"words": listed, "prefix": prefix}, request=request)
    return html

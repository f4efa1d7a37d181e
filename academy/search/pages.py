"""How a page of Wagtail becomes an entry; each app says which of its page types, and what else they hold."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from wagtail.models import Page

from academy.search.registry import Entry


def _words(body: Any) -> tuple[list[str], list[str]]:
    """The headings of a body, and every word of it in order."""
    headings, texts = [], []
    for child in body or ():
        parts = [str(part) for part in child.block.get_searchable_content(child.value) if part]
        if child.block_type == "heading":
            headings += parts
        texts += parts
    return headings, texts


def page_entry(
    page: Page, *, text: Iterable[str] = (), body: Any = None, also: Iterable[str] = (), fresh_until: date | None = None
) -> Entry:
    """`text` comes before the words of `body` (a StreamField), which gives its headings too."""
    headings, texts = _words(body)
    return Entry(
        title=page.title,
        body="\n".join(filter(None, [*text, *texts])),
        headings=tuple(headings),
        also=tuple(filter(None, [page.seo_title if page.seo_title != page.title else "", *also])),
        language=page.locale.language_code,
        page=page.page_ptr if hasattr(page, "page_ptr") else page,
        changed_at=page.last_published_at or page.latest_revision_created_at or page.first_published_at,
        fresh_until=fresh_until,
    )


def findable_pages(model: type[Page]):
    """Live pages, each once: an alias shows another page's words."""
    return lambda: model.objects.live().filter(alias_of__isnull=True).select_related("locale")


def home_entries(home: Any) -> Iterator[Entry]:
    yield page_entry(home, text=[home.lead, home.search_description], body=home.body)

"""What of the wiki can be found by searching (see `academy.search`)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from academy.search.pages import findable_pages, page_entry
from academy.search.registry import Entry, Kind, register
from wiki.models import WikiPage, WikiSection


def page_entries(page: WikiPage) -> Iterator[Entry]:
    tags = [tag.name for tag in page.tags.all()]
    yield page_entry(page, text=[page.summary, page.search_description], body=page.body, also=tags, fresh_until=page.review_due_on)


def section_entries(section: WikiSection) -> Iterator[Entry]:
    yield page_entry(section, text=[section.summary, section.search_description], body=section.body)


def install() -> None:
    """Called once, by WikiConfig.ready."""
    pages = Kind("page", _("Pages"), order=10, one=_("Page"))
    register(WikiPage, kind=pages, rows=findable_pages(WikiPage), entries=page_entries)
    register(WikiSection, kind=pages, rows=findable_pages(WikiSection), entries=section_entries)

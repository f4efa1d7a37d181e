"""What happens to others when a page is deleted or unpublished, in words, for whoever is about to do it."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from wagtail.models import Page

from academy.links.backlinks import links_to
from academy.links.models import PageLink, ShortLink
from academy.privacy import Hidden

MOST_NAMED = 20


@dataclass
class Leaving:
    """`pages` are the live pages outside the branch that link into it, `hidden` how many more the person may not open."""

    pages: list[Page] = field(default_factory=list)
    more: int = 0
    hidden: int = 0
    short_links: list[ShortLink] = field(default_factory=list)
    uses: list[str] = field(default_factory=list)

    @property
    def is_harmless(self) -> bool:
        return not (self.pages or self.more or self.hidden or self.short_links or self.uses)


def leaving(page: Page, hidden: Hidden, *, reader: Any = None, moves: bool = False) -> Leaving:
    """For the page and everything under it. Moved, links follow it: only what stands on its place is told."""
    if moves:
        return Leaving(uses=_uses(page, reader, moves=True))
    inside = Page.objects.filter(path__startswith=page.path)
    into = PageLink.objects.filter(target__in=inside.values("pk"), source__live=True) | links_to(page)
    sources = Page.objects.live().filter(pk__in=into.values("source")).exclude(path__startswith=page.path)
    readable = hidden.exclude_from(sources).order_by("path")
    total, known = sources.count(), readable.count()
    found = Leaving(
        pages=list(readable[:MOST_NAMED]),
        more=max(0, known - MOST_NAMED),
        hidden=total - known,
        short_links=list(ShortLink.objects.filter(page__in=inside.values("pk"))),
    )
    found.uses = _uses(page, reader, moves=False)
    return found


def _uses(page: Page, reader: Any, *, moves: bool) -> list[str]:
    """Of a page under this one, with its title."""
    branch = Page.objects.filter(path__startswith=page.path).specific(defer=True)[:100]
    said = [(one, sentence) for one in branch if hasattr(one, "uses") for sentence in one.uses(moves=moves, reader=reader)]
    named = _("“%(title)s”: %(sentence)s")
    return [sentence if one.pk == page.pk else named % {"title": one.title, "sentence": sentence} for one, sentence in said]

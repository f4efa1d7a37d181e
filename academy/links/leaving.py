"""What happens to others when a page is deleted or unpublished, in words, for whoever is about to do it."""

from dataclasses import dataclass, field

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


def leaving(page: Page, hidden: Hidden) -> Leaving:
    """For the page and everything under it."""
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
    for one in inside.specific(defer=True)[:100]:
        found.uses += one.uses() if hasattr(one, "uses") else []
    return found

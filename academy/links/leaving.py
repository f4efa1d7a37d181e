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
    """Of pages under this one, with their titles; what is true of several is said once."""
    branch = Page.objects.filter(path__startswith=page.path).specific(defer=True)[:100]
    said: dict[str, list[str]] = {}
    for one in branch:
        for sentence in one.uses(moves=moves, reader=reader) if hasattr(one, "uses") else ():
            said.setdefault(sentence, []).extend([] if one.pk == page.pk else [_("“%(title)s”") % {"title": one.title}])
    named = _("%(titles)s: %(sentence)s")
    return [named % {"titles": ", ".join(titles), "sentence": sentence} if titles else sentence for sentence, titles in said.items()]

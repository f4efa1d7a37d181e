"""What is broken inside the site, and what is asked for: read from the tables each time, so that nothing is out of date."""

from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import unquote

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.models import Page

from academy.links.keys import key_of, title_of
from academy.links.models import LinkKind, NameKind, PageLink, PageName
from academy.privacy import Hidden

MOST_PLACES = 8


@dataclass
class Wanted:
    """A page that does not exist and is asked for: by how many pages, and which."""

    title: str
    key: str
    sources: list[Page] = field(default_factory=list)
    was_deleted: bool = False

    @property
    def count(self) -> int:
        return len(self.sources)

    @property
    def shown(self) -> list[Page]:
        return self.sources[:MOST_PLACES]

    @property
    def others(self) -> int:
        return max(0, self.count - MOST_PLACES)


def wanted_pages(hidden: Hidden) -> list[Wanted]:
    """The most wanted first. Two queries, whatever their number."""
    rows = PageLink.objects.red().visible_to(hidden).filter(source__live=True).select_related("source").order_by("source__path")
    by_key: dict[str, Wanted] = {}
    for row in rows:
        key = row.short_key or row.key
        one = by_key.setdefault(key, Wanted(title_of(row.title), key))
        one.was_deleted |= row.kind == LinkKind.PAGE
        if all(source.pk != row.source_id for source in one.sources):
            one.sources.append(row.source)
    return sorted(by_key.values(), key=lambda one: (-one.count, key_of(one.title)))


@dataclass(frozen=True)
class Broken:
    """One link that leads nowhere, and what to do about it."""

    source: Page
    words: str
    problem: str
    remedy: str


def broken_links(hidden: Hidden) -> list[Broken]:
    """Links inside the site that lead nowhere, page by page: a fixed number of queries. Red links have a report of their own."""
    links = PageLink.objects.visible_to(hidden).filter(source__live=True).select_related("source")
    found = [*_to_unpublished(links), *_to_files(links), *_to_places(links), *_by_address(links)]
    return sorted(found, key=lambda one: (one.source.path, one.words))


def _to_unpublished(links: QuerySet[PageLink]):
    for link in links.filter(kind=LinkKind.PAGE, target__live=False).select_related("source", "target"):
        yield Broken(
            link.source,
            link.words,
            _("leads to “%(title)s”, which is not published") % {"title": link.target.title},
            _("Publish it, or take the link away."),
        )
    for link in links.filter(kind=LinkKind.PAGE, target=None, key=""):
        yield Broken(link.source, link.words, _("leads to a page that does not exist"), _("Choose another page, or take the link away."))


def _to_files(links: QuerySet[PageLink]):
    there = get_document_model().objects.filter(pk=OuterRef("number"))
    for link in links.filter(kind=LinkKind.FILE).filter(~Exists(there)):
        yield Broken(link.source, link.words, _("leads to a file that was deleted"), _("Choose another file, or take the link away."))


def _to_places(links: QuerySet[PageLink]):
    """Places that the page no longer has."""
    there = PageName.objects.filter(page=OuterRef("target"), kind=NameKind.ANCHOR, key=OuterRef("anchor"))
    for link in links.filter(kind=LinkKind.PAGE, target__live=True).exclude(anchor="").filter(~Exists(there)):
        yield _no_place(link)


def _no_place(link: PageLink) -> Broken:
    return Broken(
        link.source,
        link.words,
        _("leads to a place that the page does not have: #%(anchor)s") % {"anchor": link.anchor},
        _("Look at the headings of that page, and correct the link."),
    )


def _by_address(links: QuerySet[PageLink]):
    """Links written as an address of this site: no page there, or an address that has moved."""
    rows = [link for link in links.filter(kind=LinkKind.PATH) if _is_a_page(link.title)]
    if not rows:
        return
    wanted = {_tidy(link.title) for link in rows}
    slugs = {path.rstrip("/").rpartition("/")[2] for path in wanted}
    pages = {_tidy(page.get_url() or ""): page for page in Page.objects.live().filter(slug__in=slugs)} | _homes()
    moved = set(Redirect.objects.filter(old_path__in={path.rstrip("/") for path in wanted}).values_list("old_path", flat=True))
    places = defaultdict(set)
    for page, key in PageName.objects.filter(page__in=[page.pk for page in pages.values()], kind=NameKind.ANCHOR).values_list(
        "page", "key"
    ):
        places[page].add(key)
    for link in rows:
        path = _tidy(link.title)
        if path in pages:
            if link.anchor and link.anchor not in places[pages[path].pk]:
                yield _no_place(link)
        elif path.rstrip("/") in moved:
            yield Broken(
                link.source,
                link.words,
                _("uses an old address: %(path)s") % {"path": link.title},
                _("Readers still arrive. Choose the page with [[ instead: such a link never ages."),
            )
        else:
            yield Broken(
                link.source,
                link.words,
                _("leads to an address of this site where there is no page: %(path)s") % {"path": link.title},
                _("Choose the page with [[, or take the link away."),
            )


def _homes() -> dict[str, Page]:
    return {_tidy(page.get_url() or ""): page for page in Page.objects.live().filter(depth=2) if page.get_url()}


def _tidy(path: str) -> str:
    return unquote(path).rstrip("/") + "/"


def _is_a_page(path: str) -> bool:
    """Under a language, and not one of the site's own screens (their addresses do not change)."""
    from django.urls import Resolver404, resolve  # the map of the site knows every app: read late

    language = translation.get_language_from_path(path)
    with translation.override(language or translation.get_language()):  # the map answers to the language in force alone
        try:
            match = resolve(unquote(path).rstrip("/") + "/")
        except Resolver404:
            return False
    return match.url_name == "wagtail_serve"

"""Who links to a page: for its readers, for whoever is about to take it away, and for what is kept ready of pages."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from wagtail.models import Page

from academy.links.models import GonePage, LinkKind, NameKind, PageLink, PageName
from academy.privacy import Hidden, hidden_for
from academy.remembered import remembered

MOST_SHOWN = 50


def links_to(page: Page) -> QuerySet[PageLink]:
    """Links of live pages that lead to this page: to itself, or in its language to one of its translations (which readers meet here)."""
    leads_here = Q(target=page.pk) | Q(target__translation_key=page.translation_key, source__locale=page.locale_id)
    return PageLink.objects.filter(leads_here, source__live=True).exclude(source=page.pk)


def backlinks(page: Page, hidden: Hidden) -> QuerySet[Page]:
    """Live pages that link here, those of the page's language first, without what the reader may not open."""
    sources = hidden.exclude_from(Page.objects.live().filter(pk__in=links_to(page).values("source")))
    return sources.order_by("title", "pk")


def backlinks_for(request: HttpRequest, page: Page) -> list[dict[str, Any]]:
    """The same as titles and addresses: one query, remembered for those from whom the same is hidden."""
    hidden = hidden_for(request)
    return remembered(request, ("backlinks", page.pk, hidden.paths), lambda: _read_for(request, page, hidden))


def _read_for(request: HttpRequest, page: Page, hidden: Hidden) -> list[dict[str, Any]]:
    rows = backlinks(page, hidden).values_list("title", "url_path", "locale_id")[:MOST_SHOWN]
    found = [
        {"title": title, "href": Page(url_path=url_path).get_url(request), "is_same_language": locale == page.locale_id}
        for title, url_path, locale in rows
    ]
    return sorted(found, key=lambda one: not one["is_same_language"])


def pages_touched_by(page: Page) -> set[int]:
    """Numbers of the live pages whose readers may see something else once this page is published, unpublished, moved or deleted.

    Those that link to it (an address changes, a red link turns blue or back), those that ask for one of its names, and those it
    links to (their list of pages that link here). Call it before and after: a page that goes takes its rows with it.
    """
    keys = PageName.objects.filter(page=page.pk).exclude(kind=NameKind.ANCHOR).values("key")
    family = Page.objects.filter(translation_key=page.translation_key).values("pk")
    gone = GonePage.objects.filter(key__in=keys).values("number")
    inward = PageLink.objects.filter(
        Q(target__in=family) | Q(key__in=keys) | Q(short_key__in=keys) | Q(kind=LinkKind.PAGE, number__in=gone)
    )
    outward = PageLink.objects.filter(source=page.pk, target__isnull=False)
    touched = set(inward.values_list("source", flat=True)) | set(outward.values_list("target", flat=True))
    return touched - {page.pk}

"""Pages to propose to somebody who writes, by words of their title."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from wagtail.models import Locale, Page
from wagtail.permissions import page_permission_policy

from academy.links.keys import asked, key_of
from academy.links.models import NameKind, PageName
from academy.privacy import hidden_from

MOST = 6
Words = Callable[[str, str], list[dict[str, Any]]]
_words: list[Words] = []


def also_suggest(words: Words) -> None:
    """What else is proposed: given what was typed and a language, `{"term": number, "title": …, "language": …}`. Called at start-up."""
    _words.append(words)


LONGEST_QUERY = 200


def suggest(query: str, *, user: Any, near: Page | None, request: HttpRequest) -> list[dict[str, Any]]:
    """Live pages that this person may read and drafts that they may edit; those of the language of `near` first, then the best match."""
    query = " ".join(query.split())[:LONGEST_QUERY]
    key = key_of(query)
    if not key:
        return []
    locale = near.locale if near is not None else Locale.get_active()
    called = PageName.objects.filter(key__contains=key, kind__in=[NameKind.TITLE, NameKind.SLUG]).values("page")
    editable = page_permission_policy.instances_user_has_permission_for(user, "change")
    pages = Page.objects.filter(depth__gt=1).filter(
        Q(pk__in=called, live=True) | Q(live=False, pk__in=editable.values("pk"), draft_title__icontains=query)
    )
    pages = hidden_from(user).exclude_from(pages).select_related("locale").order_by("path")

    def rank(page: Page) -> tuple:
        own = key_of(page.title)
        return (page.locale_id != locale.pk, own != key, not own.startswith(key), f"-{key}" not in own, len(own), page.path)

    best = sorted(pages[:200], key=rank)[:MOST]
    sections = _sections_of(best)
    terms = [one for words in _words for one in words(query, locale.language_code)]
    return terms + [
        {
            "id": page.pk,
            "title": page.title,
            "parent": sections[page.path][1],
            "url": page.get_url(request) or "",
            "section": " › ".join(sections[page.path][0]),
            "language": page.locale.language_code if page.locale_id != locale.pk else "",
            "draft": not page.live,
        }
        for page in best
    ]


def _sections_of(pages: list[Page]) -> dict[str, tuple[list[str], int | None]]:
    """Titles of what stands above each page below the home page, and the number of its parent: one query."""
    step = Page.steplen
    above = {page.path[:end] for page in pages for end in range(step, len(page.path), step)}
    rows = {
        path: (pk, title, depth)
        for path, pk, title, depth in Page.objects.filter(path__in=above).values_list("path", "pk", "title", "depth")
    }
    found = {}
    for page in pages:
        chain = [rows[page.path[:end]] for end in range(step, len(page.path), step) if page.path[:end] in rows]
        found[page.path] = ([title for _pk, title, depth in chain if depth > 2], chain[-1][0] if chain else None)
    return found


def drafts_called(target: str, *, user: Any) -> list[Page]:
    """Unpublished pages of that name that this person may edit: to finish rather than to begin again."""
    found = asked(target)
    if not found.key:
        return []
    wanted = found.short_key or found.key
    editable = page_permission_policy.instances_user_has_permission_for(user, "change").filter(live=False)
    near = editable.filter(Q(slug=wanted) | Q(draft_title__iexact=" ".join(target.split())))
    return [page for page in near.order_by("path")[:20] if wanted in (key_of(page.draft_title), page.slug)]

"""Which pages a reader may not see, in one query a request: the page privacy of Wagtail as a condition for every list.

Restrictions stand on whole sections (tens of them, stack.md §6); what is under one is hidden with it, aliases too.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from wagtail.models import Page, PageViewRestriction

from academy.remembered import remembered


@dataclass(frozen=True)
class Hidden:
    """Tree paths this reader may not enter; empty for most. `guarded` are all the paths that have a guard, for whomever."""

    paths: tuple[str, ...]
    guarded: tuple[str, ...] = ()

    def hides(self, page: Page | str) -> bool:
        path = page if isinstance(page, str) else page.path
        return path.startswith(self.paths) if self.paths else False

    def guards(self, page: Page) -> bool:
        return page.path.startswith(self.guarded) if self.guarded else False

    def exclude_from(self, pages: QuerySet, field: str = "path") -> QuerySet:
        """The same list without what is hidden; `field` leads to the tree path of the page."""
        if not self.paths:
            return pages
        condition = Q()
        for path in self.paths:
            condition |= Q(**{f"{field}__startswith": path})
        return pages.exclude(condition)


@dataclass(frozen=True, slots=True)
class Guard:
    """One restriction: what kind, for which groups, on which paths (the page's own and those of its aliases)."""

    pk: int
    kind: str
    groups: frozenset[str]
    paths: frozenset[str]

    def lets_in(self, user: Any, session: Any) -> bool:
        if self.kind == PageViewRestriction.NONE:
            return True
        if self.kind == PageViewRestriction.PASSWORD:
            key = PageViewRestriction.passed_view_restrictions_session_key
            return session is not None and self.pk in session.get(key, [])
        if not getattr(user, "is_authenticated", False):
            return False
        if self.kind == PageViewRestriction.LOGIN:
            return True
        return user.is_superuser or not self.groups.isdisjoint(user.roles)


def read_guards() -> list[Guard]:
    """Every restriction there is: one query. They stand on whole sections, so that there are tens of them."""
    groups: dict[tuple[int, str], set[str]] = defaultdict(set)
    paths: dict[tuple[int, str], set[str]] = defaultdict(set)
    rows = PageViewRestriction.objects.values_list("id", "restriction_type", "page__path", "page__aliases__path", "groups__name")
    for pk, kind, path, alias, group in rows:
        paths[pk, kind].update(one for one in (path, alias) if one)
        groups[pk, kind].update([group] if group else [])
    return [Guard(pk, kind, frozenset(groups[pk, kind]), frozenset(found)) for (pk, kind), found in paths.items()]


def hidden_from(user: Any, session: Any = None, guards: list[Guard] | None = None) -> Hidden:
    """What is hidden from a person (or from a visitor). `session` tells which shared passwords were given."""
    guards = read_guards() if guards is None else guards
    closed = {path for guard in guards if not guard.lets_in(user, session) for path in guard.paths}
    guarded = {path for guard in guards if guard.kind != PageViewRestriction.NONE for path in guard.paths}
    return Hidden(tuple(sorted(closed)), tuple(sorted(guarded)))


def hidden_for(request: HttpRequest) -> Hidden:
    """The same for a request, worked out once; what guards there are is remembered until one of them changes."""
    found = getattr(request, "_academy_hidden", None)
    if found is None:
        guards = remembered(request, ("guards",), read_guards)
        found = hidden_from(getattr(request, "user", None), getattr(request, "session", None), guards)
        request._academy_hidden = found
    return found


def restrictions_of(page: Page) -> QuerySet[PageViewRestriction]:
    """What Wagtail asks before it serves a page, in one query instead of two: the page's own and its ancestors'."""
    step = Page.steplen
    paths = [page.path[:end] for end in range(step, len(page.path) + 1, step)]
    return PageViewRestriction.objects.filter(Q(page__path__in=paths, page__alias_of=None) | Q(page__aliases__path__in=paths)).distinct()

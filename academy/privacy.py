"""Which pages a reader may not see, in one query a request: the page privacy of Wagtail as a condition for every list.

Restrictions stand on whole sections (tens of them, stack.md §6); what is under one is hidden with it, aliases too.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from wagtail.models import Page, PageViewRestriction


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


def _may_enter(rule: dict, user: Any, groups: set[str], passed: list[int]) -> bool:
    kind = rule["restriction_type"]
    if kind == PageViewRestriction.NONE:
        return True
    if kind == PageViewRestriction.PASSWORD:
        return rule["id"] in passed
    if not getattr(user, "is_authenticated", False):
        return False
    if kind == PageViewRestriction.LOGIN:
        return True
    return user.is_superuser or not groups.isdisjoint(user.roles)


def hidden_from(user: Any, session: Any = None) -> Hidden:
    """What is hidden from a person (or from a visitor). `session` tells which shared passwords were given."""
    rows = PageViewRestriction.objects.values("id", "restriction_type", "page__path", "page__aliases__path", "groups__name")
    rules: dict[int, dict] = {}
    groups: dict[int, set[str]] = defaultdict(set)
    paths: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        rules[row["id"]] = row
        paths[row["id"]].update(path for path in (row["page__path"], row["page__aliases__path"]) if path)
        if row["groups__name"]:
            groups[row["id"]].add(row["groups__name"])
    passed: list[int] = []
    if session is not None and any(rule["restriction_type"] == PageViewRestriction.PASSWORD for rule in rules.values()):
        passed = session.get(PageViewRestriction.passed_view_restrictions_session_key, [])
    closed = {path for key, rule in rules.items() if not _may_enter(rule, user, groups[key], passed) for path in paths[key]}
    guarded = {path for key, rule in rules.items() if rule["restriction_type"] != PageViewRestriction.NONE for path in paths[key]}
    return Hidden(tuple(sorted(closed)), tuple(sorted(guarded)))


def hidden_for(request: HttpRequest) -> Hidden:
    """The same for a request, worked out once."""
    found = getattr(request, "_academy_hidden", None)
    if found is None:
        found = hidden_from(getattr(request, "user", None), getattr(request, "session", None))
        request._academy_hidden = found
    return found


def restrictions_of(page: Page) -> QuerySet[PageViewRestriction]:
    """What Wagtail asks before it serves a page, in one query instead of two: the page's own and its ancestors'."""
    step = Page.steplen
    paths = [page.path[:end] for end in range(step, len(page.path) + 1, step)]
    return PageViewRestriction.objects.filter(Q(page__path__in=paths, page__alias_of=None) | Q(page__aliases__path__in=paths)).distinct()

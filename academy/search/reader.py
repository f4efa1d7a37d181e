"""Who searches: what they may find, as a condition inside the query. Two small queries a request, whatever the index holds."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from wagtail.models import BaseViewRestriction, CollectionViewRestriction

from academy.permissions import is_coordinator, is_staff_member, is_trainer
from academy.prepared import Prepared
from academy.privacy import Hidden, hidden_for, hidden_from
from academy.search.models import Access


@dataclass(frozen=True)
class Reader:
    """`pages` are tree paths of pages that are closed to this person, `collections` those of closed collections."""

    pages: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    access: int = Access.PUBLIC
    person: Any = None


def _access_of(user: Any) -> int:
    if not getattr(user, "is_authenticated", False):
        return Access.PUBLIC
    if is_trainer(user) or is_coordinator(user):
        return Access.CURATORS
    return Access.STAFF if is_staff_member(user) else Access.MEMBERS


_restrictions = Prepared(
    lambda: CollectionViewRestriction.objects.values_list("id", "restriction_type", "collection__path", "groups__name")
)


def _closed_collections(user: Any, session: Any) -> tuple[str, ...]:
    """As Wagtail's own door to a file decides (wagtail.documents.views.serve): by the restrictions of its collection and those above."""
    kinds: dict[int, tuple[str, str]] = {}
    groups: dict[int, set[str]] = defaultdict(set)
    for key, kind, path, group in _restrictions.rows():
        kinds[key] = (kind, path)
        if group:
            groups[key].add(group)
    signed_in = getattr(user, "is_authenticated", False)
    passed = session.get(CollectionViewRestriction.passed_view_restrictions_session_key, []) if session is not None else []

    def may_enter(key: int, kind: str) -> bool:
        if kind == BaseViewRestriction.NONE:
            return True
        if kind == BaseViewRestriction.PASSWORD:
            return key in passed
        if kind == BaseViewRestriction.LOGIN:
            return signed_in
        return signed_in and (user.is_superuser or not groups[key].isdisjoint(user.roles))

    return tuple(sorted({path for key, (kind, path) in kinds.items() if not may_enter(key, kind)}))


def reader_from(user: Any, session: Any = None, *, hidden: Hidden | None = None) -> Reader:
    hidden = hidden_from(user, session) if hidden is None else hidden
    signed_in = getattr(user, "is_authenticated", False)
    return Reader(hidden.paths, _closed_collections(user, session), _access_of(user), user.pk if signed_in else None)


def reader_for(request: HttpRequest) -> Reader:
    """The same for a request, worked out once."""
    found = getattr(request, "_academy_reader", None)
    if found is None:
        user, session = getattr(request, "user", None), getattr(request, "session", None)
        found = request._academy_reader = reader_from(user, session, hidden=hidden_for(request))
    return found

"""Pages whose readers are asked to confirm that they have read them. Who asks stands to the right (the pathway), and says so at start-up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import get_language

from academy.lookups import remembered
from academy.prepared import Later, PreparedForPerson
from wiki.models.receipts import ReadReceipt

if TYPE_CHECKING:
    from wiki.models import WikiPage

_askers: list[Callable[[], Iterable[UUID]]] = []


def register(asker: Callable[[], Iterable[UUID]]) -> None:
    """`asker` answers the translation keys of the pages that it asks to be read. Called once, by an AppConfig; whoever changes what it
    answers calls `academy.lookups.forget`."""
    _askers.append(asker)


def is_asked(page: WikiPage) -> bool:
    """Whether somebody asks for a receipt of this page. No query, once it is known."""
    return page.translation_key in remembered("receipts", lambda: frozenset(key for asker in _askers for key in asker()))


@dataclass(frozen=True)
class Receipt:
    """What a reader has confirmed of a page: its version of today, an earlier one, or nothing."""

    read_at: Any = None
    is_of_today: bool = False


_key = ReadReceipt._meta.get_field("page_key")
_given = PreparedForPerson(
    lambda person: (
        ReadReceipt.objects.of(person)
        .filter(page_key=Later("page", _key))
        .order_by("-published_at", "-read_at")
        .values_list("language", "published_at", "read_at")
    )
)


def receipt_of(page: WikiPage, request: HttpRequest) -> Receipt | None:
    """None: nobody asks this reader. One query where somebody does."""
    reader = getattr(request, "user", None)
    if not (page.pk and page.live and page.last_published_at and getattr(reader, "is_authenticated", False)):
        return None
    if getattr(request, "is_preview", False) or not is_asked(page):
        return None
    rows = _given.rows(reader, page=page.translation_key)
    here = [row for row in rows if row[0] == get_language()]  # that of the page's own address
    today = next((read for _language, published, read in here if published == page.last_published_at), None)
    if today:
        return Receipt(today, is_of_today=True)
    return Receipt(max((read for _language, _published, read in rows), default=None))

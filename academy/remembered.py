"""Parts of pages that are the same for every reader, kept in the process until something is published.

For those whose whole page cannot be kept (academy.pagecache keeps the visitors'). A kept part never depends on the person: whatever
does is in its key, or is worked out by the caller each time. Every key holds the host, the language and a generation that all
processes share: whatever is published, moved, restricted, renamed or re-branded changes it once the transaction is committed, so that
all that was kept before is out of reach at once. Inside a transaction nothing is kept: who has just written reads what they wrote.
Previews are never kept.
"""

import time
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.http import HttpRequest
from django.utils.translation import get_language
from wagtail.models import GroupCollectionPermission, GroupPagePermission, GroupSitePermission, Locale, Page, PageViewRestriction, Site
from wagtail.signals import page_published, page_unpublished, post_page_move

GENERATION = "remembered:generation"
SECONDS = 10 * 60
MOST = 4000

_kept: dict[tuple, tuple[float, Any]] = {}


def generation() -> str:
    """The name of what is kept now. Lost by a full cache, it is made anew: then everything kept is only out of reach."""
    found = cache.get(GENERATION)
    if found is None:
        found = uuid.uuid4().hex
        if not cache.add(GENERATION, found, None):
            found = cache.get(GENERATION) or found
    return found


def forget(**_kwargs) -> None:
    """Forgets everything, in every process, once the current transaction is committed (a signal receiver too)."""
    transaction.on_commit(forget_now, robust=True)


def forget_now() -> None:
    cache.set(GENERATION, uuid.uuid4().hex, None)


def may_keep(request: HttpRequest | None) -> bool:
    return request is not None and not getattr(request, "is_preview", False) and not connection.in_atomic_block


def remembered(request: HttpRequest | None, key: tuple, make: Callable[[], Any]) -> Any:
    """The value kept under this key, else made now and kept, unless it is None. It must not be changed by whoever gets it."""
    if not may_keep(request):
        return make()
    frame = getattr(request, "_academy_frame", None)
    if frame is None:
        frame = request._academy_frame = (generation(), request._get_raw_host())
    whole = (*frame, get_language(), *key)
    found, now = _kept.get(whole), time.monotonic()
    if found is not None and found[0] > now:
        return found[1]
    value = make()
    if value is None:  # an address that nobody has: there is no end of them
        return None
    if len(_kept) >= MOST:
        _kept.clear()
    _kept[whole] = (now + SECONDS, value)
    return value


# --- what makes it forget


def _page_saved(sender: type, instance, update_fields=None, **_kwargs) -> None:
    """A live page written as a whole. Saving a draft touches named fields only: nothing is forgotten."""
    if isinstance(instance, Page) and instance.live and update_fields is None:
        forget()


def _page_deleted(sender: type, instance, **_kwargs) -> None:
    if isinstance(instance, Page):
        forget()


def _changed(sender: type, created: bool = False, update_fields=None, **_kwargs) -> None:
    """A row that stands on pages was replaced or renamed; a new one is on no page yet, and a sign-in changes no name."""
    if not created and (update_fields is None or not {"last_login", "password"}.issuperset(update_fields)):
        forget()


def install() -> None:
    """Called once, by AcademyConfig.ready."""
    from academy.models import AcademyDocument, AcademyImage, Brand, SiteSettings, User  # not ready when this module is first imported

    for signal in (page_published, page_unpublished, post_page_move):
        signal.connect(forget, dispatch_uid="remembered")
    post_save.connect(_page_saved, dispatch_uid="remembered-page-saved")
    post_delete.connect(_page_deleted, dispatch_uid="remembered-page-deleted")
    for model in (
        PageViewRestriction,
        Site,
        Locale,
        Brand,
        SiteSettings,
        GroupPagePermission,
        GroupCollectionPermission,
        GroupSitePermission,
    ):
        post_save.connect(forget, sender=model, dispatch_uid=f"remembered-save-{model.__name__}")
        post_delete.connect(forget, sender=model, dispatch_uid=f"remembered-delete-{model.__name__}")
    through = (PageViewRestriction.groups.through, User.groups.through, User.user_permissions.through, Group.permissions.through)
    for model in through:
        m2m_changed.connect(forget, sender=model, dispatch_uid=f"remembered-many-{model.__name__}")
    for model in (AcademyImage, AcademyDocument, User, Group):
        post_save.connect(_changed, sender=model, dispatch_uid=f"remembered-save-{model.__name__}")
        post_delete.connect(forget, sender=model, dispatch_uid=f"remembered-delete-{model.__name__}")

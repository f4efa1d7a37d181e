"""Whole pages for visitors, kept ready: the middleware, and what makes it forget.

Stands before the session: a hit costs no query. It keeps only what every visitor would get: a GET of a Wagtail page under a
language prefix, answered 200 as HTML, without session, message or other cookies, not marked private. What no longer holds is said
once the transaction is committed, in every process that shares the cache (academy.kept): a publish that changes only a page's words
makes that page forgotten, and those that show something of it; whatever shapes the site (titles, addresses, menus, the tree,
privacy, brand, files) makes everything forgotten. A draft changes nothing.
"""

import hashlib
import time
from urllib.parse import unquote

from django.conf import settings
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import get_language_from_path
from wagtail.models import Locale, Page, PageViewRestriction, Site
from wagtail.signals import page_published, page_unpublished, post_page_move

from academy import kept as memory
from academy import remembered
from academy.brand import forget_frames

SECONDS = 10 * 60
LARGEST = 1_000_000
# Columns of a page that may show anywhere: in a menu, a trail, an address, a search of what is live.
SHAPE = ("title", "slug", "url_path", "path", "live", "show_in_menus", "locale_id", "content_type_id", "translation_key", "alias_of_id")
KEPT_PARAMETERS = {"page"}
OWN_HEADERS = {"set-cookie", "cache-control", "etag", "expires", "date", "content-length"}


def clear(**_kwargs) -> None:
    """Forgets every kept page, once the current transaction is committed."""
    transaction.on_commit(_clear_now, robust=True)


def clear_words_of(page: Page) -> None:
    """Forgets this page and those that show something of it, once the current transaction is committed.

    Its title, its address and its place in the tree must be what they were. Those who link to it, and the page above it, show its
    words. So do menus, unless its class says that they show its title alone (`menus_show_title_alone`).
    """
    parts = page.get_url_parts()
    if not parts or not parts[2]:
        clear()
        return
    path = unquote(parts[2])
    above = path.rstrip("/").rpartition("/")[0] + "/"
    changed = (f"at {path}", f"to {path}", f"at {above}", *(() if getattr(page, "menus_show_title_alone", False) else (f"nav {path}",)))
    transaction.on_commit(lambda: _clear_now(changed), robust=True)


def _clear_now(changed: tuple[str, ...] = ()) -> None:
    remembered.forget_now()
    if changed:
        memory.change_words(changed)
    else:
        memory.change_everything()


class PageCacheMiddleware:
    """Before the session middleware. Says `X-Page-Cache: hit|miss` on what it handles; leaves the rest alone but for privacy."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self._may_look(request):
            return self._guard_private(request, self.get_response(request))
        key, now = self._key(request), memory.state()
        kept = memory.page(key, now)
        if kept is not None:
            return self._answer(request, kept, "hit")
        response = self.get_response(request)
        if not self._may_keep(request, response):
            return self._guard_private(request, response)
        return self._answer(request, self._keep(request, key, now, response), "miss")

    @staticmethod
    def _may_look(request: HttpRequest) -> bool:
        """Asks `META`, not `headers`: a hit costs so little that to make a dictionary of every header would be a tenth of it."""
        sent, cookies = request.META, request.COOKIES
        return (
            request.method in ("GET", "HEAD")
            and settings.SESSION_COOKIE_NAME not in cookies
            and "messages" not in cookies
            and "HTTP_AUTHORIZATION" not in sent
            and not sent.get("HTTP_HX_REQUEST")
            and (not sent.get("QUERY_STRING") or set(request.GET) <= KEPT_PARAMETERS)
            and get_language_from_path(request.path_info) is not None
        )

    @staticmethod
    def _key(request: HttpRequest) -> tuple[str, ...]:
        asked = request.META.get("QUERY_STRING")
        query = "&".join(f"{name}={value}" for name in sorted(request.GET) for value in request.GET.getlist(name)) if asked else ""
        return (request.scheme, request._get_raw_host().lower(), request.path_info, query)

    @staticmethod
    def _may_keep(request: HttpRequest, response: HttpResponse) -> bool:
        route = getattr(request, "resolver_match", None)
        return (
            request.method == "GET"
            and response.status_code == 200
            and not response.streaming
            and response.get("Content-Type", "").startswith("text/html")
            and len(response.content) <= LARGEST
            and set(response.cookies) <= {settings.LANGUAGE_COOKIE_NAME}
            and not any(word in response.get("Cache-Control", "") for word in ("private", "no-store", "no-cache"))
            and route is not None
            and route.url_name == "wagtail_serve"
            and not getattr(request, "is_preview", False)
        )

    @staticmethod
    def _keep(request: HttpRequest, key: tuple[str, ...], now: memory.State, response: HttpResponse) -> dict:
        content = bytes(response.content)
        headers = {name: value for name, value in response.headers.items() if name.lower() not in OWN_HEADERS}
        shared = HttpResponse(headers=headers)
        patch_vary_headers(shared, ["Cookie", "Accept-Encoding"])
        headers["Vary"] = shared.headers["Vary"]
        headers["ETag"] = quote_etag(hashlib.sha256(content).hexdigest()[:32])
        headers["Cache-Control"] = "no-cache"  # a browser keeps it, and asks each time whether it still holds
        kept = {
            "name": now.name,
            "seen": len(now.changes),
            "marks": "\n".join(memory.marks(request.path_info, content)),
            "content": content,
            "headers": headers,
            "until": time.time() + SECONDS,
        }
        memory.keep_page(key, kept, SECONDS)
        return kept

    @staticmethod
    def _answer(request: HttpRequest, kept: dict, state: str) -> HttpResponse:
        headers, known = kept["headers"], request.META.get("HTTP_IF_NONE_MATCH")
        if known and {"*", headers["ETag"]} & {tag.removeprefix("W/") for tag in parse_etags(known)}:
            response = HttpResponse(status=304, headers={name: value for name, value in headers.items() if name != "Content-Type"})
            del response.headers["Content-Type"]
        else:
            response = HttpResponse(kept["content"] if request.method == "GET" else b"", headers=headers)
            response.headers["Content-Length"] = str(len(kept["content"]))
        response.headers["X-Page-Cache"] = state
        language = get_language_from_path(request.path_info)
        if language and request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) != language:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                language,
                max_age=365 * 24 * 3600,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response

    @staticmethod
    def _guard_private(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """What a signed-in person gets, and any file, is for nobody's cache on the way."""
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if request.path_info.startswith("/documents/") and response.status_code in (200, 206, 304):
            response.headers["Cache-Control"] = "private, no-store" if has_session else "no-cache"
            patch_vary_headers(response, ["Cookie"])
        elif has_session and "Cache-Control" not in response and response.get("Content-Type", "").startswith("text/html"):
            response.headers["Cache-Control"] = "private, no-store"
        return response


# --- what makes it forget


def _page_before(sender: type, instance: Page, update_fields=None, raw: bool = False, **_kwargs) -> None:
    """Notes on the page whether what may show anywhere is about to change; its own words are another matter."""
    if isinstance(instance, Page) and instance.live and update_fields is None and not instance._state.adding:
        before = Page.objects.filter(pk=instance.pk).values_list(*SHAPE).first()
        instance._academy_shape_holds = before == tuple(getattr(instance, name) for name in SHAPE)


def _page_saved(sender: type, instance: Page, update_fields=None, **_kwargs) -> None:
    """A live page written as a whole (a publish, an import). Saving a draft touches named fields only: nothing is forgotten."""
    if isinstance(instance, Page) and instance.live and update_fields is None:
        _page_changed(instance)


def _page_published(sender: type, instance: Page, **_kwargs) -> None:
    """Once more after the save: what hangs on the page (its placements, its figures) is written after the page itself."""
    _page_changed(instance)


def _page_changed(page: Page) -> None:
    if getattr(page, "_academy_shape_holds", False):
        clear_words_of(page)
    else:
        clear()


def _page_deleted(sender: type, instance, **_kwargs) -> None:
    if isinstance(instance, Page):
        clear()


def _file_saved(sender: type, created: bool = False, **_kwargs) -> None:
    """A picture or a file replaced or renamed; a new one is on no page yet."""
    if not created:
        clear()


def _settings_saved(sender: type, instance, **_kwargs) -> None:
    site = getattr(instance, "site_id", None)
    if site is not None:
        forget_frames(site)
    clear()


def install() -> None:
    """Called once, by AcademyConfig.ready."""
    from academy.models import AcademyDocument, AcademyImage, Brand, SiteSettings  # not ready when this module is first imported

    for signal in (page_unpublished, post_page_move):
        signal.connect(clear, dispatch_uid="pagecache")
    page_published.connect(_page_published, dispatch_uid="pagecache")
    pre_save.connect(_page_before, dispatch_uid="pagecache-page-before")
    post_save.connect(_page_saved, dispatch_uid="pagecache-page-saved")
    post_delete.connect(_page_deleted, dispatch_uid="pagecache-page-deleted")
    for model in (PageViewRestriction, Site, Locale):
        post_save.connect(clear, sender=model, dispatch_uid=f"pagecache-save-{model.__name__}")
        post_delete.connect(clear, sender=model, dispatch_uid=f"pagecache-delete-{model.__name__}")
    m2m_changed.connect(clear, sender=PageViewRestriction.groups.through, dispatch_uid="pagecache-groups")
    for model in (AcademyImage, AcademyDocument):
        post_save.connect(_file_saved, sender=model, dispatch_uid=f"pagecache-save-{model.__name__}")
        post_delete.connect(clear, sender=model, dispatch_uid=f"pagecache-delete-{model.__name__}")
    for model in (Brand, SiteSettings):
        post_save.connect(_settings_saved, sender=model, dispatch_uid=f"pagecache-save-{model.__name__}")

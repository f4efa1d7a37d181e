"""Site and Locale rows kept in the process: they change twice a year and were read on every request (stack.md §5).

Kept 30 seconds at most, and forgotten at once in the process that changes one. `install` puts the two look-ups under
Wagtail's own functions, so that every caller profits.
"""

import time
from collections.abc import Callable, Hashable
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.http.request import split_domain_port
from wagtail.models import Locale, Page, Site
from wagtail.models.i18n import LocaleManager
from wagtail.models.sites import get_site_for_hostname

SECONDS = 30
_kept: dict[Hashable, tuple[float, Any]] = {}


def forget(**_kwargs) -> None:
    """Forgets everything (a signal receiver too)."""
    _kept.clear()


def remembered(key: Hashable, read: Callable[[], Any]) -> Any:
    """The value read at most SECONDS ago under this key, else read now. An error is not remembered."""
    found = _kept.get(key)
    now = time.monotonic()
    if found is not None and found[0] > now:
        return found[1]
    value = read()
    if len(_kept) > 500:  # invented host names must not fill the memory
        _kept.clear()
    _kept[key] = (now + SECONDS, value)
    return value


def _read_site(hostname: str, port: str) -> Site | None:
    try:
        site = get_site_for_hostname(hostname, port)
    except Site.DoesNotExist:
        return None
    site.root_page = site.root_page.specific
    return site


def _find_for_request(request) -> Site | None:
    hostname = split_domain_port(request._get_raw_host())[0]
    port = request.get_port()
    return remembered(("site", hostname, port), lambda: _read_site(hostname, port))


_get_for_language = LocaleManager.get_for_language


def _locale_for_language(manager, language_code):
    if manager.model is not Locale:
        return _get_for_language(manager, language_code)
    return remembered(("locale", manager.db, language_code), lambda: _get_for_language(manager, language_code))


_all = LocaleManager.all


def _all_locales(manager):
    """What is narrowed or ordered further asks anew; to go through all of them, as each page of the CMS does, asks nothing."""
    rows = _all(manager)
    if type(manager) is LocaleManager:  # never one of a relation, which has some of them
        rows._result_cache = list(remembered(("locales", manager.db), lambda: list(_all(manager))))
    return rows


def in_locale(root: Page, locale: Locale) -> Page | None:
    """The translation of a home page, remembered; None when there is none that is live."""

    def read() -> Page | None:
        page = root.get_translation_or_none(locale)
        return page.specific if page is not None and page.live else None

    return remembered(("home", root.translation_key, locale.pk), read)


def install() -> None:
    """Called once, by AcademyConfig.ready."""
    Site._find_for_request = staticmethod(_find_for_request)
    LocaleManager.get_for_language = _locale_for_language
    LocaleManager.all = _all_locales
    for model in (Site, Locale):
        post_save.connect(forget, sender=model, dispatch_uid=f"lookups-save-{model.__name__}")
        post_delete.connect(forget, sender=model, dispatch_uid=f"lookups-delete-{model.__name__}")

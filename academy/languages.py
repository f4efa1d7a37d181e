"""The same page in the other languages: what the switch shows and what search engines are told."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.urls import translate_url
from django.utils.text import capfirst
from django.utils.translation import get_language, get_language_info
from wagtail.models import Page

from academy.privacy import hidden_for
from academy.remembered import remembered


@dataclass(frozen=True, slots=True)
class Alternate:
    """One language. `is_same_page` is false when only the home page can be offered, or a choice without an address."""

    code: str
    name: str
    href: str
    is_current: bool
    is_same_page: bool


def _translations(page: Page, request: HttpRequest) -> dict[str, str]:
    """Addresses of the translations that this reader may open (house rule: a switch is a door too)."""

    def read() -> list[tuple[str, str, str]]:
        others = page.get_translations().live().select_related("locale")
        return [(other.locale.language_code, other.path, other.get_url(request)) for other in others]

    hidden = hidden_for(request)
    return {code: href for code, path, href in remembered(request, ("translations", page.pk), read) if not hidden.hides(path)}


def _translated(request: HttpRequest, code: str) -> str:
    """The same view in another language. Remembered for the addresses that are always there: there is no end of the others."""
    address, match = request.get_full_path(), request.resolver_match
    if match is None or match.kwargs or match.args or request.GET:
        return translate_url(address, code)
    return remembered(request, ("address", address, code), lambda: translate_url(address, code))


def alternates(context: Context) -> list[Alternate]:
    """Worked out once per request."""
    request = context.get("request")
    if request is None:
        return []
    known = getattr(request, "_academy_alternates", None)
    if known is not None:
        return known
    current = get_language() or settings.LANGUAGE_CODE
    page = context.get("page") or context.get("self")
    is_page = isinstance(page, Page) and page.pk is not None
    found = _translations(page, request) if is_page and not getattr(request, "is_preview", False) else {}
    kept = f"?{request.GET.urlencode()}" if request.GET else ""
    result = []
    for code, _name in settings.LANGUAGES:
        if code == current:
            href, is_same = request.get_full_path(), True
        elif is_page:
            href, is_same = found[code] + kept if code in found else f"/{code}/", code in found
        else:
            href = _translated(request, code)
            is_same = href != request.get_full_path()
            if not is_same:
                href = f"/{code}/"
        result.append(Alternate(code, capfirst(get_language_info(code)["name_local"]), href, code == current, is_same))
    request._academy_alternates = result
    return result

"""What every template of the site may use."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from wagtail.models import Site

from academy.brand import frame_key
from academy.models import Brand, SiteSettings
from academy.permissions import works_in_cms
from academy.remembered import remembered


@dataclass(frozen=True, slots=True)
class Logo:
    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SiteFrame:
    """What the header and the footer say: read from the brand and the settings once in five minutes per site and language."""

    name: str = "Smart Academy"
    organisation: str = "Smart"
    logo: Logo | None = None
    contact_email: str = ""
    privacy_url: str = ""
    legal_url: str = ""
    version: str = ""


FRAME_SECONDS = 300
FRAME_FIELDS = {field.name for field in fields(SiteFrame)}


def _page_url(page: Any, request: HttpRequest) -> str:
    return (page.localized.get_url(request) or "") if page is not None and page.live else ""


def _read_frame(site: Site, request: HttpRequest) -> SiteFrame:
    # not `for_site`, which writes the missing row: reading a page writes nothing
    brand = Brand.objects.filter(site=site).select_related("logo").first() or Brand(site=site)
    words = SiteSettings.objects.filter(site=site).first() or SiteSettings(site=site)
    logo = None
    if brand.logo:
        rendition = brand.logo.get_rendition("max-320x96")
        logo = Logo(rendition.url, rendition.width, rendition.height)
    return SiteFrame(
        name=brand.name,
        organisation=words.organisation,
        logo=logo,
        contact_email=words.contact_email,
        privacy_url=_page_url(words.privacy_page, request),
        legal_url=_page_url(words.legal_page, request),
        version=f"{brand.accent}{brand.accent_dark}".replace("#", ""),
    )


def site_frame(request: HttpRequest) -> SiteFrame:
    site = Site.find_for_request(request)
    if site is None:
        return SiteFrame()
    return remembered(request, ("frame", site.pk), lambda: _shared_frame(site, request))


def _shared_frame(site: Site, request: HttpRequest) -> SiteFrame:
    key = frame_key(site.pk, get_language())
    kept = cache.get(key)
    if isinstance(kept, dict) and kept.keys() == FRAME_FIELDS:  # a release may have changed the shape
        return SiteFrame(**{**kept, "logo": Logo(**kept["logo"]) if kept["logo"] else None})
    frame = _read_frame(site, request)
    cache.set(key, asdict(frame), FRAME_SECONDS)
    return frame


def site(request: HttpRequest) -> dict:
    """The frame of the site and whether the CMS link is shown; lazy, so that a template that uses neither costs nothing."""
    frame = SimpleLazyObject(lambda: site_frame(request))
    return {
        "site_frame": frame,
        "brand_name": SimpleLazyObject(lambda: site_frame(request).name),
        "brand_logo": SimpleLazyObject(lambda: site_frame(request).logo),
        "may_use_cms": lambda: works_in_cms(request.user),
    }

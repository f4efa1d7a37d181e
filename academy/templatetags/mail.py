"""What a mail needs besides its words: who writes, from where, and one button."""

from django import template
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _
from wagtail.models import Site

from academy.brand import text_on
from academy.models import Brand

register = template.Library()

FRAME_SECONDS = 300


@register.simple_tag
def mail_frame() -> dict[str, str]:
    """Name, address and accent of the default site; a mail has no request to ask."""
    frame = cache.get("mail-frame")
    if frame is None:
        site = Site.objects.filter(is_default_site=True).first()
        brand = Brand.for_site(site) if site else Brand()
        frame = {"name": brand.name, "accent": brand.accent, "on_accent": text_on(brand.accent)}
        cache.set("mail-frame", frame, FRAME_SECONDS)
    return {**frame, "base_url": settings.BASE_URL, "host": settings.BASE_URL.partition("://")[2]}


@register.inclusion_tag("emails/_button.html")
def mail_button(label: str, url: str) -> dict:
    """The one thing to do. The address is also written out, for those whose program hides buttons."""
    return {"label": label, "url": absolute(url), "frame": mail_frame()}


@register.simple_tag
def absolute(url: str) -> str:
    """The same address with the host in front, if it has none."""
    return url if "://" in str(url) else f"{settings.BASE_URL}/{str(url).lstrip('/')}"


@register.simple_tag
def mail_way(label: str, url: str) -> str:
    """The same as the button, in a letter of plain text: what to do, and below it where. The colon is that of the language."""
    return f"{_('%(label)s:') % {'label': label}}\n{absolute(url)}"

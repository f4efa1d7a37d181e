"""Links around a page, in templates."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from academy.links import leaving as departures
from academy.links.backlinks import backlinks_for
from academy.privacy import hidden_for

register = template.Library()


@register.inclusion_tag("ui/backlinks.html", takes_context=True)
def backlinks(context, page) -> dict:
    """The pages that link here, as far as this reader may open them. Shows nothing for a page that is not published."""
    request = context.get("request")
    is_shown = request is not None and page.pk is not None and page.live and not getattr(request, "is_preview", False)
    return {"backlinks": backlinks_for(request, page) if is_shown else []}


def _warning(context, page, how: str) -> SafeString:
    request = context["request"]
    left = departures.leaving(page, hidden_for(request), reader=request.user, moves=how == "move")
    return render_to_string("wagtailadmin/pages/_leaving.html", {"left": left, "how": how})


@register.simple_tag(takes_context=True)
def leaving(context, page, how: str) -> SafeString:
    """What others lose when this page is deleted (`how="delete"`), unpublished or moved."""
    return _warning(context, page, how)


@register.simple_block_tag(takes_context=True)
def warned(context, content, page, how: str) -> SafeString:
    """A confirmation of Wagtail's with the warning before its form: that screen has no place of its own for it."""
    start = '<div class="nice-padding">'
    return mark_safe(content.replace(start, start + _warning(context, page, how), 1))  # noqa: S308 (what two templates rendered)

"""Links around a page, in templates."""

from django import template

from academy.links.backlinks import backlinks_for

register = template.Library()


@register.inclusion_tag("ui/backlinks.html", takes_context=True)
def backlinks(context, page) -> dict:
    """The pages that link here, as far as this reader may open them. Shows nothing for a page that is not published."""
    request = context.get("request")
    is_shown = request is not None and page.pk is not None and page.live and not getattr(request, "is_preview", False)
    return {"backlinks": backlinks_for(request, page) if is_shown else []}

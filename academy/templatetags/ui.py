"""The components. Each is a Python signature: an argument that nobody knows is a TemplateSyntaxError when the page loads."""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import segno
from django import template
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from academy import charts, languages
from academy.dates import city, date_range
from academy.dates import money as in_money
from academy.ui import PILLARS, pathway_in_general

register = template.Library()

KINDS = {
    "button": {"primary", "quiet", "danger"},
    "callout": {"note", "warning", "danger", "success"},
    "status": {"neutral", "good", "warn", "bad", "info"},
}


def _known(what: str, kind: str) -> str:
    if kind not in KINDS[what]:
        raise template.TemplateSyntaxError(f"{what}: kind {kind!r} is not one of {', '.join(sorted(KINDS[what]))}")
    return kind


def _mark(*words: Any) -> str:
    """A short stable id made from words, for aria-labelledby."""
    return hashlib.sha1("|".join(map(str, words)).encode(), usedforsecurity=False).hexdigest()[:8]


# --- actions


@register.inclusion_tag("ui/button_link.html")
def button_link(label: str, href: str, kind: str = "primary", download: bool = False, current: bool = False) -> dict:
    return {"label": label, "href": href, "kind": _known("button", kind), "download": download, "current": current}


@register.inclusion_tag("ui/submit.html")
def submit(label: str, kind: str = "primary", name: str = "", value: str = "", form: str = "", formaction: str = "") -> dict:
    return {"label": label, "kind": _known("button", kind), "name": name, "value": value, "form": form, "formaction": formaction}


@register.inclusion_tag("ui/mails_first.html")
def mails_first(form: str = "", in_cms: bool = False, intent: str = "") -> dict:
    """Beside the button of an act whose view is marked with `academy.rehearsal.shows_mails`. `form`: the id of its form, where it stands outside;
    `intent`: which of the acts of that form, where there are several.
    """
    return {"form": form, "in_cms": in_cms, "intent": intent}


# --- containers


@register.simple_block_tag
def callout(content: SafeString, kind: str = "note", title: str = "") -> SafeString:
    return render_to_string("ui/callout.html", {"content": content, "kind": _known("callout", kind), "title": title})


@register.simple_block_tag
def card(content: SafeString, title: str = "", href: str = "", eyebrow: str = "", level: int = 3) -> SafeString:
    return render_to_string("ui/card.html", {"content": content, "title": title, "href": href, "eyebrow": eyebrow, "level": level})


@register.simple_block_tag
def empty(content: SafeString, title: str = "") -> SafeString:
    return render_to_string("ui/empty.html", {"content": content, "title": title})


@register.simple_block_tag
def scroll_table(content: SafeString, caption: str, hide_caption: bool = False) -> SafeString:
    """A table that scrolls sideways inside a region the keyboard can reach. The caption names both."""
    mark = _mark(caption, content[:400])
    return render_to_string("ui/scroll_table.html", {"content": content, "caption": caption, "mark": mark, "hide_caption": hide_caption})


# --- forms


@register.inclusion_tag("ui/field.html")
def field(bound, label: str = "", wide: bool = False) -> dict:
    """One question: its label, help, errors and input, tied together for a screen reader."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "") or type(widget).__name__.lower()
    return {
        "field": bound,
        "label": label or bound.label,
        "kind": kind,
        "is_group": bound.use_fieldset,
        "is_single_box": kind == "checkbox" and not bound.use_fieldset,
        "is_hidden": bound.is_hidden,
        "wide": wide,
    }


@register.inclusion_tag("ui/form_errors.html")
def form_errors(form) -> dict:
    """What to correct, as links to the questions. Shows nothing when nothing is wrong."""
    if not form.is_bound or not form.errors:
        return {"errors": []}
    found = [(None, "", error) for error in form.non_field_errors()]
    for bound in form:
        target = bound.id_for_label or bound.auto_id
        if bound.use_fieldset:
            target = f"{bound.auto_id}_0"
        found.extend((target if not bound.is_hidden else None, bound.label, error) for error in bound.errors)
    return {"errors": found}


# --- the pathway


@register.inclusion_tag("ui/rail.html")
def rail(stations, label: str = "", stacked: bool = False) -> dict:
    """The pathway: an ordered list of stations, wide where there is room, stacked where there is not."""
    stations = list(stations)
    return {"stations": stations, "label": label or _("Pathway"), "stacked": stacked or len(stations) > 7}


@register.inclusion_tag("ui/rail_mini.html")
def rail_mini(stations, label: str = "") -> dict:
    """The same pathway in one line of text height: for a cell of the matrix, or the certificate."""
    stations = list(stations)
    xs, width = charts.rail_points(len(stations))
    done = sum(station.state == "done" for station in stations)
    here = next((station.label for station in stations if station.state == "here"), "")
    words = _("%(done)d of %(all)d stages done") % {"done": done, "all": len(stations)}
    if here:
        words = _("%(words)s, now: %(here)s") % {"words": words, "here": here}
    return {
        "points": list(zip(xs, stations, strict=True)),
        "width": width,
        "reach": max((x for x, station in zip(xs, stations, strict=True) if station.state in ("done", "here")), default=0),
        "last": xs[-1] if xs else 0,
        "words": f"{label}: {words}" if label else words,
    }


@register.simple_tag
def general_pathway() -> list:
    """The stations of the pathway for someone who has not begun."""
    return pathway_in_general()


@register.inclusion_tag("ui/pillar.html")
def pillar(key: str, label: str = "") -> dict:
    """The name of a pillar after its shape."""
    if str(key) not in PILLARS:
        raise template.TemplateSyntaxError(f"pillar: {key!r} is not one of {', '.join(PILLARS)}")
    return {"pillar": PILLARS[str(key)], "label": label or PILLARS[str(key)].label}


# --- numbers


@register.inclusion_tag("ui/radar.html")
def radar(series, title: str = "", top: int = 100) -> dict:
    """Series on one radar, and the same numbers in a table beside. `top` is the highest level, for the table."""
    series = list(series)
    drawn = charts.radar(series, top=top)
    title = title or _("Comparison by axis")
    return {"radar": drawn, "series": series, "title": title, "mark": _mark(title, drawn)}


@register.inclusion_tag("ui/bar_row.html")
def bar_row(label, words: str = "", bar: charts.Bar | None = None, forecast: bool = False) -> dict:
    """One line of a bar chart, an item of a list: its name, the number in words, the bar. Without words: not given."""
    return {"label": label, "words": words, "bar": bar, "forecast": forecast}


@register.inclusion_tag("ui/progress.html")
def progress(done: int, total: int, label: str = "") -> dict:
    done, total = int(done or 0), int(total or 0)
    words = _("%(done)d of %(total)d") % {"done": done, "total": total}
    return {"done": done, "total": max(total, 1), "label": label, "words": words, "is_complete": total > 0 and done >= total}


@register.inclusion_tag("ui/status.html")
def status(label: str, kind: str = "neutral") -> dict:
    return {"label": label, "kind": _known("status", kind)}


@register.simple_tag
def qr(url: str, label: str = "") -> SafeString:
    """A QR code as inline SVG with its quiet zone, black on white in every theme."""
    drawing = segno.make(str(url), error="m", micro=False).svg_inline(
        border=4, omitsize=True, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    words = label or _("QR code: %(url)s") % {"url": url}
    return format_html('<span class="qr" role="img" aria-label="{}">{}</span>', words, mark_safe(drawing))  # noqa: S308 (segno's drawing)


# --- time


@register.simple_tag
def when(moment: datetime | None, zone: str = "", short: bool = False) -> str:
    """A moment in the reader's time zone, or in the `zone` of a place, which is then named."""
    if not moment:
        return ""
    local = timezone.localtime(moment, ZoneInfo(zone)) if zone else timezone.localtime(moment)
    day_words = formats.date_format(local, "SHORT_DATE_FORMAT" if short else "DATE_FORMAT")
    time_words = formats.date_format(local, "TIME_FORMAT")
    place = f" ({city(zone)})" if zone else ""
    return format_html('<time datetime="{}">{} · {}{}</time>', local.isoformat(timespec="minutes"), day_words, time_words, place)


@register.simple_tag
def day(value: date | datetime | None, short: bool = False) -> str:
    if not value:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    words = formats.date_format(value, "SHORT_DATE_FORMAT" if short else "DATE_FORMAT")
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words)


@register.simple_tag
def days(first: datetime, last: datetime, zone: str = "") -> str:
    """From one day to another, as they are in the `zone` of the place."""
    begins, ends = (timezone.localtime(moment, ZoneInfo(zone) if zone else None).date() for moment in (first, last))
    return format_html('<time datetime="{}">{}</time>', begins.isoformat(), date_range(begins, ends))


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    return "" if amount is None else in_money(amount, currency)


BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"))


@register.filter
def browser(user_agent: str) -> str:
    """`Firefox, Android` out of what a browser says of itself; its own words when nothing is recognised."""
    found = [next((name for sign, name in signs if sign in user_agent), "") for signs in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, found)) or user_agent


# --- finding one's way


@register.inclusion_tag("ui/breadcrumbs.html")
def breadcrumbs(items) -> dict:
    return {"items": [(label, href) for label, href in items]}


@register.inclusion_tag("ui/pagination.html", takes_context=True)
def pagination(context, page_obj, param: str = "page") -> dict:
    """Numbered pages; keeps every other part of the address (filters, search)."""

    query = context["request"].GET.copy() if "request" in context else QueryDict(mutable=True)
    query.pop(param, None)
    rest = f"{query.urlencode()}&" if query else ""

    def address(number: int) -> str:
        return f"?{rest}{param}={number}"

    numbers = page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)
    return {
        "page_obj": page_obj,
        "pages": [(number, address(number) if isinstance(number, int) else "") for number in numbers],
        "previous": address(page_obj.previous_page_number()) if page_obj.has_previous() else "",
        "next": address(page_obj.next_page_number()) if page_obj.has_next() else "",
    }


@register.inclusion_tag("ui/language_switch.html", takes_context=True)
def language_switch(context) -> dict:
    """This page in the other languages, or their home page when it does not exist there."""
    return {"alternates": [one for one in languages.alternates(context) if not one.is_current]}


@register.inclusion_tag("ui/hreflang.html", takes_context=True)
def hreflang(context) -> dict:
    """Full addresses of this page in every language in which this reader may open it."""
    request = context.get("request")
    same = [one for one in languages.alternates(context) if one.is_same_page]
    return {"alternates": [(one.code, request.build_absolute_uri(one.href.partition("?")[0])) for one in same] if len(same) > 1 else []}


@register.simple_tag(takes_context=True)
def menu_place(context) -> str:
    """Under which entry of the menu the reader is: all that changes in the menu from one page to another (`here` reads no more)."""
    request = context.get("request")
    parts = request.path.split("/")[2:] if request is not None else []
    depth = 2 if parts[:1] == ["my"] else 1
    return "/".join(parts[:depth]) + ("/…" if any(parts[depth:]) else "")


@register.simple_tag(takes_context=True)
def here(context, prefix: str) -> SafeString:
    """`aria-current` for a menu entry: the page itself, or somewhere under it."""
    request = context.get("request")
    if request is None or not request.path.startswith(prefix):
        return mark_safe("")
    return mark_safe(' aria-current="page"' if request.path == prefix else ' aria-current="true"')  # noqa: S308 (two constants)


@register.simple_tag
def colon() -> str:
    """Between a name and what is said of it, as the reader's language writes it: French puts a space before."""
    return pgettext("between a name and what is said of it", ": ")

"""What a page says: the links in its texts and the places they could point at. Reads a page, writes nothing."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.rich_text.rewriters import extract_attrs

from academy.blocks import contents_of
from academy.html import text_of
from academy.links.keys import asked, key_of, path_key
from academy.links.models import LONGEST_KEY, LinkKind, NameKind

A_LINK = re.compile(r"<a(\b[^>]*)>(.*?)</a>", re.DOTALL)
LONGEST_ADDRESS = 2000


@dataclass(frozen=True)
class Link:
    """One link as written. Two that lead to the same place are one; the words of the first are kept."""

    kind: str
    number: int | None = None
    title: str = ""
    key: str = ""
    short_key: str = ""
    anchor: str = ""
    url: str = ""


def texts_of(page: Page) -> Iterator[Any]:
    """Every part of the page's rich fields: strings of HTML, and (key, value) of what a block chooses."""
    for field in page._meta.get_fields():
        if isinstance(field, StreamField):
            value = field.value_from_object(page)
            yield from _parts(value.get_prep_value() if value is not None else [])
        elif isinstance(field, RichTextField):
            yield field.value_from_object(page) or ""


def _parts(part: Any) -> Iterator[Any]:
    if isinstance(part, str):
        if "<a " in part:
            yield part
    elif isinstance(part, dict):
        for name, inner in part.items():
            if name == "document" and isinstance(inner, int):
                yield ("document", inner)
            elif name == "url" and isinstance(inner, str):
                yield ("url", inner)
            else:
                yield from _parts(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _parts(inner)


def _own_hosts() -> set[str]:
    return {urlsplit(settings.BASE_URL).netloc}


def _of_address(address: str, page: Page) -> Link | None:
    """A link written as an address: a place in this page, a page or a file of this site, or another site; None for mail and such."""
    address = address.strip()
    if address.startswith("#"):
        anchor = address[1:][:LONGEST_KEY]
        return Link(LinkKind.PAGE, number=page.pk, anchor=anchor) if anchor else None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if (not parts.scheme and not parts.netloc and parts.path.startswith("/")) or parts.netloc in _own_hosts():
        return Link(LinkKind.PATH, title=parts.path[:500] or "/", anchor=parts.fragment[:LONGEST_KEY])
    if parts.scheme in ("http", "https") and parts.netloc and len(address) <= LONGEST_ADDRESS:
        return Link(LinkKind.WEB, url=address)
    return None


def _of_tag(attributes: dict[str, str], page: Page) -> Link | None:
    kind, number = attributes.get("linktype"), attributes.get("id", "")
    if kind == "wanted":
        target = " ".join(html.unescape(attributes.get("target", "")).split())[:500]
        found = asked(target)
        return Link(LinkKind.WANTED, title=target, key=found.key, short_key=found.short_key) if found.key else None
    if kind == "document":
        return Link(LinkKind.FILE, number=int(number)) if number.isdigit() else None
    if kind == "page":
        place = html.unescape(attributes.get("href", ""))
        anchor = place[1:][:LONGEST_KEY] if place.startswith("#") else ""
        return Link(LinkKind.PAGE, number=int(number), anchor=anchor) if number.isdigit() else None
    return _of_address(html.unescape(attributes.get("href", "")), page)


def links_of(page: Page) -> dict[Link, str]:
    """The links of a page, in order, each with the words that carry it first."""
    found: dict[Link, str] = {}
    for part in texts_of(page):
        if isinstance(part, tuple):
            link = Link(LinkKind.FILE, number=part[1]) if part[0] == "document" else _of_address(part[1], page)
            if link:
                found.setdefault(link, "")
            continue
        for match in A_LINK.finditer(part):
            link = _of_tag(extract_attrs(match[1]), page)
            if link:
                found.setdefault(link, text_of(match[2])[:200])
    return found


def places_of(page: Page) -> set[str]:
    """The anchors of a page: those of its headings, as readers meet them (a monograph adds some)."""
    whole = getattr(page, "whole_body", None)
    bodies = [field.value_from_object(page) for field in page._meta.get_fields() if isinstance(field, StreamField)]
    more = page.more_places() if hasattr(page, "more_places") else ()
    return {
        "main",
        *more,
        *(entry.anchor[:LONGEST_KEY] for body in ([whole] if whole is not None else bodies) for entry in contents_of(body)),
    }


def names_of(page: Page) -> set[tuple[str, str]]:
    """What the page answers to, as (kind, key)."""
    names = {(NameKind.TITLE, key_of(page.title)), (NameKind.SLUG, key_of(page.slug))}
    for source in page.source_names() if hasattr(page, "source_names") else ():
        whole = path_key(source)
        names |= {(NameKind.SOURCE, whole), (NameKind.SOURCE, whole.rpartition("/")[2])}
    names |= {(NameKind.ANCHOR, anchor) for anchor in places_of(page)}
    return {(str(kind), key) for kind, key in names if key}


def as_gone(link: Link, title: str) -> Link:
    """The same link once its page is deleted: it asks for a page of that name."""
    return replace(link, title=title, key=key_of(title))

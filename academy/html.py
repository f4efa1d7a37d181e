"""The one sanitiser: every piece of HTML that a person or a file brought in passes here, on write, before it is kept.

bleach cleans with an allow-list and nh3 has the last word with the same list (bleach is no longer maintained: removing it
means deleting one line). `style`, `svg`, `math` and `noscript` are not allowed: with them, crafted markup got through
both libraries. Comments, event attributes, `style=`, `class=`, `javascript:` and `data:` never survive.
"""

import re
from functools import lru_cache
from html import escape, unescape

import nh3
from bleach.sanitizer import Cleaner

INLINE_TAGS = frozenset({"a", "abbr", "b", "br", "code", "del", "em", "i", "ins", "kbd", "mark", "s", "small", "strong", "sub", "sup", "u"})
BLOCK_TAGS = frozenset(
    {
        "blockquote",
        "caption",
        "dd",
        "dl",
        "dt",
        "h2",
        "h3",
        "h4",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    }
)
TAGS = INLINE_TAGS | BLOCK_TAGS
# `linktype` and `id` are how Wagtail writes a link to a page or a document; `target` names the page that a link still waits for.
# A `term` is a word of the glossary.
ATTRIBUTES = {
    "a": {"href", "title", "hreflang", "linktype", "id", "target"},
    "abbr": {"title"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
SCHEMES = {"http", "https", "mailto", "tel"}
# What is dropped with its words, not only its tag: those words were never meant to be read.
SILENT_TAGS = frozenset(
    {"script", "style", "template", "iframe", "object", "noscript", "svg", "math", "textarea", "title", "xmp", "noembed", "noframes"}
)

_SILENT = re.compile(rf"<({'|'.join(sorted(SILENT_TAGS))})\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
LINK_TYPES = {"page", "document", "wanted", "term"}
MOST_CHARACTERS = 2_000_000
MOST_ASKED = 300
# nh3 writes every attribute as name="value", with no quotation mark inside the value
_LINK = re.compile(r'<a((?:\s+[\w-]+="[^"]*")+)\s*>')
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    """Both sanitisers ask this of each attribute: an id is a number of ours, a link type one we know, spans and starts small numbers."""
    if tag == "a" and name == "id" and not re.fullmatch(r"[0-9]{1,12}", value):
        return None
    if name == "linktype" and value not in LINK_TYPES:
        return None
    if name == "target" and (value.startswith("_") or len(value) > MOST_ASKED):
        return None
    if name in ("colspan", "rowspan", "start") and not re.fullmatch(r"[0-9]{1,3}", value):
        return None
    if name == "scope" and value not in ("row", "col", "rowgroup", "colgroup"):
        return None
    return value


@lru_cache(maxsize=8)
def _cleaner(tags: frozenset[str]) -> Cleaner:
    return Cleaner(
        tags=tags,
        attributes=lambda tag, name, value: name in ATTRIBUTES.get(tag, ()) and _keep_attribute(tag, name, value) is not None,
        protocols=SCHEMES,
        strip=True,
        strip_comments=True,
    )


def _clean(html: str, tags: frozenset[str]) -> str:
    html = (html or "").replace("\x00", "")
    if len(html) > MOST_CHARACTERS:
        raise ValueError("This text is too long to be cleaned.")
    html = _SILENT.sub("", html)  # tidiness only: the two sanitisers below are what protects
    html = _cleaner(tags).clean(html)
    html = nh3.clean(
        html,
        tags=set(tags),
        clean_content_tags=set(SILENT_TAGS - tags),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items() if tag in tags},
        attribute_filter=_keep_attribute,
        url_schemes=SCHEMES,
        strip_comments=True,
        link_rel="noopener noreferrer",
    )
    return _LINK.sub(_only_what_its_kind_needs, html)


def _only_what_its_kind_needs(tag: re.Match) -> str:
    """A link to a page not written yet keeps what it asks for and nothing else; no other link keeps a `target`."""
    attributes = dict(_ATTRIBUTE.findall(tag[1]))
    if attributes.get("linktype") == "wanted":
        asked = " ".join(unescape(attributes.get("target", "")).split())[:MOST_ASKED].strip()
        return f'<a linktype="wanted" target="{escape(asked)}">' if asked else '<a rel="noopener noreferrer">'
    if "target" not in attributes:
        return tag[0]
    return "<a" + "".join(f' {name}="{value}"' for name, value in attributes.items() if name != "target") + ">"


def clean(html: str) -> str:
    """HTML of a body: paragraphs, lists, tables, headings 2 to 4, links and emphasis. The same input gives the same output."""
    return _clean(html, TAGS)


def clean_inline(html: str) -> str:
    """HTML inside one line or one cell: emphasis and links; block tags go, their words stay."""
    return _clean(html, INLINE_TAGS)


def text_of(html: str) -> str:
    """The words alone, for a summary or a count."""
    if html and "<" not in html and "&" not in html:
        return re.sub(r"[ \t\r\n]+", " ", html).strip()
    spaced = re.sub(r"<(?:/(?:p|li|h[1-6]|td|th|tr|blockquote|dd|dt|pre)|br\s*/?)>", "\\g<0> ", html or "", flags=re.IGNORECASE)
    bare = nh3.clean(spaced, tags=set(), clean_content_tags=set(SILENT_TAGS))
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\u00a0"), ("&quot;", '"'), ("&amp;", "&")):
        bare = bare.replace(entity, character)
    return re.sub(r"[ \t\r\n]+", " ", bare).strip()

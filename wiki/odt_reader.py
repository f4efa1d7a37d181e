"""An OpenDocument text as HTML: headings, lists, tables, notes, pictures, links and emphasis. Pure; its XML is read without entities."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from xml.etree.ElementTree import Element

from django.utils.translation import gettext_noop

from academy.opened import OpenedZip
from wiki.pad import Report

NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
}
PREFIXES = {address: prefix for prefix, address in NAMES.items()}
DEEPEST = 80
MOST_REPEATED = 60
SKIPPED = {"text:tracked-changes", "text:sequence-decls", "office:forms", "text:note-citation", "svg:title", "svg:desc"}


def _name(element: Element) -> str:
    if not isinstance(element.tag, str):
        return ""
    address, _brace, local = element.tag.removeprefix("{").partition("}")
    return f"{PREFIXES[address]}:{local}" if address in PREFIXES else local


def _get(element: Element, name: str, default: str = "") -> str:
    prefix, local = name.split(":")
    return element.get(f"{{{NAMES[prefix]}}}{local}", default)


@dataclass
class _Style:
    """How a named style looks; what it does not say, its parent says."""

    parent: str = ""
    label: str = ""
    tags: dict[str, bool] = field(default_factory=dict)


class _Styles:
    def __init__(self, roots: list[Element]) -> None:
        self.known: dict[str, _Style] = {}
        self.numbered: dict[str, set[int]] = {}
        for root in roots:
            for element in root.iter():
                if _name(element) == "style:style":
                    self.known[_get(element, "style:name")] = self._read(element)
                elif _name(element) == "text:list-style":
                    self.numbered[_get(element, "style:name")] = {
                        int(_get(level, "text:level", "1") or 1) for level in element if _name(level) == "text:list-level-style-number"
                    }

    def _read(self, element: Element) -> _Style:
        style = _Style(_get(element, "style:parent-style-name"), _get(element, "style:display-name"))
        for properties in element:
            if _name(properties) != "style:text-properties":
                continue
            weight, slant = _get(properties, "fo:font-weight"), _get(properties, "fo:font-style")
            if weight:
                style.tags["b"] = weight in ("bold", "600", "700", "800", "900")
            if slant:
                style.tags["i"] = slant != "normal"
            for tag, attribute in (("u", "style:text-underline-style"), ("s", "style:text-line-through-style")):
                if _get(properties, attribute):
                    style.tags[tag] = _get(properties, attribute) != "none"
            position = _get(properties, "style:text-position")
            if position:
                style.tags["sup"] = position.startswith("super") or (position[:1].isdigit() and not position.startswith("0"))
                style.tags["sub"] = position.startswith(("sub", "-"))
        return style

    def chain(self, name: str) -> list[tuple[str, _Style]]:
        found: list[tuple[str, _Style]] = []
        while name and name in self.known and len(found) < 20:
            found.append((name, self.known[name]))
            name = self.known[name].parent
        return [*found, *([(name, _Style())] if name and len(found) < 20 else [])]

    def tags(self, name: str) -> list[str]:
        merged: dict[str, bool] = {}
        for _name_of, style in self.chain(name):
            merged = {**style.tags, **merged}
        return [tag for tag in ("b", "i", "u", "s", "sup", "sub") if merged.get(tag)]

    def is_like(self, name: str, *families: str) -> bool:
        return any(own in families or style.label in families for own, style in self.chain(name))


def odt_html(content: bytes, name: str, report: Report) -> tuple[str, dict[str, bytes]]:
    """HTML, and the pictures inside by the address that the HTML gives them."""
    with OpenedZip(content, name) as opened:
        opened.check()
        body = opened.xml("content.xml")
        roots = [opened.xml("styles.xml")] if "styles.xml" in opened else []
        writer = _Writer(_Styles([*roots, body]), report, opened)
        text = body.find(f".//{{{NAMES['office']}}}text")
        html = writer.children(text, 0) if text is not None else ""
        if roots and any(_words(master).strip() for master in roots[0].iter(f"{{{NAMES['style']}}}master-page")):
            report.lost[gettext_noop("headers and footers of the pages")] += 1
        notes = "".join(f"<li>{note}</li>" for note in writer.notes)
        if notes:
            report.changed[gettext_noop("footnotes, listed at the end")] += len(writer.notes)
        return html + (f"<hr><ol>{notes}</ol>" if notes else ""), writer.files


def _words(element: Element) -> str:
    return "".join(element.itertext())


class _Writer:
    def __init__(self, styles: _Styles, report: Report, opened: OpenedZip) -> None:
        self.styles, self.report, self.opened = styles, report, opened
        self.files: dict[str, bytes] = {}
        self.notes: list[str] = []
        self._lists: list[str] = []

    def children(self, element: Element, depth: int) -> str:
        """What an element holds, its own words and those after each child included."""
        if depth > DEEPEST:
            self.report.changed[gettext_noop("parts nested too deep, as plain text")] += 1
            return escape(_words(element), quote=False)
        pieces = [escape(element.text or "", quote=False)]
        for child in element:
            pieces += [self.write(child, depth + 1), escape(child.tail or "", quote=False)]
        return "".join(pieces)

    def write(self, element: Element, depth: int) -> str:
        name = _name(element)
        if name in SKIPPED:
            return ""
        handler: Callable[[Element, int], str] | None = getattr(self, f"_{name.replace(':', '_').replace('-', '_')}", None)
        return handler(element, depth) if handler else self.children(element, depth)

    def _text_h(self, element: Element, depth: int) -> str:
        level = _get(element, "text:outline-level", "1")
        level = min(max(int(level), 1), 6) if level.isascii() and level.isdigit() else 1
        return f"<h{level}>{self.children(element, depth)}</h{level}>"

    def _text_p(self, element: Element, depth: int) -> str:
        style = _get(element, "text:style-name")
        inside = self.children(element, depth)
        if self.styles.is_like(style, "Title", "Titre principal"):
            return f"<h1>{inside}</h1>"
        if self.styles.is_like(style, "Preformatted_20_Text", "Preformatted Text"):
            return f"<pre>{inside}</pre>"
        for tag in self.styles.tags(style):
            inside = f"<{tag}>{inside}</{tag}>"
        return f"<blockquote><p>{inside}</p></blockquote>" if self.styles.is_like(style, "Quotations") else f"<p>{inside}</p>"

    def _text_span(self, element: Element, depth: int) -> str:
        inside, style = self.children(element, depth), _get(element, "text:style-name")
        if self.styles.is_like(style, "Source_20_Text"):
            return f"<code>{inside}</code>"
        for tag in self.styles.tags(style):
            inside = f"<{tag}>{inside}</{tag}>"
        return inside

    def _text_a(self, element: Element, depth: int) -> str:
        address = _get(element, "xlink:href").removesuffix("|outline")
        if address.startswith("../"):  # seen from inside the zip, the folder of the file is one step up
            address = address[3:]
        return f'<a href="{escape(address)}">{self.children(element, depth)}</a>'

    def _text_s(self, element: Element, _depth: int) -> str:
        count = _get(element, "text:c", "1")
        return " " * min(int(count), 200) if count.isascii() and count.isdigit() else " "

    def _text_tab(self, _element: Element, _depth: int) -> str:
        return " "

    def _text_line_break(self, _element: Element, _depth: int) -> str:
        return "<br>"

    def _text_bookmark_start(self, element: Element, _depth: int) -> str:
        return f'<a id="{escape(_get(element, "text:name"))}"></a>'

    _text_bookmark = _text_bookmark_start

    def _text_note(self, element: Element, depth: int) -> str:
        body = next((child for child in element if _name(child) == "text:note-body"), None)
        number = len(self.notes)
        self.notes.append("")
        self.notes[number] = self.children(body, depth) if body is not None else ""
        return f"<sup>{number + 1}</sup>"

    def _office_annotation(self, _element: Element, _depth: int) -> str:
        self.report.lost[gettext_noop("comments in the margin")] += 1
        return ""

    def _text_list(self, element: Element, depth: int) -> str:
        self._lists.append(_get(element, "text:style-name") or (self._lists[-1] if self._lists else ""))
        tag = "ol" if len(self._lists) in self.styles.numbered.get(self._lists[-1], set()) else "ul"
        items = "".join(
            f"<li>{self.children(item, depth + 1)}</li>" for item in element if _name(item) in ("text:list-item", "text:list-header")
        )
        self._lists.pop()
        return f"<{tag}>{items}</{tag}>"

    def _table_table(self, element: Element, depth: int) -> str:
        return f"<table>{self.children(element, depth)}</table>"

    def _table_table_header_rows(self, element: Element, depth: int) -> str:
        return f"<thead>{self.children(element, depth)}</thead>"

    def _table_table_row(self, element: Element, depth: int) -> str:
        return f"<tr>{self.children(element, depth)}</tr>"

    def _table_table_cell(self, element: Element, depth: int) -> str:
        spans = "".join(
            f' {name}="{_get(element, key)}"'
            for name, key in (("colspan", "table:number-columns-spanned"), ("rowspan", "table:number-rows-spanned"))
            if _get(element, key, "1").isdigit() and _get(element, key, "1") != "1"
        )
        repeated = _get(element, "table:number-columns-repeated", "1")
        times = min(int(repeated), MOST_REPEATED) if repeated.isascii() and repeated.isdigit() else 1
        return f"<td{spans}>{self.children(element, depth)}</td>" * times

    def _table_covered_table_cell(self, _element: Element, _depth: int) -> str:
        return ""

    def _draw_frame(self, element: Element, depth: int) -> str:
        words = " ".join(_words(child).strip() for child in element if _name(child) in ("svg:title", "svg:desc"))
        inside = []
        for child in element:
            address = _get(child, "xlink:href").removeprefix("./")
            if _name(child) == "draw:image" and address:
                if address in self.opened:
                    self.files.setdefault(address, self.opened.bytes(address))
                inside.append(f'<img src="{escape(address)}" alt="{escape(words)}">')
                break  # the others are the same picture in other formats
            if _name(child) == "draw:text-box":
                inside.append(self.children(child, depth + 1))
                self.report.changed[gettext_noop("text in boxes, as paragraphs")] += 1
            elif _name(child) in ("draw:object", "draw:object-ole"):
                self.report.lost[gettext_noop("objects that another programme shows")] += 1
        return "".join(inside)

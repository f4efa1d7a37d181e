"""An OpenDocument text as HTML: headings, lists, tables, notes, pictures, links and emphasis. Pure; its XML is read without entities."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from xml.etree.ElementTree import Element

from django.utils.translation import gettext_noop

from academy.opened import OpenedZip
from wiki.pad import Report
from wiki.symbols import signs, symbol_font

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
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
DEEPEST = 80
MOST_REPEATED = 60
# What is left out with its words; some is counted elsewhere.
SKIPPED = {
    "text:sequence-decls", "text:variable-decls", "text:user-field-decls", "office:forms", "text:note-citation", "svg:title", "svg:desc",
    "text:script", "text:ruby-text", "office:event-listeners", "office:annotation-end",
}  # fmt: skip
INDEXES = {"text:table-of-content", "text:illustration-index", "text:table-index", "text:object-index", "text:user-index"}
MATH = "{http://www.w3.org/1998/Math/MathML}"


def _name(element: Element) -> str:
    if not isinstance(element.tag, str):
        return ""
    address, _brace, local = element.tag.removeprefix("{").partition("}")
    return f"{PREFIXES[address]}:{local}" if address in PREFIXES else local


def _number(value: str, default: int = 0) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else default


def _get(element: Element, name: str, default: str = "") -> str:
    prefix, local = name.split(":")
    return element.get(f"{{{NAMES[prefix]}}}{local}", default)


@dataclass
class _Style:
    """How a named style looks; what it does not say, its parent says."""

    parent: str = ""
    label: str = ""
    level: int = 0
    hidden: bool = False
    font: str = ""
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
        style.level = _number(_get(element, "style:default-outline-level"))
        for properties in element:
            if _name(properties) != "style:text-properties":
                continue
            style.font = symbol_font(_get(properties, "style:font-name") or _get(properties, "fo:font-family").strip("'\""))
            style.hidden = _get(properties, "text:display") == "none"
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

    def level(self, name: str) -> int:
        """The outline level that a style gives its paragraphs; 0 for none."""
        return next((style.level for _own, style in self.chain(name) if style.level), 0)

    def font(self, name: str) -> str:
        """The symbol font that a style asks for."""
        return next((style.font for _own, style in self.chain(name) if style.font), "")

    def is_hidden(self, name: str) -> bool:
        return any(style.hidden for _own, style in self.chain(name))

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
        html = writer.children(text, 0).replace("</pre><pre>", "\n") if text is not None else ""
        report.changed.here = report.lost.here = None
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
        self._counts: dict[str, int] = {}  # how far each numbered list has come, by its name and by its style

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
        if name in INDEXES:
            return self._text_table_of_content(element, depth)
        handler: Callable[[Element, int], str] | None = getattr(self, f"_{name.replace(':', '_').replace('-', '_')}", None)
        return handler(element, depth) if handler else self.children(element, depth)

    def _text_h(self, element: Element, depth: int) -> str:
        level = _get(element, "text:outline-level", "1")
        level = min(max(int(level), 1), 6) if level.isascii() and level.isdigit() else 1
        return self._heading(element, level, depth)

    def _heading(self, element: Element, level: int, depth: int) -> str:
        inside = self.children(element, depth)
        self.report.at(" ".join(_words(element).split())[:80])
        return f"<h{level}>{inside}</h{level}>"

    def _text_p(self, element: Element, depth: int) -> str:
        style = _get(element, "text:style-name")
        if self.styles.is_hidden(style):
            return self._hidden(element)
        level = self.styles.level(style)
        if 0 < level <= 6 and not self._lists:
            return self._heading(element, level, depth)
        inside = self.children(element, depth)
        if self.styles.is_like(style, "Title", "Titre principal"):
            return f"<h1>{inside}</h1>"
        if self.styles.is_like(style, "Preformatted_20_Text", "Preformatted Text"):
            return f"<pre>{inside}</pre>"
        for tag in self.styles.tags(style):
            inside = f"<{tag}>{inside}</{tag}>"
        return f"<blockquote><p>{inside}</p></blockquote>" if self.styles.is_like(style, "Quotations") else f"<p>{inside}</p>"

    def _text_span(self, element: Element, depth: int) -> str:
        style = _get(element, "text:style-name")
        if self.styles.is_hidden(style):
            return self._hidden(element)
        font = self.styles.font(style)
        inside = escape(signs(_words(element), font), quote=False) if font else self.children(element, depth)
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

    def _hidden(self, element: Element) -> str:
        if _words(element).strip():
            self.report.lost[gettext_noop("hidden passages")] += 1
        return ""

    def _text_hidden_text(self, element: Element, _depth: int) -> str:
        return self._hidden(element)

    _text_hidden_paragraph = _text_hidden_text

    def _text_section(self, element: Element, depth: int) -> str:
        return self._hidden(element) if _get(element, "text:display") == "none" else self.children(element, depth)

    def _text_tracked_changes(self, element: Element, _depth: int) -> str:
        regions = sum(_name(child) == "text:changed-region" for child in element)
        if regions:
            self.report.changed[gettext_noop("changes that were proposed, taken as accepted")] += regions
        return ""

    def _text_table_of_content(self, element: Element, _depth: int) -> str:
        lines = sum(1 for body in element if _name(body) == "text:index-body" for one in body.iter() if _name(one) == "text:p")
        self.report.changed[gettext_noop("lines of the table of contents, which each page makes by itself")] += lines
        return ""

    def _text_page_number(self, _element: Element, _depth: int) -> str:
        self.report.lost[gettext_noop("numbers of pages")] += 1
        return "…"

    _text_page_count = _text_page_number

    def _text_list(self, element: Element, depth: int) -> str:
        self._lists.append(_get(element, "text:style-name") or (self._lists[-1] if self._lists else ""))
        tag = "ol" if len(self._lists) in self.styles.numbered.get(self._lists[-1], set()) else "ul"
        found = [item for item in element if _name(item) in ("text:list-item", "text:list-header")]
        start = self._start(element, found) if tag == "ol" and len(self._lists) == 1 else 1
        items = "".join(f"<li>{self.children(item, depth + 1)}</li>" for item in found)
        self._lists.pop()
        return f'<{tag} start="{start}">{items}</{tag}>' if start > 1 else f"<{tag}>{items}</{tag}>"

    def _start(self, element: Element, items: list[Element]) -> int:
        """The number that a list begins with: one that it says itself, or what the list that it goes on with has come to."""
        style, own = self._lists[-1], element.get(XML_ID, "")
        before = _get(element, "text:continue-list") or (f"style {style}" if _get(element, "text:continue-numbering") == "true" else "")
        goes_on = self._counts.get(before, 0)
        start = _number(_get(items[0], "text:start-value")) if items else 0
        start = start or goes_on + 1
        self._counts[own or f"style {style}"] = self._counts[f"style {style}"] = start + len(items) - 1
        return start if start < 1000 else 1

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
        formula = self._formula(element)
        if formula:
            self.report.changed[gettext_noop("formulas, as code")] += 1
            return f"<code>{escape(formula, quote=False)}</code>"
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

    def _formula(self, frame: Element) -> str:
        """What was typed to get the formula in a frame; else its letters, in order."""
        for child in frame:
            member = f"{_get(child, 'xlink:href').removeprefix('./')}/content.xml"
            if _name(child) == "draw:object" and member in self.opened:
                root = self.opened.xml(member)
                if root.tag == f"{MATH}math":
                    typed = root.find(f".//{MATH}annotation")
                    return " ".join((_words(typed) if typed is not None else _words(root)).split())
        return ""

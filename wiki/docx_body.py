"""A Word file said again in words that mammoth hears: what it would drop in silence is kept, or counted with its place. Pure.

Headings by outline level, numbers that go on after a paragraph, cross-references, line ends, signs of symbol fonts and formulas are
rewritten; hidden words and tables of contents are taken out. The walk goes from start to end, so that each count knows its heading.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, tostring

from django.utils.translation import gettext_noop

from academy.opened import OpenedZip
from wiki.pad import Report

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
HEADING_NAME = re.compile(r"^(?:heading|titre|título|überschrift|kop|rubrik|titolo) ?([1-6])$", re.IGNORECASE)
CONTENTS_NAME = re.compile(r"^(?:toc|tm|contents) (?:\d|heading)$|^toc heading$|^table of figures$", re.IGNORECASE)
SYMBOL_FONT = re.compile(r"^(?:wingdings|webdings|symbol)", re.IGNORECASE)
DEEPEST_HEADING = 6
OURS = "SmartAcademyHeading"  # styles of ours that Word files do not have
# Stands before the words of an item whose number is not its place in the list: mammoth writes no numbers.
NUMBER = "\ue001"
WRAPPERS = {f"{W}{name}" for name in ("fldSimple", "customXml", "dir", "bdo")}
PROPOSED = {f"{W}{name}" for name in ("ins", "del", "moveFrom")}


class Styles:
    """What the names of styles mean: a heading by its name, by its outline level or by its parent; a line of a table of contents."""

    def __init__(self, root: Element | None) -> None:
        self.names: dict[str, str] = {}
        self.parents: dict[str, str] = {}
        self.outlines: dict[str, int | None] = {}
        self.numbered: set[str] = set()
        for style in root.iter(f"{W}style") if root is not None else ():
            key = style.get(f"{W}styleId", "")
            self.names[key] = _value(style, f"{W}name")
            self.parents[key] = _value(style, f"{W}basedOn")
            self.outlines[key] = outline_level(style.find(f"{W}pPr"))
            if style.find(f"{W}pPr/{W}numPr") is not None:
                self.numbered.add(key)

    def chain(self, key: str) -> Iterator[str]:
        for _step in range(20):
            if key not in self.names:
                return
            yield key
            key = self.parents[key]

    def level(self, key: str) -> int | None:
        for one in self.chain(key):
            named = HEADING_NAME.match(self.names[one])
            if named:
                return int(named[1])
            if self.outlines[one] is not None:
                return self.outlines[one]
        return None

    def is_known_heading(self, key: str) -> bool:
        return bool(HEADING_NAME.match(self.names.get(key, "")))

    def is_contents(self, key: str) -> bool:
        return any(CONTENTS_NAME.match(self.names[one]) for one in self.chain(key))


class Numbers:
    """The number of each item of a numbered list, as Word counts: through paragraphs and tables, until a list says that it begins anew."""

    def __init__(self, root: Element | None) -> None:
        self.lists: dict[str, str] = {}
        self.starts: dict[tuple[str, int], int] = {}
        self.bullets: set[tuple[str, int]] = set()
        self.anew: dict[tuple[str, int], int] = {}
        self.counts: dict[str, dict[int, int]] = defaultdict(dict)
        self._seen: set[tuple[str, int]] = set()
        for one in root.iter(f"{W}abstractNum") if root is not None else ():
            for level in one.iter(f"{W}lvl"):
                key = (one.get(f"{W}abstractNumId", ""), _number(level.get(f"{W}ilvl")))
                self.starts[key] = _number(_value(level, f"{W}start"), 1)
                if _value(level, f"{W}numFmt") in ("bullet", "none", ""):
                    self.bullets.add(key)
        for one in root.iter(f"{W}num") if root is not None else ():
            number = one.get(f"{W}numId", "")
            self.lists[number] = _value(one, f"{W}abstractNumId")
            for override in one.iter(f"{W}lvlOverride"):
                if override.find(f"{W}startOverride") is not None:
                    self.anew[number, _number(override.get(f"{W}ilvl"))] = _number(_value(override, f"{W}startOverride"), 1)

    def next(self, number: str, level: int) -> int | None:
        """The number of this item; None for a bullet, and for a list that is not known."""
        kind = self.lists.get(number)
        if kind is None or (kind, level) in self.bullets or (kind, level) not in self.starts:
            return None
        counts = self.counts[kind]
        if (number, level) in self.anew and (number, level) not in self._seen:
            counts[level] = self.anew[number, level]
        else:
            counts[level] = counts[level] + 1 if level in counts else self.starts[kind, level]
        self._seen.add((number, level))
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        return counts[level]


class Body:
    """The text of one Word file, read once from start to end."""

    def __init__(self, opened: OpenedZip, report: Report) -> None:
        self.opened, self.report = opened, report
        self.root = opened.xml("word/document.xml")
        self.parents = {child: parent for parent in self.root.iter() for child in parent}
        self.style_root = opened.xml("word/styles.xml") if "word/styles.xml" in opened else None
        self.styles = Styles(self.style_root)
        self.numbers = Numbers(opened.xml("word/numbering.xml") if "word/numbering.xml" in opened else None)
        self.levels: set[int] = set()
        self._twice: set[Element] = set()  # what Word keeps a second time, for its old versions
        self._gone: set[Element] = set()

    def mended(self) -> dict[str, bytes]:
        """The members of the file that are not what they were."""
        for element in list(self.root.iter()):
            if element not in self._gone:
                self._one(element)
        self.report.changed.here = self.report.lost.here = None
        members = {"word/document.xml": _written(self.root)}
        if self.levels and self.style_root is not None:
            for level in sorted(self.levels):
                style = SubElement(self.style_root, f"{W}style", {f"{W}type": "paragraph", f"{W}styleId": f"{OURS}{level}"})
                SubElement(style, f"{W}name", {f"{W}val": f"heading {level}"})
            members["word/styles.xml"] = _written(self.style_root)
        return members

    def _one(self, element: Element) -> None:
        tag = element.tag
        if tag == FALLBACK:
            self._twice |= set(element.iter())
        elif tag == f"{W}p":
            self._paragraph(element)
        elif tag == f"{W}sdt" and "Table of Contents" in _value(element, f".//{W}docPartGallery"):
            self._empty(element)
        elif tag == f"{W}r":
            self._run(element)
        elif tag == f"{W}cr":
            element.tag = f"{W}br"
        elif tag in WRAPPERS:
            self._unwrap(element)
        elif tag in (f"{MATH}oMath", f"{MATH}oMathPara"):
            self._formula(element)
        if element not in self._twice:
            self._count(element)

    def _count(self, element: Element) -> None:
        """What mammoth leaves out, or changes, without a word."""
        lost, changed, tag = self.report.lost, self.report.changed, element.tag
        if tag == f"{W}commentReference":
            lost[gettext_noop("comments in the margin")] += 1
        elif tag == f"{W}object":
            lost[gettext_noop("objects that another programme shows")] += 1
        elif tag == f"{DRAWING}graphicData" and re.search(r"/(?:chart|diagram)$", element.get("uri", "")):
            lost[gettext_noop("drawings and charts of the document")] += 1
        elif tag == f"{DRAWING}srcRect" and any(value not in ("", "0") for value in element.attrib.values()):
            changed[gettext_noop("pictures of which a part was cut off, shown whole")] += 1
        elif tag == f"{W}txbxContent":
            changed[gettext_noop("text in boxes, as paragraphs")] += 1
        elif tag in PROPOSED:
            changed[gettext_noop("changes that were proposed, taken as accepted")] += 1

    # --- paragraphs

    def _paragraph(self, paragraph: Element) -> None:
        properties = paragraph.find(f"{W}pPr")
        style = _value(properties, f"{W}pStyle") if properties is not None else ""
        if self.styles.is_contents(style):
            self._empty(paragraph)
            return
        level = outline_level(properties)
        level = self.styles.level(style) if level is None else level
        numbering = properties.find(f"{W}numPr") if properties is not None else None
        if level is not None and level <= DEEPEST_HEADING:
            words = "".join(text.text or "" for text in paragraph.iter(f"{W}t")).strip()
            self.report.at(words[:80])
            if words and (numbering is not None or self.styles.numbered & set(self.styles.chain(style))):
                self.report.changed[gettext_noop("numbers of headings, which a page does not write")] += 1
            if not self.styles.is_known_heading(style):
                self._call(paragraph, properties, level)
        elif numbering is not None:
            self._number(paragraph, _value(numbering, f"{W}numId"), _number(_value(numbering, f"{W}ilvl")))

    def _call(self, paragraph: Element, properties: Element | None, level: int) -> None:
        if properties is None:
            properties = Element(f"{W}pPr")
            paragraph.insert(0, properties)
        named = properties.find(f"{W}pStyle")
        if named is None:
            named = Element(f"{W}pStyle")
            properties.insert(0, named)
        named.set(f"{W}val", f"{OURS}{level}")
        self.levels.add(level)

    def _number(self, paragraph: Element, number: str, level: int) -> None:
        count = self.numbers.next(number, level)
        if count is not None and 1 < count < 1000:
            paragraph.insert(1, _words(f"{NUMBER}{count}{NUMBER}"))  # after its properties

    def _empty(self, element: Element) -> None:
        """A table of contents: its words go; its fields stay, since they may end elsewhere."""
        words = [one for one in element.iter() if one.tag in (f"{W}t", f"{W}tab", f"{W}sym", f"{W}br")]
        for one in words:
            one.tag, one.text = f"{W}lastRenderedPageBreak", ""
        self._gone |= {one for one in element.iter() if one.tag in (f"{W}p", f"{W}r") and one is not element}
        if words:
            sentence = gettext_noop("lines of the table of contents, which each page makes by itself")
            self.report.changed[sentence] += sum(1 for one in element.iter(f"{W}p"))

    # --- inside a paragraph

    def _run(self, run: Element) -> None:
        properties = run.find(f"{W}rPr")
        hidden = properties.find(f"{W}vanish") if properties is not None else None
        if hidden is not None and hidden.get(f"{W}val", "1") not in ("0", "false", "off"):
            if run not in self._twice and any((text.text or "").strip() for text in run.iter(f"{W}t")):
                self.report.lost[gettext_noop("hidden passages")] += 1
            self.parents[run].remove(run)
            self._gone |= set(run.iter())
            return
        fonts = properties.find(f"{W}rFonts") if properties is not None else None
        font = (fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or "") if fonts is not None else ""
        for text in run.findall(f"{W}t") if SYMBOL_FONT.match(font) else ():
            place = list(run).index(text)
            run.remove(text)
            for offset, sign in enumerate(text.text or ""):
                run.insert(place + offset, Element(f"{W}sym", {f"{W}font": font, f"{W}char": f"F0{ord(sign) & 0xFF:02X}"}))

    def _unwrap(self, element: Element) -> None:
        parent = self.parents[element]
        place = list(parent).index(element)
        parent.remove(element)
        for offset, child in enumerate(list(element)):
            parent.insert(place + offset, child)
            self.parents[child] = parent

    def _formula(self, element: Element) -> None:
        """Formulas are a language of their own, which mammoth drops; their letters and signs stay, in italics."""
        run = _words(" ".join(filter(None, (linear(one).strip() for one in element.iter(f"{MATH}oMath")))), "i")
        parent = self.parents[element]
        parent.insert(list(parent).index(element), run)
        parent.remove(element)
        self._gone |= set(element.iter())
        if element not in self._twice:
            self.report.changed[gettext_noop("formulas, as their letters")] += 1


def linear(node: Element) -> str:
    """A formula on one line: `(a+b)/c`, `x^2`, `√(x)`."""
    name = node.tag.removeprefix(MATH) if isinstance(node.tag, str) else ""
    if name == "t":
        return node.text or ""
    parts = {child.tag.removeprefix(MATH): linear(child) for child in node if isinstance(child.tag, str)}
    match name:
        case "f":
            return f"{_grouped(parts.get('num', ''))}/{_grouped(parts.get('den', ''))}"
        case "sSup":
            return f"{_grouped(parts.get('e', ''))}^{_grouped(parts.get('sup', ''))}"
        case "sSub":
            return f"{parts.get('e', '')}_{_grouped(parts.get('sub', ''))}"
        case "sSubSup":
            return f"{parts.get('e', '')}_{_grouped(parts.get('sub', ''))}^{_grouped(parts.get('sup', ''))}"
        case "rad":
            return f"{parts.get('deg', '')}√({parts.get('e', '')})"
        case "d":
            return f"({', '.join(linear(child) for child in node.findall(f'{MATH}e'))})"
        case "nary":
            sign = node.find(f"{MATH}naryPr/{MATH}chr")
            low, high = (f"{mark}{_grouped(parts[key])}" if parts.get(key) else "" for key, mark in (("sub", "_"), ("sup", "^")))
            return f"{sign.get(f'{MATH}val', '') if sign is not None else '∫'}{low}{high} {parts.get('e', '')}"
    return "".join(linear(child) for child in node)


def _grouped(words: str) -> str:
    return words if len(words) <= 1 or words.isalnum() else f"({words})"


def outline_level(properties: Element | None) -> int | None:
    """1 for the highest; None when nothing is said. Word's own 9 means plain text."""
    found = _value(properties, f"{W}outlineLvl") if properties is not None else ""
    return _number(found) + 1 if found else None


def _value(element: Element, path: str) -> str:
    found = element.find(path)
    return found.get(f"{W}val", "") if found is not None else ""


def _number(value: str | None, default: int = 0) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 6 else default


def _words(words: str, *marks: str) -> Element:
    run = Element(f"{W}r")
    properties = SubElement(run, f"{W}rPr")
    for mark in marks:
        SubElement(properties, f"{W}{mark}")
    SubElement(run, f"{W}t").text = words
    return run


def _written(root: Element) -> bytes:
    return tostring(root, encoding="utf-8", xml_declaration=True)

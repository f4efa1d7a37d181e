"""The words of office files: Word, PowerPoint, Excel and their OpenDocument kin. XML is read without entities (academy.opened)."""

import io
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from academy.opened import OpenedZip

TEXT_BREAKS = {"p", "h", "br", "cr", "tab", "line-break", "tr", "table-row", "list-item", "s"}
MOST_ROWS = 100_000


def parts(content: bytes, kind: str, name: str) -> list[tuple[int, str]]:
    """A passage for each slide or sheet; a text document is one passage, number 0."""
    with OpenedZip(content, name) as opened:
        opened.check()
        if kind == "xlsx":
            return list(_excel_sheets(content))
        if kind == "docx":
            return [(0, "\n".join(_words(root) for root in _word_parts(opened)))]
        if kind == "pptx":
            return list(enumerate(_slides(opened), 1))
        body = opened.xml("content.xml")
        if kind == "odp":
            return list(enumerate((_words(page) for page in _children(body, "page")), 1))
        if kind == "ods":
            return [(number, f"{_attribute(table, 'name')}\n{_words(table)}") for number, table in enumerate(_children(body, "table"), 1)]
        furniture = [_words(master) for master in _children(opened.xml("styles.xml"), "master-page")] if "styles.xml" in opened else []
        return [(0, "\n".join([_words(body), *furniture]))]


def _local(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def _children(root: Element, name: str) -> Iterator[Element]:
    return (element for element in root.iter() if _local(element) == name)


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if key.rsplit("}", 1)[-1] == name), "")


def _words(root: Element) -> str:
    """All the text below an element, in order: words of OOXML stand in `t`, those of OpenDocument anywhere."""
    found: list[str] = []
    ooxml = "openxmlformats" in str(root.tag)
    for event, element in _walk(root):
        name = _local(element)
        if event == "start":
            if ooxml:
                if name == "t" and element.text:
                    found.append(element.text)
            elif element.text and name not in ("annotation-end", "script", "event-listeners"):
                found.append(element.text)
            if name in ("tab", "br", "cr", "line-break", "s"):
                found.append(" " if name in ("tab", "s") else "\n")
        else:
            if name in TEXT_BREAKS and name not in ("tab", "br", "cr", "line-break", "s"):
                found.append("\n")
            elif name in ("tc", "table-cell"):
                found.append(" ")
            if not ooxml and element is not root and element.tail:
                found.append(element.tail)
    return re.sub(r"[ \t]*\n\s*", "\n", "".join(found)).strip()


def _walk(root: Element) -> Iterator[tuple[str, Element]]:
    """Start and end of each element, without recursion: how deep a file nests is its own affair."""
    stack: list[tuple[Element, Iterator[Element]]] = [(root, iter(root))]
    yield "start", root
    while stack:
        element, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            yield "end", element
        else:
            yield "start", child
            stack.append((child, iter(child)))


def _word_parts(opened: OpenedZip) -> Iterator[Element]:
    names = sorted(name for name in opened.names if re.fullmatch(r"word/(?:header|footer|footnotes|endnotes|comments)\d*\.xml", name))
    for name in ["word/document.xml", *names]:
        yield opened.xml(name)


def _slides(opened: OpenedZip) -> Iterator[str]:
    """The slides in the order in which they are shown, each with what the speaker noted under it."""
    shown = opened.related("ppt/presentation.xml")
    order = [shown.get(_relation(slide), "") for slide in _children(opened.xml("ppt/presentation.xml"), "sldId")]
    for name in [one for one in order if one in opened] or opened.numbered("ppt/slides/slide"):
        notes = [
            other for other in opened.related(name).values() if re.search(r"notesSlides/notesSlide\d+\.xml$", other) and other in opened
        ]
        yield "\n".join(_words(opened.xml(part)) for part in [name, *notes])


def _relation(slide: Element) -> str:
    return next((value for key, value in slide.attrib.items() if key.endswith("relationships}id")), "")


def _excel_sheets(content: bytes) -> Iterator[tuple[int, str]]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    for number, sheet in enumerate(book.worksheets, 1):
        lines = [sheet.title]
        for row in sheet.iter_rows(values_only=True, max_row=MOST_ROWS):
            cells = [_cell(value) for value in row if value is not None]
            if cells:
                lines.append(" ".join(cells))
        yield number, "\n".join(lines)


def _cell(value: object) -> str:
    return value.date().isoformat() if hasattr(value, "date") and callable(value.date) else str(value)

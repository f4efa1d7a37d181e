"""An XML file as a small tree that knows its lines; refuses what only an attack needs. One element of the root at a time."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.entities import name2codepoint
from io import BytesIO
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

import defusedxml.sax
from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext_noop as _

from courses.exchange.plain import NotUnderstood

DEEPEST = 60
MOST_ELEMENTS = 200_000


@dataclass
class Element:
    tag: str
    line: int
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces).strip()

    def all(self, tag: str) -> list["Element"]:
        return [child for child in self.children if child.tag == tag]

    def first(self, tag: str) -> "Element | None":
        return next((child for child in self.children if child.tag == tag), None)

    def said(self, tag: str) -> str:
        """The words of a child, which Moodle writes inside of a <text> or not."""
        child = self.first(tag)
        inner = child.first("text") if child else None
        return (inner or child).text if child else ""


class _Grower(ContentHandler):
    def __init__(self, root: str, take: Callable[[Element], None]) -> None:
        super().__init__()
        self.root, self.take = root, take
        self.open: list[Element] = []
        self.count = 0

    def setDocumentLocator(self, locator) -> None:
        self.locator = locator

    def startElement(self, name: str, attrs) -> None:
        self.count += 1
        if not self.open and name != self.root:
            raise NotUnderstood(_("This XML does not hold questions of Moodle: it begins with <%(tag)s>."), tag=name[:60])
        if len(self.open) >= DEEPEST or self.count > MOST_ELEMENTS:
            raise NotUnderstood(_("This XML is built in a way that no question bank writes: it is too deep or has too many parts."))
        element = Element(name, self.locator.getLineNumber(), dict(attrs.items()))
        if len(self.open) > 1:
            self.open[-1].children.append(element)
        self.open.append(element)

    def endElement(self, name: str) -> None:
        element = self.open.pop()
        if len(self.open) == 1:
            self.take(element)

    def characters(self, content: str) -> None:
        if len(self.open) > 1:
            self.open[-1].pieces.append(content)


def _character(found: re.Match) -> str:
    """A character by its HTML name, which XML does not know and hands that write XML use; within CDATA it means the same."""
    code = name2codepoint.get(found[1])
    return chr(code) if code and found[1] not in ("amp", "lt", "gt", "quot", "apos") else found[0]


def grow(text: str, *, root: str, take: Callable[[Element], None]) -> int:
    """Gives each element of the root to `take` as soon as it is whole. The line where the file breaks off, or 0.

    Raises NotUnderstood for another root, for definitions of entities, and for what is too deep.
    """
    text = re.sub(r"&([a-zA-Z][a-zA-Z0-9]{1,9});", _character, text)
    try:
        defusedxml.sax.parse(BytesIO(text.encode("utf-8", "replace")), _Grower(root, take), forbid_dtd=True)
    except DefusedXmlException:
        raise NotUnderstood(_("This XML defines entities or a document type, which no question bank needs: it is not opened.")) from None
    except SAXParseException as broken:
        return broken.getLineNumber() or 1
    return 0

"""An office file opened: its members as XML, read by a parser that knows no entity and asks nothing of the outside."""

import posixpath
import re
import zipfile
import zlib
from types import TracebackType
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext_noop as _

from academy.files import RefusedFile, open_zip

# A link that a person follows is harmless; so are values taken from another workbook and a film beside the slides: nobody here fetches
# them, and the programme of whoever opens the file asks first.
HARMLESS = ("/hyperlink", "/externalLinkPath", "/video", "/audio", "/media")


class OpenedZip:
    """The members of an office file; whatever is wrong with one is a RefusedFile with a sentence."""

    def __init__(self, content: bytes, name: str) -> None:
        self.name, self.archive = name, open_zip(content, name)
        self.names = {member.filename for member in self.archive.infolist()}

    def __enter__(self) -> "OpenedZip":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.archive.close()

    def __contains__(self, member: str) -> bool:
        return member in self.names

    def bytes(self, member: str) -> bytes:
        try:
            return self.archive.read(member)
        except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error):
            raise self._broken() from None

    def xml(self, member: str) -> Element:
        try:
            return fromstring(self.bytes(member), forbid_dtd=True)
        except DefusedXmlException:
            raise RefusedFile(
                _(
                    "%(name)s holds declarations (a DTD) that no usual programme writes: it is not opened. Save it again with Word or LibreOffice."
                ),
                name=self.name,
            ) from None
        except (ParseError, ValueError, LookupError):
            raise self._broken() from None

    def related(self, member: str) -> dict[str, str]:
        """The parts that a part of an OOXML file names, by their id there."""
        folder, name = posixpath.split(member)
        rels = f"{folder}/_rels/{name}.rels"
        if rels not in self:
            return {}
        return {
            one.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/")
            for one in self.xml(rels)
            if one.get("TargetMode") != "External"
        }

    def numbered(self, stem: str) -> list[str]:
        """`slide2.xml` before `slide10.xml`."""
        found = {int(match[1]): name for name in self.names if (match := re.fullmatch(rf"{re.escape(stem)}(\d+)\.xml", name))}
        return [found[number] for number in sorted(found)]

    def check(self) -> None:
        """Refuses XML with declarations of its own anywhere, and parts that lie outside the file."""
        for member in sorted(self.names):
            if not member.endswith((".xml", ".rels")):
                continue
            head = self.bytes(member)
            if (
                b"<!DOCTYPE" in head
                or b"<!ENTITY" in head
                or "<!DOCTYPE".encode("utf-16-le") in head
                or "<!DOCTYPE".encode("utf-16-be") in head
            ):
                self.xml(member)
            if member.endswith(".rels"):
                self._check_relations(member)

    def _check_relations(self, member: str) -> None:
        for one in self.xml(member):
            target, kind = one.get("Target", ""), one.get("Type", "")
            if one.get("TargetMode") != "External" or kind.endswith(HARMLESS):
                continue
            if kind.endswith("/attachedTemplate") and not re.match(
                r"(?:https?:|ftp:|\\\\|file:/*[^/]+\.[^/]+/|file:\\\\)", target, re.IGNORECASE
            ):
                continue
            raise RefusedFile(
                _("%(name)s asks for something outside itself (%(what)s): it is not opened. Save it with everything inside and try again."),
                name=self.name,
                what=target[:80],
            )

    def _broken(self) -> RefusedFile:
        return RefusedFile(_("%(name)s is broken: it cannot be opened. Save or export it again."), name=self.name)

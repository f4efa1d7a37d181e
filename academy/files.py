"""What a file really is, by its content, and why it is refused. Bytes in, a kind out; asks nothing of the database, parses nothing.

A name says nothing certain: `photo.png` may hold a page with scripts. Only for text, which has no marks of its own, does the name
decide between markdown, csv and plain text. Zips (and office files, which are zips) are measured before anything is unpacked.
"""

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext_noop as _

from academy.pictures import picture_size
from academy.sentences import Sentence

PAGE_TYPES = frozenset({"md", "txt", "html", "docx", "odt"})
DOCUMENT_TYPES = frozenset({"pdf", "pptx", "odp", "xlsx", "ods", "csv"})
PICTURE_TYPES = frozenset({"png", "jpg", "gif", "webp", "avif"})
OFFICE_TYPES = frozenset({"docx", "pptx", "xlsx", "odt", "odp", "ods"})
TEXT_SUFFIXES = {".md": "md", ".markdown": "md", ".txt": "txt", ".text": "txt", ".csv": "csv", ".html": "html", ".htm": "html", "": "txt"}

MOST_MEMBERS = 5_000
MOST_UNPACKED = 200 * 1024 * 1024
HIGHEST_RATIO = 100
# Below this, a member that grows a lot harms nobody: an empty style sheet of an office file does.
SMALL_MEMBER = 1024 * 1024
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 20_000
# The lists of an office file's parts are read here, outside the sandbox; nobody's are that long.
LARGEST_PART = 2 * 1024 * 1024
LARGEST_TEXT = 20 * 1024 * 1024

_ODF = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}
_OOXML = {"word/document.xml": "docx", "ppt/presentation.xml": "pptx", "xl/workbook.xml": "xlsx"}
_MACROS = re.compile(r"(?:^|/)vba(?:project|data)[^/]*$|(?:^|/)macrosheets/|^(?:basic|scripts)/.+", re.IGNORECASE)
_HTML_START = re.compile(
    rb"^(?:\s|<!--(?:(?!-->).)*-->)*<(?:!doctype\s+html|html|head|body|script|style|iframe|meta)\b", re.IGNORECASE | re.DOTALL
)


class RefusedFile(ValueError):
    """This file cannot be read or imported. Its sentence is for the person who brought it, in whatever language they read it."""

    def __init__(self, sentence: str | Sentence, /, **values: Any) -> None:
        self.sentence = sentence if isinstance(sentence, Sentence) else Sentence(sentence, values)
        super().__init__(self.sentence.english)

    def __str__(self) -> str:
        return str(self.sentence)


class LockedFile(RefusedFile):
    """Protected by a password: nobody reads it here, whatever it is used for."""


class UnknownKind(RefusedFile):
    """Neither text nor a kind that is known: its sentence is the wiki's, who takes other files says which."""


def true_type(content: bytes, name: str) -> str:
    """The type of a file: one of the types above, or "zip". Raises RefusedFile with the reason when it is none, or dangerous."""
    if not re.search(rb"[^\x00\t\r\n \xef\xbb\xbf]", content):
        raise RefusedFile(_("%(name)s is empty: write something in it, or leave it out."), name=name)
    head = content[:16]
    if b"%PDF-" in content[:1024]:
        if not head.startswith(b"%PDF-") and PurePosixPath(name).suffix.lower() != ".pdf":  # a page that says that it is a PDF too
            raise _not_what_it_says(name, "pdf")
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_type(content, name)
    picture = picture_type(content)
    if picture:
        check_picture(content, name)
        return picture
    _refuse_known(content, name)
    return _text_type(content, name)


def picture_type(content: bytes) -> str:
    """png, jpg, gif, webp or avif by its first bytes, else nothing."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return "avif" if content[4:12] in (b"ftypavif", b"ftypavis") else ""


def check_picture(content: bytes, name: str) -> None:
    """Refuses a picture by the size that its first bytes announce, before anything is decoded."""
    size = picture_size(content, picture_type(content))
    if size is None:
        raise RefusedFile(_("%(name)s is a picture that is broken: open it in a picture editor and save it again."), name=name)
    if max(size) > LONGEST_SIDE or size[0] * size[1] > MOST_PIXELS:
        raise RefusedFile(
            _("%(name)s is a picture of %(width)d × %(height)d points, too large to be opened. Make it smaller and try again."),
            name=name,
            width=size[0],
            height=size[1],
        )


def open_zip(content: bytes, name: str) -> zipfile.ZipFile:
    """A zip whose list of members is harmless: measured, not encrypted, without a path that leads out of it."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError, OverflowError, UnicodeDecodeError, LookupError):
        raise RefusedFile(_("%(name)s is broken: it cannot be opened. Save or export it again."), name=name) from None
    problem = zip_problem(name, members)
    if problem:
        raise RefusedFile(problem)
    return archive


def zip_problem(name: str, members: list[zipfile.ZipInfo]) -> Sentence | None:
    """Why this zip is not opened, or nothing."""
    if len(members) > MOST_MEMBERS:
        return Sentence(
            _("%(name)s holds too many files: %(most)d is the most. Cut it into several."), {"name": name, "most": MOST_MEMBERS}
        )
    if any(member.flag_bits & 0x1 for member in members):
        return Sentence(_("%(name)s is protected by a password. Save it without one and try again."), {"name": name})
    if any(_leads_out(member.filename) for member in members):
        return Sentence(
            _("%(name)s holds a path that leads out of it: it was not made by a usual programme. Make the zip again."), {"name": name}
        )
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        return Sentence(_("%(name)s is packed in an unusual way. Make the zip again with the usual compression."), {"name": name})
    growing = any(member.file_size > SMALL_MEMBER and member.file_size > HIGHEST_RATIO * max(member.compress_size, 1) for member in members)
    if growing or sum(member.file_size for member in members) > MOST_UNPACKED:
        return Sentence(_("%(name)s grows too much when it is opened. Cut it into several."), {"name": name})
    return None


def _leads_out(path: str) -> bool:
    parts = re.split(r"[/\\]", path)
    return ".." in parts or path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", path) is not None or "\x00" in path


def _zip_type(content: bytes, name: str) -> str:
    with open_zip(content, name) as archive:
        names = {member.filename for member in archive.infolist()}
        kind = next((kind for part, kind in _OOXML.items() if part in names), "")
        if not kind and "mimetype" in names:
            if archive.getinfo("mimetype").file_size > 200:
                raise RefusedFile(_("%(name)s is broken: it cannot be opened. Save or export it again."), name=name)
            mimetype = _read(archive, "mimetype", name).decode("ascii", "replace").strip()
            kind = _ODF.get(mimetype.removesuffix("-template"), "")
            if not kind:
                raise RefusedFile(
                    _("%(name)s is of a kind that is not read here (%(kind)s). Export it as .docx, .odt or PDF."),
                    name=name,
                    kind=mimetype[:80],
                )
        if kind:
            _refuse_macros(archive, names, name)
            return kind
        suffix = PurePosixPath(name).suffix.lower()
        if suffix.lstrip(".") in OFFICE_TYPES or "[Content_Types].xml" in names:
            raise RefusedFile(_("%(name)s is broken: it cannot be opened. Save or export it again."), name=name)
        return "zip"


def _read(archive: zipfile.ZipFile, member: str, name: str) -> bytes:
    try:
        if archive.getinfo(member).file_size > LARGEST_PART:
            raise OSError
        return archive.read(member)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error):
        raise RefusedFile(_("%(name)s is broken: it cannot be opened. Save or export it again."), name=name) from None


def _refuse_macros(archive: zipfile.ZipFile, names: set[str], name: str) -> None:
    macros = any(_MACROS.search(one) and not one.endswith("/") for one in names)
    types = _read(archive, "[Content_Types].xml", name) if "[Content_Types].xml" in names else b""
    if macros or b"macroEnabled" in types or re.search(r"\.(?:doc|xls|ppt|dot)m$", name, re.IGNORECASE):
        raise RefusedFile(
            _(
                "%(name)s holds macros, which are programmes: it is not opened. Save it without macros (.docx, .xlsx, .pptx or .odt) and try again."
            ),
            name=name,
        )
    manifest = _read(archive, "META-INF/manifest.xml", name) if "META-INF/manifest.xml" in names else b""
    if b"encryption-data" in manifest or "EncryptedPackage" in names:
        raise LockedFile(_("%(name)s is protected by a password. Save it without one and try again."), name=name)


def _refuse_known(content: bytes, name: str) -> None:
    """Kinds that are recognised only to say what to do instead."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content[: 1024 * 1024]:
            raise LockedFile(_("%(name)s is protected by a password. Save it without one and try again."), name=name)
        raise RefusedFile(
            _("%(name)s is in an old Office format, which is not read. Save it as .docx, .xlsx or .pptx and try again."), name=name
        )
    if content.startswith(b"{\\rtf"):
        raise RefusedFile(_("%(name)s is in RTF, which is not read. Save it as .docx or .odt and try again."), name=name)
    start = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    is_page = start.startswith(b"<!doctype html")
    if b"<svg" in start and not is_page and start.startswith((b"<svg", b"<?xml", b"<!--", b"<!doctype")):
        raise RefusedFile(_("%(name)s is a drawing (SVG), which can hold programmes. Export it as PNG and try again."), name=name)


def _text_type(content: bytes, name: str) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    if decoded(content, name) and _HTML_START.match(content[:4000].removeprefix(b"\xef\xbb\xbf")):
        if suffix in (".md", ".markdown"):  # markdown may begin with HTML
            return "md"
        if suffix not in TEXT_SUFFIXES:
            raise _not_what_it_says(name, "html")
        return "html"
    if suffix in TEXT_SUFFIXES:
        return TEXT_SUFFIXES[suffix]
    if suffix.lstrip(".") in PAGE_TYPES | DOCUMENT_TYPES | PICTURE_TYPES | {"zip", "jpeg", "docm"}:
        raise _not_what_it_says(name, "txt")
    raise UnknownKind(
        _(
            "%(name)s is of a kind that is not taken. Pages are read from .md, .docx, .odt, .html and .txt; other documents are .pdf, .pptx, .odp, .xlsx, .ods and .csv."
        ),
        name=name,
    )


def _not_what_it_says(name: str, kind: str) -> RefusedFile:
    return RefusedFile(
        _("%(name)s is not what its name says: inside, it is %(kind)s. Export it again from the programme that made it."),
        name=name,
        kind=Sentence(_("text")) if kind == "txt" else kind.upper(),
    )


def is_in_windows_code_page(content: bytes) -> bool:
    """Text that is neither in UTF-8 nor marked as UTF-16, which `decoded` reads all the same."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return True
    return False


def decoded(content: bytes, name: str) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or the Windows code page of western Europe. Refuses what is not text."""
    if len(content) > LARGEST_TEXT:
        raise RefusedFile(
            _("%(name)s is too large: %(most)d MB is the most. Cut it into several, or make its pictures smaller."),
            name=name,
            most=LARGEST_TEXT // 1024**2,
        )
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        strange = len(re.findall(r"[\x00-\x08\x0b\x0e-\x1f\x7f]", text))
        if strange * 200 <= len(text) and (encoding == "utf-8-sig" or "\x00" not in text):
            return text
    raise UnknownKind(
        _(
            "%(name)s is not a document that can be read: neither text in UTF-8 nor a kind that is known. Export it again as .docx, .odt or .md."
        ),
        name=name,
    )

"""A file that somebody hands in or sends back: what it really is, and why it is refused. (Reading its content is nobody's business here.)

A picture comes in without what the camera wrote into it."""

import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _

from academy.camera import bare
from academy.files import DOCUMENT_TYPES, OFFICE_TYPES, PICTURE_TYPES, RefusedFile, UnknownKind, true_type
from academy.rules import RuleViolation

LARGEST = 20 * 1024 * 1024
TAKEN = DOCUMENT_TYPES | OFFICE_TYPES | PICTURE_TYPES | {"md", "txt"}
# What a browser may show in its place; everything else is saved.
SHOWN = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
}


def handed_out(file: FieldFile, *, name: str, kind: str) -> FileResponse:
    """The answer with a file that somebody handed in, to whom the view lets have it: PDF and pictures are shown, everything else is saved.
    It runs nothing in the name of the site, and no cache between keeps it. Http404: its bytes are gone."""
    try:
        content = file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    shown = SHOWN.get(kind)
    response = FileResponse(content, as_attachment=shown is None, filename=name, content_type=shown or "application/octet-stream")
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@dataclass(frozen=True)
class Brought:
    """A file that is taken. Its `name` ends as what it is."""

    name: str
    kind: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def taken(upload: UploadedFile) -> Brought:
    """Raises RuleViolation with the reason: too large, empty, broken, with macros, protected, not what it says, of a kind that is not taken."""
    name = _clean(upload.name)
    if upload.size > LARGEST:
        sentence = _("%(name)s is too large: %(most)d MB is the most. Make its pictures smaller, or hand in a link to it.")
        raise RuleViolation(sentence % {"name": name, "most": LARGEST // 1024**2}, code="file")
    content = upload.read()
    try:
        kind = true_type(content, name)
        content = bare(content, name=name) if kind in PICTURE_TYPES else content
    except UnknownKind:
        kind = ""
    except RefusedFile as refusal:
        raise RuleViolation(str(refusal), code="file") from None
    if kind not in TAKEN:
        sentence = _("%(name)s is not taken: hand in documents, tables, slides, PDF, pictures or plain text, one by one and not in a zip.")
        raise RuleViolation(sentence % {"name": name}, code="file")
    suffix = PurePosixPath(name).suffix.lower().lstrip(".")
    if suffix != kind and not (kind == "jpg" and suffix == "jpeg") and not (kind == "md" and suffix == "markdown"):
        name = f"{name[:140]}.{kind}"
    return Brought(name, kind, content)


def _clean(name: str) -> str:
    """What people see of it: no path, nothing that cannot be written, its ending kept."""
    plain = "".join(one for one in unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2]) if one.isprintable()).strip(
        " ."
    )
    path = PurePosixPath(plain or "file")
    return f"{path.stem[: 140 - len(path.suffix)]}{path.suffix[:20]}" or "file"

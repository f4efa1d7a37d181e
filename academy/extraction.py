"""The words of a file, page by page, for search. Pure: bytes in, text out; asks nothing of the database.

What cannot be read is said in a sentence (RefusedFile); a file without words is not an error: its status says so.
"""

from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy

from academy import recordings, sandbox
from academy.files import PICTURE_TYPES, LockedFile, RefusedFile, true_type

__all__ = ["Extraction", "ExtractionStatus", "Passage", "RefusedFile", "extract", "is_locked"]


class ExtractionStatus(models.TextChoices):
    """What came out of a file. EMPTY: it opens, but holds no text (a scan); UNSUPPORTED: a kind that nobody reads here; LOCKED: it asks for a password."""

    OK = "ok", gettext_lazy("searchable")
    EMPTY = "empty", gettext_lazy("no text inside: not searchable")
    UNSUPPORTED = "unsupported", gettext_lazy("this kind of file is not read: not searchable")
    LOCKED = "locked", gettext_lazy("protected by a password: not searchable")
    FAILED = "failed", gettext_lazy("could not be read: not searchable")


@dataclass(frozen=True)
class Passage:
    """The words of one page, slide or sheet. `number` counts from 1, as the reader's own programme does; 0 is the whole file."""

    number: int
    text: str


@dataclass(frozen=True)
class Extraction:
    status: ExtractionStatus
    passages: list[Passage] = field(default_factory=list)
    pages_without_text: int = 0


def extract(content: bytes, name: str) -> Extraction:
    """The words of a file, by what it really is. Raises RefusedFile for what is dangerous, broken or locked."""
    if recordings.is_what_it_says(content[: recordings.HEAD], name):
        return Extraction(ExtractionStatus.UNSUPPORTED)
    kind = true_type(content, name)
    if kind in PICTURE_TYPES or kind == "zip":
        return Extraction(ExtractionStatus.UNSUPPORTED)
    found, _parts = sandbox.run("academy.passages:passages", content, name=name)
    passages = [Passage(int(number), str(text)) for number, text in found["passages"]]
    status = ExtractionStatus.OK if passages else ExtractionStatus.EMPTY
    return Extraction(status, passages, int(found["pages_without_text"]))


def is_locked(content: bytes, name: str) -> bool:
    """A PDF that opens with a password only. Costs nothing for the many that are not encrypted."""
    if not content.startswith(b"%PDF-") or b"/Encrypt" not in content:
        return False
    try:
        extract(content, name)
    except LockedFile:
        return True
    except RefusedFile:
        return False
    return False

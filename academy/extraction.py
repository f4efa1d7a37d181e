"""The words of a file, page by page, for search. Pure: bytes in, text out; asks nothing of the database.

What cannot be read is said in a sentence (RefusedFile); a file without words is not an error: its status says so.
"""

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.files import RefusedFile


class ExtractionStatus(models.TextChoices):
    """What came out of a file. EMPTY: it opens, but holds no text (a scan); UNSUPPORTED: a kind that nobody reads here."""

    OK = "ok", gettext_lazy("searchable")
    EMPTY = "empty", gettext_lazy("no text inside: not searchable")
    UNSUPPORTED = "unsupported", gettext_lazy("this kind of file is not read: not searchable")
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
    if PurePosixPath(name).suffix.lower() not in {".txt", ".md", ".csv"}:
        return Extraction(ExtractionStatus.UNSUPPORTED)
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise RefusedFile(_("%(name)s is not text in UTF-8. Save it as UTF-8 and import it again.") % {"name": name}) from None
    return Extraction(ExtractionStatus.OK, [Passage(0, text)]) if text else Extraction(ExtractionStatus.EMPTY)

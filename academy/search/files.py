"""The words of uploaded files: read once per content, in a task, and kept as passages. A file that cannot be read stays a file."""

import hashlib
import logging
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from academy import pagecache
from academy.extraction import Extraction, ExtractionStatus, Passage, RefusedFile, extract
from academy.files import LockedFile
from academy.models import AcademyDocument
from academy.search.models import DocumentPassage
from academy.search.registry import Entry
from academy.search.words import file_words, language_of

logger = logging.getLogger(__name__)

CHARACTERS_A_PART = 20_000


def read_document(document: AcademyDocument, *, again: bool = False) -> None:
    """Reads the file if it is not the one that was read before. The same content in another document is not read a second time."""
    try:
        with document.file.open("rb") as stream:
            content = stream.read()
    except OSError:
        _keep(document, Extraction(ExtractionStatus.FAILED), sha256="")
        return
    sha256 = hashlib.sha256(content).hexdigest()
    if document.text_extracted_at and document.sha256 == sha256 and not again:
        return
    known = None if again else _twin(document, sha256)
    _keep(document, known or _extracted(content, document), sha256=sha256)


def _twin(document: AcademyDocument, sha256: str) -> Extraction | None:
    twin = AcademyDocument.objects.filter(sha256=sha256, text_extracted_at__isnull=False).exclude(pk=document.pk).first()
    if twin is None or twin.extraction_status == ExtractionStatus.FAILED:
        return None
    passages = [Passage(number, text) for number, text in twin.passages.order_by("number").values_list("number", "text")]
    return Extraction(ExtractionStatus(twin.extraction_status), passages, twin.pages_without_text or 0)


def _extracted(content: bytes, document: AcademyDocument) -> Extraction:
    try:
        return extract(content, document.filename)
    except LockedFile:
        return Extraction(ExtractionStatus.LOCKED)
    except RefusedFile:
        return Extraction(ExtractionStatus.FAILED)
    except Exception:  # whatever a reader of files meets, the file stays downloadable and says that it is not searchable
        logger.exception("search: document %s could not be read", document.pk)
        return Extraction(ExtractionStatus.FAILED)


@transaction.atomic
def _keep(document: AcademyDocument, found: Extraction, *, sha256: str) -> None:
    texts: dict[int, list[str]] = {}
    for passage in found.passages:
        if passage.text.strip():
            texts.setdefault(passage.number, []).append(passage.text.replace("\x00", ""))
    document.passages.all().delete()
    DocumentPassage.objects.bulk_create(
        [DocumentPassage(document=document, number=number, text="\n".join(parts)) for number, parts in texts.items()], batch_size=200
    )
    AcademyDocument.objects.filter(pk=document.pk).update(
        sha256=sha256, extraction_status=found.status, pages_without_text=found.pages_without_text, text_extracted_at=timezone.now()
    )
    pagecache.clear()  # pages say of each of their files whether its words can be searched
    document.refresh_from_db()


def document_entries(document: AcademyDocument) -> Iterator[Entry]:
    """The file itself, by its title and its name, with its first words; then one entry per page, or per part of a long text."""
    read_document(document)
    name = file_words(document.filename)
    passages = list(document.passages.order_by("number"))
    language = language_of(" ".join(passage.text[:4000] for passage in passages[:5]) or f"{document.title} {name}")
    parts = [(passage.number, piece) for passage in passages for piece in _pieces(passage.text)] or [(0, "")]
    for part, (number, text) in enumerate(parts):
        yield Entry(
            title=document.title,
            body=text,
            also=(name, *(tag.name for tag in document.tags.all())) if part == 0 else (),
            language=language,
            document=document,
            part=part,
            number=number,
            changed_at=document.created_at,
        )


def _pieces(text: str) -> Iterator[str]:
    """A long text in parts, cut where a paragraph or a sentence ends."""
    while len(text) > CHARACTERS_A_PART:
        cut = max(text.rfind(mark, CHARACTERS_A_PART // 2, CHARACTERS_A_PART) for mark in ("\n", ". ", " "))
        cut = cut + 1 if cut > 0 else CHARACTERS_A_PART
        yield text[:cut]
        text = text[cut:]
    if text.strip():
        yield text

"""Files that begin as video, sound and captions do, and documents that hold them."""

from django.core.files.base import ContentFile
from wagtail.models import Collection

from academy.models import AcademyDocument

HEADS = {
    "mp4": b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41",
    "webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm",
    "mp3": b"ID3\x04\x00\x00",
    "ogg": b"OggS\x00\x02",
    "m4a": b"\x00\x00\x00\x20ftypM4A \x00\x00\x02\x00",
    "vtt": b"WEBVTT\n\n00:01.000 --> 00:02.000\nBonjour\n",
}


def make_recording(name: str = "lesson.mp4", content: bytes | None = None, *, collection: Collection | None = None) -> AcademyDocument:
    content = HEADS[name.rsplit(".", 1)[-1]] + b"x" * 3000 if content is None else content
    document = AcademyDocument(title=name, collection=collection or Collection.get_first_root_node())
    document.file.save(name, ContentFile(content), save=False)
    document._set_document_file_metadata()
    document.save()
    return document

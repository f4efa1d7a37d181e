"""Files that come with a form, many and large: written to the disk as they arrive, under the folders that they came in."""

import html
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser

from wiki.intake import LARGEST_WHOLE


@dataclass(frozen=True)
class Arrived:
    """One file on our disk, and the path that its owner knows it by."""

    file: Path
    path: str


class _ToDisk(FileUploadHandler):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder, self.total = folder, 0

    def new_file(self, *args, **kwargs) -> None:
        super().new_file(*args, **kwargs)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.kept = self.folder / uuid.uuid4().hex
        self.file = self.kept.open("xb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.total += len(raw_data)
        if self.total > LARGEST_WHOLE:
            self.file.close()
            raise StopUpload(connection_reset=True)
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> Arrived:
        self.file.close()
        return Arrived(self.kept, self.file_name)


class _KeepsFolders(MultiPartParser):
    """A browser sends `folder/file.md` for a file of a folder: Django would keep `file.md`. `wiki.intake` judges the path."""

    def sanitize_file_name(self, file_name: str) -> str | None:
        return "".join(character for character in html.unescape(file_name) if character.isprintable()).strip() or None

    IE_sanitize = sanitize_file_name


@contextmanager
def arriving(request: HttpRequest) -> Iterator[None]:
    """While this lasts, `request.FILES` holds `Arrived` and the files are on our disk. To be entered before anything reads the form."""
    folder = Path(settings.IMPORT_FOLDER) / f"arriving-{uuid.uuid4().hex}"
    try:
        if request.content_type == "multipart/form-data":
            parser = _KeepsFolders(request.META, request, [_ToDisk(folder)], request.encoding or settings.DEFAULT_CHARSET)
            request._post, request._files = parser.parse()
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)

"""Where the files of an import wait: a folder of their own outside the media folder, each under its fingerprint. No database."""

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings

CHUNK = 1024 * 1024


def folder_of(batch_id: uuid.UUID | str) -> Path:
    return Path(settings.IMPORT_FOLDER) / str(batch_id)


def keep(batch_id: uuid.UUID | str, chunks: Iterable[bytes]) -> tuple[str, int]:
    """Writes a file that comes in pieces; gives its fingerprint and its size. The same content is kept once."""
    folder = folder_of(batch_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    coming = folder / f"coming-{uuid.uuid4().hex}"
    digest, size = hashlib.sha256(), 0
    try:
        with coming.open("xb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
        os.replace(coming, folder / digest.hexdigest())
    finally:
        coming.unlink(missing_ok=True)
    return digest.hexdigest(), size


def read(batch_id: uuid.UUID | str, sha256: str) -> bytes:
    return (folder_of(batch_id) / sha256).read_bytes()


def keep_beside(batch_id: uuid.UUID | str, name: str, content: bytes) -> None:
    """What was made of a file, to be found again as long as the file waits."""
    coming = folder_of(batch_id) / f"coming-{uuid.uuid4().hex}"
    coming.write_bytes(content)
    os.replace(coming, folder_of(batch_id) / name)


def beside(batch_id: uuid.UUID | str, name: str) -> bytes | None:
    path = folder_of(batch_id) / name
    return path.read_bytes() if path.is_file() else None


def chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def discard(batch_id: uuid.UUID | str) -> None:
    shutil.rmtree(folder_of(batch_id), ignore_errors=True)


def batches_kept() -> list[str]:
    """The names of the folders that wait here: one for each import."""
    root = Path(settings.IMPORT_FOLDER)
    return sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []

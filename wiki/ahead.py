"""What an import reads before it writes."""

import hashlib
import json
import uuid
from dataclasses import dataclass

from wiki import staging
from wiki.importer import Pad, ReadOptions, SourceFile, read_source
from wiki.models import ImportItem
from wiki.pictures import fetched_for


class Files:
    """The files of an import where they wait. A page is read once for the same choices: what was read waits beside its file."""

    def __init__(self, batch_id: uuid.UUID) -> None:
        self.batch_id = batch_id

    def content(self, item: ImportItem) -> bytes:
        return staging.read(self.batch_id, item.sha256)

    def source(self, item: ImportItem) -> SourceFile:
        return SourceFile(key=item.path, name=item.name, content=self.content(item))

    def pad(self, item: ImportItem) -> Pad:
        """The page in a file, read with the choices made for it. Raises RefusedFile for what cannot be read."""
        known = json.dumps([item.path, options_of(item).as_json()], sort_keys=True)
        name = f"{item.sha256}-{hashlib.sha256(known.encode()).hexdigest()[:16]}"
        kept = staging.beside(self.batch_id, name)
        if kept is not None:
            return Pad.unpacked(kept)
        pad = read_source(self.source(item), options=options_of(item))
        staging.keep_beside(self.batch_id, name, pad.packed())
        return pad


def options_of(item: ImportItem) -> ReadOptions:
    return ReadOptions(**item.options)


@dataclass(frozen=True)
class Ready:
    """A source read ahead of its transaction, so that a slow file, or a slow host of its pictures, holds up nobody who writes."""

    pad: Pad
    fetched: dict[str, bytes]


def ready(pad: Pad) -> Ready:
    """A page that was read, with its pictures that stand elsewhere."""
    return Ready(pad, fetched_for(pad))

"""What an import reads before it writes."""

from dataclasses import dataclass

from wiki.importer import Pad, ReadOptions, SourceFile, read_source
from wiki.pictures import fetched_for


@dataclass(frozen=True)
class Ready:
    """A source read ahead of its transaction, so that a slow file, or a slow host of its pictures, holds up nobody who writes."""

    pad: Pad
    fetched: dict[str, bytes]


def read_ahead(source: SourceFile, *, options: ReadOptions) -> Ready:
    """Raises RefusedFile for what cannot be read."""
    pad = read_source(source, options=options)
    return Ready(pad, fetched_for(pad))

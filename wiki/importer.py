"""Files in, what should become of them out: reads sources, tells what may be imported, asks nothing of the database.

`blocks_from_markdown` is for whoever writes starter content; `wiki.actions.import_source` writes pages.
"""

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.utils.translation import gettext_noop as _

from academy import sandbox
from academy.files import PAGE_TYPES, PICTURE_TYPES, RefusedFile, true_type
from wiki.gitbook import summary_of
from wiki.markdown import read_pad
from wiki.pad import Pad, ReadOptions, keep_ids, place_images
from wiki.pad_links import Attributes, resolve_links

__all__ = [
    "Attributes",
    "Pad",
    "ReadOptions",
    "RefusedFile",
    "SourceFile",
    "blocks_from_markdown",
    "keep_ids",
    "kind_of",
    "place_images",
    "read_source",
    "resolve_links",
    "summary_of",
]

LARGEST_ZIP = 200 * 1024 * 1024
# The longest page that is taken needs some five; whatever needs more was written to take it.
MOST_SECONDS = 30
NO_OPTIONS = ReadOptions()
TITLE_FROM_NAME = _("title, taken from the name of the file")


@dataclass(frozen=True)
class SourceFile:
    """One file to import. `key` names the source for ever: importing the same key again updates its page."""

    key: str
    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def blocks_from_markdown(text: str, *, source_key: str = "") -> list[dict]:
    """Markdown (the pad dialect) as raw StreamField data with stable ids. A first heading of level 1 is left out: it is a title."""
    pad = read_pad(text, source_key=source_key)
    place_images(pad, {})
    return pad.blocks


def kind_of(source: SourceFile) -> str:
    """What a file becomes: "page", "document", "image" or "zip", by its content. Raises RefusedFile with the reason."""
    kind = _true_type(source)
    if kind == "zip":
        return "zip"
    return "page" if kind in PAGE_TYPES else "image" if kind in PICTURE_TYPES else "document"


def read_source(source: SourceFile, *, options: ReadOptions = NO_OPTIONS) -> Pad:
    """The page in a file, by what it really is. Raises RefusedFile with a sentence."""
    kind = _true_type(source)
    if kind not in PAGE_TYPES:
        raise RefusedFile(
            _("%(name)s does not become a page: pages are read from .md, .docx, .odt, .html and .txt. It can be attached as a file."),
            name=source.name,
        )
    arguments = {"kind": kind, "key": source.key, "options": options.as_json()}
    pad = Pad.from_parts(*sandbox.run("wiki.reading:read", source.content, name=source.name, arguments=arguments, seconds=MOST_SECONDS))
    pad.title = options.title or pad.title
    if not pad.title:
        stem = PurePosixPath(source.name).stem.replace("_", " ").replace("-", " ").strip()
        pad.title = stem[:1].upper() + stem[1:] or source.name
        pad.report.changed[TITLE_FROM_NAME] += 1
    return pad


def _true_type(source: SourceFile) -> str:
    if len(source.content) > LARGEST_ZIP:
        raise _too_large(source.name, LARGEST_ZIP)
    return true_type(source.content, source.name)


def _too_large(name: str, most: int) -> RefusedFile:
    return RefusedFile(
        _("%(name)s is too large: %(most)d MB is the most. Cut it into several, or make its pictures smaller."),
        name=name,
        most=most // 1024**2,
    )

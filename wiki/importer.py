"""Files in, what should become of them out: reads sources, tells what may be imported, asks nothing of the database.

`blocks_from_markdown` is for whoever writes starter content; `wiki.actions.import_source` writes pages.
"""

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from academy.extraction import RefusedFile
from wiki.markdown import Pad, UnreadablePad, read_pad

READABLE = {".md", ".markdown", ".txt"}
LARGEST_FILE = 5 * 1024 * 1024
LARGEST_ZIP = 200 * 1024 * 1024
MOST_FILES = 2000
HIGHEST_RATIO = 100


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
    return read_pad(text, source_key=source_key).blocks


def read_source(source: SourceFile) -> Pad:
    """The pad in a file. Raises RefusedFile with a sentence."""
    suffix = PurePosixPath(source.name).suffix.lower()
    if suffix not in READABLE:
        raise RefusedFile(
            _(
                "%(name)s is not imported: only markdown (.md, .markdown, .txt) is read for now."
                " Export it as markdown, or attach it to a page."
            )
            % {"name": source.name}
        )
    if len(source.content) > LARGEST_FILE:
        raise RefusedFile(_("%(name)s is too large: %(most)d MB is the most.") % {"name": source.name, "most": LARGEST_FILE // 1024**2})
    try:
        text = source.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RefusedFile(_("%(name)s is not text in UTF-8. Save it as UTF-8 and import it again.") % {"name": source.name}) from None
    if not text.strip():
        raise RefusedFile(_("%(name)s is empty.") % {"name": source.name})
    try:
        pad = read_pad(text, source_key=source.key)
    except UnreadablePad as error:
        raise RefusedFile(f"{source.name}: {error}") from error
    if not pad.title:
        stem = PurePosixPath(source.name).stem.replace("_", " ").replace("-", " ").strip()
        pad.title = stem[:1].upper() + stem[1:] or source.name
        pad.report.changed["title, taken from the name of the file"] += 1
    return pad


def files_in(path: Path) -> Iterator[SourceFile | RefusedFile]:
    """The files of a path: itself, those of a folder, or those of a zip. What is refused comes as its error, in its place."""
    if not path.exists():
        yield RefusedFile(_("%(path)s does not exist.") % {"path": path})
    elif path.is_dir():
        for inner in sorted(path.rglob("*")):
            if inner.is_file() and not inner.is_symlink() and not _is_hidden(inner.relative_to(path).parts):
                yield _file(inner, inner.relative_to(path).as_posix())
    elif path.suffix.lower() == ".zip":
        yield from _zip_files(path)
    else:
        yield _file(path, path.name)


def _is_hidden(parts: tuple[str, ...]) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in parts)


def _file(path: Path, key: str) -> SourceFile | RefusedFile:
    if path.stat().st_size > LARGEST_ZIP:
        return RefusedFile(_("%(name)s is too large: %(most)d MB is the most.") % {"name": path.name, "most": LARGEST_FILE // 1024**2})
    return SourceFile(key=key, name=path.name, content=path.read_bytes())


def _zip_files(path: Path) -> Iterator[SourceFile | RefusedFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                member for member in archive.infolist() if not member.is_dir() and not _is_hidden(PurePosixPath(member.filename).parts)
            ]
            problem = _zip_problem(path.name, members)
            if problem:
                yield RefusedFile(problem)
                return
            for member in sorted(members, key=lambda one: one.filename):
                yield SourceFile(key=member.filename, name=PurePosixPath(member.filename).name, content=archive.read(member))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        yield RefusedFile(_("%(name)s is not a zip that can be opened.") % {"name": path.name})


def _zip_problem(name: str, members: list[zipfile.ZipInfo]) -> str:
    if len(members) > MOST_FILES:
        return _("%(name)s holds too many files: %(most)d is the most.") % {"name": name, "most": MOST_FILES}
    if any(member.flag_bits & 0x1 for member in members):
        return _("%(name)s is protected by a password. Make a zip without one.") % {"name": name}
    total = sum(member.file_size for member in members)
    if total > LARGEST_ZIP or any(
        member.file_size > HIGHEST_RATIO * max(member.compress_size, 1) for member in members if member.file_size > 100_000
    ):
        return _("%(name)s grows too much when it is opened. Cut it into several.") % {"name": name}
    return ""

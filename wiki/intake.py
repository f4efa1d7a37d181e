"""What a person brings, file by file: a file, a folder or a zip. Opens containers with care, reads no document. No database.

Each file has a path below what was brought, the same from every system: with slashes, composed letters, nothing that leads outside.
"""

import os
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext_noop as _

from academy.files import RefusedFile, zip_problem
from academy.sentences import Sentence
from wiki.staging import CHUNK, chunks_of

LARGEST_FILE = 50 * 1024 * 1024
LARGEST_WHOLE = 500 * 1024 * 1024
MOST_FILES = 3000
DEEPEST = 12
LONGEST_PATH = 400
NOT_FOR_READERS = {"__macosx", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Brought:
    """One file, not read yet: `chunks` opens it."""

    path: str
    chunks: Callable[[], Iterable[bytes]]


@dataclass(frozen=True)
class LeftOut:
    """A file or a container that is not taken, and why. `quietly`: a file of the system that nobody meant to bring."""

    path: str
    reason: Sentence
    quietly: bool = False


def brought_by(path: Path) -> Iterator[Brought | LeftOut]:
    """A path of this machine: itself, what is in the folder, or what is in the zip."""
    if path.is_dir():
        yield from _folder(path)
    elif not path.is_file():
        yield LeftOut(readable(path.name) or str(path), Sentence(_("%(path)s does not exist."), {"path": str(path)}))
    else:
        yield from file_or_zip(path, readable(path.name))


def file_or_zip(file: Path, path: str) -> Iterator[Brought | LeftOut]:
    """One file of this disk, known to its owner as `path`."""
    known = whole_path(path)
    if isinstance(known, LeftOut):
        yield known
    elif path.lower().endswith(".zip"):
        yield from _zip(file, known)
    elif file.stat().st_size > LARGEST_FILE:
        yield _too_large(known)
    else:
        yield Brought(known, lambda: chunks_of(file))


def readable(name: str) -> str:
    """A name of the disk as text: bytes that are not UTF-8 are read as Western European."""
    try:
        return os.fsencode(name).decode()
    except UnicodeDecodeError:
        return os.fsencode(name).decode("cp1252", "replace")


def whole_path(path: str) -> str | LeftOut:
    """The path as a key, or why there is none. Composed letters, slashes: a folder gives the same keys whatever system it comes from."""
    shown = "".join(character for character in unicodedata.normalize("NFC", path.replace("\\", "/")) if character.isprintable())
    parts = [part.strip() for part in shown.split("/")]
    if shown.startswith("/") or ".." in parts or (parts[0][1:2] == ":" and len(parts) > 1):
        return LeftOut(
            shown,
            Sentence(
                _("%(path)s leads outside of what was brought: it is not taken. Make the zip again from the folder itself."),
                {"path": shown},
            ),
        )
    parts = [part for part in parts if part not in ("", ".")]
    if not parts:
        return LeftOut(shown, Sentence(_("A file without a name is not taken.")))
    whole = "/".join(parts)
    if any(part.startswith((".", "~$")) or part.lower() in NOT_FOR_READERS for part in parts):
        return LeftOut(whole, Sentence(_("%(path)s is hidden: it is not taken."), {"path": whole}), quietly=True)
    if len(parts) > DEEPEST or len(whole) > LONGEST_PATH:
        return LeftOut(
            whole[:LONGEST_PATH],
            Sentence(
                _("%(path)s lies too deep, or its name is too long. Give it a shorter name, or move it up, and bring it again."),
                {"path": whole[:80] + "…"},
            ),
        )
    return whole


def _too_large(path: str) -> LeftOut:
    return LeftOut(
        path,
        Sentence(
            _("%(name)s is too large: %(most)d MB is the most. Cut it into several, or make its pictures smaller."),
            {"name": path, "most": LARGEST_FILE // 1024**2},
        ),
    )


def _folder(root: Path) -> Iterator[Brought | LeftOut]:
    """Follows no symbolic link: it could lead anywhere on this machine."""
    for here, folders, names in os.walk(root):
        place = Path(here)
        for name in sorted([*folders, *names]):
            inner = place / name
            known = whole_path(readable(inner.relative_to(root).as_posix()))
            if inner.is_symlink():
                shown = known.path if isinstance(known, LeftOut) else known
                yield LeftOut(
                    shown,
                    Sentence(
                        _("%(path)s is a link to another place: it is not followed. Put the file itself in its place."), {"path": shown}
                    ),
                )
            elif isinstance(known, LeftOut):
                yield known
            elif name in names and not inner.is_file():
                yield LeftOut(known, Sentence(_("%(path)s is not a file: leave it out."), {"path": known}))
            elif name in names and inner.stat().st_size > LARGEST_FILE:
                yield _too_large(known)
            elif name in names:
                yield Brought(known, lambda inner=inner: chunks_of(inner))
        folders[:] = sorted(name for name in folders if not (place / name).is_symlink() and not isinstance(whole_path(name), LeftOut))


def _zip(file: Path, path: str) -> Iterator[Brought | LeftOut]:
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        yield LeftOut(
            path, Sentence(_("%(name)s is not a zip that can be opened. Make the zip again, or bring the folder itself."), {"name": path})
        )
        return
    members = [member for member in archive.infolist() if not member.is_dir()]
    problem = zip_problem(path, members)
    if problem:
        yield LeftOut(path, problem)
        return
    names = [zip_name(member) for member in members]
    wrapper = _wrapper(names, PurePosixPath(path).stem)
    for name, member in sorted(zip(names, members, strict=True), key=lambda pair: pair[0]):
        known = whole_path(name.removeprefix(wrapper))
        if isinstance(known, LeftOut):
            yield known
        elif stat.S_ISLNK(member.external_attr >> 16):
            yield LeftOut(
                known,
                Sentence(_("%(path)s is a link to another place: it is not followed. Put the file itself in its place."), {"path": known}),
            )
        elif member.file_size > LARGEST_FILE:
            yield _too_large(known)
        elif known.lower().endswith(".zip"):
            yield LeftOut(known, Sentence(_("%(path)s is a zip inside a zip: take it out and import it by itself."), {"path": known}))
        else:
            yield Brought(known, lambda member=member: _member_chunks(archive, member))


def _member_chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Raises RefusedFile for a member that is broken or larger than it says."""
    taken = 0
    try:
        with archive.open(member) as file:
            while chunk := file.read(CHUNK):
                taken += len(chunk)
                if taken > member.file_size:
                    raise zipfile.BadZipFile
                yield chunk
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise RefusedFile(_("%(path)s is broken inside its zip. Make the zip again."), path=zip_name(member)) from error


def zip_name(member: zipfile.ZipInfo) -> str:
    """The name as its owner wrote it. Old zips do not say how they write letters: those of macOS are UTF-8, those of Windows are not."""
    if member.flag_bits & 0x800:
        return unicodedata.normalize("NFC", member.filename)
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return unicodedata.normalize("NFC", member.filename)
    try:
        return unicodedata.normalize("NFC", raw.decode())
    except UnicodeDecodeError:
        return raw.decode("cp850", "replace")


def _wrapper(names: list[str], stem: str) -> str:
    """Systems that compress a folder put all of it under the folder's name: it is not part of the tree."""
    meant = [name for name in names if not isinstance(whole_path(name), LeftOut)]
    first = meant[0].partition("/")[0] if meant else ""
    alike = unicodedata.normalize("NFC", stem).casefold() == first.casefold()
    return f"{first}/" if alike and all(name.startswith(f"{first}/") for name in meant) else ""

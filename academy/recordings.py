"""Video, sound and captions among the documents: which kinds browsers play everywhere, by name and by first bytes. Pure, but for `problem_in`."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from django.core.files import File
from django.utils.translation import gettext_noop as _

from academy.sentences import Sentence

VIDEO_TYPES = ("mp4", "webm")
SOUND_TYPES = ("mp3", "ogg", "m4a")
CAPTION_TYPES = ("vtt",)
TYPES = (*VIDEO_TYPES, *SOUND_TYPES, *CAPTION_TYPES)
# Spelled out: what the machine's own list says depends on the machine
CONTENT_TYPES = {
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "m4a": "audio/mp4",
    "vtt": "text/vtt",
}
HEAD = 64
_OTHER_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"qt  ", b"crx ")


def suffix_of(name: str) -> str:
    return PurePosixPath(name).suffix.lower().lstrip(".")


def kind_of(name: str) -> str:
    """video, audio, or nothing."""
    kind = suffix_of(name)
    return "video" if kind in VIDEO_TYPES else "audio" if kind in SOUND_TYPES else ""


def is_what_it_says(head: bytes, name: str) -> bool:
    """Whether the first bytes of a file are those of the kind that its name says."""
    kind = suffix_of(name)
    if kind in ("mp4", "m4a"):
        return head[4:8] == b"ftyp" and head[8:12] not in _OTHER_BRANDS
    if kind == "webm":
        return head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head
    if kind == "mp3":
        return head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2)
    if kind == "ogg":
        return head.startswith(b"OggS")
    text = head.removeprefix(b"\xef\xbb\xbf")
    return kind == "vtt" and text[:6] == b"WEBVTT" and text[6:7] in (b"", b" ", b"\t", b"\r", b"\n")


def problem_in(file: File, name: str, kinds: Iterable[str] = TYPES) -> Sentence | None:
    """Why this file is not taken as one of `kinds`, or nothing. Leaves the file where it was found: at its beginning."""
    kinds = tuple(kinds)
    name = PurePosixPath(name).name
    if suffix_of(name) not in kinds:
        return Sentence(_("%(name)s is of another kind: choose %(kinds)s."), {"name": name, "kinds": ", ".join(f".{one}" for one in kinds)})
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if is_what_it_says(head, name):
        return None
    return Sentence(
        _("%(name)s is not what its name says, so it would not play. Export it again from the programme that made it."), {"name": name}
    )

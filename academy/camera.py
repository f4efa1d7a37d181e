"""What a camera or a programme writes into a picture beside what one sees: where, when, with whose telephone. It does not come in.

Every picture of the library (`PictureField`) and every picture that somebody hands in (`courses.uploads`) passes here. Wagtail would hand all
that on to the sizes that readers get. One that says nothing keeps its bytes, so that it can be passed here twice.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile, File
from django.utils.translation import gettext_noop as _
from PIL import Image, ImageOps, ImageSequence
from wagtail.images.models import WagtailImageField, WagtailImageFieldFile

from academy.files import RefusedFile, check_picture, picture_type

TURNED = 0x0112  # the number of the orientation in EXIF
PNG_WORDS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"})
# What the readers of Pillow note of how a picture is drawn; anything else says something about its making.
DRAWN = frozenset(
    {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "adobe", "adobe_transform", "progressive", "progression", "icc_profile"}
    | {"transparency", "gamma", "background", "version", "duration", "loop", "extension", "bbox", "timestamp"}
)
MOVING = frozenset({"GIF", "WEBP", "AVIF"})
ENDS = {"jpg": b"\xff\xd9", "gif": b";"}


def bare(content: bytes, *, name: str) -> bytes:
    """The same picture without what was written into it, turned as it is to be seen, its colour profile kept. Refuses what is no picture.

    Of the two pictures that some telephones put into one file, the first; a film in it goes.
    """
    kind = picture_type(content)
    if not kind:
        raise _broken(name)
    check_picture(content, name)
    try:
        with Image.open(io.BytesIO(content)) as opened:
            is_turned = opened.getexif().get(TURNED, 1) != 1
            if kind == "png" and not is_turned:
                return b"".join(_png_without_words(content))
            if not is_turned and _says_nothing(opened, content, kind):
                return content
            return _made_anew(opened, content, is_turned)
    except Exception as error:  # Pillow's readers raise whatever they like on a broken file
        raise _broken(name) from error


def _broken(name: str) -> RefusedFile:
    return RefusedFile(_("%(name)s is a picture that is broken: open it in a picture editor and save it again."), name=name)


def _png_without_words(content: bytes) -> Iterator[bytes]:
    """Part by part as it is, up to its end."""
    yield content[:8]
    at, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        part = content[at : at + 12 + length]
        if len(part) < 12 + length or struct.unpack(">I", part[-4:])[0] != zlib.crc32(part[4:-4]):
            raise ValueError("cut short")
        if kind not in PNG_WORDS:
            yield part
        at += 12 + length


def _says_nothing(opened: Image.Image, content: bytes, kind: str) -> bool:
    if len(opened.getexif()) or set(opened.info) - DRAWN or not content.endswith(ENDS.get(kind, b"")):
        return False
    if kind == "jpg":
        return opened.format == "JPEG" and all(_only_draws(*part) for part in opened.applist)
    if kind == "webp":
        return int.from_bytes(content[4:8], "little") + 8 >= len(content)
    return not opened.info.get("extension", (b"NETSCAPE2.0",))[0].startswith(b"XMP")


def _only_draws(part: str, content: bytes) -> bool:
    return part in ("APP0", "APP14") or (part == "APP2" and content.startswith(b"ICC_PROFILE\0"))


def _made_anew(opened: Image.Image, content: bytes, is_turned: bool) -> bytes:
    kind = "JPEG" if opened.format == "MPO" else opened.format
    said: dict[str, Any] = {"quality": 90, "lossless": kind == "WEBP" and b"VP8L" in content[:40]}
    if opened.format == "JPEG" and not is_turned:
        said |= {"quality": "keep", "subsampling": "keep"}
    if profile := opened.info.get("icc_profile"):
        said["icc_profile"] = profile
    out = io.BytesIO()
    if kind in MOVING and getattr(opened, "n_frames", 1) > 1:
        if "loop" in opened.info:
            said["loop"] = opened.info["loop"]
        first, *others = [_only_seen(frame.copy()) for frame in ImageSequence.Iterator(opened)]
        said |= {"append_images": others, "duration": [int(one.info.get("duration", 0)) for one in (first, *others)]}
        first.save(out, kind, save_all=True, **said)
    else:
        _only_seen(ImageOps.exif_transpose(opened) if is_turned else opened).save(out, kind, **said)
    return out.getvalue()


def _only_seen(picture: Image.Image) -> Image.Image:
    picture.info = {name: value for name, value in picture.info.items() if name in ("duration", "transparency")}
    return picture


class PictureFile(WagtailImageFieldFile):
    """Whatever door it comes by (an upload, an import, a starter), its bytes are stored bare."""

    def save(self, name: str, content: File, save: bool = True) -> None:
        super().save(name, bare_file(content), save)


class PictureField(WagtailImageField):
    attr_class = PictureFile


def bare_file(file: File) -> File:
    file.seek(0)
    content = file.read()
    file.seek(0)
    stored = bare(content, name=str(file.name or ""))
    return file if stored == content else ContentFile(stored, name=file.name)

"""The pictures of imported pages: from the document itself, from beside it, or from an allowed host; each content kept once."""

import hashlib
import io
import logging
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from django.core.files.images import ImageFile
from django.utils.translation import gettext_noop
from PIL import Image
from wagtail.images import get_image_model
from wagtail.models import Collection

from academy.camera import bare
from academy.files import RefusedFile, picture_type
from wiki.importer import Pad
from wiki.remote import NotFetched, fetch, is_allowed

logger = logging.getLogger(__name__)

# Takes the address of a picture as a document writes it; gives the id of our copy of a file that was brought too.
Beside = Callable[[str], int | None]


def keep_picture(content: bytes, *, name: str, collection: Collection, by: Any):
    """The image of the library with this content in this collection, else a new one. Raises RefusedFile for what is no picture."""
    content = bare(content, name=name)
    images = get_image_model()
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()  # Wagtail's own fingerprint finds the candidates
    sha256 = hashlib.sha256(content).digest()
    for known in images.objects.filter(file_hash=sha1, file_size=len(content), collection=collection):
        if _has_content(known, sha256):
            return known
    try:
        with Image.open(io.BytesIO(content)) as opened:
            opened.verify()
    except Exception as error:  # Pillow's readers raise whatever they like on a broken file
        raise _broken(name) from error
    stem = PurePosixPath(name).stem[:80] or "image"
    image = images(title=stem, collection=collection, uploaded_by_user=by if getattr(by, "pk", None) else None)
    image.file = ImageFile(io.BytesIO(content), name=f"{stem}.{picture_type(content)}")
    image._set_image_file_metadata()
    image.save()
    return image


def _broken(name: str) -> RefusedFile:
    return RefusedFile(gettext_noop("%(name)s is a picture that is broken: open it in a picture editor and save it again."), name=name)


def _has_content(image, sha256: bytes) -> bool:
    try:
        with image.file.storage.open(image.file.name) as file:
            return hashlib.file_digest(file, "sha256").digest() == sha256
    except OSError:
        return False


def fetched_for(pad: Pad) -> dict[str, bytes]:
    """The pictures of a document that stand on an allowed host, by address. Takes its time: call it outside of a transaction."""
    found: dict[str, bytes] = {}
    for address, content in pad.images.items():
        if content is None and is_allowed(address):
            try:
                found[address] = fetch(address)
            except NotFetched as reason:
                logger.warning("picture %s not fetched: %s", address, reason)
    return found


def pictures_of(pad: Pad, *, beside: Beside, fetched: Mapping[str, bytes], collection: Callable[[], Collection], by: Any) -> dict[str, int]:
    """Our copies of the pictures of a document, by address. Those that cannot be had are said in its report."""
    found: dict[str, int] = {}
    for number, (address, inside) in enumerate(pad.images.items(), start=1):
        known = beside(address) if inside is None else None
        content = fetched.get(address) if inside is None else inside
        if known is None and content is not None:
            name = PurePosixPath(urlsplit(address).path).name or f"image-{number}"
            try:
                known = keep_picture(content, name=name, collection=collection(), by=by).pk
            except RefusedFile:
                pad.report.lost[gettext_noop("pictures that cannot be read")] += 1
        if known is not None:
            found[address] = known
    return found

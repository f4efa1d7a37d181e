"""Pages and sections to take away: what may go out to this reader, where it stands in a zip, and the zip as a stream.

A zip has one folder for each section, as an import takes it: README.md is the text of a section, SUMMARY.md the order of the
pages; pictures lie in `images/`, a file beside the first page that has it. It is written while it is read: nothing of it is kept in memory or on disk.
"""

import posixpath
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import slugify
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import CollectionViewRestriction, Page

from academy.privacy import Hidden, hidden_for
from wiki.exporter import Matter, markdown_of
from wiki.models import WikiPage, WikiSection

CHUNK = 256 * 1024
IMAGE_WIDTH = "width-1600"


def matter_of(page: Any, request: HttpRequest) -> Matter:
    """What stands above the text of a page or a section."""
    verified = getattr(page, "verified_at", None)
    return Matter(
        title=page.title,
        description=page.summary,
        language=page.locale.language_code,
        tags=tuple(tag.name for tag in page.tags.all()) if isinstance(page, WikiPage) else (),
        address=page.get_full_url(request) or "",
        verified=timezone.localdate(verified) if verified else None,
        next_review=getattr(page, "review_due_on", None),
    )


def body_to_export(page: Any) -> list[dict]:
    return page.exported_body() if isinstance(page, WikiPage) else list(page.body.get_prep_value())


@dataclass
class Elsewhere:
    """Where things are for who holds one page alone: on this site. What the reader may not open has no address."""

    request: HttpRequest
    hidden: Hidden
    _pages: dict[int, str | None] = field(default_factory=dict)

    def __call__(self, kind: str, number: int) -> str | None:
        if kind == "page":
            return self.page(number)
        found = (get_document_model() if kind == "document" else get_image_model()).objects.filter(pk=number).first()
        if found is None:
            return None
        return self.request.build_absolute_uri(found.url if kind == "document" else found.get_rendition(IMAGE_WIDTH).url)

    def page(self, number: int) -> str | None:
        if number not in self._pages:
            found = self.hidden.exclude_from(Page.objects.live().filter(pk=number)).first()
            self._pages[number] = found.get_full_url(self.request) if found else None
        return self._pages[number]


def markdown_page(page: WikiPage, request: HttpRequest) -> str:
    """One page as markdown, with addresses on this site."""
    return markdown_of(body_to_export(page), matter=matter_of(page, request), address=Elsewhere(request, hidden_for(request)))


# --- a section


@dataclass
class Bundle:
    """The places of a section in its zip: pages by their id, and the pictures and files met on the way."""

    request: HttpRequest
    hidden: Hidden
    places: dict[int, str]
    order: list[tuple[int, str, str]]
    met: dict[tuple[str, int], tuple[str, Any]] = field(default_factory=dict)

    def addresses_from(self, place: str) -> Callable[[str, int], str | None]:
        """Where things are, seen from one file of the zip; a page outside of it is on the site."""
        folder, elsewhere = posixpath.dirname(place), Elsewhere(self.request, self.hidden)

        def find(kind: str, number: int) -> str | None:
            if kind == "page":
                target = self.places.get(number)
                return posixpath.relpath(target, folder or ".") if target else elsewhere.page(number)
            target = self._file(kind, number, folder)
            if target is None:
                return elsewhere(kind, number) if kind == "document" else None
            return posixpath.relpath(target, folder or ".")

        return find

    def _file(self, kind: str, number: int, folder: str) -> str | None:
        known = self.met.get((kind, number))
        if known is None:
            model = get_document_model() if kind == "document" else get_image_model()
            found = model.objects.filter(pk=number).select_related("collection").first()
            usable = found is not None and (kind == "image" or self._may_have(found))
            inside = "images" if kind == "image" else folder
            known = (posixpath.join(inside, f"{number}-{_safe_name(found.filename)}") if usable else "", number)
            self.met[kind, number] = known
        return known[0] or None

    def _may_have(self, document: Any) -> bool:
        """A file goes out to who may open it here."""
        closed: list[CollectionViewRestriction] = list(document.collection.get_view_restrictions())
        return all(restriction.accept_request(self.request) for restriction in closed)


def _safe_name(name: str) -> str:
    path = PurePosixPath(name)
    return f"{slugify(path.stem)[:60] or 'file'}{''.join(char for char in path.suffix.lower() if char.isalnum() or char == '.')}"


def bundle_of(section: WikiSection, request: HttpRequest) -> Bundle:
    """Every page and section under a section that this reader may read, with its place."""
    hidden = hidden_for(request)
    under = hidden.exclude_from(Page.objects.live().descendant_of(section, inclusive=True)).order_by("path")
    kinds = {
        "section": set(hidden.exclude_from(WikiSection.objects.live().descendant_of(section, inclusive=True)).values_list("pk", flat=True)),
        "page": set(hidden.exclude_from(WikiPage.objects.live().descendant_of(section)).values_list("pk", flat=True)),
    }
    folders, places, order = {section.path: ""}, {}, []
    for pk, title, slug, path in under.values_list("pk", "title", "slug", "path"):
        above = folders.get(path[: -Page.steplen])
        if path != section.path and above is None:
            continue  # under a draft section: its readers cannot reach it either
        if pk in kinds["section"]:
            folder = folders.setdefault(path, posixpath.join(above or "", slug))
            places[pk] = posixpath.join(folder, "README.md")
        elif pk in kinds["page"]:
            places[pk] = posixpath.join(above or "", f"{slug}.md")
        else:
            continue
        depth = (len(path) - len(section.path)) // Page.steplen
        if depth:
            order.append((depth - 1, title, places[pk]))
    return Bundle(request, hidden, places, order)


def summary_of(bundle: Bundle) -> str:
    """The order of the pages, as an import reads it."""
    lines = []
    for depth, title, place in bundle.order:
        words = "".join(f"\\{char}" if char in "\\`*_[]<>" else char for char in title)
        lines.append(f"{'  ' * depth}* [{words}]({place})")
    return "\n".join(["# Summary", "", *lines, ""])


class _Pipe:
    """Takes what zipfile writes and gives it on; a zip written so needs no seeking."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        data, self._parts = b"".join(self._parts), []
        return data


def zip_of(bundle: Bundle) -> Iterator[bytes]:
    """The zip in pieces, one page or a part of a file at a time."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry("SUMMARY.md"), summary_of(bundle))
        for pk, place in bundle.places.items():
            page = Page.objects.select_related("locale").get(pk=pk).specific
            text = markdown_of(body_to_export(page), matter=matter_of(page, bundle.request), address=bundle.addresses_from(place))
            archive.writestr(_entry(place), text)
            yield pipe.take()
        for (kind, number), (place, _number) in bundle.met.items():
            if not place:
                continue
            model = get_document_model() if kind == "document" else get_image_model()
            yield from _file_into(archive, place, model.objects.get(pk=number), pipe)
    yield pipe.take()


def _entry(place: str) -> zipfile.ZipInfo:
    """The same section gives the same zip: no date of today in it."""
    entry = zipfile.ZipInfo(place, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _file_into(archive: zipfile.ZipFile, place: str, stored: Any, pipe: _Pipe) -> Iterator[bytes]:
    """A file that the storage has lost is left out; the text that names it is whole all the same."""
    try:
        source = stored.file.open("rb")
    except OSError:
        return
    entry = _entry(place)
    entry.compress_type = zipfile.ZIP_STORED
    with source, archive.open(entry, "w", force_zip64=True) as target:
        while chunk := source.read(CHUNK):
            target.write(chunk)
            yield pipe.take()

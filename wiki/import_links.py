"""Where the links of an imported file lead: to a page, to a file, or to nothing yet. Pure: it is told what there is."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from django.utils.text import slugify
from django.utils.translation import gettext_noop

from wiki.importer import Attributes, Pad, resolve_links
from wiki.plan import folder_title, joined

ENDINGS = (".md", ".markdown", ".html", ".htm", ".docx", ".odt", ".txt")


@dataclass
class Targets:
    """What links may lead to: pages and files by path (folders end with a slash), pages by title."""

    pages: dict[str, int] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    titles: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._folded = {path.casefold(): path for path in [*self.documents, *self.pages]}

    def add(self, path: str, *, page: int | None = None, document: int | None = None) -> None:
        if page:
            self.pages[path] = page
        if document:
            self.documents[path] = document
        self._folded[path.casefold()] = path

    def path_of(self, folder: str, address: str) -> str | None:
        """The path that an address means, however its writer shortened it; None when there is none."""
        wanted = unicodedata.normalize("NFC", joined(folder, address))
        guesses = [wanted, f"{wanted}/"] if wanted else [""]
        guesses += [f"{wanted}/{name}" if wanted else name for name in ("README.md", "index.md", "index.html")]
        guesses += [f"{wanted}{ending}" for ending in ENDINGS if wanted]
        suffix = PurePosixPath(wanted).suffix.lower()
        if suffix in ENDINGS:
            guesses += [wanted[: -len(suffix)] + ending for ending in ENDINGS]
        return next((self._folded[guess.casefold()] for guess in guesses if guess.casefold() in self._folded), None)


def resolve(pad: Pad, *, folder: str, targets: Targets) -> list[int]:
    """Points the links of a pad at what they mean; says in its report what is not here. Gives the ids of the pages linked to."""
    linked: list[int] = []
    pad_links = _Links(pad, folder, targets, linked)
    resolve_links(pad, pad_links.lead)
    return sorted(set(linked))


@dataclass
class _Links:
    pad: Pad
    folder: str
    targets: Targets
    linked: list[int]

    def lead(self, address: str) -> Attributes | None:
        if address.startswith("[["):
            return self._titled(address[2:-2])
        parts = urlsplit(address)
        if parts.scheme or parts.netloc or not parts.path:
            return None
        path = self.targets.path_of(self.folder, parts.path)
        if path in self.targets.pages:
            return self._page(self.targets.pages[path], parts.fragment)
        if path in self.targets.documents:
            return {"linktype": "document", "id": str(self.targets.documents[path])}
        lost = gettext_noop("links to files that are not here, kept as red links")
        self.pad.report.lost[f"{lost}: {unquote(address)[:200]}"] += 1
        stem = PurePosixPath(joined(self.folder, parts.path)).stem
        return {"linktype": "wanted", "target": folder_title(stem)[:200]} if stem else {}

    def _titled(self, title: str) -> Attributes | None:
        found = self.targets.titles.get(_plain(title))
        if found:
            return self._page(found, "")
        lost = gettext_noop("links to pages that are not here, kept as red links")
        self.pad.report.lost[f"{lost}: {title[:200]}"] += 1
        return None

    def _page(self, number: int, fragment: str) -> Attributes:
        self.linked.append(number)
        anchor = re.sub(r"[^\w.\-:]", "", unquote(fragment)) and slugify(unquote(fragment))
        return {"linktype": "page", "id": str(number), **({"href": f"#{anchor}"} if anchor else {})}


def _plain(title: str) -> str:
    return " ".join(unicodedata.normalize("NFC", title).split()).casefold()


def by_title(rows: Mapping[int, str]) -> dict[str, int]:
    """Pages by title, for links that name one; the oldest of two that share it."""
    found: dict[str, int] = {}
    for number in sorted(rows):
        found.setdefault(_plain(rows[number]), number)
    return found

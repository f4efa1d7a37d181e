"""Where each file of an import goes: folders become sections, a README becomes the text of its section, a SUMMARY.md orders. Pure."""

import math
import posixpath
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote

from wiki.models import ImportItem

Becomes = ImportItem.Becomes
INDEXES = ("readme", "index")
Summary = list[tuple[int, str, str]]


def arrange(items: Iterable[ImportItem], summaries: Mapping[str, Summary], *, top_takes_text: bool) -> list[ImportItem]:
    """The items in the order of the tree, with one more for each folder; `becomes` of indexes and summaries is decided here.

    `summaries` holds, by folder, what its SUMMARY.md says. `top_takes_text`: the README at the top becomes the text of the section
    that was chosen, instead of a page in it.
    """
    items = list(items)
    for item in items:
        if item.folder in summaries and item.name.lower() == "summary.md":
            item.becomes = Becomes.ORDER
    _choose_indexes(items, top_takes_text)
    ranks, titles = _read_summaries(summaries, {item.path.casefold(): item.path for item in items})
    folders = _folders(items)
    for item in items:
        item.title = titles.get(item.path, item.title)[:255]
    for folder in folders:
        index = next((item for item in items if item.folder == folder.path and item.becomes == Becomes.TEXT), None)
        folder.title = (titles.get(index.path) if index else "") or titles.get(folder.path, "") or folder_title(folder.name)
    return _in_order([*items, *folders], ranks)


def folder_title(name: str) -> str:
    """What a folder is called: its name, without the number that orders it."""
    words = re.sub(r"^\d+[\s._-]+(?=\S)", "", name)
    words = re.sub(r"[\s_-]+", " ", words).strip() or name
    return (words[:1].upper() + words[1:])[:255]


def _choose_indexes(items: list[ImportItem], top_takes_text: bool) -> None:
    best: dict[str, tuple[int, ImportItem]] = {}
    for item in items:
        stem = PurePosixPath(item.name).stem.lower()
        if item.becomes != Becomes.PAGE or stem not in INDEXES or (not item.folder and not top_takes_text):
            continue
        rank = INDEXES.index(stem)
        if item.folder not in best or (rank, item.path) < (best[item.folder][0], best[item.folder][1].path):
            best[item.folder] = rank, item
    for _rank, item in best.values():
        item.becomes = Becomes.TEXT


def _read_summaries(summaries: Mapping[str, Summary], known: Mapping[str, str]) -> tuple[dict[str, int], dict[str, str]]:
    ranks: dict[str, int] = {}
    titles: dict[str, str] = {}
    for folder, summary in sorted(summaries.items()):
        for _depth, title, address in summary:
            path = known.get(joined(folder, address).casefold())
            if path and path not in ranks:
                ranks[path] = len(ranks)
                titles[path] = title
    return ranks, titles


def _folders(items: list[ImportItem]) -> list[ImportItem]:
    """The folders that become sections: those that hold a page or a file that is wanted, at whatever depth. Images alone make none."""
    paths: set[str] = set()
    for item in items:
        if item.wanted and item.becomes in (Becomes.PAGE, Becomes.TEXT, Becomes.DOCUMENT):
            parts = item.folder.split("/")[:-1]
            paths |= {"/".join(parts[: count + 1]) + "/" for count in range(len(parts))}
    return [ImportItem(path=path, becomes=Becomes.SECTION) for path in sorted(paths)]


def _in_order(items: list[ImportItem], ranks: Mapping[str, int]) -> list[ImportItem]:
    """Depth first; in a folder its text, then its order where there is one, then the natural order of names."""
    first: dict[str, float] = {}
    for path, rank in ranks.items():
        folder = path
        while folder := parent_of(folder):
            first[folder] = min(rank, first.get(folder, math.inf))

    def own_key(path: str, is_text: bool) -> tuple:
        rank = -1 if is_text else ranks.get(path, first.get(path, math.inf))
        return rank, [(len(part), part) if part.isdigit() else (0, part) for part in re.split(r"(\d+)", path.casefold())], path

    def key(item: ImportItem) -> list[tuple]:
        above, folder = [], item.path
        while folder := parent_of(folder):
            above.insert(0, own_key(folder, False))
        return [*above, own_key(item.path, item.becomes == Becomes.TEXT)]

    ordered = sorted(items, key=key)
    for number, item in enumerate(ordered):
        item.number = number
    return ordered


def parent_of(path: str) -> str:
    """The folder of a file or of a folder, with its last slash; empty at the top."""
    above = path.rstrip("/").rpartition("/")[0]
    return f"{above}/" if above else ""


def joined(folder: str, address: str) -> str:
    """A relative address as a path from the top; one that leads outside keeps its dots."""
    address = unquote(address).replace("\\", "/")
    whole = posixpath.normpath(address.lstrip("/") if address.startswith("/") else f"{folder}{address}")
    return "" if whole == "." else whole

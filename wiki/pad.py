"""A document once read: its title, its blocks, and the report of what was kept, changed and lost. Pure: plain data, no database."""

import json
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from html import escape
from itertools import accumulate, pairwise
from typing import Any

from django.utils.translation import gettext as _

from academy.files import RefusedFile
from academy.html import clean

MOST_PLACES = 5
# A line number, or the words of the nearest heading.
Place = int | str


class UnreadablePad(RefusedFile):
    """The text cannot be read at all, whatever file it comes from."""


class Tally(Counter):
    """Counts what happened, by sentence, and remembers the first places where it did."""

    def __init__(self, *given: Any) -> None:
        self.places: dict[str, list[Place]] = {}
        self.here: Place | None = None
        super().__init__(*given)

    def __setitem__(self, sentence: str, count: int) -> None:
        super().__setitem__(sentence, count)
        places = self.places.setdefault(sentence, [])
        if self.here and self.here not in places and len(places) < MOST_PLACES:
            places.append(self.here)


@dataclass
class Report:
    """What became of a document. `kept` counts blocks; the two others are sentences with how often, and where.

    A sentence is English, for `in_words` to say in the reader's language; what follows its first `: ` is from the document.
    """

    kept: Counter = field(default_factory=Counter)
    changed: Tally = field(default_factory=Tally)
    lost: Tally = field(default_factory=Tally)
    missing_images: list[str] = field(default_factory=list)

    def at(self, place: Place | None) -> None:
        """Where the reader is now: what is counted next happens there."""
        if place:
            self.changed.here = self.lost.here = place

    def as_json(self) -> dict:
        places = {name: {said: where for said, where in tally.places.items() if where} for name, tally in self._tallies()}
        return {
            "kept": dict(self.kept),
            "changed": dict(self.changed),
            "lost": dict(self.lost),
            "missing_images": list(self.missing_images),
            "places": {name: found for name, found in places.items() if found},
        }

    @classmethod
    def from_json(cls, data: dict) -> "Report":
        """The report that `as_json` wrote, now or before places were kept."""
        report = cls(Counter(data.get("kept")), Tally(data.get("changed")), Tally(data.get("lost")), list(data.get("missing_images") or []))
        for name, tally in report._tallies():
            tally.places.update(data.get("places", {}).get(name, {}))
        return report

    def _tallies(self) -> tuple[tuple[str, Tally], ...]:
        return ("changed", self.changed), ("lost", self.lost)


def in_words(sentence: str) -> str:
    """A sentence of a report in the language of who reads it; what the document itself says stays as it is."""
    said, colon, detail = sentence.partition(": ")
    return _("%(what)s: %(detail)s") % {"what": _(said), "detail": detail} if colon else _(said)


def place_in_words(place: Place) -> str:
    """`line 12`, or the heading above."""
    return _("line %(number)d") % {"number": place} if isinstance(place, int) else _("under “%(heading)s”") % {"heading": place}


@dataclass(frozen=True)
class ReadOptions:
    """What the person who imports has chosen after the preview. `beside`: the fingerprint of what else than the source stands on its page."""

    promote_bold_headings: bool = False
    title: str = ""
    beside: str = ""

    def as_json(self) -> dict:
        """Only what was chosen."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class Suggestion:
    """Something to ask before importing: `bold_headings` means that so many lines look like headings, such as these."""

    kind: str
    count: int
    examples: list[str]


@dataclass
class Pad:
    """A document read: its title, what its front matter says, its body as raw StreamField data, and the report.

    `images` names every picture of the body: its bytes when the file holds them, None when it lies beside the file or
    elsewhere. Until `place_images`, the block of a picture names it as "@" and its address; so does the block of a file.
    """

    title: str = ""
    description: str = ""
    language: str = ""
    tags: list[str] = field(default_factory=list)
    blocks: list[dict] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    images: dict[str, bytes | None] = field(default_factory=dict)
    suggestions: list[Suggestion] = field(default_factory=list)

    def parts(self) -> tuple[dict, list[bytes]]:
        """All of it as plain data and pictures, to cross from one process to another; `from_parts` puts it together."""
        embedded = [name for name, content in self.images.items() if content is not None]
        data = {
            "title": self.title,
            "description": self.description,
            "language": self.language,
            "tags": self.tags,
            "blocks": self.blocks,
            "report": self.report.as_json(),
            "suggestions": [[one.kind, one.count, one.examples] for one in self.suggestions],
            "images": list(self.images),
            "embedded": embedded,
        }
        return data, [self.images[name] for name in embedded]

    def packed(self) -> bytes:
        """The same in one piece, to be kept in a file."""
        data, contents = self.parts()
        return b"\n".join([json.dumps([data, [len(content) for content in contents]]).encode(), b"".join(contents)])

    @classmethod
    def unpacked(cls, content: bytes) -> "Pad":
        head, _line, rest = content.partition(b"\n")
        data, sizes = json.loads(head)
        ends = list(accumulate(sizes, initial=0))
        return cls.from_parts(data, [rest[start:end] for start, end in pairwise(ends)])

    @classmethod
    def from_parts(cls, data: dict, contents: list[bytes]) -> "Pad":
        embedded = dict(zip(data["embedded"], contents, strict=True))
        return cls(
            **{name: data[name] for name in ("title", "description", "language", "tags", "blocks")},
            report=Report.from_json(data["report"]),
            images={name: embedded.get(name) for name in data["images"]},
            suggestions=[Suggestion(*one) for one in data["suggestions"]],
        )


def rewrite_rich_text(blocks: list[dict], change: Callable[[str], str]) -> None:
    """Passes every rich text value of a body through `change`, in place."""
    for block in blocks:
        kind, value = block["type"], block["value"]
        if kind == "text":
            block["value"] = change(value)
        elif kind in ("callout", "details", "quote"):
            value["text"] = change(value["text"])
        elif kind == "table":
            rich = [index for index, column in enumerate(value["table"]["columns"]) if column["type"] == "rich"]
            for row in value["table"]["rows"]:
                for index in rich:
                    row["values"][index] = change(row["values"][index])


def place_images(pad: Pad, ids: Mapping[str, int], files: Mapping[str, int] | None = None) -> None:
    """Puts the ids of our copies (address → id) into the blocks; what has none becomes a visible link, named in the report."""
    for block in pad.blocks:
        value = block["value"]
        if block["type"] == "image" and isinstance(value["image"]["image"], str):
            address = value["image"]["image"].removeprefix("@")
            if address in ids:
                value["image"]["image"] = ids[address]
                continue
            pad.report.missing_images.append(address[:300])
            pad.report.changed["images elsewhere, as links"] += 1
            words = value["caption"] or value["image"]["alt_text"]
        elif block["type"] == "file" and isinstance(value["document"], str):
            address = value["document"].removeprefix("@")
            if files and address in files:
                value["document"] = files[address]
                continue
            words = " — ".join(said for said in (value["title"], value["note"]) if said)
        else:
            continue
        pad.report.kept[block["type"]] -= 1
        pad.report.kept["text"] += 1
        embedded = pad.images.get(address) is not None
        link = escape(words or address.rsplit("/", 1)[-1])
        block["type"] = "text"
        block["value"] = f"<p>{link}</p>" if embedded else clean(f'<p><a href="{escape(address)}">{link}</a></p>')
    pad.report.kept = +pad.report.kept


def keep_ids(blocks: list[dict], previous: list[dict]) -> None:
    """Gives the blocks of a new reading the ids of the previous one: those that did not change, then those edited in place."""
    old_keys, new_keys = [_content(block) for block in previous], [_content(block) for block in blocks]
    pairs: list[tuple[int, int]] = []
    for name, old_from, old_to, new_from, new_to in SequenceMatcher(None, old_keys, new_keys, autojunk=False).get_opcodes():
        if name == "equal":
            pairs += zip(range(old_from, old_to), range(new_from, new_to), strict=True)
        elif name == "replace":
            olds = list(range(old_from, old_to))
            for new in range(new_from, new_to):
                twin = next((old for old in olds if previous[old]["type"] == blocks[new]["type"]), None)
                if twin is not None:
                    pairs.append((twin, new))
                    olds = [old for old in olds if old > twin]
    given = {new: previous[old]["id"] for old, new in pairs if previous[old].get("id")}
    taken = set(given.values())
    for index, block in enumerate(blocks):
        block_id = given.get(index, block["id"])
        while index not in given and block_id in taken:
            block_id = str(uuid.uuid5(uuid.UUID(block_id), "again"))
        taken.add(block_id)
        block["id"] = block_id


def _content(block: dict) -> str:
    """PostgreSQL gives the keys of JSON back in an order of its own."""
    return f"{block['type']}|{json.dumps(block['value'], sort_keys=True)}"

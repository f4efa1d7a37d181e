"""An import told: what was kept, changed and lost, of one file and of all of them, with how often and where. Plain data in, words out."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from wiki.models import ImportItem
from wiki.pad import Report, in_words, place_in_words

Outcome = ImportItem.Outcome
NEW_TEXT = (Outcome.CREATED, Outcome.UPDATED, Outcome.DRAFT)


@dataclass(frozen=True)
class Line:
    """One sentence of a report: how often, and the first places where it happened."""

    words: str
    count: int
    places: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        often = f" ×{self.count}" if self.count > 1 else ""
        where = f" ({', '.join(self.places)})" if self.places else ""
        return f"{self.words}{often}{where}"


@dataclass
class Told:
    """The report of one file, or of all files of an import, by heading."""

    kept: list[Line]
    changed: list[Line]
    lost: list[Line]
    missing_images: list[str]

    @property
    def is_empty(self) -> bool:
        return not (self.kept or self.changed or self.lost or self.missing_images)


@dataclass
class Summary:
    """All files of an import: how many became what, and the report of them together."""

    outcomes: list[tuple[str, str, int]]
    told: Told

    @property
    def lines(self) -> list[str]:
        return [f"{label}: {count}" for _value, label, count in self.outcomes]


def block_words(kind: str) -> str:
    """What blocks of a kind are called when several are counted."""
    names = {
        "heading": _("headings"),
        "text": _("passages of text"),
        "callout": _("callouts"),
        "table": _("tables"),
        "details": _("texts to open"),
        "image": _("images"),
        "file": _("files"),
        "code": _("passages of code"),
        "embed": _("videos"),
        "quote": _("quotations"),
        "contents": _("contents lists"),
    }
    return names.get(kind, kind)


def told(data: dict) -> Told:
    """The report that an import kept, in the language of who reads it."""
    report = Report.from_json(data)
    return Told(
        [Line(block_words(kind), count) for kind, count in sorted(report.kept.items()) if count],
        _lines(report.changed),
        _lines(report.lost),
        report.missing_images,
    )


def _lines(tally) -> list[Line]:
    return [
        Line(in_words(said), count, [place_in_words(place) for place in tally.places.get(said, [])])
        for said, count in sorted(tally.items())
    ]


def places_of(item: ImportItem) -> list[str]:
    """The report of one file as lines of text."""
    if (item.outcome or item.expected) not in NEW_TEXT or not item.report:
        return []
    one = told(item.report)
    found = []
    for heading, lines in ((_("kept"), one.kept), (_("changed"), one.changed), (_("lost"), one.lost)):
        if lines:
            found.append(f"{heading}: {'; '.join(map(str, lines))}")
    return [*found, *(_("image not here, kept as a link: %(address)s") % {"address": address} for address in one.missing_images)]


def gather(items: Iterable[ImportItem]) -> Summary:
    """The whole import: outcomes counted, reports added up with the files as places."""
    outcomes: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    sums: dict[str, Counter[str]] = {"changed": Counter(), "lost": Counter()}
    where: dict[str, dict[str, list[str]]] = {"changed": {}, "lost": {}}
    missing: list[str] = []
    for item in items:
        outcome = item.outcome or item.expected
        outcomes[outcome] += 1
        if outcome not in NEW_TEXT:
            continue
        kept.update(item.report.get("kept", {}))
        missing += item.report.get("missing_images", [])
        for name, sums_of in sums.items():
            for said, count in item.report.get(name, {}).items():
                general = said.partition(": ")[0]
                sums_of[general] += count
                where[name].setdefault(general, []).append(item.path)
    labels = dict(Outcome.choices)
    return Summary(
        [(value, str(labels[value]), outcomes[value]) for value in Outcome.values if outcomes[value]],
        Told(
            [Line(block_words(kind), count) for kind, count in sorted(kept.items()) if count],
            *(
                [Line(in_words(said), count, where[name][said][:5]) for said, count in sums[name].most_common()]
                for name in ("changed", "lost")
            ),
            missing,
        ),
    )


def as_csv(items: Iterable[ImportItem]) -> str:
    """One row for each file, for a spreadsheet."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(
        [_("file"), _("becomes"), _("title"), _("outcome"), _("kept"), _("changed"), _("lost"), _("images not here"), _("note")]
    )
    for item in items:
        one = told(item.report)
        row = [item.path, item.get_becomes_display(), item.title, item.get_outcome_display() or item.get_expected_display()]
        row += ["; ".join(map(str, lines)) for lines in (one.kept, one.changed, one.lost)]
        writer.writerow([_safe(cell) for cell in [*row, " ".join(one.missing_images), str(item.said)]])
    return out.getvalue()


def _safe(cell: str) -> str:
    """A spreadsheet must not take a title for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell

"""Geometry of the small charts, as pure functions: numbers in, points out. Templates draw; nothing here knows HTML."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.template.defaultfilters import floatformat

from academy.ui import PILLARS, Series

RADIUS = 100.0
HALF_WIDTH = 215
LINE = 15
RINGS = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """A spoke of the radar: where it ends, where its words stand, how they are anchored."""

    label: str
    lines: tuple[str, ...]
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str
    pillar: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """One drawn series: an SVG path (empty when nothing can be judged) and its points."""

    name: str
    dashed: bool
    path: str
    points: tuple[tuple[float, float], ...]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Radar:
    axes: tuple[Axis, ...]
    rings: tuple[str, ...]
    outlines: tuple[Outline, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    view_box: str


def wrap(words: str, *, width: int = 16, lines: int = 3) -> tuple[str, ...]:
    """Breaks a label into short lines; what does not fit ends with an ellipsis (the table beside has it whole)."""
    done: list[str] = []
    line = ""
    for word in str(words).split():
        if line and len(line) + 1 + len(word) > width:
            done.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    done.append(line)
    if len(done) > lines:
        done = [*done[: lines - 1], f"{done[lines - 1]}…"]
    return tuple(done)


def spoke(index: int, count: int, share: float = 1.0) -> tuple[float, float]:
    """The point at `share` of the radius on spoke `index` of `count`; the first points up, then clockwise."""
    angle = 2 * math.pi * index / count - math.pi / 2
    return round(RADIUS * share * math.cos(angle), 2), round(RADIUS * share * math.sin(angle), 2)


def path(points: Iterable[tuple[float, float]], *, closed: bool = True) -> str:
    """An SVG path through the points; empty for none."""
    steps = [f"{x:g} {y:g}" for x, y in points]
    if not steps:
        return ""
    return f"M{'L'.join(steps)}{'Z' if closed and len(steps) > 2 else ''}"


def _axis(label: str, index: int, count: int) -> Axis:
    x, y = spoke(index, count)
    away_x, away_y = spoke(index, count, 1.13)
    anchor = "middle" if abs(x) < RADIUS * 0.2 else ("start" if x > 0 else "end")
    lines = wrap(label)
    if abs(x) < RADIUS * 0.2:
        first = away_y - LINE * (len(lines) - 1) if y < 0 else away_y + 9
    else:
        first = away_y - LINE / 2 * (len(lines) - 1) + 4
    pillar = next((key for key, known in PILLARS.items() if str(known.label) == str(label)), "")
    return Axis(str(label), lines, x, y, away_x, round(first, 2), anchor, pillar)


def axis_labels(series: Sequence[Series]) -> list[str]:
    """Every axis that a series names, in the order of first appearance."""
    return list(dict.fromkeys(label for one in series for label in one.values))


def share_words(value: float | None, top: int) -> str:
    """How a share is written in the table: `3.5 / 4`, `75 %` when the top is 100, a dash for *cannot judge*."""
    if value is None:
        return "—"
    number = floatformat(value * top, -1)
    return f"{number}\u202f%" if top == 100 else f"{number} / {top}"


def radar(series: Sequence[Series], *, top: int = 100) -> Radar:
    """Lays out the radar. A missing or None value is left out of the outline, never drawn as a zero."""
    labels = axis_labels(series)
    count = max(len(labels), 1)
    outlines = []
    for one in series:
        points = tuple(
            spoke(index, count, min(max(float(value), 0.0), 1.0))
            for index, label in enumerate(labels)
            if (value := one.values.get(label)) is not None
        )
        outlines.append(Outline(str(one.name), one.dashed, path(points), points, one.tone))
    axes = tuple(_axis(label, index, count) for index, label in enumerate(labels))
    top_edge = min((axis.label_y for axis in axes), default=0) - LINE
    bottom_edge = max((max(axis.y, axis.label_y + LINE * (len(axis.lines) - 1)) for axis in axes), default=0) + LINE
    return Radar(
        axes=axes,
        rings=tuple(path(spoke(index, count, ring) for index in range(count)) for ring in RINGS),
        outlines=tuple(outlines),
        rows=tuple((str(label), tuple(share_words(one.values.get(label), top) for one in series)) for label in labels),
        view_box=f"{-HALF_WIDTH} {top_edge:g} {2 * HALF_WIDTH} {bottom_edge - top_edge:g}",
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar on a line of 100 units; `zero` is where the line of nought stands."""

    start: float
    length: float
    zero: float
    is_negative: bool = False


def bars(values: Sequence[float | None], *, most: float | None = None) -> list[Bar | None]:
    """Bars on one common scale that always holds nought; a missing value has none. `most` makes room up to that value."""
    known = [float(value) for value in values if value is not None]
    low, high = min([0.0, *known]), max([0.0, float(most or 0), *known])
    span = (high - low) or 1.0
    zero = round(-low / span * 100, 2)
    drawn: list[Bar | None] = []
    for value in values:
        if value is None:
            drawn.append(None)
            continue
        length = round(abs(float(value)) / span * 100, 2)
        drawn.append(Bar(round(zero - length, 2) if value < 0 else zero, length, zero, value < 0))
    return drawn


def rail_points(count: int, *, gap: float = 16, margin: float = 8) -> tuple[list[float], float]:
    """Where the stations of the mini rail stand on their line, and how wide the drawing is."""
    return [margin + gap * index for index in range(count)], 2 * margin + gap * max(count - 1, 0)

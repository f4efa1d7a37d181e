"""The map of the network: where a place stands on static/img/world.svg (Equal Earth projection), and its places. Pure, asks no database."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext_lazy as _

CONTENT = Path(__file__).parent / "content"
WIDTH, HEIGHT = 2000, 867
_TOP = 84  # the northernmost latitude of the drawing
_M = math.sqrt(3) / 2
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796


def _equal_earth(latitude: float, longitude: float) -> tuple[float, float]:
    """Šavrič, Patterson and Jenny, 2018: areas keep their proportions."""
    t = math.asin(_M * math.sin(math.radians(latitude)))
    t2 = t * t
    t6 = t2**3
    x = math.radians(longitude) * math.cos(t) / (_M * (_A1 + 3 * _A2 * t2 + t6 * (7 * _A3 + 9 * _A4 * t2)))
    return x, t * (_A1 + _A2 * t2 + t6 * (_A3 + _A4 * t2))


_SCALE = WIDTH / (2 * _equal_earth(0, 180)[0])


def on_map(latitude: float, longitude: float) -> tuple[float, float]:
    """In units of the drawing, from its upper left corner."""
    x, y = _equal_earth(latitude, longitude)
    top = _equal_earth(_TOP, 0)[1]
    return round(WIDTH / 2 + x * _SCALE, 1), round((top - y) * _SCALE, 1)


class View(NamedTuple):
    """A part of the map. `box` is the SVG viewBox; marks are as large on every part."""

    key: str
    label: str
    left: int
    top: int
    width: int
    height: int

    @property
    def box(self) -> str:
        return f"{self.left} {self.top} {self.width} {self.height}"

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.left + self.width and self.top <= y <= self.top + self.height

    @property
    def radius(self) -> float:
        return self.width / 80


VIEWS = {
    view.key: view
    for view in (
        View("world", _("The world"), 0, 0, WIDTH, HEIGHT),
        View("europe", _("Europe"), 905, 75, 330, 180),
        View("africa", _("Africa"), 850, 205, 500, 450),
        View("americas", _("The Americas"), 240, 60, 680, 807),
        View("asia", _("Asia and Oceania"), 1130, 60, 800, 740),
    )
}


class Place(NamedTuple):
    latitude: float
    longitude: float


def _rows(name: str) -> list[list[str]]:
    with (CONTENT / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@cache
def _middles() -> dict[str, Place]:
    return {code: Place(float(latitude), float(longitude)) for code, _continent, latitude, longitude in _rows("countries.csv")}


@cache
def _towns() -> dict[str, dict[str, Place]]:
    found: dict[str, dict[str, Place]] = defaultdict(dict)
    for code, name, latitude, longitude in _rows("towns.csv"):
        found[code][name] = Place(float(latitude), float(longitude))
    return dict(found)


def middle_of(country: str) -> Place | None:
    """Where a country is marked as a whole; None for what is no country, or nobody's home."""
    return _middles().get(country)


def towns_of(country: str) -> dict[str, Place]:
    """The larger towns of a country, by name."""
    return _towns().get(country, {})


def to_halves(place: Place) -> tuple[int, int]:
    """A place in whole half-degrees, some fifty kilometres: all that is ever kept of it."""
    return round(place.latitude * 2), round(place.longitude * 2)


def from_halves(north: int, east: int) -> Place:
    return Place(north / 2, east / 2)


@cache
def _halves_of(country: str) -> frozenset[tuple[int, int]]:
    return frozenset(map(to_halves, towns_of(country).values()))


def lies_in(country: str, north: int | None, east: int | None) -> bool:
    """Whether a kept half-degree is that of a town of this country; not once a project has moved to another."""
    return (north, east) in _halves_of(country)


class Spot(NamedTuple):
    """One thing to be marked: where it is, its name, its address, its key."""

    place: Place
    name: str
    href: str
    key: UUID


@dataclass(frozen=True)
class Mark:
    """What stands at one place of the map: one entry or several. It lies whole inside the drawing."""

    x: float
    y: float
    spots: tuple[Spot, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(spot.name for spot in self.spots)

    @property
    def count(self) -> int:
        return len(self.spots)

    @property
    def key(self) -> str:
        """Its name in an address: the same as long as the same place is marked on the same part of the map."""
        return f"{self.x:.0f}-{self.y:.0f}"


def marks(spots: Iterable[Spot], *, view: View) -> list[Mark]:
    """As marks of a part of the map. Those that would cover each other are one."""
    groups: list[tuple[float, float, list[Spot]]] = []
    for spot in spots:
        x, y = on_map(*spot.place)
        if not view.holds(x, y):
            continue
        near = next((group for group in groups if math.hypot(group[0] - x, group[1] - y) < 2 * view.radius), None)
        if near:
            near[2].append(spot)
        else:
            groups.append((x, y, [spot]))
    edge = view.radius
    return [
        Mark(
            min(max(x, view.left + edge), view.left + view.width - edge),
            min(max(y, view.top + edge), view.top + view.height - edge),
            tuple(found),
        )
        for x, y, found in groups
    ]

"""The directory of the network: which entries an address asks for, and what of each a reader may see.

A filter only finds what an entry shows: who keeps their country to themselves is found under none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from academy.cldr import by_name
from academy.countries import country_name
from academy.ui import PILLARS, Pillar
from cohorts.listing.filters import MOST_TYPED, alike
from cohorts.models import DirectoryEntry, Project, Typology
from cohorts.spoken import spoken_name
from cohorts.world_map import VIEWS, Mark, Place, Spot, View, from_halves, lies_in, marks, middle_of

PATHWAY = "pathway"  # the stage of a project that is no partner yet
PER_PAGE = 24
SHOWN = ("pk", "shows_country", "shows_stage", "shows_languages", "languages", "position", "north", "east")
SHOWN += ("project__name", "project__country", "typology_key")


@dataclass(frozen=True)
class Choice:
    """One value of a filter: how many of the entries that are found show it."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Filter:
    name: str
    label: str
    choices: list[Choice]


def find(rows: QuerySet, query: QueryDict) -> QuerySet:
    """The entries that the address asks for. Filters combine; what cannot be read finds nothing that it should not."""
    asked = {name: value for name in ("country", "stage", "status", "language", "pillar") if (value := query.get(name, "")[:MOST_TYPED])}
    if country := asked.get("country"):
        rows = rows.filter(shows_country=True, project__country=country)
    if stage := asked.get("stage"):
        rows = rows.filter(shows_stage=True, **({"typology_key": None} if stage == PATHWAY else {"typology_key": stage}))
    if status := asked.get("status"):
        rows = rows.filter(shows_status=True, project__status=status)
    if (language := asked.get("language")) and language.isalpha():
        rows = rows.filter(Q(languages=language) | Q(languages__regex=f"(^| ){language}( |$)"), shows_languages=True)
    if (pillar := asked.get("pillar")) and re.fullmatch(r"[\w-]+", pillar):
        rows = rows.filter(pillars__regex=f"(^| ){pillar}( |$)", shows_pillars=True)
    for word in query.get("q", "").replace("\x00", "")[:MOST_TYPED].split():
        rows = rows.filter(_says(alike(word)))
    return rows


def _says(pattern: str) -> Q:
    said = Q(text__fr__iregex=pattern) | Q(text__en__iregex=pattern)
    return Q(project__name__iregex=pattern) | Q(shows_place=True, project__place__iregex=pattern) | (Q(shows_text=True) & said)


@dataclass(frozen=True)
class Point:
    """What an entry shows of itself to the map and to the filters."""

    pk: UUID
    name: str
    country: str
    stage: str
    languages: tuple[str, ...]
    place: Place | None


def _point(row: dict) -> Point:
    country = row["project__country"] if row["shows_country"] else ""
    place = None
    if row["position"] == DirectoryEntry.Position.AREA:  # one of the country where it was before is shown to nobody
        place = from_halves(row["north"], row["east"]) if lies_in(row["project__country"], row["north"], row["east"]) else None
    elif row["position"] == DirectoryEntry.Position.COUNTRY:
        place = middle_of(country)
    stage = (row["typology_key"] or PATHWAY) if row["shows_stage"] else ""
    return Point(row["pk"], row["project__name"], country, stage, tuple(row["languages"].split()) if row["shows_languages"] else (), place)


@dataclass(frozen=True)
class Directory:
    """One page of the directory. Six queries, however many entries there are."""

    rows: QuerySet
    query: QueryDict

    @cached_property
    def found(self) -> QuerySet:
        return find(self.rows, self.query)

    @cached_property
    def page(self) -> Page:
        rows = self.found.select_related("project").order_by("project__name", "pk")
        if self.here:
            rows = rows.filter(pk__in=[spot.key for spot in self.here.spots])
        return Paginator(rows, PER_PAGE).get_page(self.query.get("page"))

    @cached_property
    def cards(self) -> list[Card]:
        return [card_of(entry, self.typologies) for entry in self.page.object_list]

    @cached_property
    def _all(self) -> list[Point]:
        return [_point(row) for row in self.rows.order_by("project__name", "pk").values(*SHOWN)]

    @cached_property
    def points(self) -> list[Point]:
        """Those that were found; the page of the list does not matter to the map."""
        if not self.is_narrowed:
            return self._all
        found = set(self.found.order_by().values_list("pk", flat=True))
        return [point for point in self._all if point.pk in found]

    @cached_property
    def typologies(self) -> dict[str, str]:
        return {row.key: str(row.label) for row in Typology.objects.all()}

    @property
    def is_narrowed(self) -> bool:
        return any(self.query.get(name) for name in ("q", "country", "stage", "status", "language", "pillar"))

    @property
    def words(self) -> str:
        return self.query.get("q", "")[:MOST_TYPED]

    @property
    def is_zoomed(self) -> bool:
        return "map" in self.query

    @property
    def is_empty(self) -> bool:
        return not self._all

    @cached_property
    def filters(self) -> list[Filter]:
        """Only what some entry shows can be chosen; the closed lists are whole."""
        countries = by_name({point.country: country_name(point.country) for point in self._all if point.country})
        languages = by_name({code: spoken_name(code) for point in self._all for code in point.languages})
        stages = {point.stage for point in self._all}
        known = {PATHWAY: _("On the pathway"), **self.typologies}
        lists = (
            ("country", _("Country"), countries),
            ("stage", _("Stage or status"), [(key, label) for key, label in known.items() if key in stages]),
            ("status", _("Where the project stands"), [row for row in Project.Status.choices if row[0] != Project.Status.STOPPED]),
            ("language", _("Language"), languages),
            ("pillar", _("Can help with"), [(pillar.key, str(pillar.label)) for pillar in PILLARS.values()]),
        )
        return [
            Filter(name, label, [Choice(value, str(words), value == self.query.get(name)) for value, words in choices])
            for name, label, choices in lists
        ]

    @property
    def view(self) -> View:
        return VIEWS.get(self.query.get("map", ""), VIEWS["world"])

    @cached_property
    def marks(self) -> list[Mark]:
        spots = [Spot(row.place, row.name, reverse("cohorts_network_entry", args=[row.pk]), row.pk) for row in self.points if row.place]
        return marks(spots, view=self.view)

    @cached_property
    def here(self) -> Mark | None:
        """The mark of the map whose entries alone are listed; None where the address names none that there is."""
        asked = self.query.get("at")
        return next((mark for mark in self.marks if mark.key == asked), None) if asked else None

    @property
    def linked(self) -> list[tuple[Mark, str]]:
        """Each mark with where it leads: to the page of its entry, or to the list of its entries."""
        query = self.query.copy()
        query.pop("page", None)
        query["map"] = self.view.key
        found = []
        for mark in self.marks:
            query["at"] = mark.key
            found.append((mark, mark.spots[0].href if mark.count == 1 else f"?{query.urlencode()}#list"))
        return found

    @property
    def anywhere(self) -> str:
        """The same without the place of the map."""
        query = self.query.copy()
        for name in ("page", "at"):
            query.pop(name, None)
        return f"?{query.urlencode()}#list"

    @property
    def not_on_map(self) -> int:
        return sum(point.place is None for point in self.points)

    @property
    def countries(self) -> list[str]:
        """Those that stand out on the map: of the entries that are found and show theirs."""
        return sorted({point.country for point in self.points if point.country})

    @property
    def views(self) -> list[tuple[View, str, bool]]:
        """Each part of the map, its address, and whether it is shown."""
        found = []
        for view in VIEWS.values():
            query = self.query.copy()
            for name in ("page", "at"):
                query.pop(name, None)
            query["map"] = view.key
            found.append((view, f"?{query.urlencode()}", view is self.view))
        return found


@dataclass(frozen=True)
class Card:
    """What one entry shows: empty is not shown."""

    entry: DirectoryEntry
    country: str
    place: str
    stage: str
    status: str
    pillars: list[Pillar]
    languages: str
    text: str
    website: str

    @property
    def where(self) -> str:
        return ", ".join(filter(None, [self.place, self.country]))


def card_of(entry: DirectoryEntry, typologies: dict[str, str]) -> Card:
    """`entry` comes with its project and its `typology_key`."""
    project = entry.project
    stage = typologies.get(entry.typology_key, "") if entry.typology_key else _("On the pathway")
    return Card(
        entry,
        project.country_name if entry.shows_country else "",
        project.place if entry.shows_place else "",
        stage if entry.shows_stage else "",
        str(project.get_status_display()) if entry.shows_status else "",
        [PILLARS[key] for key in entry.pillar_keys if key in PILLARS] if entry.shows_pillars else [],
        ", ".join(map(spoken_name, entry.language_codes)) if entry.shows_languages else "",
        str(entry.text) if entry.shows_text else "",
        project.website if entry.shows_website else "",
    )

"""The nouns of the interface: what a view hands to a component. Plain data, no request, no query."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class StationState(StrEnum):
    """Where a station stands: behind us, here, the one after, or further on."""

    DONE = "done"
    HERE = "here"
    NEXT = "next"
    LATER = "later"


STATION_WORDS = {
    StationState.DONE: pgettext_lazy("station", "Done"),
    StationState.HERE: pgettext_lazy("station", "You are here"),
    StationState.NEXT: pgettext_lazy("station", "Next"),
    StationState.LATER: pgettext_lazy("station", "Later"),
}


@dataclass(frozen=True, slots=True)
class Station:
    """One stage on the pathway rail. `label` and `detail` are words for the reader, already in their language."""

    label: str
    detail: str = ""
    state: str = StationState.LATER
    href: str = ""

    def __post_init__(self) -> None:
        StationState(self.state)  # ValueError names the state that nobody knows

    @property
    def state_label(self) -> str:
        return STATION_WORDS[StationState(self.state)]


@dataclass(frozen=True, slots=True)
class Series:
    """One outline on the radar. `values` maps the name of an axis to a share from 0 to 1; None means *cannot judge*."""

    name: str
    dashed: bool = False
    values: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pillar:
    """One of the three pillars: a constant name, colour (a CSS token of the same name) and shape."""

    key: str
    label: str
    shape: str


PILLARS = {
    "impact": Pillar("impact", _("Social impact"), "circle"),
    "craft": Pillar("craft", _("Craft and procedures"), "square"),
    "business": Pillar("business", _("Business model"), "triangle"),
}

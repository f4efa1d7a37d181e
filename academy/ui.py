"""The nouns of the interface: what a view hands to a component. Plain data, no request, no query."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _


class StationState(StrEnum):
    """Where a station stands: behind us, here, the one after, further on; or *plain*, when the rail is nobody's in particular."""

    DONE = "done"
    HERE = "here"
    NEXT = "next"
    LATER = "later"
    PLAIN = "plain"


STATION_WORDS = {
    StationState.DONE: pgettext_lazy("station", "Done"),
    StationState.HERE: pgettext_lazy("station", "You are here"),
    StationState.NEXT: pgettext_lazy("station", "Next"),
    StationState.LATER: pgettext_lazy("station", "Later"),
    StationState.PLAIN: "",
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
    """One outline on the radar. `values` maps the name of an axis to a share from 0 to 1; None means *cannot judge*.

    `tone` (soft, accent, ink) is its colour where several outlines belong together; else each has the colour of its place.
    """

    name: str
    dashed: bool = False
    values: Mapping[str, float | None] = field(default_factory=dict)
    tone: str = ""


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


def pathway_in_general() -> list[Station]:
    """The pathway as the home page tells it: the same for everyone, whatever a cohort's own version adds."""
    words = [
        (gettext("Apply"), gettext("Your project, the need it answers, the people behind it.")),
        (gettext("Assessment"), gettext("You and Smart judge it on the same three pillars.")),
        (gettext("Online modules"), gettext("At your own pace, in your language, with your cohort.")),
        (gettext("First session"), gettext("Some days together. You find the funding of your trip.")),
        (gettext("Second session"), gettext("What you built since, and what is still missing.")),
        (gettext("Status"), gettext("A place in the network, and the support that goes with it.")),
    ]
    return [Station(label, detail, StationState.PLAIN) for label, detail in words]

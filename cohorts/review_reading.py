"""What a reviewer reads of an application: the last version that was sent, what changed since the one they judged, where each criterion is spoken of."""

from __future__ import annotations

from dataclasses import dataclass

from cohorts.answers import Answer, Section, answers_in, in_words
from cohorts.changes import Change, changes
from cohorts.faces import Face
from cohorts.models import Application, ApplicationSnapshot, Assessment

Sections = list[tuple[Section, list[Answer]]]

# Criterion → where the project speaks of it. A rubric with other criteria simply has no such hints.
SPOKEN_OF = {
    "security": ("regulatory_context", "publics"),
    "territory": ("competition", "stakes"),
    "democracy": ("legal_organisation",),
    "formalisation": ("processes",),
    "efficiency": ("processes", "services"),
    "satisfaction": ("services", "publics"),
    "break-even": ("key_figures",),
    "diversity": ("services", "publics"),
    "cash": ("key_figures",),
    "verified-need": ("publics", "history"),
    "entrepreneur-profile": ("team", "history"),
    "local-network": ("competition",),
    "similar-enterprises": ("competition",),
    "patient-money": ("key_figures",),
}


@dataclass(frozen=True)
class Reading:
    """`version` is None while nothing was sent. `changed` lists what is new to this reviewer; empty when they judged this version."""

    sections: Sections
    version: ApplicationSnapshot | None
    read: ApplicationSnapshot | None
    changed: list[Change]

    @property
    def is_newer(self) -> bool:
        return bool(self.version and self.read and self.version.number > self.read.number)

    def spoken_of(self, criterion: str) -> list[Section]:
        """The sections to look at for a criterion."""
        here = {section.key: section for section, _answers in self.sections}
        return [here[key] for key in SPOKEN_OF.get(criterion, ()) if key in here]


def _said(snapshot: ApplicationSnapshot | None, face: Face) -> Sections:
    return in_words(face.answers(answers_in(snapshot.content if snapshot else {})))


def reading_of(application: Application, face: Face, assessment: Assessment | None = None) -> Reading:
    """As `face` lets its reader see it. One query."""
    version = application.snapshots.order_by("number").last()
    sections = _said(version, face)
    found = Reading(sections, version, assessment.version_read if assessment else None, [])
    return Reading(sections, version, found.read, changes(_said(found.read, face), sections)) if found.is_newer else found

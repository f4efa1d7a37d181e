"""Feedback among the projects of a cohort, as one person reads it. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import get_language

from academy.models import User
from cohorts.cohort_space import TAKES_PART, voice_of
from cohorts.models import Cohort, Participation, PeerFeedback, PeerOpening, PeerRequest, Project, ProjectMember, Requirement
from cohorts.models.peer import CANNOT_JUDGE
from cohorts.requirements import works_of
from courses.models import Submission, SubmissionVersion
from courses.terms import terms_in

__all__ = ["CANNOT_JUDGE", "Said", "Shown", "giver_for", "last_version", "rubric_for", "said_of", "texts_of", "works_in"]


def last_version(project: Project, requirement: Requirement) -> SubmissionVersion | None:
    """What the project handed in last for this deliverable; None while it has handed in nothing."""
    works = Submission.objects.counting_in("").filter(group_key=str(project.pk), activity_key=requirement.activity_key)
    rows = SubmissionVersion.objects.filter(submission__in=works.exclude(state=Submission.State.DRAFT))
    return rows.select_related("submission").order_by("-number").first()


def rubric_for(version: SubmissionVersion) -> list[dict[str, Any]]:
    """The criteria that the trainer judges by, as they were when the work was first handed in, in the reader's language where they are."""
    return terms_in(version.submission.terms, get_language()).get("rubric", [])


def giver_for(user: User, opening: PeerOpening) -> Project | None:
    """For which project this person judges the work; None: they only read it. Nobody judges the work of a project of theirs."""
    if ProjectMember.objects.filter(person=user, project=opening.participation.project_id).exists():
        return None
    voice = voice_of(user, opening.participation.cohort)
    return voice.project if voice else None


def texts_of(row: PeerFeedback | None, rubric: list[dict[str, Any]]) -> dict[str, str]:
    """What is kept of a feedback, box by box: `level-1`, `note-1`, …, `comment`. Of none yet, every box is empty."""
    found = {"comment": row.comment if row else ""}
    for one in rubric:
        mark = row.marks.get(one["id"], {}) if row else {}
        found |= {f"level-{one['id']}": mark.get("level", ""), f"note-{one['id']}": mark.get("comment", "")}
    return found


@dataclass(frozen=True)
class Mark:
    """One criterion with what was said of it. No `level`: it could not be judged."""

    criterion: dict[str, Any]
    level: dict[str, Any] | None
    comment: str


@dataclass(frozen=True)
class Said:
    """A feedback with its marks in words."""

    feedback: PeerFeedback
    marks: list[Mark]


def said_of(rows: Iterable[PeerFeedback], rubric: list[dict[str, Any]]) -> list[Said]:
    found = []
    for row in rows:
        marks = []
        for criterion in rubric:
            mark = row.marks.get(criterion["id"])
            if mark:
                level = next((level for level in criterion["levels"] if level["id"] == mark.get("level")), None)
                marks.append(Mark(criterion, level, mark.get("comment", "")))
        found.append(Said(row, marks))
    return found


@dataclass(frozen=True)
class Shown:
    """A work in the list of its cohort. `given`: what a project of the reader's has said of it, or is writing."""

    opening: PeerOpening
    is_own: bool
    given: PeerFeedback | None


@dataclass(frozen=True)
class Deliverable:
    """One that the pathway asks for. `is_asked`: the coordinator asks for feedback on it; `to_show`: own places with a work to show."""

    requirement: Requirement
    is_asked: bool
    to_show: list[Participation]


@dataclass(frozen=True)
class Works:
    """What the space of a cohort says about works: who has received least stands first."""

    shown: list[Shown]
    deliverables: list[Deliverable]

    @property
    def asked(self) -> list[Deliverable]:
        return [one for one in self.deliverables if one.is_asked]

    @property
    def to_show(self) -> list[tuple[Deliverable, Participation]]:
        return [(one, place) for one in self.deliverables for place in one.to_show]


def works_in(cohort: Cohort, reader: User, own: list[Participation]) -> Works:
    """Four queries at most, however many works there are; `own`: the places of the reader's projects."""
    rows = PeerOpening.objects.for_user(reader).standing().filter(participation__cohort=cohort).least_first()
    openings = list(rows.select_related("participation__project", "requirement", "version"))
    given: dict = {}
    if openings:
        mine = PeerFeedback.objects.filter(opening__in=openings, project__in=[place.project_id for place in own])
        given = {row.opening_id: row for row in mine}
    ours = {place.pk for place in own}
    shown = [Shown(row, row.participation_id in ours, given.get(row.pk)) for row in openings]
    return Works(shown, _deliverables(cohort, own, {(row.participation_id, row.requirement_id) for row in openings}))


def _deliverables(cohort: Cohort, own: list[Participation], shown: set) -> list[Deliverable]:
    asked = PeerRequest.objects.filter(cohort=cohort, requirement=OuterRef("pk"), ended_at__isnull=True)
    rows = Requirement.objects.filter(stage__pathway=cohort.pathway_id, activity_key__isnull=False).annotate(is_asked=Exists(asked))
    rows = list(rows.order_by("stage__sort_order", "sort_order", "pk"))
    works = works_of([place.project_id for place in own], {row.activity_key for row in rows}, cohort.time_zone) if rows and own else {}
    takes_part = [place for place in own if place.state in TAKES_PART]
    handed_in = {key for key, work in works.items() if work.state != Submission.State.DRAFT}
    return [
        Deliverable(
            row,
            row.is_asked,
            [place for place in takes_part if (place.project_id, row.activity_key) in handed_in and (place.pk, row.pk) not in shown],
        )
        for row in rows
    ]

"""What the projects of a cohort said of a work, on the page of that work, apart from what its trainer says (`courses.works_beside`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from academy.http import as_uuid
from academy.models import User
from academy.permissions import is_coordinator
from cohorts.models import Participation, PeerFeedback, PeerOpening, Project, Requirement
from cohorts.peers import Said, rubric_for, said_of
from courses.models import Submission


@dataclass(frozen=True)
class PeersBeside:
    """`openings`: each with what was said of it, the last one first. `to_show`: where its project may show the work to its cohort."""

    openings: list[tuple[PeerOpening, list[Said]]]
    may_open: bool
    to_show: tuple[Participation, Requirement] | None
    template: str = "cohorts/_peer_beside.html"


def of_work(work: Submission, reader: User) -> Iterable[PeersBeside]:
    """Four queries at most; none for the work of a person."""
    project = as_uuid(work.group_key)
    if project is None:
        return []
    rows = PeerOpening.objects.filter(participation__project=project, version__submission=work).order_by("-opened_at")
    openings = list(rows.select_related("participation__cohort", "requirement", "version__submission"))
    said: dict = {}
    if openings:
        given = PeerFeedback.objects.for_user(reader).standing().filter(opening__in=openings)
        for row in given.select_related("project").order_by("sent_at"):
            said.setdefault(row.opening_id, []).append(row)
    speaks = Project.objects.spoken_for_by(reader).filter(pk=project).exists()
    to_show = None
    if speaks and not any(row.closed_at is None for row in openings):
        to_show = _place_to_show(project, work)
    found = [(row, said_of(said.get(row.pk, []), rubric_for(row.version))) for row in openings if row.closed_at is None or row.pk in said]
    if not found and to_show is None:
        return []
    return [PeersBeside(found, speaks or is_coordinator(reader), to_show)]


def _place_to_show(project, work: Submission) -> tuple[Participation, Requirement] | None:
    asks = Requirement.objects.filter(activity_key=work.activity_key, stage__pathway__cohorts__participations__project=project)
    requirement = asks.select_related("stage").order_by("-pk").first()
    if requirement is None:
        return None
    places = Participation.objects.on_the_way().filter(project=project, cohort__pathway=requirement.stage.pathway_id)
    place = places.exclude(state="invited").order_by("-invited_at").first()
    return (place, requirement) if place else None

"""The notes of the meetings with a project, each with what it replaced."""

from __future__ import annotations

from dataclasses import dataclass

from academy.models import User
from cohorts.models import MeetingNote, MentorAssignment, Project


@dataclass(frozen=True)
class Noted:
    """A note as it stands, and what stood there before, newest first."""

    note: MeetingNote
    earlier: tuple[MeetingNote, ...] = ()


def notes_for(reader: User, project: Project) -> list[Noted]:
    """What somebody of the team may read of the meetings with a project. One query."""
    rows = list(MeetingNote.objects.for_user(reader).of_project(project).select_related("author", "participation__project"))
    known = {row.pk: row for row in rows}
    replaced = {row.corrects_id for row in MeetingNote.objects.of_project(project) if row.corrects_id}
    return [Noted(row, tuple(_before(row, known))) for row in rows if row.pk not in replaced]


def _before(note: MeetingNote, known: dict[int, MeetingNote]):
    while (note := known.get(note.corrects_id)) is not None:
        yield note


def mentors_of(project: Project) -> list[MentorAssignment]:
    """Who accompanies it now."""
    return list(project.mentor_assignments.filter(until__isnull=True).select_related("mentor"))

"""The space of a cohort as one person reads it: who is here, what each project shows, what is said. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, QuerySet

from academy.models import User
from academy.permissions import is_coordinator
from cohorts.models import (
    Announcement,
    Cohort,
    CohortComment,
    DirectoryEntry,
    Participation,
    ParticipationState,
    Project,
    ProjectMember,
    dossier_of,
)
from cohorts.models.cohort_space import participations_open_to
from cohorts.models.participation import PLACE_HOLDING
from wiki.headings import HEADINGS, Heading

TAKES_PART = PLACE_HOLDING - {ParticipationState.INVITED}


@dataclass(frozen=True)
class Voice:
    """Who may write in a cohort: for a project, or (None) for the team and those who accompany."""

    project: Project | None


def voice_of(user: User, cohort: Cohort) -> Voice | None:
    """None: this person only reads there, or is not there at all. Two queries at most."""
    speaks = ProjectMember.objects.speaking().filter(person=user)
    taking_part = Participation.objects.filter(project=OuterRef("project"), cohort=cohort, state__in=TAKES_PART)
    own = speaks.filter(Exists(taking_part)).select_related("project").order_by("joined_at").first()
    if own is not None:
        return Voice(own.project)
    accompanied = Participation.objects.filter(
        cohort=cohort, state__in=PLACE_HOLDING, project__mentor_assignments__mentor=user, project__mentor_assignments__until=None
    )
    return Voice(None) if is_coordinator(user) or accompanied.exists() else None


@dataclass(frozen=True)
class Here:
    """One project of the cohort, as the others meet it. `person`: who chose to be shown in the network; nobody else is named."""

    participation: Participation
    shared: int
    comments: int
    person: str

    @property
    def project(self) -> Project:
        return self.participation.project


def who_is_here(cohort: Cohort, reader: User) -> list[Here]:
    """Every project that holds a place, by name. Three queries."""
    rows = participations_open_to(reader).filter(cohort=cohort).select_related("project").annotate(shared=Count("shared_headings"))
    rows = list(rows.order_by("project__name", "pk"))
    said = CohortComment.objects.for_user(reader).standing().filter(cohort=cohort, participation__isnull=False)
    comments = dict(said.order_by().values_list("participation").annotate(number=Count("pk")))
    shown = DirectoryEntry.objects.filter(project__in=[row.project_id for row in rows], shows_contact=True)
    speaks = ProjectMember.objects.speaking().filter(project=OuterRef("project"), person=OuterRef("contact"))
    shown = shown.filter(Exists(speaks)).exclude(audience=DirectoryEntry.Audience.NOBODY).select_related("contact")
    people = {entry.project_id: entry.contact.name for entry in shown if entry.contact and entry.contact.is_active}
    return [Here(row, row.shared, comments.get(row.pk, 0), people.get(row.project_id, "")) for row in rows]


@dataclass(frozen=True)
class Thread:
    """A comment with its answers, in the order in which they came."""

    comment: CohortComment
    replies: list[CohortComment] = field(default_factory=list)


def threads_of(rows: Iterable[CohortComment]) -> list[Thread]:
    """A deleted one is kept only where somebody answered it."""
    rows = list(rows)
    replies: dict = defaultdict(list)
    for row in rows:
        if row.answers_id and not row.deleted_at:
            replies[row.answers_id].append(row)
    return [Thread(row, replies[row.pk]) for row in rows if not row.answers_id and (not row.deleted_at or replies[row.pk])]


def comments_on(subject: Announcement | Participation, reader: User) -> QuerySet[CohortComment]:
    rows = CohortComment.objects.for_user(reader).select_related("author", "project")
    return rows.filter(announcement=subject) if isinstance(subject, Announcement) else rows.filter(participation=subject)


@dataclass(frozen=True)
class SharedText:
    """One heading that a project shows, with its words as they stand and what is said about it."""

    heading: Heading
    words: str
    threads: list[Thread]


def shared_texts(participation: Participation, reader: User) -> list[SharedText]:
    """In the order of the dossier. Three queries."""
    keys = set(participation.shared_headings.values_list("heading", flat=True))
    dossier = dossier_of(participation.project)
    by_heading: dict = defaultdict(list)
    for row in comments_on(participation, reader) if keys else ():
        by_heading[row.heading].append(row)
    return [
        SharedText(heading, getattr(dossier, heading.key), threads_of(by_heading[heading.key]))
        for heading in HEADINGS
        if heading.key in keys
    ]


def reported_in(cohort: Cohort, reader: User) -> list[CohortComment]:
    """What waits for a coordinator; nothing for anybody else."""
    if not is_coordinator(reader):
        return []
    return list(
        CohortComment.objects.for_user(reader).settled_by(reader).reported().filter(cohort=cohort).select_related("author", "project")
    )


def own_participations(user: User) -> QuerySet[Participation]:
    """The places that the projects of this person hold."""
    own = ProjectMember.objects.filter(person=user).values("project")
    return Participation.objects.holding_a_place().filter(project__in=own)

"""The graduation file of one project: all that those who decide look at, on one page. Reads only, in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language
from wagtail.models import Page

from academy.fields import LocalizedText
from academy.models import User
from cohorts.answers import DOSSIER, PROJECT, Answer, Section, answers_in, in_words
from cohorts.changes import Change, changes
from cohorts.conditions import CheckedTypology, all_typologies, check_typologies, facts_from
from cohorts.deliberation import decisions_on
from cohorts.frozen import programme
from cohorts.models import (
    Application,
    ApplicationSnapshot,
    Determination,
    MentorAssignment,
    PartComment,
    Participation,
    Registration,
    dossier_of,
)
from cohorts.over_time import AtMoment, assessments_over_time
from cohorts.pathway_state import StageStanding, place_on_rail
from cohorts.requirements import Standing, gather, local_day, standings
from courses.models import Feedback

OWN_TEXT = frozenset(section.key for section in (PROJECT, *DOSSIER))


@dataclass(frozen=True)
class Work:
    """What the project handed in to an assignment, with the last answer of a trainer."""

    title: str
    feedback: Feedback


@dataclass(frozen=True)
class GraduationFile:
    """`sections` are None for who may not read what the project writes in its application; `changed` is None where nothing was sent."""

    participation: Participation
    stages: list[StageStanding]
    registrations: list[Registration]
    mentors: list[MentorAssignment]
    moments: list[AtMoment]
    sections: list[tuple[Section, list[Answer]]] | None
    snapshot: ApplicationSnapshot | None
    changed: list[Change] | None
    comments: list[tuple[str, str]]
    works: list[Work]
    typologies: list[CheckedTypology]
    decisions: list[Determination]

    @property
    def asked(self) -> list[Standing]:
        return [row for stage in self.stages for row in stage.items]

    @property
    def owed(self) -> list[Standing]:
        """What stands between the project and graduation."""
        return [row for row in self.asked if row.requirement.mandatory and not row.is_settled]

    @property
    def has_feedback(self) -> bool:
        return bool(self.comments or self.works) or any(row.summary for one in self.moments for row in one.reviews)

    @property
    def pending(self) -> Determination | None:
        """The decision that is prepared and told to nobody yet."""
        return next((row for row in self.decisions if row.released_at is None and row.superseded_at is None), None)

    @property
    def in_force(self) -> Determination | None:
        return next((row for row in self.decisions if row.released_at and row.superseded_at is None), None)

    @property
    def proposed(self) -> UUID | None:
        """The typology that is prepared, or was decided: a revocation that is prepared proposes none."""
        return next((row.typology_id for row in (self.pending, self.in_force) if row and row.typology_id), None)


def graduation_file(participation: Participation, *, reader: User) -> GraduationFile:
    """Everything, as far as `reader` may read it."""
    cohort, project = participation.cohort, participation.project
    stages, requirements = programme(cohort)
    facts = gather(cohort, [project.pk], requirements)
    today = local_day(timezone.now(), cohort.time_zone)
    rows = standings(requirements, cohort, project.pk, facts, today=today, is_decided=True, place=participation.state)
    found = facts_from(participation, rows, attended=facts.attended[project.pk])
    application = _readable_application(participation, reader)
    snapshot = application.snapshots.order_by("-number").first() if application else None
    sections = _own_text(_as_it_stands(participation)) if application else None
    return GraduationFile(
        participation=participation,
        stages=place_on_rail(stages, rows, graduated=participation.graduated_at is not None),
        registrations=_registrations(participation, reader),
        mentors=list(MentorAssignment.objects.filter(project=project).select_related("mentor").order_by("since", "pk")),
        moments=assessments_over_time(project, cohort=cohort, reader=reader),
        sections=sections,
        snapshot=snapshot,
        changed=changes(_own_text(answers_in(snapshot.content)), sections) if snapshot else None,
        comments=_comments(participation) if application else [],
        works=_works(participation),
        typologies=check_typologies(all_typologies(), found),
        decisions=decisions_on(reader, participation=participation),
    )


def _readable_application(participation: Participation, reader: User) -> Application | None:
    """The application with which it entered, in this cohort or in the one from which it came; None where `reader` may not read it."""
    rows = Application.objects.for_staff(reader).filter(project=participation.project_id, submitted_at__isnull=False)
    if participation.application_id:
        return rows.filter(pk=participation.application_id).first()
    return rows.filter(submitted_at__lte=participation.invited_at).order_by("-submitted_at").first()


def _as_it_stands(participation: Participation) -> dict:
    project = participation.project
    dossier = dossier_of(project)
    return {name: getattr(project, name) for name in PROJECT.names} | {row.key: getattr(dossier, row.key) for row in DOSSIER}


def _own_text(answers: dict) -> list[tuple[Section, list[Answer]]]:
    """What the project says of itself; not what it once expected of the call."""
    return [(section, rows) for section, rows in in_words(answers) if section.key in OWN_TEXT]


def _registrations(participation: Participation, reader: User) -> list[Registration]:
    rows = Registration.objects.for_user(reader).filter(project=participation.project_id, session__cohorts=participation.cohort_id)
    return list(rows.select_related("session", "person").order_by("session__starts_at", "person__name", "pk"))


def _comments(participation: Participation) -> list[tuple[str, str]]:
    """What the readers of its application wrote to the project, after the part of the rubric: `(part, words)`."""
    rows = PartComment.objects.told_to(participation.project).filter(assessment__cohort=participation.cohort_id)
    return [(str(LocalizedText(row["label"] or {})), row["words"]) for row in rows]


def _works(participation: Participation) -> list[Work]:
    """The last answer to each work of the project. Two queries."""
    rows = Feedback.objects.filter(version__submission__group_key=str(participation.project_id))
    last: dict[UUID, Feedback] = {}
    for row in rows.select_related("version__submission", "given_by").order_by("given_at"):
        last[row.version.submission.activity_key] = row
    pages = Page.objects.filter(translation_key__in=list(last)).select_related("locale").order_by("pk")
    titles: dict[UUID, str] = {}
    for page in pages:
        if page.translation_key not in titles or page.locale.language_code == get_language():
            titles[page.translation_key] = page.title
    return [Work(titles.get(key, ""), row) for key, row in last.items()]

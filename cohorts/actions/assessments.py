"""Scoring a project on the rubric: its own members, the reviewers at entry, the team later on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.audit import record
from academy.locking import lock, move
from academy.models import User
from academy.rules import RuleViolation
from cohorts.models import (
    ASSIGNMENT_MOVES,
    Application,
    ApplicationState,
    Assessment,
    AssignmentState,
    Cohort,
    Criterion,
    Level,
    Moment,
    Participation,
    Project,
    ProjectMember,
    Score,
)
from cohorts.rounds import check_can_be_written, check_judges_freely, check_reviews_are_taken, why_not_again


@dataclass(frozen=True)
class ScoreInput:
    """An answer to one criterion. `value` None means “I cannot judge”."""

    value: int | None
    confidence: int | None = None
    evidence: str = ""


def _application_at_entry(project: Project, cohort: Cohort) -> Application:
    rows = Application.objects.live().filter(project=project, cohort=cohort)
    application = rows.exclude(state=ApplicationState.DRAFT).first()
    if application is None:
        raise RuleViolation(_("Submit your application first; then assess your project."), code="apply_first")
    return application


def _check_in_cohort(project: Project, cohort: Cohort) -> None:
    if not Participation.objects.holding_a_place().filter(project=project, cohort=cohort).exists():
        raise RuleViolation(_("This project is not in this cohort."), code="not_in_cohort")


def _check_walks(project: Project, cohort: Cohort) -> None:
    _check_in_cohort(project, cohort)
    if refused := why_not_again(project, cohort):
        raise RuleViolation(refused, code="not_walking")


@transaction.atomic
def start_self_assessment(project: Project, *, by: User, cohort: Cohort, moment: str = Moment.ENTRY) -> Assessment:
    """Opens the project's own assessment, or gives back the one that was begun. At entry there is one for each application."""
    lock(project)
    application = _application_at_entry(project, cohort) if moment == Moment.ENTRY else None
    mine = Assessment.objects.filter(project=project, cohort=cohort, moment=moment, kind=Assessment.Kind.SELF, application=application)
    existing = mine.first()
    if existing:
        return existing
    if application is None:
        _check_walks(project, cohort)
    assessment = Assessment.objects.create(
        project=project,
        cohort=cohort,
        rubric_id=cohort.rubric_id,
        application=application,
        kind=Assessment.Kind.SELF,
        moment=moment,
        assessor=by,
    )
    record(assessment, "cohorts.start_self_assessment", by=by)
    return assessment


@transaction.atomic
def start_team_assessment(project: Project, *, by: User, cohort: Cohort, moment: str) -> Assessment:
    """Opens an assessment by the team, midway or at graduation. At entry, reviewers are asked instead."""
    lock(project)
    if moment == Moment.ENTRY:
        raise RuleViolation(_("At entry, ask a reviewer to read the application."), code="ask_a_reviewer")
    _check_in_cohort(project, cohort)
    if ProjectMember.objects.filter(project=project, person=by).exists():
        raise RuleViolation(_("You are a member of this project and cannot judge it."), code="conflict")
    assessment, created = Assessment.objects.get_or_create(
        project=project,
        cohort=cohort,
        moment=moment,
        kind=Assessment.Kind.REVIEWER,
        assessor=by,
        defaults={"rubric_id": cohort.rubric_id},
    )
    if created:
        record(assessment, "cohorts.start_team_assessment", by=by)
    return assessment


@transaction.atomic
def save_scores(assessment: Assessment, *, by: User, scores: Mapping[int, ScoreInput], summary: str | None = None) -> Assessment:
    """Keeps the answers given so far, `{criterion id: ScoreInput}`. Criteria that are not named keep theirs."""
    lock(assessment)
    check_can_be_written(assessment)
    if assessment.kind == Assessment.Kind.REVIEWER:
        check_judges_freely(assessment.project_id, assessment.assessor_id)
    levels = {(row.criterion_id, row.value): row for row in Level.objects.filter(criterion__part__rubric=assessment.rubric_id)}
    criteria = {criterion for criterion, _value in levels}
    rows = []
    for criterion, answer in scores.items():
        if criterion not in criteria or (answer.value is not None and (criterion, answer.value) not in levels):
            raise RuleViolation(_("This answer does not belong to this assessment's criteria. Load the page again."), code="rubric")
        level = None if answer.value is None else levels[criterion, answer.value]
        evidence = answer.evidence.strip()
        rows.append(Score(assessment=assessment, criterion_id=criterion, level=level, confidence=answer.confidence, evidence=evidence))
    Score.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["assessment", "criterion"], update_fields=["level", "confidence", "evidence"]
    )
    if summary is not None:
        assessment.summary = summary.strip()
    assessment.save(update_fields=["summary", "saved_at"])
    return assessment


def _check_version_read(assessment: Assessment) -> None:
    """What is judged is what the project says now."""
    read = assessment.version_read
    if read and assessment.application.snapshots.filter(number__gt=read.number).exists():
        raise RuleViolation(_("The project has sent a new version since you began. Read first what has changed."), code="new_version")


@transaction.atomic
def submit_assessment(assessment: Assessment, *, by: User) -> Assessment:
    """Ends the draft. Every criterion is answered, if only by “I cannot judge”."""
    if assessment.assignment_id:
        lock(assessment.application)  # first, as who ends the reading does
        lock(assessment.assignment)
    lock(assessment)
    if assessment.state != Assessment.State.DRAFT:
        raise RuleViolation(_("This assessment is submitted already."), code="submitted")
    if assessment.kind == Assessment.Kind.REVIEWER:
        check_judges_freely(assessment.project_id, assessment.assessor_id)
    criteria = Criterion.objects.filter(part__rubric=assessment.rubric_id)
    missing = criteria.exclude(pk__in=assessment.scores.values("criterion")).count()
    if missing:
        sentence = ngettext("%(count)s criterion has no answer yet.", "%(count)s criteria have no answer yet.", missing)
        raise RuleViolation(sentence % {"count": missing}, code="incomplete")
    now = timezone.now()
    if assessment.assignment_id:
        _check_version_read(assessment)
        assignment = assessment.assignment
        check_reviews_are_taken(assignment)
        first = assignment.submitted_at or now
        move(assignment, to=AssignmentState.SUBMITTED, moves=ASSIGNMENT_MOVES, submitted_at=first)
    assessment.state, assessment.submitted_at, assessment.submitted_by = Assessment.State.SUBMITTED, now, by
    assessment.save(update_fields=["state", "submitted_at", "submitted_by"])
    record(assessment, "cohorts.submit_assessment", by=by)
    return assessment

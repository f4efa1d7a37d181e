"""The round of an application, and whether its reviews, and the assessments of a project by itself, are taken now."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from academy.dates import moment_in
from academy.rules import RuleViolation
from cohorts.coverage import TO_READ, UNFINISHED
from cohorts.models import (
    LIVE_ASSIGNMENT_STATES,
    Application,
    ApplicationState,
    Assessment,
    AssignmentState,
    Cohort,
    Participation,
    ParticipationState,
    Project,
    ReviewAssignment,
    ReviewRound,
)
from cohorts.models.application import interests_of


def ensure_first_round(cohort: Cohort) -> ReviewRound:
    """The round that comes with a call: from its opening to the start of the cohort, three readers, names shown."""
    found = ReviewRound.objects.filter(cohort=cohort).order_by("number").first()
    return found or ReviewRound.objects.create(cohort=cohort, opens_at=cohort.intake_opens_at, closes_at=cohort.starts_at)


def current_round(application: Application) -> ReviewRound:
    """The round in which an application is read now."""
    return ReviewRound.objects.current(application.cohort) or ensure_first_round(application.cohort)


def why_not_taken(assignment: ReviewAssignment) -> str:
    """Why nothing can be written in a review now, in the words that its reader is shown; empty while it can. The one rule of the reading."""
    if assignment.state not in LIVE_ASSIGNMENT_STATES:
        return _("You are no longer asked to assess this project.")
    round, application = assignment.round, assignment.application
    if round.is_over:
        return _("The reading is closed. Write to the coordinator if your review is still wanted.")
    begun = assignment.state not in (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)
    if application.state == ApplicationState.RETURNED or (application.state == ApplicationState.SUBMITTED and begun):
        return _("The project is asked for something more: the reading goes on when it has sent it. What you wrote is kept.")
    if application.state == ApplicationState.SUBMITTED:
        return _("The review of this application is not started yet: read now, assess when the coordinator starts it.")
    if application.state != ApplicationState.UNDER_REVIEW:
        return _("This application is not under review now.")
    if not round.is_open:
        words = {"moment": moment_in(round.opens_at, application.cohort.time_zone)}
        return _("The reading opens on %(moment)s. Read now, assess then.") % words
    return ""


def waits_for_its_reader(assignment: ReviewAssignment) -> bool:
    """Whether its reader has something to do about it now: to answer, to read, or to write."""
    if assignment.state not in UNFINISHED or assignment.round.is_over:
        return False
    if assignment.state == AssignmentState.IN_PROGRESS:
        return not why_not_taken(assignment)
    return assignment.application.state in TO_READ


def check_reviews_are_taken(assignment: ReviewAssignment) -> None:
    """Reviews are begun, written, sent and taken back while this allows it, by the clock of the server. Whoever sends or begins one
    holds the lock of the application first: so does who ends the reading."""
    words = why_not_taken(assignment)
    if words:
        raise RuleViolation(words, code="round_closed" if assignment.state in LIVE_ASSIGNMENT_STATES else "wrong_state")


def check_judges_freely(project: UUID, person: int) -> None:
    """Refuses whoever has come to be of the project, or has an interest in it, since they were asked."""
    if interests_of(person).filter(pk=project).exists():
        raise RuleViolation(_("You have an interest in this project: you no longer assess it."), code="conflict")


def check_can_be_written(assessment: Assessment) -> None:
    """Refuses to change an assessment that is submitted, or that nobody asks for any more."""
    if assessment.state != Assessment.State.DRAFT:
        raise RuleViolation(_("This assessment is submitted, so its answers are kept as they are."), code="submitted")
    if assessment.assignment_id:
        check_reviews_are_taken(assessment.assignment)


def why_not_again(project: Project, cohort: Cohort) -> str:
    """Past entry a project assesses itself while it walks. Empty when it does, or has no place in this cohort at all."""
    held = Participation.objects.holding_a_place().filter(project=project, cohort=cohort)
    if not held.exists() or held.filter(state__in=[ParticipationState.ACTIVE, ParticipationState.ELIGIBLE]).exists():
        return ""
    return _(
        "A project assesses itself again while it walks the pathway: once its place is accepted, when it is not paused, before it graduates."
    )

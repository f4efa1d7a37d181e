"""Asking reviewers, their interests, and where each review stands."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.audit import record
from academy.locking import check_move, lock, move, wanted
from academy.models import User
from academy.permissions import is_coordinator, is_reviewer
from academy.rules import RuleViolation
from cohorts.coverage import OVER, UNFINISHED
from cohorts.faces import name_for
from cohorts.interests import check_decides_freely, has_interest
from cohorts.letters import tell
from cohorts.models import (
    ASSIGNMENT_MOVES,
    Application,
    ApplicationState,
    Assessment,
    AssignmentState,
    ConflictDeclaration,
    Determination,
    Moment,
    Project,
    ReleasedBy,
    ReviewAssignment,
    ReviewRound,
)
from cohorts.models.application import OPEN_STATES
from cohorts.organisers import organisers_of
from cohorts.rounds import check_judges_freely, check_reviews_are_taken, current_round


def ask(application: Application, *, by: User, reviewer: User, round: ReviewRound, due_on: date | None = None) -> ReviewAssignment:
    """One assignment, and no letter: part of `assign_reviewer` and of `ask_reviewers`, which hold the lock of the application."""
    if application.state not in (ApplicationState.SUBMITTED, ApplicationState.UNDER_REVIEW):
        raise RuleViolation(_("Reviewers are asked once an application is submitted and until it is decided."), code="wrong_state")
    if not reviewer.is_active:
        raise RuleViolation(_("This person has no account any more."), code="inactive")
    if not (is_reviewer(reviewer) or is_coordinator(reviewer)):
        raise RuleViolation(_("This person is not a reviewer. Give them the role first."), code="not_a_reviewer")
    check_decides_freely(application.project, by=by)
    if has_interest(reviewer, application.project):
        raise RuleViolation(_("This person has an interest in this project and cannot judge it."), code="conflict")
    if application.assignments.live().filter(reviewer=reviewer, round=round).exists():
        raise RuleViolation(_("This person is already asked to read this application."), code="twice")
    if Assessment.objects.counted().filter(assignment__in=application.assignments.filter(reviewer=reviewer, round=round)).exists():
        raise RuleViolation(_("This person has assessed it in this round, and what they gave counts: nobody has two voices."), code="twice")
    assignment = ReviewAssignment.objects.create(
        application=application, round=round, reviewer=reviewer, due_on=due_on, proposed_at=timezone.now(), proposed_by=by
    )
    record(application, "cohorts.assign_reviewer", by=by, data={"reviewer": reviewer.pk})
    return assignment


@transaction.atomic
def assign_reviewer(application: Application, *, by: User, reviewer: User, due_on: date | None = None) -> ReviewAssignment:
    """Asks one person to read one application, in the round of now. They answer about their interests before they read."""
    lock(application)
    round = current_round(application)
    if round.is_over:
        raise RuleViolation(
            _("The reading is closed: move its closing, or plan another round, before you ask somebody."), code="round_closed"
        )
    assignment = ask(application, by=by, reviewer=reviewer, round=round, due_on=due_on)
    tell(
        [reviewer],
        subject=gettext_lazy("An application to read"),
        lines=[gettext_lazy("You are asked to assess this project:"), name_for(application, reviewer)],
        link="cohorts_reviews",
        link_label=gettext_lazy("Say whether anything stands in the way"),
        cause=f"review-proposed:{assignment.pk}",
        by=by,
    )
    return assignment


def _recuse(application: Application, person: User | int, *, by: User, reason: str) -> None:
    """In every round, also where they were released after they had submitted: what they wrote counts nowhere any more.

    Also of what else the project asks for now; what was decided in other years, when nothing stood in the way, is left as it was.
    """
    here_or_open = Q(application=application) | Q(application__project=application.project_id, application__state__in=OPEN_STATES)
    rows = ReviewAssignment.objects.recusable().filter(here_or_open, reviewer=person)
    for assignment in rows.select_for_update(no_key=True).order_by("pk"):
        move(assignment, to=AssignmentState.RECUSED, moves=ASSIGNMENT_MOVES, state_reason=reason)
        record(assignment, "cohorts.recuse_reviewer", by=by)


@transaction.atomic
def recuse_member(project: Project, *, by: User | None, person: User) -> None:
    """Who is in a project and is still asked to read it, from before joining recused or by a row that no verb made."""
    lock(project)
    if not project.memberships.filter(person=person).exists():
        raise RuleViolation(_("This person is no longer in the project."), code="gone")
    recuse_newcomer(project, by=by, person=person)


def recuse_newcomer(project: Project, *, by: User | None, person: User) -> None:
    """Part of `add_member`, which holds the lock of the project: whoever joins reads it no more, in no round, and has declared it with that.
    What they wrote is kept and not counted where nothing is told yet; the coordinator hears of it.
    """
    rows = ReviewAssignment.objects.recusable().to_be_judged().filter(application__project=project, reviewer=person)
    read = Application.objects.filter(pk__in=rows.values("application")).select_related("project", "cohort__coordinator").order_by("pk")
    for application in list(read):
        with translation.override((by or application.cohort.coordinator).language):
            reason = _("Has joined the project.")
        declared = {"kind": ConflictDeclaration.Kind.DECLARED, "reason": reason, "declared_at": timezone.now()}
        theirs = ReviewAssignment.objects.filter(pk__in=list(rows.filter(application=application).values_list("pk", flat=True)))
        for assignment in theirs.select_for_update(no_key=True).order_by("pk"):
            move(assignment, to=AssignmentState.RECUSED, moves=ASSIGNMENT_MOVES, state_reason=reason)
            record(assignment, "cohorts.recuse_reviewer", by=by)
        ConflictDeclaration.objects.update_or_create(
            application=application, person=person, defaults={**declared, "waived_at": None, "waived_by": None}
        )
        tell(
            organisers_of(application),
            subject=gettext_lazy("Somebody who was asked to read a project has joined it"),
            lines=[project.name, str(person), gettext_lazy("What they wrote of it is kept and counts no more: ask somebody else.")],
            link="applications:index",
            link_label=gettext_lazy("Read the applications"),
            cause=f"reader-joined:{application.pk}:{person.pk}:{timezone.now():%Y-%m-%d}",
            by=by,
        )


@transaction.atomic
def declare_interest(application: Application, *, by: User, conflict: bool, reason: str = "") -> ConflictDeclaration:
    """A person says whether they have an interest in the project. A conflict closes all its applications to them at once.

    A conflict once declared is lifted only by `waive_conflict`.
    """
    lock(application)
    reason = wanted(reason, _("Say what the conflict is.")) if conflict else ""
    declaration = ConflictDeclaration.objects.filter(application=application, person=by).first()
    if declaration is None:
        declaration = ConflictDeclaration(application=application, person=by)
    elif declaration.kind != ConflictDeclaration.Kind.NONE and not conflict:
        raise RuleViolation(_("A declared conflict is lifted by a coordinator, not by the person."), code="declared")
    declaration.kind = ConflictDeclaration.Kind.DECLARED if conflict else ConflictDeclaration.Kind.NONE
    declaration.reason, declaration.declared_at = reason, timezone.now()
    declaration.waived_at = declaration.waived_by = None
    declaration.save()
    record(application, "cohorts.declare_interest", by=by, data={"conflict": conflict})
    if conflict:
        _recuse(application, by, by=by, reason=reason)
    return declaration


@transaction.atomic
def waive_conflict(declaration: ConflictDeclaration, *, by: User, reason: str) -> ConflictDeclaration:
    """A coordinator, not the person, decides that the declared interest does not matter, and says why."""
    lock(declaration)
    if declaration.kind != ConflictDeclaration.Kind.DECLARED:
        raise RuleViolation(_("There is no conflict to lift."), code="wrong_state")
    if declaration.person_id == by.pk:
        raise RuleViolation(_("Somebody else lifts your conflict of interest."), code="own")
    check_decides_freely(declaration.application.project, by=by)
    reason = wanted(reason, _("Say why this conflict does not matter."))
    declaration.kind, declaration.waived_at, declaration.waived_by = ConflictDeclaration.Kind.WAIVED, timezone.now(), by
    declaration.save(update_fields=["kind", "waived_at", "waived_by"])
    record(declaration, "cohorts.waive_conflict", by=by, data={"reason": reason})
    return declaration


@transaction.atomic
def accept_review(assignment: ReviewAssignment, *, by: User) -> ReviewAssignment:
    """The reviewer agrees to read; first they have said that nothing stands in the way (`declare_interest`)."""
    lock(assignment)
    check_move(assignment, to=AssignmentState.ACCEPTED, moves=ASSIGNMENT_MOVES)
    if has_interest(assignment.reviewer, assignment.application.project):
        raise RuleViolation(_("This person has an interest in this project and cannot judge it."), code="conflict")
    answered = ConflictDeclaration.objects.filter(application=assignment.application_id, person=assignment.reviewer_id)
    if not answered.exclude(kind=ConflictDeclaration.Kind.DECLARED).exists():
        raise RuleViolation(_("First say whether you have an interest in this project."), code="declaration_wanted")
    move(assignment, to=AssignmentState.ACCEPTED, moves=ASSIGNMENT_MOVES, answered_at=timezone.now(), reminded_at=None)
    record(assignment, "cohorts.accept_review", by=by)
    return assignment


@transaction.atomic
def decline_review(assignment: ReviewAssignment, *, by: User, reason: str = "") -> ReviewAssignment:
    """The reviewer has no time, or does not want to. A conflict is said with `declare_interest` instead."""
    lock(assignment)
    move(assignment, to=AssignmentState.DECLINED, moves=ASSIGNMENT_MOVES, answered_at=timezone.now(), state_reason=reason.strip())
    record(assignment, "cohorts.decline_review", by=by, data={"reason": reason.strip()})
    return assignment


@transaction.atomic
def begin_review(assignment: ReviewAssignment, *, by: User) -> Assessment:
    """Opens the reviewer's assessment, on the cohort's rubric, of the version that the project sent last."""
    lock(assignment.application)
    lock(assignment)
    if assignment.state == AssignmentState.SUBMITTED:
        raise RuleViolation(_("This review is submitted. Take it back to change it."), code="wrong_state")
    application = assignment.application
    check_move(assignment, to=AssignmentState.IN_PROGRESS, moves=ASSIGNMENT_MOVES)
    check_judges_freely(assignment.application.project_id, assignment.reviewer_id)
    check_reviews_are_taken(assignment)
    move(assignment, to=AssignmentState.IN_PROGRESS, moves=ASSIGNMENT_MOVES)
    assessment = Assessment.objects.create(
        project_id=application.project_id,
        cohort_id=application.cohort_id,
        rubric_id=application.cohort.rubric_id,
        application=application,
        assignment=assignment,
        version_read=application.snapshots.order_by("number").last(),
        kind=Assessment.Kind.REVIEWER,
        moment=Moment.ENTRY,
        assessor_id=assignment.reviewer_id,
    )
    record(assignment, "cohorts.begin_review", by=by)
    return assessment


@transaction.atomic
def reopen_review(assignment: ReviewAssignment, *, by: User) -> ReviewAssignment:
    """Takes a submitted review back, while the round is open and nothing is released."""
    lock(assignment.application)
    lock(assignment)
    if assignment.state != AssignmentState.SUBMITTED:
        raise RuleViolation(_("Only a submitted review is taken back."), code="wrong_state")
    check_judges_freely(assignment.application.project_id, assignment.reviewer_id)
    check_reviews_are_taken(assignment)
    if Determination.objects.released().filter(application=assignment.application_id).exists():
        raise RuleViolation(_("The decision is released: this review is kept as it is."), code="released")
    move(assignment, to=AssignmentState.IN_PROGRESS, moves=ASSIGNMENT_MOVES, reminded_at=None)
    assessment = lock(assignment.assessment)
    assessment.state, assessment.submitted_at, assessment.submitted_by = Assessment.State.DRAFT, None, None
    assessment.save(update_fields=["state", "submitted_at", "submitted_by"])
    record(assignment, "cohorts.reopen_review", by=by)
    return assignment


@transaction.atomic
def recuse_reviewer(assignment: ReviewAssignment, *, by: User, reason: str) -> ReviewAssignment:
    """A conflict was found, by the reviewer or a coordinator. The assessment is kept and not counted."""
    lock(assignment.application)
    lock(assignment)
    check_move(assignment, to=AssignmentState.RECUSED, moves=ASSIGNMENT_MOVES)
    reason = wanted(reason, _("Say what the conflict is."))
    _recuse(assignment.application, assignment.reviewer_id, by=by, reason=reason)
    declared = {"kind": ConflictDeclaration.Kind.DECLARED, "reason": reason, "declared_at": timezone.now()}
    ConflictDeclaration.objects.update_or_create(
        application_id=assignment.application_id,
        person_id=assignment.reviewer_id,
        defaults={**declared, "waived_at": None, "waived_by": None},
    )
    return lock(assignment)


@transaction.atomic
def release_reviewer(assignment: ReviewAssignment, *, by: User | None, reason: str = "") -> ReviewAssignment:
    """Stops asking: overdue, away, no longer needed. What they submitted still counts. `by` is None when the clock does it."""
    lock(assignment)
    move(assignment, to=AssignmentState.RELEASED, moves=ASSIGNMENT_MOVES, state_reason=reason.strip())
    record(assignment, "cohorts.release_reviewer", by=by, data={"why" if reason in ReleasedBy.values else "reason": reason.strip()})
    return assignment


@transaction.atomic
def release_readers(application: Application, *, by: User | None) -> list[ReviewAssignment]:
    """Of an application that is over: whoever has not finished is no longer asked, and hears of it where it ends in the middle of the
    reading. Part of the verbs that end it; `by` is None when the clock puts in order what ended before, and nobody hears of that.
    """
    lock(application)
    if application.state not in OVER:
        raise RuleViolation(_("It may still be read."), code="wrong_state")
    ends = {ApplicationState.WITHDRAWN: ReleasedBy.WITHDRAWN, ApplicationState.INELIGIBLE: ReleasedBy.INELIGIBLE}
    reason = ends.get(application.state, ReleasedBy.DECIDED)
    unfinished = application.assignments.filter(state__in=UNFINISHED).select_related("reviewer").order_by("pk")
    gone = [release_reviewer(row, by=by, reason=reason) for row in unfinished]
    for reader in {row.reviewer for row in gone} if by and reason != ReleasedBy.DECIDED else ():
        tell(
            [reader],
            subject=gettext_lazy("An application is no longer to be read"),
            lines=[gettext_lazy("You need not read this application any more:"), name_for(application, reader), reason.label],
            link="cohorts_reviews",
            link_label=gettext_lazy("My reviews"),
            cause=f"reading-ended:{application.pk}:{application.state}",
            by=by,
        )
    return gone

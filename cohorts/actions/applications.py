"""Applying: submission, and what staff answer before judging. The draft is in `drafts`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from academy.audit import record
from academy.locking import check_move, lock, move, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.answers import answers_of, as_submitted, missing
from cohorts.joining import has_invited_enough, send_invitation
from cohorts.letters import letter_of, send_letter, tell
from cohorts.models import (
    APPLICATION_MOVES,
    Application,
    ApplicationSnapshot,
    ApplicationState,
    Assessment,
    CallLetter,
    Project,
    ProjectMember,
)
from cohorts.rounds import current_round


def _check_intake(application: Application, now: datetime) -> None:
    if application.state == ApplicationState.RETURNED:
        if application.return_due_at and now > application.return_due_at:
            raise RuleViolation(_("The time to complete this application is over. Write to the team."), code="late")
    elif not application.cohort.is_accepting:
        raise RuleViolation(_("The call is closed. Your draft is kept; write to the team if something held you up."), code="late")


def _check_complete(application: Application) -> None:
    wanting = missing(answers_of(application))
    if wanting:
        sentence = ngettext("%(count)s answer is missing: %(first)s", "%(count)s answers are missing. First: %(first)s", len(wanting))
        raise RuleViolation(sentence % {"count": len(wanting), "first": wanting[0]}, code="incomplete")


@transaction.atomic
def submit_application(application: Application, *, by: User) -> Application:
    """Submits a complete draft, or a returned application again. Keeps a copy of what was said, numbered."""
    lock(application)
    check_move(application, to=ApplicationState.SUBMITTED, moves=APPLICATION_MOVES)
    now = timezone.now()
    _check_intake(application, now)
    _check_complete(application)
    number = application.snapshots.count() + 1
    snapshot = ApplicationSnapshot.objects.create(
        application=application, number=number, content=as_submitted(application), submitted_at=now, submitted_by=by
    )
    snapshot.files.set(application.files.filter(in_draft=True))
    done = {"submitted_at": now, "submitted_by": by, "return_due_at": None, "state_reason": ""}
    move(application, to=ApplicationState.SUBMITTED, moves=APPLICATION_MOVES, **done)
    record(application, "cohorts.submit_application", by=by, data={"version": number})
    cause = f"application-submitted:{application.pk}:{number}"
    send_letter(letter_of(application, CallLetter.Occasion.RECEIVED), cause=cause, by=by)
    tell(
        [application.cohort.coordinator],
        subject=gettext_lazy("An application came in"),
        lines=[application.project.name],
        link="applications:index",
        link_label=gettext_lazy("Read the applications"),
        cause=f"application-arrived:{application.pk}:{number}",
        by=by,
    )
    return application


@transaction.atomic
def return_application(application: Application, *, by: User, reason: str, due_at: datetime | None = None) -> Application:
    """Asks the project to complete what it sent. `due_at` is the last moment to send it again; None means no limit."""
    lock(application)
    reason = wanted(reason, _("Say what the project has to complete."))
    move(application, to=ApplicationState.RETURNED, moves=APPLICATION_MOVES, state_reason=reason, return_due_at=due_at)
    record(application, "cohorts.return_application", by=by, data={"reason": reason})
    cause = f"application-returned:{application.pk}:{application.snapshots.count()}"
    send_letter(letter_of(application, CallLetter.Occasion.RETURNED, reasons=reason, due=due_at), cause=cause, by=by)
    return application


@transaction.atomic
def declare_ineligible(application: Application, *, by: User, reason: str) -> Application:
    """Ends an application that the call cannot take, with the reason said to the project."""
    lock(application)
    reason = wanted(reason, _("Say to the project why it cannot be taken."))
    move(application, to=ApplicationState.INELIGIBLE, moves=APPLICATION_MOVES, state_reason=reason)
    record(application, "cohorts.declare_ineligible", by=by, data={"reason": reason})
    letter = letter_of(application, CallLetter.Occasion.INELIGIBLE, reasons=reason)
    send_letter(letter, cause=f"application-ineligible:{application.pk}", by=by)
    return application


@transaction.atomic
def start_review(application: Application, *, by: User) -> Application:
    """Hands the application to its reviewers. Needs as many as the round wants, none of them with a conflict."""
    lock(application)
    check_move(application, to=ApplicationState.UNDER_REVIEW, moves=APPLICATION_MOVES)
    round = current_round(application)
    needed = round.min_reviews
    if application.assignments.live().filter(round=round).count() < needed:
        sentence = ngettext("Ask %(count)s reviewer first.", "Ask %(count)s reviewers first.", needed)
        raise RuleViolation(sentence % {"count": needed}, code="reviewers_wanted")
    move(application, to=ApplicationState.UNDER_REVIEW, moves=APPLICATION_MOVES)
    record(application, "cohorts.start_review", by=by)
    return application


@transaction.atomic
def open_deliberation(application: Application, *, by: User, reason: str = "") -> Application:
    """Closes the reading. With fewer assessments than the round wants, a reason must be given, and is logged."""
    lock(application)
    check_move(application, to=ApplicationState.DELIBERATION, moves=APPLICATION_MOVES)
    round = current_round(application)
    counted = Assessment.objects.counted().filter(application=application, assignment__round=round).count()
    needed = round.min_reviews
    if counted < needed and not reason.strip():
        raise RuleViolation(
            _("Only %(counted)s of %(needed)s assessments are submitted. Wait for them, or say why you go on without.")
            % {"counted": counted, "needed": needed},
            code="reviews_wanted",
        )
    move(application, to=ApplicationState.DELIBERATION, moves=APPLICATION_MOVES)
    record(application, "cohorts.open_deliberation", by=by, data={"counted": counted, "needed": needed, "reason": reason.strip()})
    return application


@transaction.atomic
def withdraw_application(application: Application, *, by: User, reason: str = "") -> Application:
    """The project takes its application back, at any time before it is decided."""
    lock(application)
    move(application, to=ApplicationState.WITHDRAWN, moves=APPLICATION_MOVES, state_reason=reason.strip())
    record(application, "cohorts.withdraw_application", by=by, data={"reason": reason.strip()})
    return application


@transaction.atomic
def lapse_application(application: Application, *, by: User | None, now: datetime | None = None) -> Application:
    """Ends a draft whose call has closed. `by` is None when the clock does it."""
    lock(application)
    check_move(application, to=ApplicationState.LAPSED, moves=APPLICATION_MOVES)
    if (now or timezone.now()) < application.cohort.intake_closes_at:
        raise RuleViolation(_("The call is still open: the project may yet submit."), code="early")
    move(application, to=ApplicationState.LAPSED, moves=APPLICATION_MOVES)
    record(application, "cohorts.lapse_application", by=by)
    return application


@transaction.atomic
def invite_member(project: Project, *, by: User, email: str) -> None:
    """Writes to an address; whoever owns it may join. Says nothing of who has an account."""
    lock(project)
    if has_invited_enough(by):
        raise RuleViolation(_("You have invited many people. Wait an hour before you invite more."), code="later")
    send_invitation(project, by=by, email=email.lower())
    record(project, "cohorts.invite_member", by=by)


@transaction.atomic
def add_member(project: Project, *, by: User, person: User, role: str = ProjectMember.Role.MEMBER) -> ProjectMember:
    """Adds a person who has an account. The lead is not replaced this way."""
    lock(project)
    if role == ProjectMember.Role.LEAD:
        raise RuleViolation(_("A project has one lead. Add this person as a member."), code="lead")
    if project.memberships.filter(person=person).exists():
        raise RuleViolation(_("This person is in the project already."), code="twice")
    membership = ProjectMember.objects.create(project=project, person=person, role=role)
    record(project, "cohorts.add_member", by=by, data={"person": person.pk, "role": role})
    return membership

"""Applying: submission, and what staff answer before judging. The draft is in `drafts`."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from academy.audit import record
from academy.locking import check_move, lock, move, wanted
from academy.models import Message, User
from academy.rules import RuleViolation
from cohorts.actions.reviews import release_readers
from cohorts.answers import answers_of, as_submitted, missing
from cohorts.decisions import ineligible_letters_of
from cohorts.faces import name_for
from cohorts.interests import check_decides_freely, has_interest
from cohorts.letters import letter_of, send_letter, tell, tell_project, with_day, with_words
from cohorts.models import (
    APPLICATION_MOVES,
    LATE,
    TAKES_APPLICATIONS,
    Application,
    ApplicationSnapshot,
    ApplicationState,
    Assessment,
    CallLetter,
    Sending,
)
from cohorts.organisers import organisers_of
from cohorts.rounds import current_round


def _check_intake(application: Application, now: datetime, late_reason: str) -> str:
    """The reason why it comes late; empty when it is in time."""
    sending = application.may_be_sent(now)
    if sending == Sending.IN_TIME:
        return ""
    if sending == Sending.CLOSED and application.state == ApplicationState.RETURNED:
        raise RuleViolation(_("The time to complete this application is over. Write to the team."), code="late")
    if sending == Sending.CLOSED:
        raise RuleViolation(_("The call is closed. Your draft is kept; write to the team if something held you up."), code="late")
    return wanted(late_reason, _("The last day is over. Say in a few words why it comes late: the coordinator reads it."))


def _check_complete(application: Application) -> None:
    wanting = missing(answers_of(application))
    if wanting:
        sentence = ngettext("%(count)s answer is missing: %(first)s", "%(count)s answers are missing. First: %(first)s", len(wanting))
        raise RuleViolation(sentence % {"count": len(wanting), "first": wanting[0]}, code="incomplete")


@transaction.atomic
def submit_application(application: Application, *, by: User, late_reason: str = "") -> Application:
    """Submits a complete draft, or a returned application again. Keeps a copy of what was said, numbered.

    For `LATE` after the last day it is taken with a reason, that the coordinator reads; everything else is as usual.
    """
    lock(application.project)  # first: another draft of the project may be renaming it
    lock(application)
    check_move(application, to=ApplicationState.SUBMITTED, moves=APPLICATION_MOVES)
    now = timezone.now()
    late_reason = _check_intake(application, now, late_reason)
    _check_complete(application)
    number = application.snapshots.count() + 1
    snapshot = ApplicationSnapshot.objects.create(
        application=application, number=number, content=as_submitted(application), submitted_at=now, submitted_by=by
    )
    snapshot.files.set(application.files.filter(in_draft=True))
    done = {"submitted_at": now, "submitted_by": by, "return_due_at": None, "state_reason": "", "late_reason": late_reason}
    done["has_unsent_words"] = False
    move(application, to=ApplicationState.SUBMITTED, moves=APPLICATION_MOVES, **done)
    record(application, "cohorts.submit_application", by=by, data={"version": number, "late": late_reason})
    cause = f"application-submitted:{application.pk}:{number}"
    send_letter(letter_of(application, CallLetter.Occasion.RECEIVED), cause=cause, by=by)
    tell(
        organisers_of(application),
        subject=gettext_lazy("An application came in"),
        lines=[application.project.name, with_words(gettext_lazy("Late: %(words)s"), late_reason) if late_reason else ""],
        link="applications:index",
        link_label=gettext_lazy("Read the applications"),
        cause=f"application-arrived:{application.pk}:{number}",
        by=by,
    )
    return application


@transaction.atomic
def return_application(application: Application, *, by: User, reason: str, due_at: datetime | None = None) -> Application:
    """Asks the project to complete what it sent. `due_at` is the last moment to send it again; None: until the cohort runs."""
    lock(application)
    check_decides_freely(application.project, by=by)
    check_move(application, to=ApplicationState.RETURNED, moves=APPLICATION_MOVES)
    reason = wanted(reason, _("Say what the project has to complete."))
    _check_takes_applications(application)
    if due_at is not None and due_at <= timezone.now():
        raise RuleViolation(_("Choose a moment that is still to come."), code="early")
    if due_at is not None and due_at > application.cohort.starts_at:
        raise RuleViolation(_("Choose a moment before the cohort starts."), code="too_late")
    move(application, to=ApplicationState.RETURNED, moves=APPLICATION_MOVES, state_reason=reason, return_due_at=due_at)
    record(application, "cohorts.return_application", by=by, data={"reason": reason})
    cause = f"{_letters_of_return(application)}{timezone.now().isoformat()}"
    send_letter(letter_of(application, CallLetter.Occasion.RETURNED, reasons=reason, due=due_at), cause=cause, by=by)
    return application


def _check_takes_applications(application: Application) -> None:
    if application.cohort.state not in TAKES_APPLICATIONS:
        raise RuleViolation(_("This cohort takes no applications any more."), code="closed")


def _letters_of_return(application: Application) -> str:
    """What the causes of the letters that return it begin with: it may be returned twice without being sent in between."""
    return f"application-returned:{application.pk}:"


@transaction.atomic
def take_up_application(application: Application, *, by: User | None, now: datetime | None = None) -> Application:
    """Puts what was returned back into the round as it was last sent: after its date, or where it has none once a coordinator says so.

    What the project typed since is kept for it and read by nobody. `by` is None when the clock does it.
    """
    lock(application.project)  # first, as `submit_application` does
    lock(application)
    if by is not None:
        check_decides_freely(application.project, by=by)
    check_move(application, to=ApplicationState.SUBMITTED, moves=APPLICATION_MOVES)
    now = now or timezone.now()
    if application.state != ApplicationState.RETURNED:
        raise RuleViolation(_("Only what was returned to its project is taken up again."), code="wrong_state")
    if not application.may_be_taken_up(now, by_the_clock=by is None):
        raise RuleViolation(_("The project may yet send it."), code="early")
    sent = application.snapshots.order_by("number").values_list("content", flat=True).last() or {}
    sent = {**sent, "answers": {"language": application.language, **sent.get("answers", {})}}  # older versions do not say it
    unsent = application.has_unsent_words or json.loads(json.dumps(as_submitted(application))) != sent
    done = {"return_due_at": None, "state_reason": "", "has_unsent_words": unsent}
    move(application, to=ApplicationState.SUBMITTED, moves=APPLICATION_MOVES, **done)
    record(application, "cohorts.take_up_application", by=by, data={"version": application.snapshots.count()})
    cause = f"application-taken-up:{application.pk}:{now.isoformat()}"
    tell_project(
        application.project,
        subject=gettext_lazy("We go on with your application as you last sent it"),
        lines=[
            gettext_lazy("We asked for something more and nothing was sent. It is read as it was: you need do nothing."),
            gettext_lazy("What you wrote since is kept for you. Write to us if it should be read too."),
        ],
        link="cohorts_my_pathway",
        link_label=gettext_lazy("See what happens next"),
        cause=cause,
        by=by,
    )
    if by is None:
        tell(
            organisers_of(application),
            subject=gettext_lazy("An application goes on as it was last sent"),
            lines=[gettext_lazy("The project did not send what was asked for. Its review can be started:"), application.project.name],
            link="applications:index",
            link_label=gettext_lazy("Read the applications"),
            cause=cause,
            by=by,
        )
    return application


@transaction.atomic
def declare_ineligible(application: Application, *, by: User, reason: str) -> Application:
    """Ends an application that the call cannot take, with the reason said to the project."""
    lock(application)
    check_decides_freely(application.project, by=by)
    reason = wanted(reason, _("Say to the project why it cannot be taken."))
    move(application, to=ApplicationState.INELIGIBLE, moves=APPLICATION_MOVES, state_reason=reason)
    record(application, "cohorts.declare_ineligible", by=by, data={"reason": reason})
    release_readers(application, by=by)
    letter = letter_of(application, CallLetter.Occasion.INELIGIBLE, reasons=reason)
    send_letter(letter, cause=ineligible_letters_of(application), by=by)
    return application


@transaction.atomic
def start_review(application: Application, *, by: User) -> Application:
    """Hands the application to its reviewers. Needs as many as the round wants, none of them with a conflict."""
    lock(application)
    check_decides_freely(application.project, by=by)
    check_move(application, to=ApplicationState.UNDER_REVIEW, moves=APPLICATION_MOVES)
    round = current_round(application)
    needed = round.min_reviews
    if application.assignments.live().filter(round=round).count() < needed:
        sentence = ngettext("Ask %(count)s reviewer first.", "Ask %(count)s reviewers first.", needed)
        raise RuleViolation(sentence % {"count": needed}, code="reviewers_wanted")
    move(application, to=ApplicationState.UNDER_REVIEW, moves=APPLICATION_MOVES)
    record(application, "cohorts.start_review", by=by)
    _tell_of_new_version(application, by)
    return application


def _tell_of_new_version(application: Application, by: User) -> None:
    """Who judged an earlier version reads what changed, and says whether their review stands."""
    reading = application.assignments.reading().values("pk")
    rows = Assessment.objects.of_an_earlier_version().filter(assignment__in=reading).select_related("assessor")
    for assessment in rows:
        tell(
            [assessment.assessor],
            subject=gettext_lazy("A project that you assess has sent a new version"),
            lines=[
                gettext_lazy("Read what has changed, and say whether your review stands:"),
                name_for(application, assessment.assessor),
            ],
            link="cohorts_reviews",
            link_label=gettext_lazy("See what has changed"),
            cause=f"new-version:{assessment.pk}:{application.snapshots.count()}",
            by=by,
        )


@transaction.atomic
def open_deliberation(application: Application, *, by: User, reason: str = "") -> Application:
    """Closes the reading. With fewer assessments than the round wants, a reason must be given, and is logged."""
    lock(application)
    check_decides_freely(application.project, by=by)
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
    """The project takes its application back, at any time before it is decided. What was prepared about it is nobody's any more."""
    lock(application)
    for pending in application.determinations.pending():
        pending.superseded_at = timezone.now()
        pending.save(update_fields=["superseded_at"])
    move(application, to=ApplicationState.WITHDRAWN, moves=APPLICATION_MOVES, state_reason=reason.strip())
    record(application, "cohorts.withdraw_application", by=by, data={"reason": reason.strip()})
    release_readers(application, by=by)
    if application.submitted_at:
        tell(
            organisers_of(application),
            subject=gettext_lazy("A project has withdrawn its application"),
            lines=[application.project.name, reason.strip()],
            link="applications:index",
            link_label=gettext_lazy("Read the applications"),
            cause=f"application-withdrawn:{application.pk}",
            by=by,
        )
    return application


@transaction.atomic
def lapse_application(application: Application, *, by: User | None, now: datetime | None = None) -> Application:
    """Ends a draft whose call has closed. `by` is None when the clock does it."""
    lock(application)
    check_move(application, to=ApplicationState.LAPSED, moves=APPLICATION_MOVES)
    if (now or timezone.now()) < application.due_at + LATE:
        raise RuleViolation(_("The project may yet send it."), code="early")
    move(application, to=ApplicationState.LAPSED, moves=APPLICATION_MOVES)
    record(application, "cohorts.lapse_application", by=by)
    return application


@transaction.atomic
def extend_application(application: Application, *, by: User, until: datetime, reason: str) -> Application:
    """More time for one project, after the close of the call or after the date of a return. Its people are told."""
    lock(application)
    if has_interest(by, application.project):
        raise RuleViolation(_("You have an interest in this project: somebody else gives it more time."), code="interest")
    reason = wanted(reason, _("Say why this project has more time."))
    if not application.is_editable:
        raise RuleViolation(_("Only an application that is not sent needs more time."), code="wrong_state")
    _check_takes_applications(application)
    if application.due_at is None or until <= max(timezone.now(), application.due_at):
        raise RuleViolation(_("Choose a moment after the present last day."), code="early")
    if until > application.cohort.starts_at:
        raise RuleViolation(_("Choose a moment before the cohort starts."), code="too_late")
    application.extended_until, application.extended_by, application.extension_reason = until, by, reason
    application.save(update_fields=["extended_until", "extended_by", "extension_reason"])
    record(application, "cohorts.extend_application", by=by, data={"until": until.isoformat(), "reason": reason})
    tell_project(
        application.project,
        subject=gettext_lazy("You have more time for your application"),
        lines=[
            with_day(gettext_lazy("You may send it until %(day)s."), until, application.cohort.time_zone),
        ],
        link="cohorts_apply",
        link_label=gettext_lazy("Go on with the application"),
        cause=f"application-extended:{application.pk}:{until.isoformat()}",
        by=by,
    )
    return application


REMINDED = (1, 7)  # days before the last one


@transaction.atomic
def remind_application(application: Application, *, by: User | None, now: datetime | None = None) -> int:
    """Tells those who write a draft, or complete what was returned, that its last day comes; how many were told. At most once for each of
    `REMINDED`."""
    lock(application)
    now, due = now or timezone.now(), application.due_at
    if not application.is_editable or due is None or application.may_be_sent(now) != Sending.IN_TIME:
        return 0
    days = next((one for one in REMINDED if now >= due - timedelta(days=one)), None)
    if days is None or _begun_at(application) > due - timedelta(days=days):
        return 0  # too early, or begun so late that they know
    cause = f"application-reminder:{application.pk}:{days}:{due.isoformat()}"
    if Message.objects.filter(cause=cause).exists():
        return 0
    left = len(missing(answers_of(application)))
    is_returned = application.state == ApplicationState.RETURNED
    last_day = gettext_lazy("It is taken until %(day)s. What you wrote is kept.")
    given_up = gettext_lazy("If you have given it up for this time, you need do nothing.")
    goes_on = gettext_lazy("If nothing comes, we go on with your application as you last sent it.")
    tell_project(
        application.project,
        subject=gettext_lazy("Action required: complete your application")
        if is_returned
        else gettext_lazy("Your application is not sent yet"),
        lines=[
            with_day(last_day, due, application.cohort.time_zone),
            gettext_lazy("Something is still missing: its page says what.")
            if left
            else gettext_lazy("Nothing is missing: the lead may send it."),
            goes_on if is_returned else given_up,
        ],
        link="cohorts_apply",
        link_label=gettext_lazy("Go on with the application"),
        cause=cause,
        by=by,
    )
    return Message.objects.filter(cause=cause).count()


def _begun_at(application: Application) -> datetime:
    """Since when they know of the day: a draft since it was begun, what was returned since its letter."""
    if application.state != ApplicationState.RETURNED:
        return application.created_at
    letters = Message.objects.filter(cause__startswith=_letters_of_return(application)).order_by("-created_at")
    return letters.values_list("created_at", flat=True).first() or application.submitted_at

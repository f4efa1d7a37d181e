"""What the people of a project are told of their application: where it stands, what happens next, by when, whom to ask.

An explicit table with a line for each state; what staff see is the label of the state itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.models import User
from cohorts.models import (
    LATE,
    PUBLIC_LABELS,
    Application,
    ApplicationState,
    Cohort,
    CohortState,
    Participation,
    ParticipationState,
    Project,
    Sending,
)
from cohorts.organisers import who_answers_about

_S, _P = ApplicationState, ParticipationState

# state → what happens next
NEXT = {
    _S.DRAFT: _("You write it, and the lead sends it when nothing is missing. Nobody reads it before."),
    _S.SUBMITTED: _("We check that it can be read, then people who have no tie to your project read it. If something is missing, we ask."),
    _S.RETURNED: _("You complete what we ask for, and the lead sends it again. Everything else stays as it is."),
    _S.INELIGIBLE: _("It is not read further, for the reason given here. You may apply to another call."),
    _S.UNDER_REVIEW: _("People who have no tie to your project read it. Then we decide, and you receive the reasons, whatever they are."),
    _S.DELIBERATION: _("It was read. We decide, and you receive the reasons, whatever they are."),
    _S.ADMITTED: _("You take your place in the cohort: the courses and the sessions open at once."),
    _S.RESERVE: _("If a place is free, we write to you at once. You need do nothing, and may withdraw at any time."),
    _S.DECLINED: _("You read the reasons. What you wrote is kept, and carried to the next application."),
    _S.WITHDRAWN: _("Nothing more. What you wrote is kept, and carried to the next application."),
    _S.LAPSED: _("Nothing more. What you wrote is kept, and carried to the next application."),
}
CLOSED = _("The time to send it is over. It is kept for you to read; write to us if something held you up.")
TAKEN_UP = _("The time to complete it is over: we go on with your application as you last sent it. You need do nothing.")
CLOSED_BEFORE = _("This call takes no more applications. It is kept for you to read; write to us if something held you up.")
WE_ARE_LATE = _("It waits for our decision, which is late. Ask the person named here when it comes; you need do nothing else.")
# Once it is admitted: by what became of its place
ANSWERED = _("Your answer is with us: the rest is on your pathway.")
ENDED = _("The participation of your project in this cohort has ended. What you wrote is kept, and carried to the next application.")
NO_PLACE = _("The cohort is over and no place became free. What you wrote is kept, and carried to the next application.")
ENDS = frozenset({_P.WITHDRAWN, _P.DISMISSED, _P.REVOKED})
WE_DECIDE = frozenset({_S.SUBMITTED, _S.UNDER_REVIEW, _S.DELIBERATION})


@dataclass(frozen=True)
class WhatsNext:
    """`by` is the last moment of what is said in `by_words`; None where nothing has a date."""

    label: str
    words: str
    by_words: str = ""
    by: datetime | None = None
    zone: str = ""
    is_late: bool = False
    extended: bool = False
    is_closed: bool = False

    @property
    def reads_elsewhere(self) -> bool:
        """The reader's clock says another hour than the cohort's."""
        if self.by is None:
            return False
        return timezone.localtime(self.by).utcoffset() != timezone.localtime(self.by, ZoneInfo(self.zone)).utcoffset()

    @property
    def seen_as(self) -> tuple:
        words = (self.label, str(self.words), str(self.by_words))
        return (*words, self.by, self.zone, self.is_late, self.extended, self.is_closed, self.reads_elsewhere)


def whats_next(
    application: Application, now: datetime | None = None, *, place: Participation | None = None, answer_by: datetime | None = None
) -> WhatsNext:
    """`place`: of what was admitted, what became of it; `answer_by`: the date that it was given to take it."""
    now = now or timezone.now()
    if application.state == _S.ADMITTED and place is not None:
        return _of_a_place(application, place, answer_by, now)
    if application.state == _S.RESERVE and application.cohort.state == CohortState.CLOSED:
        return WhatsNext(str(PUBLIC_LABELS[_S.RESERVE]), NO_PLACE, zone=application.cohort.time_zone)
    state, zone = _S(application.state), application.cohort.time_zone
    by_words, by = _by_when(application, now)
    sending = application.may_be_sent(now) if application.is_editable else Sending.IN_TIME
    if sending == Sending.LATE:
        by_words, by = _("The last day is over. With a reason, it is still taken until"), application.due_at + LATE
    if sending == Sending.CLOSED:
        words, by = _why_closed(application, now), None
    elif state in WE_DECIDE and by and now >= by:
        words, by_words = WE_ARE_LATE, _("We are late: we were to decide before the cohort started, on")
    else:
        words = NEXT[state]
    extended = application.is_editable and bool(application.extended_until) and by == application.extended_until
    return WhatsNext(
        str(PUBLIC_LABELS[state]), words, by_words if by else "", by, zone, sending == Sending.LATE, extended, sending == Sending.CLOSED
    )


def _of_a_place(application: Application, place: Participation, answer_by: datetime | None, now: datetime) -> WhatsNext:
    label, zone = str(PUBLIC_LABELS[_S.ADMITTED]), application.cohort.time_zone
    if place.state != _P.INVITED:
        return WhatsNext(label, ENDED if place.state in ENDS else ANSWERED, zone=zone)
    if answer_by is None:
        return WhatsNext(label, NEXT[_S.ADMITTED], zone=zone)
    is_late = now >= answer_by
    by_words = _("Answer now if you want the place. The date to answer by was") if is_late else _("You answer before")
    return WhatsNext(label, NEXT[_S.ADMITTED], by_words, answer_by, zone, is_late)


def _why_closed(application: Application, now: datetime) -> str:
    if application.state == _S.RETURNED:
        return TAKEN_UP
    return CLOSED if now >= application.due_at else CLOSED_BEFORE


def _by_when(application: Application, now: datetime) -> tuple[str, datetime | None]:
    if application.is_editable:
        return _("You send it before"), application.due_at
    if application.state in WE_DECIDE:
        return _("We decide before the cohort starts, on"), application.cohort.starts_at
    if application.state == _S.RESERVE and now < application.cohort.starts_at:
        return _("Most places become free before the cohort starts, on"), application.cohort.starts_at
    return "", None


def whom_to_ask(cohort: Cohort, project: Project) -> tuple[str, str]:
    """The name and address of a coordinator who may read it; a page shows the address of the team instead where the site has one."""
    return who_answers(cohort.coordinator, project)


def who_answers(coordinator: User, project: Project, *, is_closed: bool | None = None) -> tuple[str, str]:
    answers = who_answers_about(project, coordinator, is_closed=is_closed)
    return str(answers), answers.email

"""What happens by itself when its hour comes. Called by `manage.py tick`; running it twice changes nothing more."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from academy.rules import RuleViolation
from cohorts import actions, digest
from cohorts.coverage import ENDS, OVER, UNFINISHED, asleep_since
from cohorts.matrix import cohort_matrix
from cohorts.models import (
    EXPECTED,
    LATE,
    TAKES_APPLICATIONS,
    Application,
    ApplicationState,
    Cohort,
    CohortState,
    IndicatorYear,
    OfficeHour,
    ParticipationState,
    RegistrationStatus,
    ReviewAssignment,
    ReviewRound,
    Satisfaction,
    Sending,
    Session,
)
from cohorts.models.indicators import reporting
from cohorts.models.satisfaction import ASKED_FOR
from cohorts.offers import unanswered

logger = logging.getLogger(__name__)

Part = Callable[[datetime, Counter[str]], None]

CERTIFIED = timedelta(days=7)  # time to put the list in order
FORGOTTEN = timedelta(days=90)  # later, only a coordinator gives certificates
REMINDED = timedelta(days=31)
TO_TYPE_IN_THE_LIST = timedelta(days=1)


def strike(now: datetime | None = None, *, parts: Iterable[Part] | None = None) -> Counter[str]:
    """Every verb of the clock (or only these `parts`), each row in its own transaction: one that is refused does not stop the others, nor
    one part that breaks the other parts; that it broke is in the log, and among what is given back.
    """
    now = now or timezone.now()
    done: Counter[str] = Counter()
    for part in (*WRITES, _purge) if parts is None else parts:
        try:
            part(now, done)
        except Exception:
            logger.exception("The clock cannot finish %s", part.__name__)
            done["parts of the clock that broke"] += 1
    return done


def _sessions(now: datetime, done: Counter[str]) -> None:
    offered = Session.objects.filter(registrations__status=RegistrationStatus.OFFERED, registrations__offer_expires_at__lte=now)
    for session in offered.distinct():
        done["offers expired"] += len(actions.expire_offers(session, by=None, now=now))
    for session in Session.objects.releasing_places(now):
        if released := actions.release_unfunded(session, by=None, now=now):
            done["places released"] += len(released)
        if written := actions.tell_of_funding(session, by=None, now=now):
            done["told to find the money"] += written
    over = Session.objects.filter(ends_at__lte=now - TO_TYPE_IN_THE_LIST, registrations__status__in=EXPECTED)
    for session in over.distinct():
        done["absences"] += len(actions.mark_no_shows(session, by=None, now=now))
    told = Session.objects.filter(ends_at__lte=now - CERTIFIED, ends_at__gt=now - FORGOTTEN, cancelled_at__isnull=True)
    for session in told.filter(registrations__status=RegistrationStatus.ATTENDED).distinct():
        if given := actions.certify_attendance(session, by=None, now=now):
            done["certificates of attendance"] += len(given)
    for session in Session.objects.filter(starts_at__gt=now, starts_at__lte=now + REMINDED, cancelled_at__isnull=True):
        if written := actions.remind_of_session(session, by=None, now=now):
            done["reminders of a session"] += written


def _satisfaction(now: datetime, done: Counter[str]) -> None:
    """Those who came are asked how it was on the morning after; when their time is over the totals are told."""
    over = Session.objects.filter(ends_at__lte=now, ends_at__gt=now - ASKED_FOR, cancelled_at__isnull=True)
    for session in over.filter(registrations__status=RegistrationStatus.ATTENDED).distinct():
        with suppress(RuleViolation):  # not its morning yet
            if written := actions.ask_satisfaction(session, by=None, now=now):
                done["asked how it was"] += written
    for kept in Satisfaction.objects.open().filter(closes_at__lte=now):
        actions.close_satisfaction(kept, by=None, now=now)
        done["answers on sessions closed"] += 1


def _visas(now: datetime, done: Counter[str]) -> None:
    """The last days to ask for a letter; and whoever gave a passport is told before what it says is deleted."""
    for session in Session.objects.filter(starts_at__gt=now, cancelled_at__isnull=True, registrations__visa="needed").distinct():
        if written := actions.remind_of_visa(session, by=None, now=now):
            done["reminders of a visa"] += written
    if written := actions.remind_of_purge(by=None, now=now):
        done["told of what is deleted"] += written


def _purge(now: datetime, done: Counter[str]) -> None:
    """What passports say is deleted at its date, and the files with it: the one part that no rehearsal may do."""
    if purged := actions.purge_visa_data(by=None, now=now):
        done["letters for a visa purged"] += purged
        logger.info("What the passport says was deleted from %s letters for a visa", purged)


def _office_hours(now: datetime, done: Counter[str]) -> None:
    """A day on the clock may last twenty-five hours."""
    for hour in OfficeHour.objects.to_come(now).filter(starts_at__lte=now + timedelta(days=1, hours=2)).select_related("host"):
        if written := actions.remind_of_office_hour(hour, by=None, now=now):
            done["reminders of an office hour"] += written


def _drafts(now: datetime, done: Counter[str]) -> None:
    """Their people are reminded before the last day; when it can no longer come late a draft ends, and what was returned is read as it was."""
    soon = Q(return_due_at__lte=now + timedelta(days=max(actions.REMINDED))) | ~Q(cohort__state__in=TAKES_APPLICATIONS)
    for application in Application.objects.filter(soon, state=ApplicationState.RETURNED).select_related("cohort"):
        with suppress(RuleViolation):  # sent or withdrawn a moment ago; or it may still be sent
            if application.may_be_sent(now) == Sending.IN_TIME:
                if told := actions.remind_application(application, by=None, now=now):
                    done["reminded of a return"] += told
            else:
                actions.take_up_application(application, by=None, now=now)
                done["taken up as last sent"] += 1
    drafts = Application.objects.filter(state=ApplicationState.DRAFT).select_related("cohort")
    for application in drafts.filter(cohort__intake_closes_at__lte=now + timedelta(days=max(actions.REMINDED))):
        with suppress(RuleViolation):  # submitted or withdrawn a moment ago
            if now < application.due_at:
                if told := actions.remind_application(application, by=None, now=now):
                    done["reminded of a draft"] += told
            elif now >= application.due_at + LATE:
                actions.lapse_application(application, by=None, now=now)
                done["drafts lapsed"] += 1


def _readers(now: datetime, done: Counter[str]) -> None:
    """Whoever sleeps is reminded once, then released; who organises the reading is told of all of a round at once."""
    rows = ReviewAssignment.objects.filter(state__in=UNFINISHED, application__state__in=ENDS).select_related(
        "round", "reviewer", "assessment", "application__project", "application__cohort__coordinator"
    )
    released: dict[ReviewRound, list[ReviewAssignment]] = defaultdict(list)
    for row in rows:
        if asleep_since(row, now) is None:
            continue
        with suppress(RuleViolation):  # released below
            actions.remind_reviewer(row, by=None, now=now)
            done["readers reminded"] += 1
            continue
        with suppress(RuleViolation):  # not yet
            released[row.round].append(actions.release_sleeper(row, by=None, now=now))
            done["readers released"] += 1
    asked = ReviewAssignment.objects.of_members().select_related("application__project", "reviewer")
    for project, person in {(row.application.project, row.reviewer) for row in asked}:
        with suppress(RuleViolation):  # has left a moment ago
            actions.recuse_member(project, by=None, person=person)
            done["readers recused"] += 1
    for application in Application.objects.filter(state__in=OVER, assignments__state__in=UNFINISHED).distinct():
        with suppress(RuleViolation):  # its decision is taken back a moment ago
            done["readers released"] += len(actions.release_readers(application, by=None))
    for round, gone in released.items():
        actions.tell_released(round, by=None, released=gone)


def _offers(now: datetime, done: Counter[str]) -> None:
    for determination in unanswered(now):
        written = actions.remind_of_offer(determination, by=None, now=now)
        if written:
            done["places reminded of"] += 1


def _participations(now: datetime, done: Counter[str]) -> None:
    for cohort in Cohort.objects.filter(state=CohortState.RUNNING):
        for row in cohort_matrix(cohort).rows:
            if row.participation.state == ParticipationState.ACTIVE and row.done == row.total:
                with suppress(RuleViolation):  # nobody attended a session: a person decides
                    actions.mark_eligible(row.participation, by=None)
                    done["ready to graduate"] += 1
            elif row.participation.state == ParticipationState.ELIGIBLE and row.done < row.total:
                with suppress(RuleViolation):
                    actions.reopen_pathway(row.participation, by=None)
                    done["not ready to graduate any more"] += 1
    for cohort in Cohort.objects.filter(state=CohortState.CLOSED, participations__state=ParticipationState.GRADUATED).distinct():
        for participation in cohort.participations.filter(state=ParticipationState.GRADUATED):
            with suppress(RuleViolation):
                actions.become_alumnus(participation, by=None)
                done["alumni"] += 1


def _attention(now: datetime, done: Counter[str]) -> None:
    stock = actions.take_stock(by=None, now=now)
    done.update({what: count for what, count in (("needs found", len(stock.opened)), ("needs ended", len(stock.ended))) if count})


def _indicators(now: datetime, done: Counter[str]) -> None:
    """Where projects stood when they applied; and the letters of the year that is asked about."""
    for partnership in reporting().exclude(project__indicator_reports__kind="baseline").select_related("project"):
        if actions.copy_baseline(partnership.project, by=None):
            done["baselines of indicators"] += 1
    today = timezone.localtime(now).date()
    for asked in IndicatorYear.objects.filter(opens_on__lte=today, due_on__gte=today):
        if written := actions.ask_for_indicators(asked, by=None, today=today):
            done["asked for indicators"] += written


# Everything that may write a letter, in the order of a stroke; nothing here touches a file (`cohorts.forecast` rehearses it).
WRITES = (_sessions, _satisfaction, _visas, _office_hours, _drafts, _readers, _offers, _participations, _attention, _indicators)


def write_weekly(now: datetime | None = None) -> Counter[str]:
    """The letter of the week, for whoever's Monday morning it is. One that cannot be written keeps no other."""
    now, done = now or timezone.now(), Counter()
    for person, cause in digest.due(now):
        try:
            sent = actions.send_weekly_letter(person, by=None, cause=cause, now=now)
        except Exception:
            logger.exception("The weekly letter of %s cannot be written", person.pk)
            sent = False
        if sent:
            done["weekly letters"] += 1
        else:
            digest.note_nothing(cause)
    return done

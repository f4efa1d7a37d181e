"""What *My pathway* says: the one next step, who owes what until when, and where it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from types import SimpleNamespace
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from academy.dates import moment_in
from academy.models import User
from academy.prepared import Later, LaterPerson, Prepared, PreparedForPerson, columns_of, objects_of
from academy.ui import Series, Station
from cohorts.comparison import Comparison, Voices, voices_of
from cohorts.frozen import parts_and_criteria
from cohorts.funding import Funding, funding_in
from cohorts.models import (
    LATE,
    LIVE_REGISTRATION,
    Application,
    ApplicationState,
    Cohort,
    Determination,
    Level,
    Moment,
    Participation,
    ParticipationState,
    Registration,
    RegistrationStatus,
    Requirement,
    SatisfactionAnswer,
    Sending,
    Session,
)
from cohorts.models.satisfaction import ASKED_FOR, mark_for
from cohorts.models.session import EXPECTED
from cohorts.pathway_state import DONE, HERE, LATER, NEXT, PathwayState, StageStanding
from cohorts.places import headline_of
from cohorts.requirements import WAIVED, Standing
from cohorts.satisfaction import marks_together
from cohorts.whats_next import WhatsNext, whats_next

_K, _R = Requirement.Kind, RegistrationStatus
HAS_ASKED = EXPECTED | {_R.AWAITING_APPROVAL, _R.WAITING}
REACHABLE = frozenset({_K.APPLICATION, _K.SELF_ASSESSMENT, _K.COURSE, _K.SESSION, _K.READING, _K.DELIVERABLE, _K.FORM})


@dataclass(frozen=True)
class Step:
    """Something to do, in words, with the place where it is done (empty: nowhere on this site)."""

    title: str
    words: str = ""
    href: str = ""
    action: str = ""
    due: date | datetime | None = None
    late: str = ""


@dataclass(frozen=True)
class Owed:
    """One line of *who owes what*."""

    standing: Standing
    href: str
    late: str

    @property
    def requirement(self) -> Requirement:
        return self.standing.requirement

    @property
    def is_waived(self) -> bool:
        return self.standing.state == WAIVED

    @property
    def seen_as(self) -> tuple:
        """All that its line depends on: two projects with the same are shown the same line."""
        standing, requirement = self.standing, self.requirement
        reason = standing.record.reason if standing.record else ""
        line = (requirement.pk, standing.title, requirement.mandatory, standing.owed_by_promoter)
        return (*line, standing.state, standing.due_on, reason, self.href, self.late)


@dataclass(frozen=True)
class Debt:
    """What is owed beside the pathway: until a day by the person (`until`), since a day by Smart (`since`), or without a date (`words`)."""

    title: str
    href: str
    until: datetime | None = None
    since: datetime | None = None
    words: str = ""


def feedback_debts(state: PathwayState) -> list[Debt]:
    """What the coordinator asks the project to say of works of the others, until it has, or is asked no more. Where: worked out when clicked."""
    if not state.feedback_asked:
        return []
    shown, nothing = _("Give feedback on “%(title)s” to another project"), _("Feedback among you on “%(title)s”: show your work")
    words = _("your coordinator asks for it")
    return [
        Debt(
            (shown if one.may_read else nothing) % {"title": one.requirement.title},
            reverse("cohorts_peer_asked", args=[state.participation.pk, one.requirement.pk]),
            words=words if one.may_read else _("no other project shows its own yet"),
        )
        for one in state.feedback_asked
    ]


def travel_debts(seats: list[Session]) -> tuple[list[Debt], list[Debt]]:
    """Of whoever has a place, or is offered one: the money that nobody has said to pay, and what Smart has not looked at yet."""
    yours, ours = [], []
    for session in seats:
        if session.my_status not in (RegistrationStatus.OFFERED, RegistrationStatus.CONFIRMED):
            continue
        href, named = reverse("cohorts_session", args=[session.pk]), {"session": session.title}
        if session.my_money.is_missing:
            yours.append(
                Debt(_("Say who pays for your trip: %(session)s") % named, href, until=session.my_funding_until or session.starts_at)
            )
        if session.my_money.waits_since and not session.my_money.is_settled:
            ours.append(Debt(_("Check who pays for your trip: %(session)s") % named, href, since=session.my_money.waits_since))
    return yours, ours


def late_words(standing: Standing, today: date) -> str:
    """In words, never by colour alone."""
    if not standing.is_overdue or standing.due_on is None:
        return ""
    number = (today - standing.due_on).days
    return ngettext("%(number)s day late", "%(number)s days late", number) % {"number": number}


def is_asked(row: Standing, state: PathwayState) -> bool:
    """Before admission only what belongs to applying is asked; of a project that has ended, nothing."""
    if state.is_over:
        return False
    return state.participation is not None or row.requirement.kind == _K.APPLICATION or row.requirement.moment == Moment.ENTRY


def owed(rows: list[Standing], state: PathwayState, today: date) -> list[Owed]:
    """Each line with its place and its lateness; what is not asked yet has neither."""
    return [Owed(row, address_of(row, state), late_words(row, today)) if is_asked(row, state) else Owed(row, "", "") for row in rows]


def placed(state: PathwayState) -> list[StageStanding]:
    """The stages as the project sees them. Nobody stands in the courses before being admitted, nor anywhere after the end."""
    if state.is_over:
        ended = state.participation is None or not state.participation.graduated_at
        return [replace(stage, state=LATER) if ended and stage.state != DONE else stage for stage in state.stages]
    if state.participation is not None:
        return state.stages
    last = max((n for n, stage in enumerate(state.stages) if any(is_asked(row, state) for row in stage.items)), default=0)
    here = next((n for n, stage in enumerate(state.stages) if stage.state == HERE), last)
    if here <= last:
        return state.stages
    states = [DONE] * last + [HERE, NEXT] + [LATER] * len(state.stages)
    return [replace(stage, state=word) for stage, word in zip(state.stages, states, strict=False)]


def owed_here(stages: list[StageStanding], state: PathwayState, *, by_promoter: bool) -> list[Standing]:
    """What is not settled at the stage where the project stands; of the others, what is late, and works that wait for Smart’s answer."""
    here = next((stage for stage in stages if stage.state == HERE), None)
    rows = list(here.items) if here else []
    rows += [row for stage in stages if stage is not here for row in stage.items if _calls_from_elsewhere(row)]
    return [row for row in rows if not row.is_settled and row.owed_by_promoter == by_promoter and is_asked(row, state)]


def _calls_from_elsewhere(row: Standing) -> bool:
    return row.waits_for_answer or row.is_overdue


def address_of(row: Standing, state: PathwayState) -> str:
    """Where a requirement is met, if it is met on the site by the project. Resolved when clicked: no query here."""
    requirement = row.requirement
    if requirement.kind not in REACHABLE or requirement.is_by_hand or requirement.owed_by != Requirement.Party.PROMOTER:
        return ""
    return _step_address(get_language(), state.project.pk, requirement.pk)


@lru_cache(maxsize=4096)
def _step_address(_language: str, project: UUID, requirement: int) -> str:
    return reverse("cohorts_step", args=[project, requirement])


def action_words(requirement: Requirement) -> str:
    return {
        _K.APPLICATION: _("Open the application"),
        _K.SELF_ASSESSMENT: _("Assess your project"),
        _K.COURSE: _("Open the course"),
        _K.SESSION: _("See the sessions"),
        _K.READING: _("Read the page"),
        _K.DELIVERABLE: _("Open the assignment"),
        _K.FORM: _("Fill in the form"),
    }.get(requirement.kind, "")


def next_step(state: PathwayState, seats: list[Session], today: date, decisions: Sequence[Determination] = ()) -> Step | None:
    """The one thing to do now. What has a date of its own comes before what the pathway asks. None: it is not the project's turn."""
    found = _from_application(state) or _from_participation(state, decisions) or _from_seats(seats) or _from_pathway(state, seats, today)
    return found or _from_peers(state)


def _from_application(state: PathwayState) -> Step | None:
    application = state.application
    if application is None or application.state not in (ApplicationState.RETURNED, ApplicationState.DRAFT):
        return None
    href = reverse("cohorts_application", args=[application.pk])
    sending = application.may_be_sent()
    if sending == Sending.CLOSED:
        return None
    if application.state == ApplicationState.RETURNED:
        return Step(_("Complete your application"), application.state_reason, href, _("Open the application"), application.due_at)
    words = _("Your draft is kept. You see in it what is missing before you send it.")
    if sending == Sending.LATE:
        words = _("The last day is over. For a few days it is still taken, with the reason why it comes late.")
    due = application.due_at + LATE if sending == Sending.LATE else application.due_at
    return Step(_("Finish your application and send it"), words, href, _("Go on with the application"), due)


def _from_participation(state: PathwayState, decisions: Sequence[Determination]) -> Step | None:
    participation = state.participation
    if participation is None or participation.state != ParticipationState.INVITED:
        return None
    href = reverse("cohorts_place", args=[participation.pk])
    words = _("Your project is admitted. Say that you take the place: the courses and the sessions open at once.")
    return Step(_("Take your place in the cohort"), words, href, _("See what you accept"), _answer_by(decisions))


def _answer_by(decisions: Sequence[Determination]) -> datetime | None:
    return next((one.answer_by for one in decisions if one.outcome == Determination.Outcome.ADMITTED), None)


def next_of_application(state: PathwayState, decisions: Sequence[Determination]) -> WhatsNext | None:
    """What its people are told of the application, with what became of the place that it led to."""
    if state.application is None:
        return None
    return whats_next(state.application, place=state.participation, answer_by=_answer_by(decisions))


def _is_over(moment: datetime | None) -> bool:
    """An offer whose time is over goes to somebody else with the next turn of the clock; nobody is sent to accept it."""
    return moment is not None and moment <= timezone.now()


def _from_seats(seats: list[Session]) -> Step | None:
    session = next((one for one in seats if one.my_status == RegistrationStatus.OFFERED and not _is_over(one.my_offer_expires_at)), None)
    if session is None:
        return None
    words = _("A place is kept for you. It is yours once you accept it; after the date it goes to somebody else.")
    title = _("Accept your place: %(session)s") % {"session": session.title}
    return Step(title, words, reverse("cohorts_session", args=[session.pk]), _("Accept the place"), session.my_offer_expires_at)


def _from_pathway(state: PathwayState, seats: list[Session], today: date) -> Step | None:
    row = state.next_step
    if row is None or (state.participation and state.participation.state == ParticipationState.PAUSED):
        return None
    requirement = row.requirement
    if requirement.kind == _K.SESSION and (seat := next((one for one in seats if one.my_status in HAS_ASKED), None)):
        words = headline_of(seat.my_status, is_paid=seat.my_money.is_settled, is_closed=timezone.now() >= seat.registration_deadline)
        if seat.my_status in EXPECTED:
            words = f"{words} {moment_in(seat.starts_at, seat.time_zone)}."
        return Step(str(requirement.title), words, reverse("cohorts_session", args=[seat.pk]), _("See the session"))
    href = address_of(row, state)
    title, words = str(requirement.title), str(requirement.explanation)
    return Step(title, words, href, action_words(requirement) if href else "", row.due_on, late_words(row, today))


def _from_peers(state: PathwayState) -> Step | None:
    """When nothing else waits for the project. What nobody can do yet is no step."""
    if state.is_over or not any(one.may_read for one in state.feedback_asked):
        return None
    debt = next(one for one, asked in zip(feedback_debts(state), state.feedback_asked, strict=True) if asked.may_read)
    return Step(debt.title, _("Your coordinator asks for it. It counts for nothing: it helps."), debt.href, _("Read the work"))


def lines(rows: list[Owed]) -> tuple:
    return tuple(row.seen_as for row in rows)


def stage_lines(stages: list[tuple[StageStanding, list[Owed]]]) -> tuple:
    """All that the list of stages depends on."""
    language = get_language() or settings.LANGUAGE_CODE
    return tuple(
        (
            one.stage.key,
            one.stage.title.in_language(language),
            one.stage.explanation.in_language(language),
            one.state,
            one.done,
            lines(rows),
        )
        for one, rows in stages
    )


def decision_lines(decisions: list[Determination]) -> tuple:
    """All that the list of decisions depends on."""
    return tuple(
        (one.pk, one.kind, one.outcome, str(one.typology.label) if one.typology else "", one.reasons, one.released_at) for one in decisions
    )


def beside_lines(state: PathwayState, seats: list[Session], told: WhatsNext | None) -> tuple:
    """All that the sessions and the application beside the pathway depend on."""
    seen = tuple(
        (one.pk, str(one.title), one.starts_at, one.place, one.my_status, one.my_money and one.my_money.seen_as, one.currency, one.my_visa)
        for one in seats
    )
    application = state.application
    mine = (application.pk, application.submitted_at, *told.seen_as, application.whom_to_ask) if application and told else ()
    return (
        state.project.pk,
        state.cohort.pk if state.cohort else None,
        state.participation and (state.participation.pk, state.participation.state),
        seen,
        mine,
    )


def stations(stages: list[StageStanding]) -> list[Station]:
    """The rail: each stage with how much of it is done."""
    found = []
    for stage in stages:
        detail = ""
        if stage.asked and stage.state in ("here", "next"):
            detail = _("%(done)s of %(all)s done") % {"done": stage.done, "all": len(stage.asked)}
        found.append(Station(str(stage.stage.title), detail, stage.state, f"#stage-{stage.stage.key}"))
    return found


def _seat_rows(person: LaterPerson) -> QuerySet:
    mine = Registration.objects.filter(session=OuterRef("pk"), person=person, status__in=LIVE_REGISTRATION)
    now = Later("now", Session._meta.get_field("ends_at"))
    still_asked = Q(ends_at__gte=Later("asked_since", Session._meta.get_field("ends_at"))) | Q(satisfaction__closes_at__gt=now)
    shown = Session.objects.filter(still_asked, cancelled_at__isnull=True, cohorts=Later("cohort", Cohort._meta.pk))
    own = [Subquery(mine.values(name)[:1]) for name in ("pk", "status", "offer_expires_at", "confirmed_at", "funding_due_at")]
    own += [Subquery(mine.with_funding().values(name)[:1]) for name in MONEY]
    answered = SatisfactionAnswer.objects.filter(satisfaction__session=OuterRef("pk"), satisfaction__closed_at__isnull=True)
    asked = ["satisfaction__secret", "satisfaction__closes_at", Subquery(marks_together(answered))]
    return shown.order_by("starts_at").values_list(*columns_of(Session), *own, *asked)


MONEY = ("visa", "funding_verified_at", "declared", "checked", "rest_said", "rest_checked", "waits_since", "sources_said")


def _money(session: Session, found: list) -> Funding:
    return funding_in(SimpleNamespace(**dict(zip(MONEY[1:], found, strict=True))), session.estimated_cost)


_seats = PreparedForPerson(_seat_rows)


def seats_of(state: PathwayState, person: User) -> list[Session]:
    """The cohort's coming sessions, each with the person's own registration if there is one. One query."""
    return seats_around(state, person)[0]


def seats_around(state: PathwayState, person: User) -> tuple[list[Session], list[Session]]:
    """The same, and those just over at which the person was checked in and of which they may say how it was: who has said it already
    (`is_answered`) last. One query for both.
    """
    if state.cohort is None or state.participation is None:
        return [], []
    now = timezone.now()
    rows = _seats.rows(person, cohort=state.cohort.pk, now=now, asked_since=now - ASKED_FOR)
    sessions = objects_of(Session, rows)
    for session, row in zip(sessions, rows, strict=True):
        session.my_place, session.my_status, session.my_offer_expires_at, *rest = row[-8 - len(MONEY) : -3]
        (confirmed_at, told), money = rest[:2], rest[2:]
        session.my_money = _money(session, money[1:]) if session.my_status else None
        session.my_visa = money[0]
        mine = Registration(session=session, status=session.my_status or "", confirmed_at=confirmed_at, funding_due_at=told)
        session.my_funding_until = mine.funding_until
        secret, closes_at, answered = row[-3:]
        session.asked_until = closes_at or session.ends_at + ASKED_FOR
        session.is_asked = (
            session.my_status == RegistrationStatus.ATTENDED and secret != "" and session.ends_at <= now < session.asked_until
        )
        session.is_answered = bool(session.is_asked and answered and mark_for(secret, session.my_place) in answered.split(","))
    over = [session for session in sessions if session.is_asked]
    return [session for session in sessions if session.ends_at > now], sorted(over, key=lambda one: one.is_answered)


_decisions = Prepared(
    lambda: (
        Determination.objects.in_force()
        .filter(Q(application=Later("application", Application._meta.pk)) | Q(participation=Later("participation", Participation._meta.pk)))
        .order_by("-released_at")
        .values_list(*columns_of(Determination, "typology"))
    )
)


def decisions_of(state: PathwayState) -> list[Determination]:
    """What was decided and told, and is in force. One query."""
    application, participation = (one.pk if one else None for one in (state.application, state.participation))
    return objects_of(Determination, _decisions.rows(application=application, participation=participation), "typology")


def voices_on(state: PathwayState, reader: User, *, decided: bool) -> Voices | None:
    """The latest moment at which reviewers have spoken and the project may read it; None before."""
    if state.cohort is None or not decided:
        return None
    heard = {
        item.requirement.moment
        for stage in state.stages
        for item in stage.items
        if item.requirement.kind == _K.REVIEWER_ASSESSMENT and item.is_settled
    }
    moment = next((one for one in reversed(Moment.values) if one in heard), Moment.ENTRY)
    asked = {"cohort": state.cohort, "application": state.application, "moment": moment}
    found = voices_of(state.project, **asked, reader=reader, as_member=True)
    return found if found.reviews else None


def gap_lines(voices: Voices, cohort: Cohort) -> tuple:
    """All that the drawing of the gap depends on."""
    parts, _criteria = parts_and_criteria(cohort)
    return (tuple((part.pk, str(part.label)) for part in parts), voices.seen_as)


def radar_series(comparison: Comparison, *, kind: str, own_name: str = "") -> list[Series]:
    """Two outlines over the pillars, or over the ingredients: the reviewers drawn full, the project dashed."""
    parts = [row for row in comparison.parts if row.part.kind == kind]
    reviewers = {str(row.part.label): _share(row.gap.mean) for row in parts}
    own = {str(row.part.label): _share(row.gap.own) for row in parts}
    found = [Series(_("Smart"), False, reviewers)] if comparison.reviews else []
    return [*found, Series(own_name or _("You"), True, own)] if comparison.own else found


def _share(level: float | None) -> float | None:
    return None if level is None else level / Level.HIGHEST


def gap_words(comparison: Comparison) -> list[str]:
    """The widest differences, as sentences. At most two."""
    wide = sorted((row for row in comparison.parts if row.gap.gap is not None and abs(row.gap.gap) >= 1), key=lambda row: -abs(row.gap.gap))
    sentences = []
    for row in wide[:2]:
        if row.gap.gap > 0:
            words = _("On “%(part)s” you see yourself higher than Smart does: ask why.")
        else:
            words = _("On “%(part)s” Smart sees you higher than you do: you may be too modest.")
        sentences.append(words % {"part": row.part.label})
    return sentences

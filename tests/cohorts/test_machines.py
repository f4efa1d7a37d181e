"""The four machines, whole: every verb from every state does what the machine says, or refuses and changes nothing."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import (
    APPLICATION_MOVES,
    ASSIGNMENT_MOVES,
    LATE,
    PARTICIPATION_MOVES,
    REGISTRATION_MOVES,
    REOPENING_MOVES,
    ApplicationState,
    AssignmentState,
    ConflictDeclaration,
    ParticipationState,
    RegistrationStatus,
)
from cohorts.requirements import Requirement
from tests.factories import cohorts as make

pytestmark = pytest.mark.django_db


def put(row, **values):
    """Sets columns past every guard of the code; the database's own constraints still hold."""
    type(row)._base_manager.filter(pk=row.pk).update(**values)
    row.refresh_from_db()
    return row


def matrix(states, verbs):
    """(state, verb, where it leads or None when refused)."""
    return [pytest.param(state, verb, moves.get(state), id=f"{state}-{verb}") for verb, (moves) in verbs.items() for state in states]


def check(row, field, verb, state, expected):
    if expected is None:
        with pytest.raises(RuleViolation) as refusal:
            verb()
        assert str(refusal.value)
        row.refresh_from_db()
        assert getattr(row, field) == state
    else:
        verb()
        row.refresh_from_db()
        assert getattr(row, field) == expected


# Application

APPLICATION_VERBS = {
    "submit_application": {"draft": "submitted", "returned": "submitted"},
    "return_application": {"submitted": "returned", "under_review": "returned"},
    "take_up_application": {"returned": "submitted"},
    "declare_ineligible": {"submitted": "ineligible"},
    "start_review": {"submitted": "under_review"},
    "open_deliberation": {"under_review": "deliberation"},
    "withdraw_application": dict.fromkeys(["draft", "submitted", "returned", "under_review", "deliberation", "reserve"], "withdrawn"),
    "lapse_application": {"draft": "lapsed"},
    "admit": {"deliberation": "admitted", "reserve": "admitted", "declined": "admitted", "ineligible": "admitted"},
    "put_on_reserve": {"deliberation": "reserve", "admitted": "reserve", "declined": "reserve", "ineligible": "reserve"},
    "turn_down": {"deliberation": "declined", "admitted": "declined", "reserve": "declined", "ineligible": "declined"},
}


def application_verb(verb, application, by):
    arguments = {
        "return_application": {"reason": "More, please."},
        "declare_ineligible": {"reason": "Not here."},
        "open_deliberation": {"reason": "Nobody could read it."},
        "lapse_application": {"now": application.cohort.intake_closes_at + LATE},
    }
    outcomes = {"admit": "admitted", "put_on_reserve": "reserve", "turn_down": "declined"}
    if verb in outcomes:
        decision = actions.decide_admission(application, by=by, outcome=outcomes[verb], reasons="Because.")
        return actions.release(decision, by=by)
    return getattr(actions, verb)(application, by=by, **arguments.get(verb, {}))


@pytest.mark.parametrize(("state", "verb", "expected"), matrix(ApplicationState.values, APPLICATION_VERBS))
def test_application(state, verb, expected, submitted, coordinator):
    make.ReviewAssignmentFactory(application=submitted)
    put(submitted, state=state)
    check(submitted, "state", lambda: application_verb(verb, submitted, coordinator), state, expected)


# Review assignment

ASSIGNMENT_VERBS = {
    "accept_review": {"proposed": "accepted"},
    "decline_review": {"proposed": "declined"},
    "begin_review": {"accepted": "in_progress"},
    "submit_assessment": {"in_progress": "submitted"},
    "reopen_review": {"submitted": "in_progress"},
    "recuse_reviewer": dict.fromkeys(["proposed", "accepted", "in_progress", "submitted", "released"], "recused"),
    "release_reviewer": dict.fromkeys(["proposed", "accepted", "in_progress", "submitted"], "released"),
}


@pytest.mark.parametrize(("state", "verb", "expected"), matrix(AssignmentState.values, ASSIGNMENT_VERBS))
def test_review_assignment(state, verb, expected, submitted, reviewer, coordinator):
    put(submitted, state="under_review")
    assignment = make.ReviewAssignmentFactory(application=submitted, reviewer=reviewer)
    make.ConflictDeclarationFactory(application=submitted, person=reviewer, kind=ConflictDeclaration.Kind.NONE, reason="")
    assessment = None
    if verb != "begin_review":
        assessment = make.AssessmentFactory(application=submitted, assignment=assignment, kind="reviewer", assessor=reviewer)
        for part in submitted.cohort.rubric.parts.all():
            make.ScoreFactory(assessment=assessment, criterion=part.criteria.get())
        if state == "submitted":
            put(assessment, state="submitted", submitted_at=timezone.now(), submitted_by=reviewer)
    put(assignment, state=state, submitted_at=timezone.now() if state == "submitted" else None)
    target = assessment if verb == "submit_assessment" else assignment
    extra = {"reason": "Cousins."} if verb == "recuse_reviewer" else {}
    check(assignment, "state", lambda: getattr(actions, verb)(target, by=reviewer, **extra), state, expected)


# Participation

PARTICIPATION_VERBS = {
    "accept_place": {"invited": "active"},
    "pause_participation": {"active": "paused"},
    "resume_participation": {"paused": "active"},
    "mark_eligible": {"active": "eligible"},
    "transfer_participation": {"active": "transferred"},
    "reopen_pathway": {"eligible": "active"},
    "withdraw_participation": dict.fromkeys(["invited", "active", "paused", "eligible"], "withdrawn"),
    "dismiss_participation": dict.fromkeys(["invited", "active", "paused", "eligible"], "dismissed"),
    "graduate": {"eligible": "graduated"},
    "become_alumnus": {"graduated": "alumnus"},
    "revoke": dict.fromkeys(["graduated", "alumnus"], "revoked"),
}
ENDED = ("transferred", "withdrawn", "dismissed", "revoked")


def participation_verb(verb, participation, by, others):
    if verb in ("graduate", "revoke"):
        typology = make.TypologyFactory() if verb == "graduate" else None
        outcome = "graduated" if verb == "graduate" else "revoked"
        decision = actions.decide_graduation(participation, by=by, outcome=outcome, typology=typology, reasons="Because.")
        for person in others:
            actions.sign(decision, by=person)
        return actions.release(decision, by=by)
    if verb == "reopen_pathway":
        participation.records.update(annulled_at=timezone.now(), annulled_by=by, annulled_reason="Because.")
    reason = {"reason": "Because."}
    arguments = dict.fromkeys(("pause_participation", "withdraw_participation", "dismiss_participation"), reason)
    if verb == "transfer_participation":
        cohort = participation.cohort
        arguments[verb] = {**reason, "to": make.CohortFactory(pathway=cohort.pathway, rubric=cohort.rubric)}
    return getattr(actions, verb)(participation, by=by, **arguments.get(verb, {}))


@pytest.mark.parametrize(("state", "verb", "expected"), matrix(ParticipationState.values, PARTICIPATION_VERBS))
def test_participation(state, verb, expected, participation, coordinator, reviewer, trainer):
    for requirement in Requirement.objects.filter(stage__pathway=participation.cohort.pathway):
        make.RequirementRecordFactory(participation=participation, requirement=requirement, outcome="waived", reason="Known.")
    now = timezone.now()
    ended = {"ended_at": now, "ended_by": coordinator} if state in ENDED else {}
    graduated = {"graduated_at": now} if state in ("graduated", "alumnus", "revoked") else {}
    put(participation, state=state, **ended, **graduated)
    others = (reviewer, trainer)
    check(participation, "state", lambda: participation_verb(verb, participation, coordinator, others), state, expected)


# Registration

REGISTRATION_VERBS = {
    "claim_seat": {"requested": "offered"},
    "claim_full": {"requested": "waiting"},
    "claim_guarded": {"requested": "awaiting_approval"},
    "approve_registration": {"awaiting_approval": "offered"},
    "refuse_registration": {"awaiting_approval": "refused"},
    "promote": {"waiting": "offered"},
    "confirm_registration": {"offered": "confirmed"},
    "decline_offer": {"offered": "declined"},
    "expire_offers": {"offered": "expired"},
    "verify_funding": {"confirmed": "ready"},
    "release_unfunded": {"confirmed": "released"},
    "visa_needed_after_all": {"ready": "confirmed"},
    "settle_visa": {"confirmed": "ready"},
    "check_in": {"ready": "attended"},
    "check_in_noted_in_time": {"ready": "attended", "no_show": "attended"},
    "correct_absence": {"no_show": "attended"},
    "annul_check_in": {"attended": "ready"},
    "mark_no_shows": {"confirmed": "no_show", "ready": "no_show"},
    "cancel_registration": dict.fromkeys(["awaiting_approval", "waiting", "offered", "confirmed", "ready"], "cancelled"),
    "cancel_late": {
        **dict.fromkeys(["awaiting_approval", "waiting", "offered"], "cancelled"),
        **dict.fromkeys(["confirmed", "ready"], "cancelled_late"),
    },
}
# they pass over what is not theirs, and refuse nothing; a visa may be settled before the place is confirmed, which moves nothing
SWEEPS = ("promote", "expire_offers", "release_unfunded", "mark_no_shows", "visa_needed_after_all", "settle_visa")


def registration_verb(verb, registration, by):
    session = registration.session
    now = timezone.now()
    if verb == "claim_full":
        put(session, capacity=1)
        put(
            make.RegistrationFactory(session=session),
            status="ready",
            confirmed_at=now,
            funding_verified_at=now,
            funding_verified_by=by,
        )
        return actions.claim_seat(registration, by=by)
    if verb == "claim_guarded":
        put(session, needs_approval=True)
        return actions.claim_seat(registration, by=by)
    if verb == "visa_needed_after_all":
        with suppress(RuleViolation):  # of what is over
            return actions.say_visa(registration, by=by, needed=True)
        return registration
    if verb == "settle_visa":
        visa = {"visa": "needed"} if registration.status not in ("ready", "attended") else {}
        checked = {"funding_verified_at": now, "funding_verified_by": by} if registration.status == "confirmed" else {}
        put(registration, **visa, **checked)
        with suppress(RuleViolation):  # of what is over, or what nobody said is needed
            return actions.settle_visa(registration, by=by)
        return registration
    if verb == "promote":
        return actions.expire_offers(session, by=None, now=now)
    if verb == "expire_offers":
        return actions.expire_offers(session, by=None, now=now + timedelta(days=4))
    if verb == "release_unfunded":
        put(session, funding_lead_days=30)
        put(registration, funding_due_at=now + timedelta(days=30), confirmed_at=registration.confirmed_at and now)
        return actions.release_unfunded(session, by=None, now=now + timedelta(days=31))
    if verb == "mark_no_shows":
        return actions.mark_no_shows(session, by=None, now=session.ends_at)
    if verb == "check_in":
        put(session, starts_at=now, registration_deadline=now, cancellation_deadline=now)
        return actions.check_in(registration, by=by)
    if verb == "check_in_noted_in_time":
        began = now - timedelta(days=2)
        put(session, starts_at=began, ends_at=began + timedelta(days=1), registration_deadline=began, cancellation_deadline=began)
        return actions.check_in(registration, by=by, at=now - timedelta(days=1, hours=1))
    if verb == "correct_absence":
        return actions.correct_absence(registration, by=by, reason="She signed the list.")
    if verb == "annul_check_in":
        return actions.annul_check_in(make.CheckInFactory(registration=registration), by=by, reason="Somebody else.")
    if verb == "cancel_late":
        put(session, cancellation_deadline=now - timedelta(days=1))
        return actions.cancel_registration(registration, by=by)
    extra = {
        "confirm_registration": {"payer": "project"},
        "refuse_registration": {"reason": "No."},
        "verify_funding": {"reason": "The town pays the train."},
    }
    return getattr(actions, verb)(registration, by=by, **extra.get(verb, {}))


@pytest.mark.parametrize(("state", "verb", "expected"), matrix(RegistrationStatus.values, REGISTRATION_VERBS))
def test_registration(state, verb, expected, session, project, promoter, coordinator):
    registration = make.RegistrationFactory(session=session, person=promoter, project=project)
    now = timezone.now()
    checked = {"funding_verified_at": now, "funding_verified_by": coordinator} if state in ("ready", "attended", "no_show") else {}
    funded = {"confirmed_at": now, **checked}
    offer = {"offer_expires_at": now + timedelta(days=3)} if state == "offered" else {}
    put(registration, status=state, queue_number=1 if state == "waiting" else None, **funded, **offer)
    if verb in SWEEPS and expected is None:
        if state == "waiting":
            session.capacity = 1
            put(session, capacity=1)
            put(make.RegistrationFactory(session=session), status="offered", offer_expires_at=now + timedelta(days=9))
        registration_verb(verb, registration, coordinator)
        registration.refresh_from_db()
        assert registration.status == state
    else:
        check(registration, "status", lambda: registration_verb(verb, registration, coordinator), state, expected)


# The dictionaries and the verbs say the same


def reached(verbs):
    return {(state, to) for moves in verbs.values() for state, to in moves.items()}


def edges(*dictionaries):
    return {(state, to) for moves in dictionaries for state, targets in moves.items() for to in targets}


@pytest.mark.parametrize(
    ("verbs", "moves"),
    [
        pytest.param(APPLICATION_VERBS, (APPLICATION_MOVES, REOPENING_MOVES), id="application"),
        pytest.param(ASSIGNMENT_VERBS, (ASSIGNMENT_MOVES,), id="assignment"),
        pytest.param(PARTICIPATION_VERBS, (PARTICIPATION_MOVES,), id="participation"),
        pytest.param(REGISTRATION_VERBS, (REGISTRATION_MOVES,), id="registration"),
    ],
)
def test_every_move_of_a_machine_has_its_verb(verbs, moves):
    assert reached(verbs) == edges(*moves)


def test_machines_name_every_state():
    assert set(APPLICATION_MOVES) == set(ApplicationState.values)
    assert set(ASSIGNMENT_MOVES) == set(AssignmentState.values)
    assert set(PARTICIPATION_MOVES) == set(ParticipationState.values)
    assert set(REGISTRATION_MOVES) == set(RegistrationStatus.values)

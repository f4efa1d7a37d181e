"""Every verb of the Participation and the Registration machine, from every state, by every role, through the doors that people use.

As `test_doors.py` does for applications and reviews. What only the clock does has no door: it is tried from every state at the end.
"""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.clock import strike
from cohorts.models import (
    PARTICIPATION_MOVES,
    REGISTRATION_MOVES,
    ParticipationState,
    Registration,
    RegistrationStatus,
    Requirement,
)
from tests.cohorts.test_doors import ROLES, World, at
from tests.cohorts.test_machines import ENDED, edges, put, reached
from tests.factories import cohorts as make

pytestmark = pytest.mark.django_db

LEAD, JUDGES, TEAM = {"lead"}, {"coordinator", "administrator"}, {"coordinator", "conflicted_coordinator", "administrator", "trainer"}
COORDINATORS = TEAM - {"trainer"}
DAY = timedelta(days=1)


@pytest.fixture
def world(submitted, promoter, other_promoter, trainer, reviewer, coordinator, admin_user):
    """A project in its cohort with everything done, a seat of its lead at a session, its people, and those who may not."""
    put(submitted, state="admitted")
    people = {"stranger": other_promoter, "lead": promoter, "trainer": trainer, "reviewer": reviewer}
    world = World(submitted, people | {"coordinator": coordinator, "administrator": admin_user})
    cohort, project = submitted.cohort, submitted.project
    world.participation = make.ParticipationFactory(project=project, cohort=cohort, application=submitted)
    for requirement in Requirement.objects.filter(stage__pathway=cohort.pathway):
        make.RequirementRecordFactory(participation=world.participation, requirement=requirement, outcome="waived", reason="Known.")
    world.elsewhere = make.CohortFactory(pathway=cohort.pathway, rubric=cohort.rubric, state="running")
    world.typology = make.TypologyFactory()
    world.session = make.SessionFactory(cohorts=[cohort], capacity=3)
    world.registration = make.RegistrationFactory(session=world.session, person=promoter, project=project)
    world.signers = [make.UserFactory(name=name) for name in ("First", "Second")]
    for person in world.signers:
        person.groups.add(Group.objects.get(name="Coordinators"))
    return world


def looked_at(client, address, data):
    """Posts it; where its letters are shown first, lets them leave."""
    first = client.post(address, data).context
    if first and "stamp" in first:
        client.post(address, {**data, "letters": first["stamp"]})


def cms(name, row, verb, **typed):
    """A verb of the CMS; what is typed is looked up in the world."""

    def post(client, world):
        data = {f"{verb}-{field}": value(world) if callable(value) else value for field, value in typed.items()}
        looked_at(client, at(name, getattr(world, row), verb), data)

    return post


def site(name, row, **typed):
    return lambda client, world: client.post(at(name, getattr(world, row)), typed)


def desk(name, **typed):
    def post(client, world):
        client.post(at(name, world.session), {"registration": str(world.registration.pk), **typed})

    return post


def of_participation(verb, **typed):
    return cms("cohorts_cms_participation_verb", "participation", verb, **typed)


def of_registration(verb, **typed):
    return cms("cohorts_cms_registration_verb", "registration", verb, **typed)


def prepared(outcome):
    """The decision is there, signed by two, as far as the state allows one: the door is its release."""

    def post(client, world):
        decision = world.participation.determinations.pending().first()
        cms("cohorts_cms_graduation_verb", "participation", "release", seen=decision.pk if decision else "")(client, world)

    post.needs = outcome
    return post


PARTICIPATION_DOORS = {
    "take the place": (LEAD, {"invited": "active"}, site("cohorts_place", "participation")),
    "pause": (JUDGES, {"active": "paused"}, of_participation("pause", reason="A baby.")),
    "resume": (JUDGES, {"paused": "active"}, of_participation("resume")),
    "leave": (
        LEAD,
        dict.fromkeys(["invited", "active", "paused", "eligible"], "withdrawn"),
        site("cohorts_leave_cohort", "participation", reason="No money."),
    ),
    "write down that it leaves": (
        JUDGES,
        dict.fromkeys(["invited", "active", "paused", "eligible"], "withdrawn"),
        of_participation("withdraw", reason="They said so."),
    ),
    "dismiss": (
        JUDGES,
        dict.fromkeys(["invited", "active", "paused", "eligible"], "dismissed"),
        of_participation("dismiss", reason="Why."),
    ),
    "transfer": (JUDGES, {"active": "transferred"}, of_participation("transfer", cohort=lambda world: world.elsewhere.pk, reason="Later.")),
    "mark as ready": (JUDGES, {"active": "eligible"}, cms("cohorts_cms_graduation_verb", "participation", "eligible")),
    "graduate": (JUDGES, {"eligible": "graduated"}, prepared("graduated")),
    "revoke": (JUDGES, dict.fromkeys(["graduated", "alumnus"], "revoked"), prepared("revoked")),
}


REGISTRATION_DOORS = {
    "approve": (COORDINATORS, {"awaiting_approval": "offered"}, of_registration("approve")),
    "refuse": (COORDINATORS, {"awaiting_approval": "refused"}, of_registration("refuse", reason="Full.")),
    "accept": (
        LEAD | COORDINATORS,
        {"offered": "confirmed"},
        site("cohorts_registration_funding", "registration", funding_payer="project"),
    ),
    "give back": (
        LEAD | COORDINATORS,
        {"offered": "declined", **dict.fromkeys(["awaiting_approval", "waiting", "confirmed", "ready"], "cancelled")},
        site("cohorts_registration_cancel", "registration", reason=""),
    ),
    "cancel for them": (
        COORDINATORS,
        dict.fromkeys(["awaiting_approval", "waiting", "offered", "confirmed", "ready"], "cancelled"),
        of_registration("cancel", reason=""),
    ),
    "check the funding": (COORDINATORS, {"confirmed": "ready"}, of_registration("verify-funding", reason="The town pays.")),
    "check the funding at the desk": (COORDINATORS, {"confirmed": "ready"}, desk("cohorts_desk_verify")),
}
ON_THE_DAY = {
    "let in at the desk": (TEAM, {"ready": "attended"}, desk("cohorts_desk_check_in")),
    "let in from the CMS": (COORDINATORS, {"ready": "attended"}, of_registration("check-in")),
    "take back a check-in": (COORDINATORS, {"attended": "ready"}, desk("cohorts_desk_annul", reason="Somebody else.")),
    "give back late": (
        LEAD | COORDINATORS,
        {
            "offered": "declined",
            **dict.fromkeys(["awaiting_approval", "waiting"], "cancelled"),
            **dict.fromkeys(["confirmed", "ready"], "cancelled_late"),
        },
        site("cohorts_registration_cancel", "registration", reason=""),
    ),
}
AFTERWARDS = {
    "close at the desk": (COORDINATORS, {"confirmed": "no_show", "ready": "no_show"}, desk("cohorts_desk_close")),
    "close from the CMS": (
        COORDINATORS,
        {"confirmed": "no_show", "ready": "no_show"},
        cms("cohorts_cms_session_verb", "session", "no-shows"),
    ),
}
VISA = {
    "say that a visa is needed after all": (LEAD, {"ready": "confirmed"}, site("cohorts_registration_visa", "registration", needed="yes")),
    "settle the visa": (COORDINATORS, {"confirmed": "ready"}, of_registration("settle-visa")),
}
MACHINES = {
    "participation": (PARTICIPATION_DOORS, ParticipationState.values),
    "registration": (REGISTRATION_DOORS, RegistrationStatus.values),
    "registration on the day": (ON_THE_DAY, RegistrationStatus.values),
    "registration afterwards": (AFTERWARDS, RegistrationStatus.values),
    "registration and visa": (VISA, RegistrationStatus.values),
}


def put_participation(world, state, door):
    now = timezone.now()
    ended = {"ended_at": now, "ended_by": world.people["coordinator"]} if state in ENDED else {}
    graduated = {"graduated_at": now} if state in ("graduated", "alumnus", "revoked") else {}
    put(world.registration, status="offered")
    row = put(world.participation, state=state, **ended, **graduated)
    if outcome := getattr(door, "needs", ""):
        first, second = world.signers
        typology = world.typology if outcome == "graduated" else None
        try:
            decision = actions.decide_graduation(row, by=first, outcome=outcome, typology=typology, reasons="Because.")
        except RuleViolation:
            return row  # of this state nothing can be decided, so nothing is there to release
        for person in (first, second):
            if not decision.signatures.filter(signed_by=person).exists():
                actions.sign(decision, by=person)
    return row


def put_registration(world, state, _door, machine):
    now, coordinator = timezone.now(), world.people["coordinator"]
    moments = {
        "registration on the day": {"starts_at": now, "ends_at": now + DAY, "registration_deadline": now, "cancellation_deadline": now},
        "registration afterwards": {
            "starts_at": now - 2 * DAY,
            "ends_at": now - DAY,
            "registration_deadline": now - 2 * DAY,
            "cancellation_deadline": now - 2 * DAY,
        },
    }.get(machine)
    if moments:
        put(world.session, **moments)
    settled = state in ("ready", "attended", "no_show") or (machine == "registration and visa" and state == "confirmed")
    checked = {"funding_verified_at": now, "funding_verified_by": coordinator} if settled else {}
    visa = {"visa": "needed"} if machine == "registration and visa" and state not in ("ready", "attended") else {}
    offer = {"offer_expires_at": now + 3 * DAY} if state == "offered" else {}
    row = put(
        world.registration, status=state, confirmed_at=now, queue_number=1 if state == "waiting" else None, **checked, **visa, **offer
    )
    if state == "attended":
        make.CheckInFactory(registration=row)
    if state == "waiting":  # somebody else has the last place, so that nobody moves up meanwhile
        put(world.session, capacity=1)
        other = make.RegistrationFactory(session=world.session)
        put(other, status="ready", confirmed_at=now, funding_verified_at=now, funding_verified_by=coordinator)
    return row


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("machine", MACHINES)
def test_every_verb_from_every_state_by_every_role(machine, role, world, client_for):
    doors, states = MACHINES[machine]
    client = Client() if role == "visitor" else client_for(world.people[role])
    wrong = {}
    for verb, (who, moves, door) in doors.items():
        for state in states:
            with transaction.atomic():
                if machine == "participation":
                    row, field = put_participation(world, state, door), "state"
                else:
                    row, field = put_registration(world, state, door, machine), "status"
                written = ModelLogEntry.objects.count()
                door(client, world)
                row.refresh_from_db()
                expected = moves.get(state, state) if role in who else state
                if getattr(row, field) != expected:
                    wrong[verb, state] = f"{getattr(row, field)}, not {expected}"
                elif role not in who and ModelLogEntry.objects.count() != written:
                    wrong[verb, state] = "nothing moved, but something was written"
                transaction.set_rollback(True)
            for one in (world.participation, world.registration, world.session):
                one.refresh_from_db()
    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
def test_who_may_ask_for_a_place(role, world, client_for):
    """Born `requested`, a registration leaves that state in the same moment: the place is offered, looked at by the team, or waited for."""
    wrong, who = {}, {"lead", "member"}
    put(world.registration, status="declined", ended_at=timezone.now())
    for moves_to, session in (
        ("offered", {}),
        ("awaiting_approval", {"needs_approval": True}),
        ("waiting", {"capacity": 1}),
        (None, {"registration_deadline": timezone.now()}),
        (None, {"cancelled_at": timezone.now(), "cancelled_by": world.people["coordinator"]}),
    ):
        with transaction.atomic():
            put(world.session, **session)
            if moves_to == "waiting":
                put(make.RegistrationFactory(session=world.session), status="offered", offer_expires_at=timezone.now() + DAY)
            client = Client() if role == "visitor" else client_for(world.people[role])
            before = set(Registration.objects.values_list("pk", flat=True))
            client.post(at("cohorts_session_register", world.session), {"project": str(world.application.project_id)})
            made = list(Registration.objects.exclude(pk__in=before).values_list("status", flat=True))
            if made != ([moves_to] if role in who and moves_to else []):
                wrong[str(session)] = made
            transaction.set_rollback(True)
        world.session.refresh_from_db()
    assert wrong == {}


def moved_by(*doors):
    return {(verb, number): moves for number, one in enumerate(doors) for verb, (_who, moves, _door) in one.items()}


ASKED = {("requested", "offered"), ("requested", "awaiting_approval"), ("requested", "waiting")}
BY_THE_CLOCK = {("offered", "expired"), ("waiting", "offered"), ("confirmed", "released")}
LATE_FROM_A_DEVICE = {("no_show", "attended")}  # `test_desk.py`: an arrival that was noted in time


def test_doors_make_every_move_of_the_machines():
    """But what only the clock does, and what is no move of a row that is there."""
    assert reached(moved_by(PARTICIPATION_DOORS)) | {("eligible", "active"), ("graduated", "alumnus")} == edges(PARTICIPATION_MOVES)
    doors = reached(moved_by(REGISTRATION_DOORS, ON_THE_DAY, AFTERWARDS, VISA))
    assert doors | ASKED | BY_THE_CLOCK | LATE_FROM_A_DEVICE == edges(REGISTRATION_MOVES)


@pytest.mark.parametrize("state", ParticipationState.values)
def test_clock_makes_alumni_of_a_closed_cohort_and_nothing_else(state, world):
    put_participation(world, state, None)
    put(world.participation.cohort, state="closed")
    strike()
    world.participation.refresh_from_db()
    assert world.participation.state == ("alumnus" if state == "graduated" else state)


@pytest.mark.parametrize("state", ParticipationState.values)
def test_clock_takes_back_who_is_not_ready_any_more_and_nothing_else(state, world):
    put_participation(world, state, None)
    put(world.participation.cohort, state="running")
    world.participation.records.update(annulled_at=timezone.now(), annulled_by=world.people["coordinator"], annulled_reason="Not so.")
    strike()
    world.participation.refresh_from_db()
    assert world.participation.state == ("active" if state == "eligible" else state)


@pytest.mark.parametrize("state", RegistrationStatus.values)
def test_clock_expires_promotes_releases_and_nothing_else(state, world):
    put_registration(world, state, None, "registration")
    Registration.objects.exclude(pk=world.registration.pk).update(status="offered", offer_expires_at=timezone.now())
    put(world.registration, funding_due_at=timezone.now() - DAY, **({"offer_expires_at": timezone.now()} if state == "offered" else {}))
    put(world.session, funding_lead_days=70)
    world.registration.refresh_from_db()
    if state == "confirmed":
        put(world.registration, confirmed_at=timezone.now() - 15 * DAY)
    strike()
    world.registration.refresh_from_db()
    expected = {"offered": "expired", "waiting": "offered", "confirmed": "released"}
    assert world.registration.status == expected.get(state, state)

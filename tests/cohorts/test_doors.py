"""Every verb of the Application and the ReviewAssignment machine, from every state, by every role, through the doors that people use.

One test over the whole matrix: for a machine and a role, each verb is tried from each state at its real address, and the row ends where the
machine and the role say, or stays. `test_machines.py` says the same of the actions without anybody asking.
"""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from cohorts.clock import strike
from cohorts.models import (
    APPLICATION_MOVES,
    ASSIGNMENT_MOVES,
    LATE,
    REOPENING_MOVES,
    ApplicationState,
    AssignmentState,
    Determination,
    ReviewAssignment,
)
from tests.cohorts.test_machines import edges, put, reached
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.django_db

ROLES = (
    "visitor",
    "stranger",
    "viewer",
    "member",
    "lead",
    "trainer",
    "idle_reviewer",
    "reviewer",
    "conflicted_reviewer",
    "coordinator",
    "conflicted_coordinator",
    "administrator",
)
LEAD, READER, JUDGES = {"lead"}, {"reviewer"}, {"coordinator", "administrator"}


class World:
    """A complete application, its people, those who read it, and those who may not."""

    def __init__(self, application, people):
        self.application, self.people = application, people
        project = application.project
        for name in ("viewer", "member"):
            people[name] = make.ProjectMemberFactory(project=project, role=name).person
        for name, role in (
            ("idle_reviewer", "Reviewers"),
            ("conflicted_reviewer", "Reviewers"),
            ("conflicted_coordinator", "Coordinators"),
        ):
            people[name] = UserFactory(name=name)
            people[name].groups.add(Group.objects.get(name=role))
        self.assignment = make.ReviewAssignmentFactory(application=application, reviewer=people["reviewer"])
        make.ReviewAssignmentFactory(application=application, reviewer=people["conflicted_reviewer"], state="recused")
        for name in ("conflicted_reviewer", "conflicted_coordinator"):
            make.ConflictDeclarationFactory(application=application, person=people[name])

    def typed(self, client_for) -> dict:
        """The form of the application as the lead finds it, filled."""
        with transaction.atomic():
            put(self.application, state="draft")
            form = client_for(self.people["lead"]).get(reverse("cohorts_application", args=[self.application.pk])).context["form"]
            data = {field.html_name: field.value() for field in form}
            transaction.set_rollback(True)
        self.application.refresh_from_db()
        return {name: "on" if value is True else value for name, value in data.items() if value not in (None, False)}


@pytest.fixture
def world(submitted, promoter, other_promoter, trainer, reviewer, coordinator, admin_user):
    found = {"stranger": other_promoter, "lead": promoter, "trainer": trainer, "reviewer": reviewer}
    make.ApplicationSnapshotFactory(application=submitted, content={"project": {}, "answers": {}})
    return World(submitted, found | {"coordinator": coordinator, "administrator": admin_user})


# Doors: what is posted where. Each takes the browser, the world, and what the application's form holds.


def at(name, row, *more):
    return reverse(name, args=[row.pk, *more])


def cms(verb, **typed):
    def post(client, world, _form):
        data = {f"{verb}-{name}": getattr(value, "pk", value) for name, value in typed.items()}
        data = {name: str(world.assignment.pk) if value == "the assignment" else value for name, value in data.items()}
        address = at("cohorts_cms_application_verb", world.application, verb)
        first = client.post(address, data).context
        if first and "stamp" in first:  # its letters, looked at
            client.post(address, {**data, "letters": first["stamp"]})

    return post


def decided(outcome):
    def post(client, world, form):
        cms("decide", outcome=outcome, reasons="Because.")(client, world, form)
        cms("release", seen=Determination.objects.pending().first() or "")(client, world, form)

    return post


def submit(client, world, form):
    seen = {"seen": world.application.saved_at.isoformat()}
    client.post(at("cohorts_application", world.application), {**form, **seen, "intent": "submit"})


def send(client, world, _form):
    client.post(at("cohorts_review_send", world.assignment))


def site(name, on="assignment", **typed):
    return lambda client, world, _form: client.post(at(name, getattr(world, on)), typed)


# verb → who may, where it leads from where, the door
APPLICATION_DOORS = {
    "submit": (LEAD, {"draft": "submitted", "returned": "submitted"}, submit),
    "withdraw": (
        LEAD,
        dict.fromkeys(["draft", "submitted", "returned", "under_review", "deliberation", "reserve"], "withdrawn"),
        site("cohorts_application_withdraw", on="application", reason=""),
    ),
    "return": (JUDGES, dict.fromkeys(["submitted", "under_review"], "returned"), cms("return", reason="More, please.", due_at="")),
    "take up": (JUDGES, {"returned": "submitted"}, cms("take-up")),
    "declare ineligible": (JUDGES, {"submitted": "ineligible"}, cms("ineligible", reason="Not here.")),
    "start the review": (JUDGES, {"submitted": "under_review"}, cms("start-review")),
    "open the deliberation": (JUDGES, {"under_review": "deliberation"}, cms("deliberate", reason="Nobody could read it.")),
    "admit": (JUDGES, dict.fromkeys(["deliberation", "reserve", "declined", "ineligible"], "admitted"), decided("admitted")),
    "put on the reserve list": (
        JUDGES,
        dict.fromkeys(["deliberation", "admitted", "declined", "ineligible"], "reserve"),
        decided("reserve"),
    ),
    "turn down": (JUDGES, dict.fromkeys(["deliberation", "admitted", "reserve", "ineligible"], "declined"), decided("declined")),
}
LIVE = ["proposed", "accepted", "in_progress", "submitted"]
ASSIGNMENT_DOORS = {
    "accept": (READER, {"proposed": "accepted"}, site("cohorts_review", answer="none")),
    "declare an interest": (READER, {"proposed": "recused"}, site("cohorts_review", answer="conflict", reason="Cousins.")),
    "find an interest late": (READER, dict.fromkeys([*LIVE, "released"], "recused"), site("cohorts_review_conflict", reason="Cousins.")),
    "decline": (READER, {"proposed": "declined"}, site("cohorts_review_decline", reason="")),
    "begin": (READER, {"accepted": "in_progress"}, site("cohorts_review_begin")),
    "send": (READER, {"in_progress": "submitted"}, send),
    "take back": (READER, {"submitted": "in_progress"}, site("cohorts_review_reopen")),
    "set aside": (JUDGES, dict.fromkeys([*LIVE, "released"], "recused"), cms("recuse", assignment="the assignment", reason="Cousins.")),
    "release": (JUDGES, dict.fromkeys(LIVE, "released"), cms("release-reviewer", assignment="the assignment", reason="Away.")),
}
MACHINES = {
    "application": (APPLICATION_DOORS, ApplicationState.values),
    "assignment": (ASSIGNMENT_DOORS, AssignmentState.values),
}


def set_application(world, state):
    put(world.application, state=state)
    return world.application


def set_assignment(world, state):
    """The application is under review; what was begun has its assessment, complete."""
    put(world.application, state="under_review")
    sent = {"submitted_at": timezone.now()} if state == "submitted" else {"submitted_at": None}
    row = put(world.assignment, state=state, **sent)
    if state in ("in_progress", "submitted"):
        reader = world.people["reviewer"]
        done = {"state": "submitted", "submitted_by": reader, **sent} if state == "submitted" else {}
        mine = make.AssessmentFactory(application=world.application, assignment=row, kind="reviewer", assessor=reader, **done)
        for part in world.application.cohort.rubric.parts.all():
            make.ScoreFactory(assessment=mine, criterion=part.criteria.get())
    return row


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("machine", MACHINES)
def test_every_verb_from_every_state_by_every_role(machine, role, world, client_for):
    doors, states = MACHINES[machine]
    client = Client() if role == "visitor" else client_for(world.people[role])
    form = world.typed(client_for) if machine == "application" else {}
    put_in = {"application": set_application, "assignment": set_assignment}[machine]
    wrong = {}
    for verb, (who, moves, door) in doors.items():
        for state in states:
            with transaction.atomic():
                row = put_in(world, state)
                written = ModelLogEntry.objects.count()
                door(client, world, form)
                row.refresh_from_db()
                expected = moves.get(state, state) if role in who else state
                if row.state != expected:
                    wrong[verb, state] = f"{row.state}, not {expected}"
                elif role not in who and ModelLogEntry.objects.count() != written:
                    wrong[verb, state] = "nothing moved, but something was written"
                transaction.set_rollback(True)
            world.application.refresh_from_db()
            world.assignment.refresh_from_db()
    assert wrong == {}


def moved_by(doors):
    return {verb: moves for verb, (_who, moves, _door) in doors.items()}


def test_doors_make_every_move_of_the_machines():
    """But what only the clock does: a draft lapses."""
    assert reached(moved_by(APPLICATION_DOORS)) | {("draft", "lapsed")} == edges(APPLICATION_MOVES, REOPENING_MOVES)
    assert reached(moved_by(ASSIGNMENT_DOORS)) == edges(ASSIGNMENT_MOVES)


@pytest.mark.parametrize("state", ApplicationState.values)
def test_clock_lapses_drafts_and_nothing_else(state, submitted):
    put(submitted, state=state)
    strike(now=submitted.cohort.intake_closes_at + LATE + timedelta(hours=2))
    submitted.refresh_from_db()
    assert submitted.state == ("lapsed" if state == "draft" else state)


def test_two_clicks_do_it_once(world, client_for):
    """Each door twice from the same page: the second changes nothing, and nobody is written to again."""
    again = {}
    for doors, put_in in ((APPLICATION_DOORS, set_application), (ASSIGNMENT_DOORS, set_assignment)):
        form = world.typed(client_for)
        for verb, (who, moves, door) in doors.items():
            client = client_for(world.people["coordinator" if who == JUDGES else next(iter(who))])
            state, to = next(iter(moves.items()))
            with transaction.atomic():
                row = put_in(world, state)
                door(client, world, form)
                row.refresh_from_db()
                written, assignments = ModelLogEntry.objects.count(), ReviewAssignment.objects.count()
                door(client, world, form)
                row.refresh_from_db()
                if row.state != to or ModelLogEntry.objects.count() != written or ReviewAssignment.objects.count() != assignments:
                    again[verb] = row.state
                transaction.set_rollback(True)
            world.application.refresh_from_db()
            world.assignment.refresh_from_db()
    assert again == {}

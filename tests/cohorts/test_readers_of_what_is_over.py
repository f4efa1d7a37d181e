"""When an application is over nobody is asked to read it any more: unfinished readings are released with the reason, and not counted."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from academy.models import Message
from cohorts import actions, clock
from cohorts.digest import digest_of
from cohorts.models import Application, ReviewAssignment
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def reread(row):
    return type(row).objects.get(pk=row.pk)


def in_state(application, state) -> Application:
    Application.objects.filter(pk=application.pk).update(state=state)
    return reread(application)


def told(person) -> list[str]:
    return list(Message.objects.filter(to=person).order_by("pk").values_list("subject", flat=True))


@pytest.fixture
def reader(db):
    def make_one(name: str):
        person = UserFactory(name=name)
        person.groups.add(Group.objects.get(name="Reviewers"))
        return person

    return make_one


def readings(application, reader) -> dict[str, ReviewAssignment]:
    states = ("proposed", "accepted", "in_progress", "submitted", "declined")
    done = {"submitted": {"submitted_at": timezone.now()}}
    return {
        state: make.ReviewAssignmentFactory(application=application, reviewer=reader(state), state=state, **done.get(state, {}))
        for state in states
    }


RELEASED = {"proposed": "released", "accepted": "released", "in_progress": "released", "submitted": "submitted", "declined": "declined"}


def test_a_withdrawn_one_is_read_by_nobody_and_they_are_told(submitted, promoter, coordinator, reader, client_for):
    rows = readings(in_state(submitted, "under_review"), reader)
    actions.withdraw_application(reread(submitted), by=promoter, reason="We go on alone.")
    assert {state: reread(row).state for state, row in rows.items()} == RELEASED
    assert reread(rows["proposed"]).reason_in_words == "The project has withdrawn its application."
    subject = "An application is no longer to be read"
    assert {state: told(row.reviewer) for state, row in rows.items()} == {
        state: [subject] if now == "released" else [] for state, now in RELEASED.items()
    }
    assert told(coordinator) == ["A project has withdrawn its application"]
    letter = Message.objects.get(to=coordinator)
    assert (submitted.project.name in letter.body_text, "We go on alone." in letter.body_text) == (True, True)


def test_a_draft_that_is_given_up_is_told_to_nobody(draft, promoter, coordinator):
    actions.withdraw_application(draft, by=promoter)
    assert Message.objects.count() == 0


def test_one_that_the_call_cannot_take(submitted, coordinator, reader):
    rows = readings(submitted, reader)
    actions.declare_ineligible(submitted, by=coordinator, reason="Outside.")
    assert {state: reread(row).state for state, row in rows.items()} == RELEASED
    assert reread(rows["accepted"]).reason_in_words == "The application cannot be taken into this call."
    assert told(rows["accepted"].reviewer) == ["An application is no longer to be read"]


def test_one_whose_decision_is_told(submitted, coordinator, reader):
    rows = readings(in_state(submitted, "deliberation"), reader)
    decision = actions.decide_admission(reread(submitted), by=coordinator, outcome="declined", reasons="Not yet.")
    assert reread(rows["accepted"]).state == "accepted"
    actions.release(decision, by=coordinator)
    assert {state: reread(row).state for state, row in rows.items()} == RELEASED
    assert reread(rows["accepted"]).reason_in_words == "The decision is told to the project."
    assert told(rows["accepted"].reviewer) == []


def test_what_was_left_before_is_released_by_the_clock(submitted, reader):
    rows = readings(in_state(submitted, "declined"), reader)
    assert clock.strike()["readers released"] == 3
    assert {state: reread(row).state for state, row in rows.items()} == RELEASED
    assert clock.strike()["readers released"] == 0


@pytest.mark.parametrize(
    ("application", "state", "counts"),
    [
        ("submitted", "proposed", 1),
        ("submitted", "accepted", 1),
        ("under_review", "in_progress", 1),
        ("returned", "accepted", 0),
        ("returned", "in_progress", 0),
        ("deliberation", "accepted", 0),
        ("withdrawn", "proposed", 0),
        ("declined", "accepted", 0),
    ],
)
def test_only_what_can_be_read_or_written_is_counted(application, state, counts, submitted, reviewer, client_for):
    make.ReviewAssignmentFactory(application=in_state(submitted, application), reviewer=reviewer, state=state)
    assert client_for(reviewer).get(reverse("cohorts_reviews")).context["open_count"] == counts
    assert (digest_of(reviewer) is not None) == bool(counts)


def test_a_closed_round_counts_nothing(submitted, reviewer, cohort, client_for):
    make.ReviewAssignmentFactory(application=submitted, reviewer=reviewer, state="proposed")
    make.round_of(cohort, opens_at=timezone.now() - timedelta(days=9), closes_at=timezone.now() - timedelta(days=1))
    assert client_for(reviewer).get(reverse("cohorts_reviews")).context["open_count"] == 0
    assert digest_of(reviewer) is None

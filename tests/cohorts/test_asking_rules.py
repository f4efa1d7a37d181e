"""Who is asked, reminded and released: only for what is still to be read, and by the rules of the proposal also at the moment of asking."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.clock import strike
from cohorts.coverage import read_round
from cohorts.models import ReviewAssignment
from tests.cohorts.test_asking import application, days
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def asleep(application, reviewer, **values):
    return make.ReviewAssignmentFactory(application=application, reviewer=reviewer, proposed_at=days(-30), **values)


# --- what is not to be read


@pytest.mark.parametrize("state", ["returned", "withdrawn", "ineligible", "declined", "admitted", "reserve", "deliberation"])
def test_nobody_is_reminded_of_what_is_not_to_be_read(state, round, cohort, reader):
    row = asleep(application(cohort, "North", state=state), reader("Ada"))
    assert strike()["readers reminded"] == 0
    with pytest.raises(RuleViolation):
        actions.remind_reviewer(row, by=None)
    assert Message.objects.count() == 0


def test_nobody_is_released_while_the_project_completes_its_application(round, cohort, reader):
    row = asleep(application(cohort, "North", state="returned"), reader("Ada"), reminded_at=days(-20))
    gone = asleep(application(cohort, "South", state="returned"), UserFactory(is_active=False))
    assert strike(now=round.closes_at + timedelta(days=9))["readers released"] == 0
    for one in (row, gone):
        with pytest.raises(RuleViolation):
            actions.release_sleeper(one, by=None)
    assert list(ReviewAssignment.objects.values_list("state", flat=True)) == ["proposed", "proposed"]


@pytest.mark.parametrize("state", ["withdrawn", "ineligible", "declined", "admitted"])
def test_of_what_is_over_everybody_is_released_at_once(state, round, cohort, reader):
    row = asleep(application(cohort, "North", state=state), reader("Ada"), reminded_at=days(-20))
    with pytest.raises(RuleViolation):
        actions.release_sleeper(row, by=None)
    assert strike()["readers released"] == 1
    assert strike()["readers released"] == 0
    row.refresh_from_db()
    assert row.state == "released"


def test_who_never_read_is_let_go_when_the_round_is_over_and_no_reader_is_wanted_any_more(round, cohort, coordinator, reader):
    row = asleep(application(cohort, "North", state="deliberation"), reader("Ada"))
    assert strike(now=round.closes_at + timedelta(days=6))["readers released"] == 1
    row.refresh_from_db()
    assert (row.state, row.reason_in_words) == ("released", "The reading is closed.")
    assert Message.objects.filter(to=coordinator).count() == 0


def test_only_what_is_still_to_be_read_is_in_hand(round, cohort, coordinator, reader):
    ada = reader("Ada")
    for state in ("submitted", "under_review", "returned", "withdrawn", "ineligible", "declined", "deliberation"):
        make.ReviewAssignmentFactory(application=application(cohort, state, state=state), reviewer=ada, state="accepted")
    [found] = [one for one in read_round(round, coordinator).readers if one.person == ada]
    assert found.in_hand == 3


# --- the rules of the proposal, at the moment of asking


def test_who_is_away_full_or_reads_another_language_is_passed_over(round, cohort, coordinator, reader):
    row = application(cohort, "North", language="fr")
    people = [
        reader("Away", away_until=timezone.localdate()),
        reader("Full", capacity=0),
        reader("English", languages=["en"]),
        reader("Free"),
    ]
    asked = actions.ask_reviewers(round, by=coordinator, pairs=[(row, person) for person in people])
    assert [one.reviewer.name for one in asked.made] == ["Free"]
    assert sorted(asked.passed_over) == [
        "North · Away: They are away.",
        "North · English: They do not read French.",
        "North · Full: They have all that they can take.",
    ]


def test_capacity_is_counted_as_one_asks(round, cohort, coordinator, reader):
    ada = reader("Ada", capacity=2)
    rows = [application(cohort, name) for name in ("North", "South", "East")]
    asked = actions.ask_reviewers(round, by=coordinator, pairs=[(row, ada) for row in rows])
    assert (len(asked.made), len(asked.passed_over)) == (2, 1)


def test_nobody_without_an_account_is_asked_at_either_door(round, cohort, coordinator, reader):
    ada, row = reader("Ada"), application(cohort, "North")
    type(ada).objects.filter(pk=ada.pk).update(is_active=False)
    ada.refresh_from_db()
    asked = actions.ask_reviewers(round, by=coordinator, pairs=[(row, ada)])
    assert (asked.made, asked.passed_over) == ([], ["North · Ada: This person has no account any more."])
    with pytest.raises(RuleViolation, match="no account"):
        actions.assign_reviewer(row, by=coordinator, reviewer=ada)


def test_a_coordinator_may_ask_one_person_for_more_than_they_take(round, cohort, coordinator, reader):
    full = reader("Full", capacity=0)
    assert actions.assign_reviewer(application(cohort, "North"), by=coordinator, reviewer=full).reviewer == full


# --- the reader's language


def test_what_the_clock_gives_as_a_reason_is_said_in_the_language_of_who_reads_it(round, cohort, coordinator, reader, client_for):
    coordinator.language = "fr"
    coordinator.save()
    row = asleep(application(cohort, "North"), reader("Ada"), reminded_at=days(-9))
    strike()
    row.refresh_from_db()
    assert row.reason_in_words == "Reminded, and nothing came."
    letter = Message.objects.get(to=coordinator)
    assert "Reminded" not in letter.body_text
    assert "North · Ada\xa0: " in letter.body_text or "North · Ada: " in letter.body_text


def test_the_new_version_is_told_in_the_language_of_its_reader(submitted, reviewer, coordinator):
    reviewer.language = "fr"
    reviewer.save()
    make.round_of(submitted.cohort, is_blind=True)
    row = make.ReviewAssignmentFactory(application=submitted, reviewer=reviewer, state="in_progress")
    first = make.ApplicationSnapshotFactory(application=submitted, number=1, content={"project": {}, "answers": {}})
    make.AssessmentFactory(application=submitted, assignment=row, kind="reviewer", assessor=reviewer, version_read=first)
    make.ApplicationSnapshotFactory(application=submitted, number=2, content={"project": {}, "answers": {}})
    actions.start_review(submitted, by=coordinator)
    letter = Message.objects.get(to=reviewer, cause__startswith="new-version:")
    assert ("Projet " in letter.body_text, "Project " in letter.body_text) == (True, False)

"""Whom to ask for what: by need, language, pillars, load and interests; all at once, by one letter each; and those who sleep."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.clock import strike
from cohorts.coverage import coverage_of, pillars, propose, read_round, weight
from cohorts.models import AssignmentState, ReviewAssignment, RubricPart
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def days(number):
    return timezone.now() + timedelta(days=number)


def application(cohort, name, **values):
    return make.SubmittedApplicationFactory(cohort=cohort, project__name=name, **values)


def proposed(round, coordinator):
    state = read_round(round, coordinator)
    proposal = propose(state, dict(pillars()))
    lines = [(line.application.project.name, line.reader.person.name) for line in proposal.lines]
    return SimpleNamespace(
        lines=lines, shortages=proposal.shortages, reasons={line: one.reasons for line, one in zip(lines, proposal.lines, strict=True)}
    )


def test_each_application_gets_as_many_readers_as_the_round_wants(round, cohort, coordinator, reader):
    for name in ("Ada", "Ben", "Cleo"):
        reader(name)
    for number, name in enumerate(("North", "South", "East")):
        application(cohort, name, submitted_at=days(number - 9))
    found = proposed(round, coordinator)
    assert sorted(project for project, _person in found.lines) == ["East"] * 2 + ["North"] * 2 + ["South"] * 2
    assert sorted(person for _project, person in found.lines) == ["Ada"] * 2 + ["Ben"] * 2 + ["Cleo"] * 2
    assert found.shortages == []


def test_language_capacity_absence_and_interest_decide_who_can_be_asked(round, cohort, coordinator, reader):
    row = application(cohort, "North", language="fr")
    reader("French", languages=["fr"])
    reader("English", languages=["en"])
    reader("Full", capacity=0)
    reader("Away", away_until=timezone.localdate())
    make.ConflictDeclarationFactory(application=row, person=reader("Cousin"))
    make.ProjectMemberFactory(project=row.project, person=reader("Member"), role="member")
    make.MentorAssignmentFactory(project=row.project, mentor=reader("Mentor"))
    make.ReviewAssignmentFactory(application=row, reviewer=reader("Tired"), state="declined")
    found = proposed(round, coordinator)
    assert found.lines == [("North", "French")]
    [shortage] = found.shortages
    assert (shortage.application, shortage.missing) == (row, 1)
    assert shortage.reasons == [
        "4 have read it, declined it or may not read it",
        "1 is away",
        "1 does not read French",
        "1 has all they can take",
        "1 is proposed already",
    ]


def test_back_from_an_absence_one_is_proposed_again(round, cohort, coordinator, reader):
    application(cohort, "North")
    reader("Back", away_until=timezone.localdate() - timedelta(days=1))
    assert proposed(round, coordinator).lines == [("North", "Back")]


def test_readers_of_one_application_know_different_pillars(round, cohort, coordinator, reader):
    impact = cohort.rubric.parts.get(key="impact")
    craft = make.RubricPartFactory.build(rubric=cohort.rubric, kind="pillar", key="craft")
    RubricPart.objects.bulk_create([craft])  # past the guard of a rubric in use
    application(cohort, "North")
    for name, keys in (("One", [impact.key]), ("Two", [impact.key]), ("Three", [craft.key])):
        reader(name, pillars=keys)
    found = proposed(round, coordinator)
    assert found.lines == [("North", "One"), ("North", "Three")]
    assert found.reasons["North", "Three"] == [
        "reads every language",
        "knows craft, as no reader of it does yet",
        "has nothing in hand, of 10",
    ]


def test_the_least_loaded_comes_first_and_the_neediest_application_too(round, cohort, coordinator, reader):
    busy = reader("Busy", capacity=4)
    reader("Free", capacity=4)
    for _n in range(3):
        make.ReviewAssignmentFactory(application=application(make.CohortFactory(), "Elsewhere"), reviewer=busy, state="accepted")
    done = application(cohort, "Begun", submitted_at=days(-9))
    application(cohort, "Bare", submitted_at=days(-1))
    make.ReviewAssignmentFactory(application=done, reviewer=reader("Third", capacity=0), state="submitted", submitted_at=timezone.now())
    found = proposed(round, coordinator)
    assert found.lines == [("Begun", "Free"), ("Bare", "Free"), ("Bare", "Busy")]
    assert found.shortages == []
    assert found.reasons["Begun", "Free"] == ["reads every language", "has nothing in hand, of 4"]


def test_what_was_accepted_is_never_moved(round, cohort, coordinator, reader):
    row = application(cohort, "North")
    for name, state in (("Ada", "accepted"), ("Ben", "in_progress")):
        assignment = make.ReviewAssignmentFactory(application=row, reviewer=reader(name, capacity=0), state=state)
        make.AssessmentFactory(application=row, assignment=assignment, kind="reviewer", assessor=assignment.reviewer)
    reader("Free")
    assert proposed(round, coordinator).lines == []


def test_a_sleeper_counts_less_each_day(round, cohort, coordinator, reader):
    row = application(cohort, "North")
    asked = make.ReviewAssignmentFactory(application=row, reviewer=reader("Asked"), proposed_at=days(-4.9))
    assert weight(asked, timezone.now()) == 1
    assert coverage_of(row, round).need == 1
    found = [weight(asked, asked.proposed_at + timedelta(days=day)) for day in (5, 6, 7.5, 10, 20)]
    assert [float(f"{one:.2f}") for one in found] == [1, 0.8, 0.5, 0, 0]
    assert coverage_of(row, round, asked.proposed_at + timedelta(days=8)).need == 2


@pytest.mark.parametrize(
    ("state", "values", "asleep"),
    [
        ("proposed", {"proposed_at": -6}, True),
        ("proposed", {"proposed_at": -4}, False),
        ("accepted", {"proposed_at": -30}, False),
        ("accepted", {"proposed_at": -30, "due_on": -2}, True),
        ("accepted", {"proposed_at": -30, "due_on": 0}, False),
        ("in_progress", {"proposed_at": -30, "due_on": -9}, False),  # written in today
        ("submitted", {"proposed_at": -30, "due_on": -9}, False),
    ],
)
def test_who_sleeps(state, values, asleep, round, cohort, coordinator, reader):
    row = application(cohort, "North")
    when = {"proposed_at": days(values["proposed_at"])}
    if "due_on" in values:
        when["due_on"] = timezone.localdate() + timedelta(days=values["due_on"])
    done = timezone.now() if state == "submitted" else None
    assignment = make.ReviewAssignmentFactory(application=row, reviewer=reader("Ada"), state=state, submitted_at=done, **when)
    make.AssessmentFactory(application=row, assignment=assignment, kind="reviewer", assessor=assignment.reviewer)
    assert [one.asleep for one in read_round(round, coordinator).coverage] == [int(asleep)]


# Asking


def ask_all(round, by, *pairs, **extra):
    return actions.ask_reviewers(round, by=by, pairs=pairs, **extra)


def test_all_are_asked_at_once_by_one_letter_each(round, cohort, coordinator, reader):
    ada, ben = reader("Ada"), reader("Ben")
    north, south = application(cohort, "North"), application(cohort, "South")
    asked = ask_all(round, coordinator, (north, ada), (south, ada), (north, ben), due_on=timezone.localdate())
    assert (len(asked.made), asked.passed_over) == (3, [])
    letters = {letter.to.name: letter for letter in Message.objects.all()}
    assert sorted(letters) == ["Ada", "Ben"]
    assert letters["Ada"].subject == "Applications to read"
    assert [name in letters["Ada"].body_text for name in ("North", "South")] == [True, True]
    assert [name in letters["Ben"].body_text for name in ("North", "South")] == [True, False]


def test_second_click_asks_nobody_twice(round, cohort, coordinator, reader):
    ada, north = reader("Ada"), application(cohort, "North")
    ask_all(round, coordinator, (north, ada))
    again = ask_all(round, coordinator, (north, ada))
    assert (again.made, len(again.passed_over)) == ([], 1)
    assert (ReviewAssignment.objects.count(), Message.objects.count()) == (1, 1)


def test_stale_page_does_not_ask_more_than_are_needed(round, cohort, coordinator, reader):
    people, north = [reader(name) for name in ("Ada", "Ben", "Cleo")], application(cohort, "North")
    ask_all(round, coordinator, *((north, person) for person in people[:2]))
    again = ask_all(round, coordinator, (north, people[2]))
    assert again.passed_over == ["North · Cleo: Enough readers are asked for it by now."]
    assert ReviewAssignment.objects.count() == 2


def test_interest_declared_meanwhile_passes_one_over_and_asks_the_others(round, cohort, coordinator, reader):
    ada, ben, north = reader("Ada"), reader("Ben"), application(cohort, "North")
    make.ConflictDeclarationFactory(application=north, person=ada)
    asked = ask_all(round, coordinator, (north, ada), (north, ben))
    assert [one.reviewer for one in asked.made] == [ben]
    assert asked.passed_over == ["North · Ada: This person has an interest in this project and cannot judge it."]


def test_message_goes_once_to_each_reader_of_the_round(round, cohort, coordinator, reader):
    ada, ben = reader("Ada"), reader("Ben")
    north, south = application(cohort, "North"), application(cohort, "South")
    for row, person in ((north, ada), (south, ada), (north, ben)):
        make.ReviewAssignmentFactory(application=row, reviewer=person)
    make.ReviewAssignmentFactory(application=south, reviewer=reader("Gone"), state="released")
    for _click in range(2):
        assert actions.message_readers(round, by=coordinator, subject="We meet", words="On Monday.\n\nAt ten.") == 2
    assert sorted(Message.objects.values_list("to__name", flat=True)) == ["Ada", "Ben"]
    assert "On Monday." in Message.objects.first().body_text
    with pytest.raises(RuleViolation):
        actions.message_readers(round, by=coordinator, subject=" ", words="x")


# Sleeping


def state_of(assignment):
    assignment.refresh_from_db()
    return assignment.state


def test_clock_reminds_once_then_releases_and_tells_the_coordinator(round, cohort, coordinator, reader):
    ada, north = reader("Ada"), application(cohort, "North")
    row = make.ReviewAssignmentFactory(application=north, reviewer=ada, proposed_at=days(-6))
    for _tick in range(2):
        strike()
    assert state_of(row) == "proposed"
    assert list(Message.objects.values_list("to__name", "subject")) == [("Ada", "Action required: an application waits for you")]
    assert strike(now=days(4.9))["readers released"] == 0
    done = strike(now=days(5.1))
    assert (done["readers released"], state_of(row)) == (1, "released")
    assert strike(now=days(5.2))["readers released"] == 0
    told = Message.objects.get(to=coordinator)
    assert "North · Ada: Reminded, and nothing came." in told.body_text
    assert coverage_of(north, round).need == 2


def test_who_answers_after_the_reminder_is_left_alone_until_late(round, cohort, coordinator, reader):
    ada, north = reader("Ada"), application(cohort, "North")
    row = make.ReviewAssignmentFactory(
        application=north, reviewer=ada, proposed_at=days(-6), due_on=timezone.localdate() + timedelta(days=9)
    )
    strike()
    actions.declare_interest(north, by=ada, conflict=False)
    actions.accept_review(ReviewAssignment.objects.get(), by=ada)
    strike(now=days(8))
    assert state_of(row) == "accepted"
    strike(now=days(11))
    assert (state_of(row), Message.objects.filter(to=ada).exclude(cause__startswith="weekly:").count()) == ("accepted", 2)
    strike(now=days(17))
    assert state_of(row) == "released"


def test_coordinator_with_an_interest_is_not_told_another_one_is(round, cohort, coordinator, reader):
    other = UserFactory(name="Other")
    other.groups.add(Group.objects.get(name="Coordinators"))
    north = application(cohort, "North")
    make.ConflictDeclarationFactory(application=north, person=coordinator)
    make.ReviewAssignmentFactory(application=north, reviewer=reader("Ada"), proposed_at=days(-30), reminded_at=days(-9))
    strike()
    assert list(Message.objects.values_list("to__name", flat=True)) == ["Other"]


def test_reader_whose_account_is_closed_is_released_at_once_and_what_they_gave_counts(round, cohort, coordinator, reader):
    ada = reader("Ada")
    rows = {
        state: make.ReviewAssignmentFactory(
            application=application(cohort, state), reviewer=ada, state=state, submitted_at=timezone.now() if state == "submitted" else None
        )
        for state in ("proposed", "accepted", "in_progress", "submitted")
    }
    for state in ("in_progress", "submitted"):
        done = {"state": "submitted", "submitted_at": timezone.now(), "submitted_by": ada} if state == "submitted" else {}
        make.AssessmentFactory(application=rows[state].application, assignment=rows[state], kind="reviewer", assessor=ada, **done)
    ada.is_active = False
    ada.save()
    assert coverage_of(rows["accepted"].application, round).need == 2
    strike()
    assert {state: state_of(row) for state, row in rows.items()} == {
        **dict.fromkeys(("proposed", "accepted", "in_progress"), AssignmentState.RELEASED),
        "submitted": AssignmentState.SUBMITTED,
    }
    assert coverage_of(rows["submitted"].application, round).done == 1
    assert Message.objects.filter(to=ada).count() == 0


def test_pages_and_forms_work_after_a_reader_has_left(round, cohort, coordinator, reader, client_for):
    ada, ben, north = reader("Ada"), reader("Ben"), application(cohort, "North", state="under_review")
    row = make.ReviewAssignmentFactory(application=north, reviewer=ada, state="submitted", submitted_at=timezone.now())
    done = {"state": "submitted", "submitted_at": timezone.now(), "submitted_by": ada}
    make.AssessmentFactory(application=north, assignment=row, kind="reviewer", assessor=ada, **done)
    ada.is_active = False
    ada.save()
    client = client_for(coordinator)
    addresses = [
        reverse("cohorts_cms_round", args=[round.pk]),
        reverse("cohorts_cms_reader", args=[ada.pk]),
        reverse("cohorts_cms_application", args=[north.pk]),
        reverse("cohorts_cms_cohort", args=[cohort.pk]),
    ]
    assert [client.get(address).status_code for address in addresses] == [200] * 4
    answer = client.post(
        reverse("cohorts_cms_application_verb", args=[north.pk, "assign"]), {"assign-reviewer": ben.pk, "assign-due_on": ""}
    )
    assert answer.status_code == 302
    assert state_of(row) == "submitted"
    answer = client.post(
        reverse("cohorts_cms_application_verb", args=[north.pk, "recuse"]), {"recuse-assignment": str(row.pk), "recuse-reason": "Cousins."}
    )
    assert (answer.status_code, state_of(row)) == (302, "recused")

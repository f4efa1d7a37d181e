"""Two coordinators ask other people for the same applications at the same instant: no more are asked than are needed. Then without the lock."""

import threading

import pytest
from django.contrib.auth.models import Group

from cohorts import actions
from cohorts.actions import asking
from cohorts.actions.reviews import ask
from cohorts.models import Application, ReviewAssignment, ReviewRound
from tests.cohorts.test_last_seat import at_once, in_another_connection, shared_database  # noqa: F401 (a fixture)
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

NEEDED = 2


@pytest.fixture
def scene(cohort):
    """Four applications that need two readers each, and two coordinators with other readers in mind."""
    round = make.round_of(cohort, min_reviews=NEEDED)
    applications = [make.SubmittedApplicationFactory(cohort=cohort) for _n in range(4)]
    people = [UserFactory() for _n in range(4)]
    for person in people:
        person.groups.add(Group.objects.get(name="Reviewers"))
    halves = [[(row, person) for row in applications for person in half] for half in (people[:2], people[2:])]
    return round, halves


def asked_each():
    rows = in_another_connection(lambda: list(ReviewAssignment.objects.values_list("application", flat=True)))
    return sorted(rows.count(one) for one in set(rows))


@pytest.mark.django_db(transaction=True)
def test_two_coordinators_at_once_ask_as_many_as_are_needed(scene, coordinator, request):
    round, halves = scene
    request.getfixturevalue("shared_database")
    problems = at_once(lambda pairs: actions.ask_reviewers(ReviewRound.objects.get(pk=round.pk), by=coordinator, pairs=list(pairs)), halves)
    assert problems == []
    assert asked_each() == [NEEDED] * 4


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_too_many_are_asked(scene, coordinator, request):
    """The negative control: both have counted before either writes, and nothing makes them wait for each other."""
    round, halves = scene
    request.getfixturevalue("shared_database")
    both_have_counted = threading.Barrier(2)

    def ask_without_lock(pairs):
        for application, _person in pairs:
            asking._check_still_needed(Application.objects.get(pk=application.pk), round)
        both_have_counted.wait(timeout=60)
        for application, person in pairs:
            ask(Application.objects.get(pk=application.pk), by=coordinator, reviewer=person, round=round)

    assert at_once(ask_without_lock, halves) == []
    assert asked_each() == [2 * NEEDED] * 4

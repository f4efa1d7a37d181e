"""Twelve projects book the last place of an office hour at the same instant: one has it, the others are told. Then the same without the lock."""

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts import actions
from cohorts.models import OfficeHour, OfficeHourBooking
from tests.cohorts.test_last_seat import at_once, in_another_connection, shared_database  # noqa: F401 (a fixture)
from tests.factories.mentoring import OfficeHourFactory

pytestmark = pytest.mark.django_db(transaction=True)
CLAIMS = 12


@pytest.fixture
def hour(trainer, cohort):
    return OfficeHourFactory(host=trainer, cohorts=[cohort])


def test_the_last_place_is_booked_once(hour, crowd, request):
    people = crowd(CLAIMS)
    request.getfixturevalue("shared_database")
    problems = at_once(lambda one: actions.book_office_hour(OfficeHour.objects.get(pk=hour.pk), by=one.person, project=one.project), people)
    assert [problem.code for problem in problems] == ["full"] * (CLAIMS - 1)
    assert in_another_connection(lambda: hour.bookings.live().count()) == 1


def test_one_person_booking_two_hours_at_once_has_one(hour, cohort, coordinator, crowd, request):
    [one] = crowd(1)
    other = OfficeHourFactory(host=coordinator, cohorts=[cohort], starts_at=hour.starts_at + timedelta(minutes=15))
    request.getfixturevalue("shared_database")
    problems = at_once(
        lambda pk: actions.book_office_hour(OfficeHour.objects.get(pk=pk), by=one.person, project=one.project), [hour.pk, other.pk]
    )
    assert [problem.code for problem in problems] == ["overlap"]
    assert in_another_connection(lambda: OfficeHourBooking.objects.live().count()) == 1


def test_a_host_opening_the_same_hour_twice_at_once_has_one(trainer, request):
    start = timezone.now() + timedelta(days=3)
    request.getfixturevalue("shared_database")

    def work(minutes):
        actions.open_office_hours(
            trainer, by=trainer, starts_at=start + timedelta(minutes=minutes), minutes=45, for_whom="own", place="Brussels"
        )

    problems = at_once(work, [0, 10, 20, 30])
    assert [problem.code for problem in problems] == ["overlap"] * 3
    assert in_another_connection(lambda: OfficeHour.objects.count()) == 1


def test_an_hour_that_moves_while_somebody_who_comes_books_another_then(hour, cohort, coordinator, crowd, request):
    """Either it moves, or the other is booked: nobody is in two hours at once."""
    [one] = crowd(1)
    later = hour.starts_at + timedelta(days=1)
    other = OfficeHourFactory(host=coordinator, cohorts=[cohort], starts_at=later)
    actions.book_office_hour(hour, by=one.person, project=one.project)
    request.getfixturevalue("shared_database")

    def move():
        said = {"minutes": 45, "capacity": 1, "place": "Brussels", "link": ""}
        actions.change_office_hour(OfficeHour.objects.get(pk=hour.pk), by=hour.host, starts_at=later, **said)

    def book():
        actions.book_office_hour(OfficeHour.objects.get(pk=other.pk), by=one.person, project=one.project)

    problems = at_once(lambda act: act(), [move, book])
    assert [problem.code for problem in problems] == ["overlap"]


def test_without_the_lock_the_last_place_is_booked_by_all(hour, crowd, request):
    """The negative control: the same count and the same write, with nothing that makes the claims wait for each other."""
    people = crowd(CLAIMS)
    request.getfixturevalue("shared_database")
    everybody_has_counted = threading.Barrier(CLAIMS)

    def book_without_lock(one):
        assert hour.bookings.live().count() < hour.capacity
        everybody_has_counted.wait(timeout=60)
        OfficeHourBooking.objects.create(hour=hour, project=one.project, person=one.person, booked_at=timezone.now())

    assert at_once(book_without_lock, people) == []
    assert in_another_connection(lambda: hour.bookings.live().count()) == CLAIMS

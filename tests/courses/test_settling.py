"""A course that comes to ask for less is complete for whoever has done the rest: nobody stands before a door that is not there."""

import pytest
from django.core.cache import cache
from wagtail.models import ModelLogEntry

from courses import actions, clock
from courses.models import Certificate, CoursePage, Enrolment, ModulePage
from courses.progress import progress_of
from courses.screens import CourseCard
from courses.settling import SETTLED
from courses.syllabus import listed_courses
from tests.factories.academy import UserFactory
from tests.factories.courses import make_course, make_lesson, make_module

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_settled_yet():
    cache.delete(SETTLED)


@pytest.fixture
def one_left(promoter):
    """All done but the second lesson, which is alone in its module."""
    first, second = make_module("First"), make_module("Second")
    done, left = make_lesson(first, "Done"), make_lesson(second, "Left")
    course = make_course(modules=(first, second))
    actions.enrol(course, user=promoter, by=promoter)
    actions.complete_activity(done, by=promoter)
    return course, left


def take_away_unpublished(course, left):
    left.unpublish()


def take_away_optional(course, left):
    left.required = False
    left.save_revision().publish()


def take_away_placement(course, left):
    course = CoursePage.objects.get(pk=course.pk)
    course.placements.remove(course.placements.last())
    course.save_revision().publish()


def take_away_optional_module(course, left):
    course = CoursePage.objects.get(pk=course.pk)
    placement = course.placements.last()
    placement.required = False
    placement.save()


WAYS = [take_away_unpublished, take_away_optional, take_away_placement, take_away_optional_module]


def test_module_that_is_reworked_completes_no_course(one_left, promoter, client_for):
    course, left = one_left
    module = left.get_parent().specific
    module.unpublish()
    clock.strike()
    assert actions.enrol(course, user=promoter, by=promoter).completed_at is None
    assert (Certificate.objects.count(), [card.progress.complete for card in cards(promoter)]) == (0, [False])
    html = client_for(promoter).get(course.url).content.decode()
    assert ("is being reworked" in html, "Nothing more is open" in html, "1 of 2" in html) == (True, False, True)
    ModulePage.objects.get(pk=module.pk).save_revision().publish()
    actions.complete_activity(left, by=promoter)
    assert (Enrolment.objects.completed().count(), Certificate.objects.count()) == (1, 1)


def cards(person):
    found = {one.key: one.required_keys for one in listed_courses()}
    return [CourseCard(None, progress) for progress in progress_of(person, found).values()]


def delete_module(course, module):
    ModulePage.objects.get(pk=module.pk).delete()


GIVEN_UP = [delete_module, take_away_placement, take_away_optional_module]


@pytest.mark.parametrize("give_up", GIVEN_UP, ids=lambda way: way.__name__)
def test_module_that_is_given_up_for_good_no_longer_holds_the_course(one_left, give_up):
    course, left = one_left
    module = left.get_parent().specific
    module.unpublish()
    clock.strike()
    assert Enrolment.objects.completed().count() == 0
    cache.delete(SETTLED)
    give_up(course, module)
    clock.strike()
    assert (Enrolment.objects.completed().count(), Certificate.objects.count()) == (1, 1)


def test_module_that_was_never_published_is_not_asked_for_yet(one_left, promoter):
    _course, left = one_left
    ModulePage.objects.filter(pk=left.get_parent().pk).update(live=False, first_published_at=None)
    clock.strike()
    assert Enrolment.objects.get().completed_at is not None


def test_who_had_finished_is_asked_nothing_by_a_module_that_is_reworked(one_left, promoter, client_for):
    course, left = one_left
    actions.complete_activity(left, by=promoter)
    left.get_parent().specific.unpublish()
    html = client_for(promoter).get(course.url).content.decode()
    assert ("You completed this course" in html, "is being reworked" in html, "1 of 1" in html) == (True, False, True)


def lines():
    return [(line.user, line.data) for line in ModelLogEntry.objects.filter(action="courses.complete_course")]


@pytest.mark.parametrize("take_away", WAYS, ids=lambda way: way.__name__)
def test_the_clock_closes_a_course_that_asks_for_less(one_left, take_away):
    assert clock.strike()["courses complete since they ask for less"] == 0
    cache.delete(SETTLED)  # what publishing does once it is committed
    take_away(*one_left)
    assert clock.strike()["courses complete since they ask for less"] == 1
    assert (Enrolment.objects.completed().count(), Certificate.objects.count()) == (1, 1)
    assert lines() == [(None, {"cause": "course_changed"})]
    cache.delete(SETTLED)
    assert clock.strike()["courses complete since they ask for less"] == 0


def test_following_again_closes_it_too(one_left, promoter):
    course, left = one_left
    left.unpublish()
    assert actions.enrol(course, user=promoter, by=promoter).completed_at is not None
    assert Certificate.objects.count() == 1
    assert lines() == [(promoter, {"cause": "follow"})]


def test_the_last_activity_is_named_as_the_cause(one_left, promoter):
    _course, left = one_left
    actions.complete_activity(left, by=promoter)
    assert lines() == [(promoter, {"cause": "activity", "activity": str(left.translation_key)})]


def test_what_was_done_elsewhere_does_not_close_a_course_that_asks_for_it_again(promoter):
    module, again = make_module("Once"), make_module("Again")
    left, lesson = make_lesson(module), make_lesson(again)
    course = make_course(modules=(module, again), redo=(again,))
    actions.enrol(course, user=promoter, by=promoter)
    actions.complete_activity(lesson, by=promoter)
    left.unpublish()
    clock.strike()
    assert Enrolment.objects.get().completed_at is None
    actions.complete_activity(lesson, by=promoter, redo_in=str(course.translation_key))
    assert Enrolment.objects.get().completed_at is not None


def test_a_course_that_was_closed_when_its_last_activity_was_done_is_settled_when_it_is_back(one_left, promoter):
    course, left = one_left
    course.unpublish()
    actions.complete_activity(left, by=promoter)
    assert Enrolment.objects.get().completed_at is None
    CoursePage.objects.get(pk=course.pk).save_revision().publish()
    clock.strike()
    assert Enrolment.objects.get().completed_at is not None


def test_nothing_is_asked_until_something_is_published(one_left, django_capture_on_commit_callbacks, django_assert_num_queries):
    from courses.settling import settle_changed

    assert settle_changed(by=None) == 0
    with django_assert_num_queries(0):
        assert settle_changed(by=None) == 0
    with django_capture_on_commit_callbacks(execute=True):
        one_left[1].unpublish()
    assert settle_changed(by=None) == 1


def test_the_clock_asks_once_for_each_course_whatever_the_number_of_people(one_left, django_assert_num_queries):
    from courses.settling import settle_changed

    course, _left = one_left
    for _each in range(5):
        actions.enrol(course, user=UserFactory(), by=None)
    with django_assert_num_queries(5):  # the courses that somebody is in and what they ask for, who has done it all
        settle_changed(by=None)

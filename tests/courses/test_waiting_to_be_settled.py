"""What an event completes is written at once; which courses that finishes is asked before anybody reads it, and is lost by nobody's death."""

import threading

import pytest
from django.db import connection
from django.urls import reverse
from wagtail.models import ModelLogEntry

from academy.models import Message
from courses import actions, clock, xapi
from courses.models import ActivityRecord, Certificate, Enrolment
from tests.factories.courses import make_course, make_lesson, make_module

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def course(promoter):
    module = make_module("The model")
    make_lesson(module, "One", completion="end")
    course = make_course("The programme", (module,))
    actions.enrol(course, user=promoter, by=promoter)
    return course


@pytest.fixture
def lesson(course, promoter):
    """Read to its end, which completes the course."""
    from courses.models import LessonPage

    lesson = LessonPage.objects.get()
    actions.record_progress(lesson, by=promoter, client="tab", sequence=1, progress=1)
    return lesson


def standing():
    return ActivityRecord.objects.unsettled().count(), Enrolment.objects.completed().count(), Certificate.objects.count()


def test_event_leaves_the_course_to_be_settled(lesson):
    record = ActivityRecord.objects.get()
    assert (record.is_complete, record.unsettled, standing()) == (True, True, (1, 0, 0))


def test_clock_settles_with_the_day_the_history_and_the_letter_of_the_event(lesson, promoter):
    assert clock.strike()["courses complete by the end of a lesson"] == 1
    record, enrolment = ActivityRecord.objects.get(), Enrolment.objects.get()
    line = ModelLogEntry.objects.get(action="courses.complete_course")
    assert standing() == (0, 1, 1)
    assert (enrolment.completed_at, line.user, line.data) == (
        record.completed_at,
        promoter,
        {"cause": "activity", "activity": str(record.activity_key)},
    )
    assert Message.objects.filter(cause=f"courses.certificate:{Certificate.objects.get().pk}").count() == 1
    assert "courses complete by the end of a lesson" not in clock.strike()


LEARNER = {
    "course home": lambda course, lesson: course.url,
    "lesson in its course": lambda course, lesson: f"{lesson.url}?course={course.translation_key}",
    "list of courses": lambda course, lesson: course.get_parent().url,
    "my learning": lambda course, lesson: reverse("courses_my_learning"),
    "my certificates": lambda course, lesson: reverse("courses_my_certificates"),
    "my academy": lambda course, lesson: reverse("my"),
}


@pytest.mark.parametrize("name", LEARNER)
def test_no_page_of_a_learner_shows_it_before(client_for, promoter, course, lesson, name):
    assert client_for(promoter).get(LEARNER[name](course, lesson)).status_code == 200
    assert standing() == (0, 1, 1)


TEAM = {
    "courses": lambda course, person: reverse("courses_cms_progress"),
    "matrix": lambda course, person: reverse("courses_cms_course", args=[course.translation_key]),
    "one person": lambda course, person: reverse("courses_cms_person", args=[course.translation_key, person.pk]),
    "enrolments": lambda course, person: reverse("enrolments:index"),
    "certificates": lambda course, person: reverse("certificates:index"),
}


@pytest.mark.parametrize("name", TEAM)
def test_no_report_of_the_team_shows_it_before(client_for, trainer, promoter, course, lesson, name):
    assert client_for(trainer).get(TEAM[name](course, promoter)).status_code == 200
    assert standing() == (0, 1, 1)


def test_no_feed_tells_it_before(lesson):
    xapi.statements()
    assert standing() == (0, 1, 1)


def add_lesson(course, lesson):
    make_lesson(lesson.get_parent().specific, "Two")


def unpublish(course, lesson):
    lesson.unpublish()


def delete_module(course, lesson):
    lesson.get_parent().specific.delete()


@pytest.mark.parametrize("change", [add_lesson, unpublish, delete_module])
def test_what_is_asked_after_it_takes_nothing_away(course, lesson, change):
    change(course, lesson)
    assert standing() == (0, 1, 1)


def test_to_reopen_takes_no_course_away(lesson, trainer):
    actions.reopen_activity(ActivityRecord.objects.get(), reason="Again", by=trainer)
    assert (standing(), ActivityRecord.objects.get().is_complete) == ((0, 1, 1), False)


@pytest.mark.django_db(transaction=True)
def test_settled_by_two_at_once_it_is_settled_once(client_for, promoter, course, lesson):
    if connection.vendor == "sqlite":
        pytest.skip("a database in memory has one connection")
    from courses.settling import settle_waiting

    def settle():
        try:
            settle_waiting()
        finally:
            connection.close()

    both = [threading.Thread(target=settle) for _each in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert (standing(), ModelLogEntry.objects.filter(action="courses.complete_course").count()) == ((0, 1, 1), 1)

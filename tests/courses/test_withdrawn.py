"""A lesson is taken off the site while somebody reads it: what they send is kept, and a stranger learns nothing of it."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import PageViewRestriction

from academy.http import HEARD
from courses import actions
from courses.models import ActivityRecord, Enrolment, LessonPage
from tests.factories.courses import asked, make_course, make_lesson, make_module

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
JSON = {"accept": "application/json"}


@pytest.fixture
def module():
    return make_module("The model")


@pytest.fixture
def lesson(module):
    check = asked("true_false", "True?", is_true=True, feedback_true="", feedback_false="")
    return make_lesson(module, completion="end", body=[{"type": "check", "value": [check], "id": "b"}])


def take_off_lesson(lesson):
    lesson.unpublish()


def take_off_module(lesson):
    lesson.get_parent().specific.unpublish()
    LessonPage.objects.get(pk=lesson.pk).unpublish()


def send(client, lesson, query="", **event):
    address = reverse("courses_progress", args=[lesson.translation_key]) + query
    return client.post(address, {"client": "tab", "sequence": 2, "progress": "0.7", "seconds": 5, **event})


@pytest.mark.parametrize("take_off", [take_off_lesson, take_off_module])
def test_who_has_begun_it_loses_nothing(client_for, promoter, lesson, take_off):
    actions.record_progress(lesson, by=promoter, client="tab", sequence=1, progress=0.2)
    take_off(lesson)
    client = client_for(promoter)
    answers = [send(client, lesson).json(), send(client, lesson).json()]
    assert (answers, ActivityRecord.objects.get().progress) == ([{"progress": 0.7, "complete": False}] * 2, 0.7)
    assert send(client, lesson, sequence=3, progress="1").json()["complete"] is True
    assert client.get(lesson.url).status_code == 404


def test_who_follows_a_course_with_it_loses_nothing(client_for, promoter, module, lesson):
    actions.enrol(make_course(modules=(module,)), user=promoter, by=promoter)
    take_off_module(lesson)
    assert (send(client_for(promoter), lesson).status_code, ActivityRecord.objects.get().progress) == (200, 0.7)


def test_the_answer_and_the_word_of_a_reader_are_kept_too(client_for, promoter, lesson):
    actions.record_progress(lesson, by=promoter, client="tab", sequence=1, progress=0.2)
    question = lesson.body.raw_data[0]["value"][0]["id"]
    take_off_lesson(lesson)
    client = client_for(promoter)
    address = reverse("courses_check", args=[lesson.translation_key, question])
    assert client.post(address, {f"q-{question}": "true", "keep": "1"}, headers=JSON).status_code == 200
    said = client.post(reverse("courses_complete", args=[lesson.translation_key]), headers=JSON)
    record = ActivityRecord.objects.get()
    assert (said.json()["go"], record.is_complete, list(record.checks)) == (reverse("courses_my_learning"), True, [question])


def test_it_is_written_where_the_course_asked_for_it_again(client_for, promoter, module, lesson):
    course = make_course(modules=(module,), redo=(module,))
    actions.enrol(course, user=promoter, by=promoter)
    place = str(course.translation_key)
    actions.record_progress(lesson, by=promoter, client="tab", sequence=1, progress=0.2, redo_in=place)
    take_off_lesson(lesson)
    assert send(client_for(promoter), lesson, f"?course={place}").status_code == 200
    assert list(ActivityRecord.objects.values_list("redo_in", "progress")) == [(place, 0.7)]


def never_published(lesson):
    LessonPage.objects.filter(pk=lesson.pk).update(live=False, first_published_at=None)


def reserved(lesson):
    lesson.unpublish()
    wall = PageViewRestriction.objects.create(page=lesson.get_parent(), restriction_type=PageViewRestriction.GROUPS)
    wall.groups.add(Group.objects.get(name="Reviewers"))


def test_a_stranger_learns_nothing(client_for, other_promoter, lesson):
    take_off_lesson(lesson)
    assert (send(client_for(other_promoter), lesson).status_code, ActivityRecord.objects.count()) == (404, 0)


@pytest.mark.parametrize("close", [never_published, reserved])
def test_nor_who_may_not_read_it_any_more(client_for, promoter, lesson, close):
    actions.record_progress(lesson, by=promoter, client="tab", sequence=1, progress=0.2)
    close(lesson)
    assert (send(client_for(promoter), lesson).status_code, ActivityRecord.objects.get().progress) == (404, 0.2)


def test_the_question_costs_nothing_while_it_is_published(client_for, promoter, lesson):
    client = client_for(promoter)
    send(client, lesson, sequence=1)
    with CaptureQueriesContext(connection) as captured:
        send(client, lesson)
    assert (len(captured) <= 8, Enrolment.objects.count()) == (True, 0)


def test_a_page_that_leaves_is_told_in_a_cookie_that_says_nothing_of_anybody(client_for, promoter, lesson):
    client = client_for(promoter)
    assert HEARD not in send(client, lesson, sequence=1).cookies
    cookie = send(client, lesson, sequence=2, leaving="k3x9").cookies[HEARD]
    assert (cookie.value, cookie["max-age"], cookie["samesite"], cookie["httponly"]) == ("k3x9", 60, "Lax", "")
    assert HEARD not in send(client, lesson, sequence=3, leaving="a; Path=/").cookies

"""*My learning*: all that is kept about oneself, the same as the trainer reads, on a page and as a file."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import PageViewRestriction

from courses import actions
from courses.models import Certificate
from tests.factories.courses import QuizAttemptFactory, make_course, make_lesson, make_module, make_quiz, right_answers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    translation.activate("en")


@pytest.fixture
def module(db):
    return make_module("Money")


@pytest.fixture
def lesson(module):
    return make_lesson(module, "The account")


@pytest.fixture
def quiz(module, lesson):
    return make_quiz(module, "The test", pass_mark=70)


@pytest.fixture
def course(module, lesson, quiz, promoter):
    made = make_course("Money and law", (module,))
    actions.enrol(made, user=promoter, by=promoter)
    return made


def page(client, query=""):
    with translation.override("en"):
        return client.get(reverse("courses_my_learning") + query)


def words(answer):
    return " ".join(answer.content.decode().split())


def test_all_that_was_done_is_told(course, lesson, quiz, promoter, trainer, client_for):
    actions.record_progress(lesson, by=promoter, client="tab", sequence=1, progress=0.5, seconds=600)
    failed = actions.start_attempt(quiz, by=promoter)
    actions.submit_attempt(failed, by=promoter, quiz=quiz, answers={})
    passed = actions.start_attempt(quiz, by=promoter)
    actions.submit_attempt(passed, by=promoter, quiz=quiz, answers=right_answers(passed.questions))
    record = actions.excuse_activity(lesson, user=promoter, reason="Taught it", by=trainer)
    text = words(page(client_for(promoter)))
    for told in ("Money and law", "2 / 2", "Excused by staff: Taught it", "70 % reached", "0 %", "100 %", "not passed", "10 min"):
        assert told in text, told
    actions.reopen_activity(record, reason="Please read the new part", by=trainer)
    assert "Opened again by staff: Please read the new part" in words(page(client_for(promoter)))
    assert trainer.name not in text


def test_trainer_reads_the_same_lines(course, lesson, promoter, trainer, client_for):
    actions.complete_activity(lesson, by=promoter)
    client = client_for(trainer)
    client.cookies["django_language"] = "en"
    theirs = words(client.get(reverse("courses_cms_person", args=[course.translation_key, promoter.pk])))
    mine = words(page(client_for(promoter)))
    for told in ("said to be read", "1 / 2", "Not begun"):
        assert told in theirs, told
        assert told in mine, told


def test_nothing_of_others_and_nothing_hidden(course, module, lesson, promoter, other_promoter, client_for):
    assert "You follow no course yet" in words(page(client_for(other_promoter)))
    restriction = PageViewRestriction.objects.create(page=module, restriction_type="groups")
    restriction.groups.add(Group.objects.get_or_create(name="Others")[0])
    text = words(page(client_for(promoter)))
    assert "Money and law" in text
    assert "The account" not in text
    restriction.page = course
    restriction.save()
    assert "Money and law" not in words(page(client_for(promoter)))


def test_file_has_a_line_for_each_activity(course, lesson, quiz, promoter, client_for):
    actions.complete_activity(lesson, by=promoter)
    QuizAttemptFactory(user=promoter, quiz_key=quiz.translation_key, started_at=timezone.now() - timedelta(minutes=3))
    answer = page(client_for(promoter), "?export=csv")
    heading, first, second = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert heading[:4] == ["Course", "Module", "Activity", "State"]
    assert first[:4] + first[5:6] == ["Money and law", "Money", "The account", "Done", "said to be read"]
    assert second[2:4] + second[-1:] == ["The test", "Begun", "1: open"]
    assert answer["Content-Disposition"] == 'attachment; filename="my-learning.csv"'


def test_costs_the_same_for_many_courses_and_activities(course, module, lesson, quiz, promoter, client_for):
    client, found = client_for(promoter), []
    for number in range(3):
        other = make_module(f"Module {number}")
        actions.complete_activity(make_lesson(other, f"Lesson {number}"), by=promoter)
        actions.enrol(make_course(f"Course {number}", (other,)), user=promoter, by=promoter)
        QuizAttemptFactory(user=promoter, quiz_key=quiz.translation_key, number=number + 1, state="waiting", submitted_at=timezone.now())
        page(client)
        with CaptureQueriesContext(connection) as queries:
            page(client)
        found.append(len(queries))
    assert found[0] == found[2] <= 16, found


def test_attempts_at_a_quiz_that_was_taken_off_the_site_are_found_again(course, quiz, promoter, client_for):
    QuizAttemptFactory(user=promoter, quiz_key=quiz.translation_key, title="The test")
    quiz.unpublish()
    with translation.override("en"):
        address = reverse("courses_attempt", args=[quiz.translation_key, 1])
    client = client_for(promoter)
    assert (address in words(page(client)), client.get(address).status_code) == (True, 200)


def test_a_lesson_that_was_taken_off_the_site_is_still_told(course, lesson, promoter, client_for):
    actions.complete_activity(lesson, by=promoter)
    client, said = client_for(promoter), "Lessons that are not offered any more"
    assert said not in words(page(client))
    lesson.unpublish()
    shown = words(page(client)).partition(said)[2]
    assert ("The account" in shown, "Done" in shown) == (True, True)


def close_to_others(course):
    restriction = PageViewRestriction.objects.create(page=course, restriction_type="groups")
    restriction.groups.add(Group.objects.get_or_create(name="Others")[0])


def test_a_course_that_closes_to_somebody_is_still_told_to_whoever_was_in_it(course, lesson, promoter, other_promoter, client_for):
    actions.complete_activity(lesson, by=promoter)
    actions.enrol(course, user=other_promoter, by=other_promoter)
    said = "Courses that are closed to you now"
    client, newcomer = client_for(promoter), client_for(other_promoter)
    assert said not in words(page(client))
    close_to_others(course)
    told = words(page(client)).partition(said)[2]
    assert ("Money and law" in told, "Required activities met 1 / 2" in told, course.url in told) == (True, True, False)
    rows = list(csv.reader(io.StringIO(page(client, "?export=csv").content.decode("utf-8-sig"))))
    assert [row[:4] for row in rows[1:]] == [["Money and law", "", "", "closed to you now"]]
    told = words(page(newcomer))
    assert ("Money and law" in told, "A course that is not open to you yet" in told) == (False, True)


@pytest.mark.parametrize("take_away", [lambda course: course.unpublish(), lambda course: course.delete()])
def test_a_course_that_is_not_offered_any_more_is_still_told(course, lesson, quiz, promoter, client_for, take_away):
    for activity in (lesson, quiz):
        actions.complete_activity(activity, by=promoter, user=promoter, reason="Done on paper.")
    certificate = Certificate.objects.get()
    client = client_for(promoter)
    assert "Courses that are not offered any more" not in words(page(client))
    take_away(course)
    shown = words(page(client))
    with translation.override("en"):
        address = reverse("courses_certificate", args=[certificate.pk])
    assert ["Courses that are not offered any more" in shown, "Money and law" in shown, address in shown] == [True] * 3
    rows = list(csv.reader(io.StringIO(page(client, "?export=csv").content.decode("utf-8-sig"))))
    assert [row[:4] for row in rows[1:]] == [["Money and law", "", "", "Finished"]]


def test_ways_lead_here(course, promoter, client_for):
    client = client_for(promoter)
    with translation.override("en"):
        for address in (course.url, reverse("my"), reverse("courses_my_certificates")):
            assert reverse("courses_my_learning") in client.get(address).content.decode(), address

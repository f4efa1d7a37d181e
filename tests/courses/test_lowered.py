"""A pass mark that is lowered: who reaches it now has passed, once, by the clock; nobody loses anything."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from wagtail.models import ModelLogEntry

from courses import actions
from courses.actions.lowered import _lowered, _who_passes
from courses.clock import strike
from courses.models import ActivityRecord, Enrolment
from tests.factories.academy import UserFactory
from tests.factories.courses import QuizAttemptFactory, make_course, make_module, make_quiz

pytestmark = pytest.mark.django_db
SAID = "quizzes passed since their mark is lower"


@pytest.fixture
def module():
    return make_module("Money")


@pytest.fixture
def quiz(module):
    return make_quiz(module, "The test", pass_mark=80)


def sat(quiz, person, *percents, grading="best", redo_in=""):
    for number, percent in enumerate(percents, 1):
        QuizAttemptFactory(
            user=person, quiz_key=quiz.translation_key, number=number, state="submitted", score=percent / 100, passed=False,
            submitted_at=quiz.first_published_at, pass_mark=80, grading=grading, redo_in=redo_in,
        )  # fmt: skip


def set_mark(quiz, mark):
    quiz.pass_mark = mark
    quiz.save_revision().publish()
    cache.clear()


def rules(person):
    return list(ActivityRecord.objects.of(person).completed().values_list("rule", "source"))


def test_who_reaches_the_lower_mark_has_passed_once_and_the_course_is_finished(quiz, module, promoter, other_promoter, client_for):
    course = make_course("Money and law", (module,))
    actions.enrol(course, user=promoter, by=promoter)
    sat(quiz, promoter, 40, 65)
    sat(quiz, other_promoter, 50)
    assert (strike()[SAID], rules(promoter)) == (0, [])
    set_mark(quiz, 60)
    assert strike()[SAID] == 1
    assert (rules(promoter), rules(other_promoter)) == ([("quiz.pass:60", "auto")], [])
    assert Enrolment.objects.get(user=promoter).completed_at is not None
    line = ModelLogEntry.objects.for_instance(ActivityRecord.objects.get(user=promoter)).get(action="courses.complete")
    assert (line.data["rule"], line.user) == ("quiz.pass:60", None)
    cache.clear()
    assert strike()[SAID] == 0
    with translation.override("en"):
        assert "60 % reached" in client_for(promoter).get(reverse("courses_my_learning")).content.decode()
    set_mark(quiz, 90)
    assert (strike()[SAID], rules(promoter)) == (0, [("quiz.pass:60", "auto")])


@pytest.mark.parametrize(("grading", "passes"), [("best", 1), ("last", 0), ("first", 1), ("average", 0)])
def test_what_counts_of_the_attempts_is_what_was_said_to_count(quiz, promoter, grading, passes):
    sat(quiz, promoter, 65, 40, grading=grading)
    set_mark(quiz, 60)
    assert strike()[SAID] == passes


def test_what_staff_opened_again_is_not_completed_by_it(quiz, promoter, trainer):
    sat(quiz, promoter, 65)
    record = actions.complete_activity(quiz, by=trainer, user=promoter, reason="On paper.")
    actions.reopen_activity(record, reason="It was somebody else's.", by=trainer)
    set_mark(quiz, 60)
    assert (strike()[SAID], rules(promoter)) == (0, [])


def test_it_looks_with_as_many_queries_for_one_quiz_as_for_three(module):
    found = []
    for number in range(3):
        quiz = make_quiz(module, f"Test {number}", pass_mark=80)
        for _person in range(number + 1):
            sat(quiz, UserFactory(), 65)
        set_mark(quiz, 60)
        with CaptureQueriesContext(connection) as queries:
            assert len(_who_passes(_lowered())) == (number + 1) * (number + 2) // 2
        found.append(len(queries))
    assert found == [3, 3, 3]

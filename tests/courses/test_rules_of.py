"""One set of rules for one activity: those of the version in the first language of the site, whichever is opened."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from courses import actions
from courses.access import readable_activity
from courses.models import ActivityRecord, QuizAttempt
from tests.factories.courses import make_course, make_lesson, make_module, make_quiz, translated

pytestmark = pytest.mark.django_db

FRENCH = {"pass_mark": 80, "attempts_allowed": 2, "wait": 60, "time_limit": 30, "grading": "last", "reveal": "never", "shuffle": False}
ENGLISH = {
    "pass_mark": 10, "attempts_allowed": 9, "wait": None, "time_limit": None, "grading": "best", "reveal": "always", "shuffle": True,
}  # fmt: skip


@pytest.fixture
def learner(client_for, promoter):
    return client_for(promoter)


@pytest.fixture
def quizzes():
    french = make_quiz(make_module("Le modèle", language="fr"), "Un quiz", **FRENCH)
    return french, translated(french, "en", title="A quiz", **ENGLISH)


def started(learner, language, quiz):
    with translation.override(language):
        learner.post(reverse("courses_attempt_start", args=[quiz.translation_key]))
    return QuizAttempt.objects.latest("started_at")


def test_an_attempt_begins_by_the_rules_of_the_first_language(learner, promoter, quizzes):
    _french, english = quizzes
    attempt = started(learner, "en", english)
    assert (attempt.language, attempt.pass_mark, attempt.grading) == ("en", 80, "last")
    assert attempt.deadline == attempt.started_at + timedelta(minutes=30)


def test_the_verb_keeps_to_them_whatever_page_it_is_given(promoter, quizzes):
    _french, english = quizzes
    assert actions.start_attempt(english, by=promoter).pass_mark == 80


def test_attempts_and_the_wait_between_them_are_counted_by_them(learner, promoter, quizzes):
    _french, english = quizzes
    with translation.override("en"):
        first = started(learner, "en", english)
        actions.submit_attempt(first, quiz=readable_activity(promoter, english.translation_key), by=promoter, answers={})
        html = learner.get(english.url).text
        assert ("You can try again on" in html, "1 attempt left." in html, "You pass with 80 %." in html) == (True, True, True)
        learner.post(reverse("courses_attempt_start", args=[english.translation_key]))
        assert QuizAttempt.objects.count() == 1
        QuizAttempt.objects.update(started_at=timezone.now() - timedelta(hours=3), submitted_at=timezone.now() - timedelta(hours=2))
        second = started(learner, "en", english)
        actions.submit_attempt(second, quiz=readable_activity(promoter, english.translation_key), by=promoter, answers={})
        QuizAttempt.objects.update(started_at=timezone.now() - timedelta(hours=3), submitted_at=timezone.now() - timedelta(hours=2))
        assert "No attempt left" in learner.get(english.url).text
        assert "right answer" not in learner.get(reverse("courses_attempt", args=[english.translation_key, 2])).text


def test_where_there_is_no_version_in_the_first_language_its_own_rules_count(learner):
    quiz = make_quiz(make_module("Only here", language="en"), **ENGLISH)
    assert started(learner, "en", quiz).pass_mark == 10


def test_a_version_that_is_not_published_rules_nothing(learner, quizzes):
    french, english = quizzes
    french.unpublish()
    assert started(learner, "en", english).pass_mark == 10


@pytest.mark.parametrize(("french", "complete"), [("end", True), ("confirm", False)])
def test_a_lesson_is_completed_as_the_first_language_says(learner, promoter, french, complete):
    module = make_module("Le modèle", language="fr")
    lesson = make_lesson(module, completion=french)
    english = translated(lesson, "en", completion="confirm" if french == "end" else "end")
    course = make_course("Programme", (module,), language="fr")
    actions.enrol(course, user=promoter, by=promoter)
    with translation.override("en"):
        address = reverse("courses_progress", args=[english.translation_key])
        told = learner.post(address, {"client": "tab", "sequence": 1, "progress": "1"}).json()
        assert told == {"progress": 1, "complete": complete}
        learner.post(reverse("courses_complete", args=[english.translation_key]))
    assert ActivityRecord.objects.get().rule == ("lesson.end" if complete else "lesson.confirm")


def test_what_a_device_keeps_goes_by_them_too(learner, quizzes):
    _french, english = quizzes
    with translation.override("en"):
        address = reverse("courses_module_parcel", args=[english.get_parent().specific.translation_key])
        left = learner.get(address).json()["left_out"]
    assert left == [{"title": "A quiz", "why": "it has a time limit, which only the server can keep."}]

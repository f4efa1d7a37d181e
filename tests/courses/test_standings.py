"""The course home says of each activity how far, how well, and what there is to wait for."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from academy.rules import RuleViolation
from courses import actions
from courses.models import ActivityRecord, QuizAttempt
from courses.progress import activity_states
from courses.standings import say_standings
from courses.syllabus import modules_with_activities
from tests.courses.test_quizzes import take
from tests.factories.courses import long_text, make_course, make_lesson, make_module, make_quiz, right_answers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def module():
    return make_module("The model")


@pytest.fixture
def learner(client_for, promoter):
    return client_for(promoter)


def said(person, activity):
    module = activity.get_parent().specific
    activities = modules_with_activities([module.translation_key], language="en")[module.translation_key].activities
    state = activity_states(person, activities)[activity.translation_key]
    say_standings(person, [state])
    return state.said, state.held


def test_of_a_lesson_how_much_is_read(promoter, module):
    lesson = make_lesson(module)
    assert said(promoter, lesson) == ("", "")
    actions.record_progress(lesson, by=promoter, client="tab", sequence=1, progress=0.456)
    assert said(promoter, lesson) == ("45 % read", "")
    actions.complete_activity(lesson, by=promoter)
    assert said(promoter, lesson) == ("", "")


def test_of_a_quiz_the_best_score_and_that_no_attempt_is_left(promoter, trainer, module):
    quiz = make_quiz(module, attempts_allowed=2, pass_mark=100)
    assert said(promoter, quiz) == ("", "")
    take(quiz, promoter, right=False)
    assert said(promoter, quiz) == ("best score: 0 %", "")
    attempt = actions.start_attempt(quiz, by=promoter)
    assert said(promoter, quiz) == ("best score: 0 % · an attempt is open: go on with it", "")
    half = dict(list(right_answers(attempt.questions).items())[:1])
    actions.submit_attempt(attempt, answers=half, quiz=quiz, by=promoter)
    assert said(promoter, quiz) == ("best score: 50 % · no attempt left: ask your trainer", "none")
    actions.allow_person(quiz, user=promoter, reason="Ill", by=trainer, attempts=1)
    assert said(promoter, quiz) == ("best score: 50 %", "")
    take(quiz, promoter)
    assert said(promoter, quiz) == ("best score: 100 %", "")


def test_of_an_average_what_counts(promoter, module):
    quiz = make_quiz(module, grading="average", pass_mark=80)
    take(quiz, promoter)
    ActivityRecord.objects.all().delete()
    take(quiz, promoter, right=False)
    assert said(promoter, quiz) == ("score that counts: 50 %", "")


def test_of_a_text_that_it_is_being_marked(promoter, module):
    quiz = make_quiz(module, questions=[long_text()])
    attempt = actions.start_attempt(quiz, by=promoter)
    actions.submit_attempt(attempt, answers=right_answers(attempt.questions), quiz=quiz, by=promoter)
    assert said(promoter, quiz) == ("being marked: a trainer reads your text", "waiting")


def test_of_a_wait_until_when(promoter, trainer, module):
    quiz = make_quiz(module, wait=60, pass_mark=100)
    take(quiz, promoter, right=False)
    words, held = said(promoter, quiz)
    assert (words.startswith("best score: 0 % · you can try again on "), held) == (True, "until")
    actions.allow_person(quiz, user=promoter, reason="Ill", by=trainer, without_waiting=True)
    assert said(promoter, quiz) == ("best score: 0 %", "")
    ActivityRecord.objects.update(need_not_wait=False)
    QuizAttempt.objects.update(started_at=timezone.now() - timedelta(hours=3), submitted_at=timezone.now() - timedelta(hours=2))
    assert said(promoter, quiz) == ("best score: 0 %", "")


def test_what_was_tried_before_a_reopening_is_not_said(promoter, trainer, module):
    quiz = make_quiz(module)
    take(quiz, promoter)
    actions.reopen_activity(ActivityRecord.objects.get(), reason="Somebody else answered", by=trainer)
    assert said(promoter, quiz) == ("", "")


def test_the_course_home_says_it_with_a_way_to_ask_and_goes_on_elsewhere(learner, promoter, module):
    quiz, lesson = make_quiz(module, attempts_allowed=1), make_lesson(module, "Afterwards")
    course = make_course("Programme", (module,))
    actions.enrol(course, user=promoter, by=promoter)
    take(quiz, promoter, right=False)
    for address in (course.url, module.url):
        html = learner.get(address).text
        assert ("no attempt left: ask your trainer" in html, f'href="{reverse("question_ask")}"' in html) == (True, True)
    html = learner.get(course.url).text
    assert f'href="{lesson.url}?course={course.translation_key}"' in html.partition("Next:")[2].partition("</aside>")[0]


def test_it_costs_the_same_for_one_quiz_and_for_five(learner, promoter, module):
    course = make_course("Programme", (module,))
    actions.enrol(course, user=promoter, by=promoter)

    def measure(number):
        for _each in range(number):
            take(make_quiz(module, pass_mark=100), promoter, right=False)
        learner.get(course.url)
        with CaptureQueriesContext(connection) as captured:
            html = learner.get(course.url).text
        assert html.count("best score: 0 %") == QuizAttempt.objects.count()
        return len(captured)

    one = measure(1)
    assert one == measure(4) <= 12


# --- a quiz with a time limit


def test_a_timed_quiz_says_before_it_begins_that_it_needs_the_network(learner, module):
    quiz = make_quiz(module, "Against the clock", time_limit=10)
    assert "you need a network until you have handed in" in learner.get(quiz.url).text
    html = learner.get(module.url).text
    assert "it has a time limit, which the server keeps: it needs the network." in html
    other = make_quiz(make_module("Other"))
    assert "need a network" not in learner.get(other.url).text


def test_no_attempt_allowed_is_none(promoter):
    module = make_module("The model")
    with pytest.raises(ValidationError) as wrong:
        make_quiz(module, attempts_allowed=0)
    assert list(wrong.value.message_dict) == ["attempts_allowed"]
    quiz = make_quiz(module, attempts_allowed=1)
    type(quiz).objects.update(attempts_allowed=0)  # from before it was refused
    quiz.refresh_from_db()
    with pytest.raises(RuleViolation) as refusal:
        actions.start_attempt(quiz, by=promoter)
    assert (refusal.value.code, QuizAttempt.objects.count()) == ("no_attempt_left", 0)


def test_the_page_of_a_quiz_says_that_the_time_of_an_attempt_is_over(promoter, learner, module):
    quiz = make_quiz(module, time_limit=10)
    attempt, go_on, over = actions.start_attempt(quiz, by=promoter), "Go on with your attempt", "The time is over"
    with translation.override("en"):
        there = quiz.full_url

    def said():
        html = learner.get(there, headers={"accept-language": "en"}, follow=True).content.decode()
        link = f'{reverse("courses_attempt", args=[quiz.translation_key, attempt.number]).partition("/learn")[2]}"'
        return [go_on in html, over in html, link in html]

    learner.cookies["django_language"] = "en"
    before = said()
    QuizAttempt.objects.update(started_at=attempt.started_at - timedelta(hours=1), deadline=attempt.deadline - timedelta(hours=1))
    assert (before, said()) == ([True, False, True], [False, True, True])
    page = learner.get(reverse("courses_attempt", args=[quiz.translation_key, attempt.number])).content.decode()
    assert [words in page for words in ("No answer was saved before the end.", "Hand it in as it is", "0 answers")] == [True, True, False]

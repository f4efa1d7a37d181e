"""What a browser sends twice, too late, from another tab, after a reload or after signing out; and a quiz that becomes harder later."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses import actions
from courses.groups import Owner
from courses.models import ActivityRecord, Certificate, Enrolment, QuizAttempt, QuizPage
from courses.progress import outline_of
from courses.syllabus import syllabuses
from tests.factories.courses import make_assignment, make_course, make_lesson, make_module, make_quiz, right_answers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
JSON = {"accept": "application/json"}


@pytest.fixture
def module():
    return make_module("The model")


@pytest.fixture
def lesson(module):
    return make_lesson(module)


@pytest.fixture
def learner(client_for, promoter):
    return client_for(promoter)


def send(client, lesson, *, sequence, client_name="tab", **event):
    address = reverse("courses_progress", args=[lesson.translation_key])
    return client.post(address, {"client": client_name, "sequence": sequence, **event})


def kept():
    record = ActivityRecord.objects.get()
    return record.progress, record.position, record.seconds


# --- events of a lesson


def test_events_that_come_twice_and_out_of_order_end_as_if_each_had_come_once(learner, lesson):
    events = [
        {"sequence": 1, "progress": "0.2", "position": "one", "seconds": 10},
        {"sequence": 2, "progress": "0.5", "position": "two", "seconds": 20},
        {"sequence": 3, "progress": "0.4", "position": "three", "seconds": 30},
    ]
    for number in (0, 2, 1, 2, 0, 1):
        assert send(learner, lesson, **events[number]).status_code == 200
    assert kept() == (0.4, "three", 30)


@pytest.mark.parametrize("others", [19, 20, 41, 100])
def test_an_event_counts_once_however_many_tabs_wrote_since(learner, lesson, others):
    """A phone that was off for a term sends what it kept."""
    event = {"client_name": "phone", "sequence": 3, "progress": "0.2", "seconds": 60}
    send(learner, lesson, **event)
    for number in range(others):
        send(learner, lesson, client_name=f"tab-{number}", sequence=1, progress="0.1", seconds=1)
    for _again in range(2):
        send(learner, lesson, **event)
        send(learner, lesson, **{**event, "sequence": 2, "seconds": 50})
    assert kept() == (0.2, "", 60 + others)
    send(learner, lesson, **{**event, "sequence": 4, "seconds": 70})
    for number in range(others):
        send(learner, lesson, client_name=f"tab-{number}", sequence=1, progress="0.1", seconds=1)
    assert kept() == (0.2, "", 70 + others)


def test_two_tabs_keep_the_furthest_and_count_the_time_of_both(learner, lesson):
    send(learner, lesson, sequence=1, progress="0.8", position="far", seconds=30)
    send(learner, lesson, client_name="other", sequence=1, progress="0.1", position="near", seconds=12)
    assert kept() == (0.8, "near", 42)


def test_what_is_sent_after_signing_out_is_not_kept_and_counts_once_when_it_comes_again(learner, lesson, promoter):
    event = {"sequence": 1, "progress": "0.5", "position": "two", "seconds": 20}
    learner.logout()
    assert send(learner, lesson, **event).status_code == 401
    assert ActivityRecord.objects.count() == 0
    learner.force_login(promoter)
    for _twice in range(2):
        send(learner, lesson, **event)
    assert kept() == (0.5, "two", 20)


def test_an_event_after_completion_uncompletes_nothing_and_moves_no_date(learner, lesson):
    learner.post(reverse("courses_complete", args=[lesson.translation_key]))
    done = ActivityRecord.objects.get()
    send(learner, lesson, sequence=1, progress="0.1", position="top", seconds=5)
    record = ActivityRecord.objects.get()
    assert (record.completed_at, record.rule, record.progress, record.position) == (done.completed_at, done.rule, 1, "top")


# --- a quiz


def at(name, quiz, *more):
    return reverse(name, args=[quiz.translation_key, *more])


def typed(answers):
    return {f"q-{key}": given for key, given in answers.items()}


def test_a_reload_of_a_timed_quiz_gives_no_more_time_no_other_questions_and_loses_nothing(learner, module):
    quiz = make_quiz(module, time_limit=10, shuffle=True)
    learner.post(at("courses_attempt_start", quiz))
    attempt = QuizAttempt.objects.get()
    QuizAttempt.objects.update(started_at=attempt.started_at - timedelta(minutes=4), deadline=attempt.deadline - timedelta(minutes=4))
    attempt.refresh_from_db()
    answers = right_answers(attempt.questions)
    learner.post(at("courses_attempt_save", quiz, 1), typed(answers), headers=JSON)
    pages = [learner.get(at("courses_attempt", quiz, 1)).text for _reload in range(2)]
    learner.post(at("courses_attempt_start", quiz))
    pages.append(learner.get(at("courses_attempt", quiz, 1)).text)
    again = QuizAttempt.objects.get()
    assert (again.deadline, again.questions, again.answers) == (attempt.deadline, attempt.questions, answers)
    deadline = timezone.localtime(attempt.deadline).isoformat()
    assert [deadline in page for page in pages] == [True] * 3
    order = [[page.index(f'"q-{one["id"]}') for one in again.questions] for page in pages]
    assert order == [sorted(places) for places in order]
    assert [page.count(" checked") for page in pages] == [sum(len(given) for given in answers.values())] * 3


def test_answers_sent_after_signing_out_change_nothing(learner, module):
    quiz = make_quiz(module)
    learner.post(at("courses_attempt_start", quiz))
    attempt = QuizAttempt.objects.get()
    learner.logout()
    for name in ("courses_attempt_save", "courses_attempt_submit"):
        answer = learner.post(at(name, quiz, 1), typed(right_answers(attempt.questions)), headers=JSON)
        assert (answer.status_code, "/accounts/login/" in answer.headers.get("Location", "")) == (302, True)
    attempt.refresh_from_db()
    assert (attempt.answers, attempt.state) == ({}, "open")


def test_what_one_person_left_unsent_is_not_taken_for_the_next_who_signs_in(learner, module, other_promoter):
    quiz = make_quiz(module)
    learner.post(at("courses_attempt_start", quiz))
    attempt = QuizAttempt.objects.get()
    learner.logout()
    learner.force_login(other_promoter)
    answer = learner.post(at("courses_attempt_save", quiz, 1), typed(right_answers(attempt.questions)), headers=JSON)
    attempt.refresh_from_db()
    assert (answer.status_code, attempt.answers, QuizAttempt.objects.count()) == (404, {}, 1)


def test_two_tabs_hand_in_once_also_when_the_time_ends_between_them(client_for, promoter, module):
    quiz = make_quiz(module, time_limit=10)
    one, two = client_for(promoter), Client()
    two.force_login(promoter)
    for tab in (one, two):
        tab.post(at("courses_attempt_start", quiz))
    attempt = QuizAttempt.objects.get()
    answers = right_answers(attempt.questions)
    one.post(at("courses_attempt_submit", quiz, 1), {**typed(answers), "anyway": "1"}, headers=JSON)
    QuizAttempt.objects.update(
        started_at=attempt.started_at - timedelta(minutes=30),
        deadline=attempt.deadline - timedelta(minutes=30),
        submitted_at=attempt.started_at - timedelta(minutes=25),
    )
    late = two.post(at("courses_attempt_submit", quiz, 1), {"anyway": "1"}, headers=JSON)
    assert (late.status_code, late.json()["code"]) == (409, "handed_in")
    attempt.refresh_from_db()
    assert (attempt.score, attempt.answers, QuizAttempt.objects.count()) == (1.0, answers, 1)


# --- a quiz that becomes harder


def tried(quiz, person, *, right):
    attempt = actions.start_attempt(quiz, by=person)
    answers = right_answers(attempt.questions)
    chosen = dict(list(answers.items())[:right])
    return actions.submit_attempt(attempt, answers=chosen, quiz=quiz, by=person)


def test_a_pass_mark_that_is_raised_after_success_undoes_nothing_and_holds_for_the_others(module, promoter, other_promoter):
    quiz = make_quiz(module, pass_mark=50)
    course = make_course("The programme", (module,))
    for person in (promoter, other_promoter):
        actions.enrol(course, user=person, by=person)
    half = tried(quiz, promoter, right=1)
    done = ActivityRecord.objects.get(user=promoter)
    assert (half.passed, done.is_complete) == (True, True)
    quiz = QuizPage.objects.get(pk=quiz.pk)
    quiz.pass_mark = 100
    quiz.save_revision().publish()
    quiz = QuizPage.objects.get(pk=quiz.pk)
    again = tried(quiz, promoter, right=1)
    assert (again.pass_mark, again.passed) == (100, False)
    record = ActivityRecord.objects.get(user=promoter)
    assert (record.completed_at, record.rule, record.revision) == (done.completed_at, done.rule, done.revision)
    outline = outline_of(promoter, syllabuses([course.translation_key])[course.translation_key])
    assert (outline.progress.complete, outline.activities[0].state, outline.new) == (True, "done", [])
    assert Certificate.objects.valid().filter(holder=promoter).count() == 1
    assert not tried(quiz, other_promoter, right=1).passed
    assert not ActivityRecord.objects.get(user=other_promoter).is_complete
    assert list(Enrolment.objects.completed().values_list("user", flat=True)) == [promoter.pk]


def test_what_happened_before_staff_opened_it_again_does_not_complete_it_again(promoter, trainer, module):
    lesson = make_lesson(module, "To the end", completion="end")
    record = actions.record_progress(lesson, by=promoter, client="tab", sequence=1, progress=1)
    actions.reopen_activity(record, reason="Read it again.", by=trainer)
    ActivityRecord.objects.update(reopened_at=timezone.now() - timedelta(minutes=1))
    late = actions.record_progress(lesson, by=promoter, client="device", sequence=1, progress=1, age=3600)
    assert (late.is_complete, late.progress < 1) == (False, True)
    assert actions.record_progress(lesson, by=promoter, client="device", sequence=2, progress=1).is_complete


def test_the_course_says_that_what_is_left_waits(learner, promoter, module):
    task = make_assignment(module)
    course = make_course("Programme", (module,))
    actions.enrol(course, user=promoter, by=promoter)
    owner = Owner(person=promoter)
    work = actions.save_work(task, owner=owner, by=promoter, edition=0, text="Mine.")
    actions.hand_in(task, owner=owner, by=promoter, edition=work.edition)
    html = learner.get(course.url).text
    assert ("what is left waits, and says below for what" in html, "Each module below says when it opens" in html) == (True, False)

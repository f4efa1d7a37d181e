"""A quiz that staff opened again: what was tried before does not complete it a second time."""

import pytest

from courses import actions
from courses.models import ActivityRecord
from tests.courses.test_quizzes import take
from tests.factories.courses import long_text, make_module, make_quiz, right_answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def module():
    return make_module("The model")


def test_after_a_reopening_only_what_is_begun_then_counts(module, promoter, trainer):
    quiz = make_quiz(module)
    late = actions.start_attempt(quiz, by=promoter)
    actions.submit_attempt(late, answers=right_answers(late.questions), quiz=quiz, by=promoter)
    record = ActivityRecord.objects.get()
    actions.reopen_activity(record, reason="Somebody else answered", by=trainer)
    take(quiz, promoter, right=False)
    record.refresh_from_db()
    assert record.completed_at is None
    take(quiz, promoter)
    record.refresh_from_db()
    assert record.completed_at is not None


def test_what_waits_for_marks_when_staff_reopen_does_not_complete(module, promoter, trainer):
    quiz = make_quiz(module, questions=[long_text()])
    first = actions.start_attempt(quiz, by=promoter)
    actions.submit_attempt(first, answers=right_answers(first.questions), quiz=quiz, by=promoter)
    record = ActivityRecord.objects.get()
    actions.complete_activity(quiz, user=promoter, reason="Told me aloud", by=trainer)
    actions.reopen_activity(record, reason="By mistake", by=trainer)
    marks = {first.questions[0]["id"]: (1, "Good")}
    assert actions.mark_answers(first, marks=marks, by=trainer).passed
    record.refresh_from_db()
    assert record.completed_at is None


def test_to_lift_an_excuse_takes_no_attempt_back(module, promoter, trainer):
    quiz = make_quiz(module, grading="average", pass_mark=50)
    take(quiz, promoter, right=False)
    record = ActivityRecord.objects.get()
    actions.excuse_activity(quiz, user=promoter, reason="Ill", by=trainer)
    actions.reopen_activity(record, reason="Well again", by=trainer)
    take(quiz, promoter)
    record.refresh_from_db()
    assert record.completed_at is not None  # (0 + 100) / 2

"""What somebody who is erased wrote in their own words goes; that they took part, and with which result, stays."""

import pytest

from academy import actions as academy_actions
from courses import actions
from courses.models import ActivityRecord, QuizAttempt
from tests.factories.courses import asked, long_text, make_lesson, make_quiz, question

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def test_texts_of_quizzes_and_lessons_go_and_their_marks_stay(module, promoter, trainer):
    quiz = make_quiz(module, questions=[long_text(), question("One?", ("yes", True), ("no", False))])
    attempt = actions.start_attempt(quiz, by=promoter)
    text, choice = (one["id"] for one in attempt.questions)
    right = [next(one["id"] for one in attempt.questions[1]["answers"] if one["correct"])]
    attempt = actions.submit_attempt(attempt, quiz=quiz, by=promoter, answers={text: ["I, Ana, live in Liège."], choice: right})
    attempt = actions.mark_answers(attempt, marks={text: (0.5, "Well told, Ana.")}, by=trainer)
    open_one = actions.start_attempt(quiz, by=promoter)
    actions.save_answers(open_one, answers={open_one.questions[0]["id"]: ["Ana again."]}, by=promoter)
    check = asked("long", "Tell.", words=None, guide="")
    lesson = make_lesson(module, body=[{"type": "check", "value": [check], "id": "b"}])
    actions.keep_check(
        lesson, question={"id": check["id"], "kind": "long", "prompt": "", "feedback": ""}, answer=["Ana here."], by=promoter
    )
    academy_actions.erase_person(promoter, by=promoter)
    first, second = QuizAttempt.objects.order_by("number")
    assert (first.user, first.answers, first.percent, first.marks[text]["fraction"]) == (None, {text: ["—"], choice: right}, 75, 0.5)
    assert "Ana" not in f"{first.answers}{first.marks}{second.answers}{list(ActivityRecord.objects.values_list('checks', flat=True))}"

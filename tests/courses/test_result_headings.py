"""The heading of a result speaks of the quiz first, which several attempts decide, then of this attempt."""

import re

import pytest
from django.urls import reverse

from courses import actions
from tests.factories.courses import make_module, make_quiz, right_answers, two_questions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.mark.parametrize(
    ("grading", "tries", "headings"),
    [
        ("best", [False, True, False], ["Not yet: 0 %", "Passed with 100 %", "The quiz is passed. This attempt: 0 %"]),
        ("last", [True, False], ["Passed with 100 %", "The quiz is passed. This attempt: 0 %"]),
        ("first", [False, True], ["Not yet passed. This attempt: 0 %", "Not yet passed. This attempt: 100 %"]),
        ("average", [False, True], ["Not yet passed. This attempt: 0 %", "Not yet passed. This attempt: 100 %"]),
        ("average", [True, False], ["The quiz is passed. This attempt: 100 %", "The quiz is passed. This attempt: 0 %"]),
    ],
)
def test_heading_says_whether_the_quiz_is_passed(client_for, promoter, grading, tries, headings):
    quiz, client, found = make_quiz(make_module(), grading=grading, questions=two_questions()), client_for(promoter), []
    for is_right in tries:
        attempt = actions.start_attempt(quiz, by=promoter)
        answers = right_answers(attempt.questions) if is_right else {}
        actions.submit_attempt(attempt, quiz=quiz, answers=answers, by=promoter)
        html = client.get(reverse("courses_attempt", args=[quiz.translation_key, attempt.number])).content.decode()
        found.append(re.search(r"<h1>(.*?)</h1>", html)[1])
    assert found == headings

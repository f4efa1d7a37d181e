"""Item analysis: known numbers from plain values, then who reads them and what stands on the page."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from courses.analysis import Sitting, analyse, correlation, hint, wording
from courses.grading import mark
from tests.factories.courses import QuizAttemptFactory, make_module, make_quiz


def choice(key, prompt="Which?", right="a", answers="ab"):
    return {
        "id": key, "kind": "single", "prompt": f"<p>{prompt}</p>", "feedback": "", "several": False,
        "answers": [{"id": one, "text": f"text {one}", "correct": one == right, "feedback": ""} for one in answers],
    }  # fmt: skip


def short(key, prompt="Form?"):
    return {
        "id": key, "kind": "short", "prompt": prompt, "feedback": "", "case": False, "accents": False,
        "accepted": [{"text": "cooperative", "share": 1.0, "feedback": ""}],
    }  # fmt: skip


def sitting(questions, *answers, seconds=60, language="en"):
    given = {question["id"]: [answer] if answer else [] for question, answer in zip(questions, answers, strict=True)}
    return Sitting(mark(questions, given), language, seconds)


ABC = [choice("q1"), choice("q2"), choice("q3")]


def test_correlation_is_pearsons():
    assert correlation([1, 1, 0, 0], [4, 3, 2, 1]) == pytest.approx(0.894427, abs=1e-6)
    assert correlation([1, 0, 1, 0], [1, 0, 1, 0]) == pytest.approx(1)
    assert correlation([1, 1, 1], [1, 2, 3]) is None
    assert correlation([1], [1]) is None


def test_facility_and_discrimination_of_twelve_people():
    """Six know everything, three know q1 and q2, three only q3: q3 goes against the others."""
    sittings = [sitting(ABC, "a", "a", "a")] * 6 + [sitting(ABC, "a", "a", "b")] * 3 + [sitting(ABC, "b", "b", "a")] * 3
    first, second, third = analyse(sittings).items
    assert (first.facility, second.facility, third.facility) == (0.75, 0.75, 0.75)
    # q1 against the mean of q2 and q3: 1, 1 six times; 1, 0.5 three times; 0, 0.5 three times
    assert first.discrimination == pytest.approx(0.577350, abs=1e-6)
    # q3 against the mean of q1 and q2: 1, 1 six times; 0, 1 three times; 1, 0 three times
    assert third.discrimination == pytest.approx(-1 / 3, abs=1e-6)
    assert [one.hint for one in (first, second, third)] == ["good", "good", "against"]
    assert [(one.text, one.count, one.right) for one in first.choices] == [("text a", 9, True), ("text b", 3, False)]


def test_few_people_say_nothing_sure():
    found = analyse([sitting(ABC, "a", "b", "")] * 9)
    assert [(one.hint, one.discrimination) for one in found.items] == [("few", None)] * 3
    assert [one.facility for one in found.items] == [1, 0, 0]
    assert [one.unanswered for one in found.items] == [0, 0, 9]


@pytest.mark.parametrize(
    ("facility", "discrimination", "said"),
    [(0.97, 0.1, "easy"), (0.97, -0.1, "against"), (0.2, 0.4, "hard"), (0.5, 0.05, "weak"), (0.5, None, "weak"), (0.5, 0.2, "fair"), (0.5, 0.3, "good")],
)  # fmt: skip
def test_hints(facility, discrimination, said):
    assert hint(50, facility, discrimination) == said
    assert hint(9, facility, discrimination) == "few"


def test_a_changed_wording_is_another_question():
    new = [choice("q1", prompt="Which one?"), *ABC[1:]]
    found = analyse([sitting(ABC, "a", "a", "a")] * 2 + [sitting(new, "b", "a", "a")])
    assert [(one.question["prompt"], one.asked, one.is_current) for one in found.items] == [
        ("<p>Which one?</p>", 1, True), ("<p>Which?</p>", 2, False), ("<p>Which?</p>", 3, True), ("<p>Which?</p>", 3, True),
    ]  # fmt: skip


def test_the_order_of_the_answers_and_the_feedback_are_no_wording():
    mixed = {**choice("q1"), "answers": choice("q1")["answers"][::-1], "feedback": "<p>new</p>"}
    assert wording(mixed) == wording(choice("q1"))
    assert wording(choice("q1", right="b")) != wording(choice("q1"))
    pairs = {
        "id": "m",
        "kind": "match",
        "prompt": "?",
        "pairs": [{"id": "1", "text": "x", "option": "o"}, {"id": "2", "text": "y", "option": "p"}],
    }
    options = [{"id": "o", "text": "X"}, {"id": "p", "text": "Y"}]
    assert wording({**pairs, "options": options}) == wording({**pairs, "pairs": pairs["pairs"][::-1], "options": options[::-1]})


def test_frequent_wrong_answers_of_what_is_typed():
    typed = [short("s")]
    answers = ["Cooperative", "company", "Company ", "club", "", "company"]
    item = analyse([sitting(typed, answer) for answer in answers]).items[0]
    assert [(one.text, one.count) for one in item.choices] == [("company", 3), ("club", 1)]
    assert (item.asked, item.unanswered, item.facility) == (6, 1, pytest.approx(1 / 6))


def test_times_and_nothing_at_all():
    found = analyse([sitting(ABC, "a", "a", "b", seconds=seconds) for seconds in (30, 60, 600)])
    assert (found.sittings, found.median_seconds, found.mean) == (3, 60, pytest.approx(2 / 3))
    nothing = analyse([])
    assert (nothing.sittings, nothing.mean, nothing.median_seconds, nothing.items) == (0, None, None, [])


# --- the page


@pytest.fixture
def quiz(db):
    return make_quiz(make_module("Money"), "The test")


def handed_in(quiz, answer="a", number=1, minutes=5, **fields):
    now = timezone.now()
    times = {"started_at": now - timedelta(minutes=minutes), "submitted_at": now}
    facts = {"state": "submitted", "score": 0.5, "passed": False, "number": number, "questions": ABC, "answers": {"q1": [answer]}}
    return QuizAttemptFactory(quiz_key=quiz.translation_key, **{**facts, **times, **fields})


@pytest.fixture
def staff(client_for, trainer):
    client = client_for(trainer)
    client.cookies["django_language"] = "en"
    return client


def address(quiz):
    return reverse("courses_cms_analysis", args=[quiz.translation_key])


def test_page_counts_first_attempts_that_are_handed_in(quiz, staff):
    for _person in range(10):
        handed_in(quiz)
    handed_in(quiz, "b", number=2)
    handed_in(quiz, "b", state="open", score=None, passed=None, submitted_at=None)
    handed_in(quiz, "b", user=None)
    words = " ".join(staff.get(address(quiz)).content.decode().split())
    assert "11 first attempts" in words
    assert "Facility <b>91 %</b>" in words
    assert "5 min" in words
    assert "The test" in staff.get(reverse("courses_cms_quizzes")).content.decode()


def test_file(quiz, staff):
    handed_in(quiz, "b")
    heading, first, *_others = csv.reader(io.StringIO(staff.get(address(quiz) + "?export=csv").content.decode("utf-8-sig")))
    assert heading[0] == "Question"
    assert first[:3] + first[4:8] == ["Which?", "single", "en", "1", "0", "0.0", ""]
    assert first[-1] == "text a ✓ (0); text b (1)"


def test_empty_and_unknown(quiz, staff):
    assert "Nobody has handed in this quiz yet" in staff.get(address(quiz)).content.decode()
    assert staff.get(reverse("courses_cms_analysis", args=["8b1c1f2e-0000-4000-8000-000000000000"])).status_code == 404
    assert "Nobody has handed in a quiz yet" in staff.get(reverse("courses_cms_quizzes")).content.decode()


@pytest.mark.parametrize(("who", "status"), [("trainer", 200), ("coordinator", 200), ("reviewer", 302), ("promoter", 302)])
def test_who_reads_the_analysis(request, client_for, quiz, who, status):
    client = client_for(request.getfixturevalue(who))
    assert [client.get(one).status_code for one in (address(quiz), reverse("courses_cms_quizzes"))] == [status, status]


def test_costs_the_same_for_one_attempt_and_three(quiz, staff):
    found = []
    for _time in range(3):
        handed_in(quiz)
        staff.get(address(quiz))
        with CaptureQueriesContext(connection) as queries:
            staff.get(address(quiz))
        found.append(len(queries))
    assert found[0] == found[2] <= 15, found

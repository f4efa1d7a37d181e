"""What a device without a network sends later, and what it needs beforehand. The browser's side is in tests/browser/test_offline.py."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from courses import actions
from courses.heard import heard, is_heard, wrote_last
from courses.models import ActivityRecord, QuizAttempt
from tests.factories.courses import make_lesson, make_module, make_quiz, right_answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def module():
    return make_module()


@pytest.fixture
def lesson(module):
    return make_lesson(module)


@pytest.fixture
def quiz(module):
    return make_quiz(module)


def test_each_tab_is_heard_once_and_the_last_one_is_known():
    saves = heard(heard({}, "phone", 3), "laptop", 1)
    assert saves == [["laptop", 1], ["phone", 3]]
    assert (is_heard(saves, "phone", 3), is_heard(saves, "phone", 4), is_heard(saves, "tablet", 0)) == (True, False, False)
    assert (wrote_last(saves, "laptop"), wrote_last(saves, "phone")) == (True, False)
    assert heard(saves, "", 0) == [["", 0], ["laptop", 1], ["phone", 3]]


def test_rows_written_before_tabs_were_remembered_are_read():
    assert is_heard({"phone": 3}, "phone", 2)
    assert heard({"phone": 3}, "laptop", 1) == [["laptop", 1], ["phone", 3]]


def test_what_was_heard_once_does_not_come_back_over_newer_answers(quiz, promoter):
    attempt = actions.start_attempt(quiz, by=promoter)
    right = right_answers(attempt.questions)
    one = next(iter(right))
    actions.save_answers(attempt, answers={one: right[one]}, by=promoter, client="phone", sequence=1)
    actions.save_answers(attempt, answers=right, by=promoter, client="laptop", sequence=1)
    attempt = actions.save_answers(attempt, answers={one: right[one]}, by=promoter, client="phone", sequence=1)
    assert attempt.answers == right


def written_elsewhere(attempt, promoter, answers):
    actions.save_answers(attempt, answers=answers, by=promoter, client="laptop", sequence=1)


@pytest.mark.parametrize("verb", ["save", "submit"])
def test_older_answers_only_fill_what_is_open(quiz, promoter, verb):
    attempt = actions.start_attempt(quiz, by=promoter)
    right = right_answers(attempt.questions)
    first, *others = right
    written_elsewhere(attempt, promoter, {first: right[first]})
    older = {**{key: right[key] for key in others}, first: []}
    if verb == "save":
        attempt = actions.save_answers(attempt, answers=older, by=promoter, client="phone", sequence=9, age=3600)
    else:
        attempt = actions.submit_attempt(attempt, answers=older, age=3600, quiz=quiz, by=promoter)
    assert attempt.answers == right


def test_newer_answers_stand(quiz, promoter):
    attempt = actions.start_attempt(quiz, by=promoter)
    right = right_answers(attempt.questions)
    first = next(iter(right))
    written_elsewhere(attempt, promoter, right)
    QuizAttempt.objects.update(saved_at=timezone.now() - timedelta(hours=2))
    attempt = actions.save_answers(attempt, answers={first: []}, by=promoter, client="phone", sequence=1, age=3600)
    assert attempt.answers == {first: []}


def accept_json(client, address, **data):
    return client.post(address, data, headers={"Accept": "application/json"})


def test_a_script_is_told_where_to_go_on(quiz, lesson, promoter, client_for):
    client = client_for(promoter)
    done = accept_json(client, reverse("courses_complete", args=[lesson.translation_key]))
    assert done.json()["go"].startswith("/")
    attempt = actions.start_attempt(quiz, by=promoter)
    address = reverse("courses_attempt", args=[quiz.translation_key, attempt.number])
    hand_in = reverse("courses_attempt_submit", args=[quiz.translation_key, attempt.number])
    assert accept_json(client, hand_in).json() == {"go": f"{address}?missing=1#missing"}
    assert accept_json(client, hand_in, anyway="1").json() == {"go": address}
    again = accept_json(client, hand_in, anyway="1")
    assert (again.status_code, again.json()["code"]) == (409, "handed_in")


def parcel(client, module):
    return client.get(reverse("courses_module_parcel", args=[module.translation_key]))


def test_parcel_names_every_page_and_the_attempts_that_need_no_server(module, lesson, quiz, promoter, client_for):
    limited = make_quiz(module, title="By the clock", time_limit=10)
    counted = make_quiz(module, title="Once", attempts_allowed=1)
    client = client_for(promoter)
    found = parcel(client, module).json()
    pages = [module.url, lesson.url, quiz.url, limited.url, counted.url, reverse("courses_offline")]
    assert sorted(found["pages"]) == sorted(pages)
    assert found["pages"][0] == module.url
    assert found["starts"] == [reverse("courses_attempt_start", args=[quiz.translation_key])]
    assert sorted(left["title"] for left in found["left_out"]) == ["By the clock", "Once"]
    open_one = actions.start_attempt(counted, by=promoter)
    found = parcel(client, module).json()
    assert reverse("courses_attempt", args=[counted.translation_key, open_one.number]) in found["pages"]
    assert [left["title"] for left in found["left_out"]] == ["By the clock"]


def test_passed_quiz_is_not_begun_again(module, quiz, promoter, client_for):
    attempt = actions.start_attempt(quiz, by=promoter)
    actions.submit_attempt(attempt, answers=right_answers(attempt.questions), quiz=quiz, by=promoter)
    found = parcel(client_for(promoter), module).json()
    assert (found["starts"], found["left_out"], quiz.url in found["pages"]) == ([], [], True)


def test_parcel_is_for_who_may_read_the_module(module, promoter, client_for, visitor_client):
    assert parcel(visitor_client, module).status_code == 302
    assert parcel(client_for(promoter), module).status_code == 200
    module.unpublish()
    assert parcel(client_for(promoter), module).status_code == 404
    assert client_for(promoter).get(reverse("courses_module_parcel", args=[uuid4()])).status_code == 404


def test_looking_at_a_parcel_begins_nothing(module, quiz, promoter, client_for):
    parcel(client_for(promoter), module)
    assert (QuizAttempt.objects.count(), ActivityRecord.objects.count()) == (0, 0)


def test_the_worker_is_served_at_the_root_and_asked_for_anew(client):
    answer = client.get("/sw.js")
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, "text/javascript; charset=utf-8", "no-cache")
    assert b"module:" in answer.content

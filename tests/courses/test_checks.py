"""Questions inside a lesson: judged at once, kept for who learns, counting for nothing."""

import uuid

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from wagtail.models import PageViewRestriction

from courses import actions
from courses.checks import question_of
from courses.findables import entries
from courses.models import ActivityRecord
from tests.factories.courses import asked, item, make_lesson, make_module, one_of_each_kind, question, right_answer, translated

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
WRONG = {
    "single": lambda one: [answer["id"] for answer in one["answers"] if not answer["correct"]],
    "multiple": lambda one: [answer["id"] for answer in one["answers"] if not answer["correct"]],
    "true_false": lambda one: ["false"],
    "numeric": lambda one: ["99"],
    "short": lambda one: ["a castle"],
    "match": lambda one: [f"{pair['id']}:{next(o['id'] for o in one['options'] if o['id'] != pair['option'])}" for pair in one["pairs"]],
    "order": lambda one: [f"{row['id']}:{place}" for row, place in zip(one["items"], (2, 3, 1), strict=True)],
}


def holds(raw):
    """A question as it stands in the body of a lesson."""
    return {"type": "check", "id": str(uuid.uuid4()), "value": [raw]}


def lesson_with(*raw, **fields):
    body = [{"type": "text", "value": "<p>Before.</p>"}, *map(holds, raw), {"type": "text", "value": "<p>After.</p>"}]
    return make_lesson(make_module("The model"), "What Smart is", body=body, **fields)


def address(lesson, question_id, language="en"):
    with translation.override(language):
        return reverse("courses_check", args=[lesson.translation_key, question_id])


def send(client, lesson, one, answer, **headers):
    return client.post(address(lesson, one["id"]), {f"q-{one['id']}": answer}, headers=headers or JSON)


@pytest.fixture
def raw():
    return question("One?", ("yes", True), ("no", False))


@pytest.fixture
def lesson(raw):
    return lesson_with(raw)


@pytest.fixture
def one(lesson, raw):
    return question_of(lesson, raw["id"])


@pytest.fixture
def learner(client_for, promoter):
    return client_for(promoter)


# --- what an answer is worth


@pytest.mark.parametrize("number", range(7))
def test_every_kind_is_judged_right_and_not_right(visitor_client, number):
    raw = one_of_each_kind()[number]
    lesson = lesson_with(raw)
    one = question_of(lesson, raw["id"])
    assert one["kind"] == raw["type"]
    right, wrong = (send(visitor_client, lesson, one, given).json() for given in (right_answer(one), WRONG[raw["type"]](one)))
    assert (right["verdict"], wrong["verdict"]) == ("right", "wrong")
    assert "because of" in right["told"]
    assert "Not yet" in wrong["told"]


def test_half_of_it_is_partly_right_and_feedback_is_of_what_was_chosen(visitor_client):
    raw = question("Several?", ("a", True), ("b", True), ("c", False), kind="multiple")
    lesson = lesson_with(raw)
    one = question_of(lesson, raw["id"])
    first = next(answer for answer in one["answers"] if answer["text"] == "a")
    said = send(visitor_client, lesson, one, [first["id"]]).json()
    assert said["verdict"] == "partly"
    assert [words in said["told"] for words in ("about a", "about b", "about c")] == [True, False, False]


def test_nothing_answered_is_no_verdict_and_not_kept(learner, lesson, one):
    said = send(learner, lesson, one, []).json()
    assert said["verdict"] == ""
    assert "Answer first, then check." in said["told"]
    assert ActivityRecord.objects.get().checks == {}


# --- what is too long


def counting(answer):
    raw = one_of_each_kind()[3]
    lesson = lesson_with(raw)
    return lesson, question_of(lesson, raw["id"]), answer


@pytest.mark.parametrize("length", [401, 8_000, 39_999])
def test_what_is_longer_than_a_number_is_no_number_and_said_to_be_too_long(visitor_client, learner, length):
    lesson, one, answer = counting("1" * length + "x")
    for client in (visitor_client, learner):
        said = send(client, lesson, one, answer).json()
        assert (said["verdict"], "Not a number" in said["told"], "It is longer than 400 characters" in said["told"]) == (
            "wrong",
            True,
            True,
        )
    assert ActivityRecord.objects.filter(checks__has_key=one["id"]).count() == 0


def test_what_is_longer_than_any_answer_is_not_even_read(visitor_client, learner):
    lesson, one, answer = counting("1" * 100_000 + "x")
    for client in (visitor_client, learner):
        said = send(client, lesson, one, answer)
        assert (said.status_code, said.json()["code"]) == (409, "too_long")


def test_one_address_checks_so_often_and_is_told_when_it_is_too_often(visitor_client, learner, lesson, one, monkeypatch):
    monkeypatch.setattr("courses.check_views.CHECKS", 3)
    answers = [send(visitor_client, lesson, one, right_answer(one)) for _try in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 409]
    assert answers[-1].json()["code"] == "too_often"
    assert send(learner, lesson, one, right_answer(one)).status_code == 200


# --- the page


def test_page_asks_in_place_and_tells_no_answer(visitor_client, learner):
    raws = one_of_each_kind()
    raws[4]["value"]["accepted"] = [item({"text": "cooperative", "share": 100, "feedback": "well said"})]
    lesson = lesson_with(*raws)
    order = question_of(lesson, raws[6]["id"])
    match = question_of(lesson, raws[5]["id"])
    for client in (visitor_client, learner):
        html = client.get(lesson.url).content.decode()
        places = [html.index(words) for words in ("Before.", "One?", "Several?", "In what order?", "After.")]
        assert places == sorted(places)
        for hidden in ("because of", "about yes", "12.5", "cooperative", "well said", "data-correct"):
            assert hidden not in html
        assert not any(f"{pair['id']}:{pair['id']}" in html for pair in match["pairs"])
        shown = [html.index(f'value="{key}:"') for key in order["shown"]]
        assert shown == sorted(shown)
        assert order["shown"] != [row["id"] for row in order["items"]]


def test_page_of_a_visitor_is_the_same_for_all_and_kept(visitor_client, lesson):
    html = visitor_client.get(lesson.url).content.decode()
    assert "csrfmiddlewaretoken" not in html
    assert "sessionid" not in visitor_client.cookies


def test_half_written_question_is_left_out(visitor_client, raw):
    half = asked("single", "Half?", answers=[item({"text": "only one", "correct": True, "feedback": ""})])
    html = visitor_client.get(lesson_with(half, raw).url).content.decode()
    assert "Half?" not in html
    assert "One?" in html
    assert "<!--check" not in html


def test_preview_shows_the_question_without_a_button(lesson):
    lesson.title = "Not published"
    html = lesson.make_preview_request().content.decode()
    assert "One?" in html
    assert "Check my answer" not in html


# --- without script


@pytest.mark.parametrize("who", ["visitor_client", "learner"])
def test_without_script_the_lesson_comes_back_at_the_question_with_the_answer(request, who, lesson, one):
    client = request.getfixturevalue(who)
    wrong = WRONG["single"](one)
    answer = client.post(address(lesson, one["id"]), {f"q-{one['id']}": wrong})
    assert answer.headers["Location"] == f"{lesson.url}?check={one['id']}&q-{one['id']}={wrong[0]}#check-{one['id']}"
    html = client.get(answer.headers["Location"]).content.decode()
    assert "Not yet" in html
    assert "about no" in html
    assert f'value="{wrong[0]}" checked' in html


# --- kept


def test_learner_finds_the_answer_again_also_in_another_language(learner, lesson, one, promoter):
    right = right_answer(one)
    for _time in range(2):
        assert send(learner, lesson, one, right).json()["verdict"] == "right"
    record = ActivityRecord.objects.get(user=promoter)
    assert (record.checks, record.completed_at, record.progress) == ({one["id"]: right}, None, 0)
    french = translated(lesson, "fr")
    for page in (lesson, french):
        html = learner.get(page.url).content.decode()
        assert f'value="{right[0]}" checked' in html
        assert 'data-kind="good"' in html


def test_better_answer_stays(learner, lesson, one):
    right, wrong = right_answer(one), WRONG["single"](one)
    kept = []
    for answer in (wrong, right, wrong):
        send(learner, lesson, one, answer)
        kept.append(ActivityRecord.objects.get().checks[one["id"]])
    assert kept == [wrong, right, right]


def test_answer_that_an_author_took_away_is_forgotten(learner, lesson, one, promoter):
    actions.keep_check(lesson, question=one, answer=right_answer(one), by=promoter)
    ActivityRecord.objects.update(checks={one["id"]: ["gone"]})
    assert "course-answers" not in learner.get(lesson.url).content.decode()
    assert send(learner, lesson, one, right_answer(one)).json()["verdict"] == "right"
    assert ActivityRecord.objects.get().checks == {one["id"]: right_answer(one)}


def test_what_a_visitor_answers_is_not_kept(visitor_client, lesson, one):
    assert send(visitor_client, lesson, one, right_answer(one)).json()["verdict"] == "right"
    assert not ActivityRecord.objects.exists()


# --- refused


@pytest.mark.parametrize("foreign", [{"q-{id}": "elsewhere"}, {"q-elsewhere": "{right}"}, {"q-{id}": ["{right}", "{wrong}"]}])
def test_foreign_questions_and_choices_are_refused(learner, lesson, one, foreign):
    words = {"id": one["id"], "right": right_answer(one)[0], "wrong": WRONG["single"](one)[0]}
    fields = {
        name.format(**words): [part.format(**words) for part in value] if isinstance(value, list) else value.format(**words)
        for name, value in foreign.items()
    }
    answer = learner.post(address(lesson, one["id"]), fields, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (409, "foreign_answer")
    assert not ActivityRecord.objects.exists()


def test_stranger_gets_nothing(learner, visitor_client, lesson, one):
    restriction = PageViewRestriction.objects.create(page=lesson.get_parent(), restriction_type=PageViewRestriction.GROUPS)
    restriction.groups.add(Group.objects.get(name="Trainers"))
    for client in (learner, visitor_client):
        assert send(client, lesson, one, right_answer(one)).status_code == 404
    assert not ActivityRecord.objects.exists()


def test_question_of_another_lesson_is_not_there(learner, lesson, one):
    other = lesson_with(question("Two?", ("yes", True), ("no", False)))
    assert send(learner, other, one, right_answer(one)).status_code == 404


def test_learner_needs_the_token_of_the_form(promoter, lesson, one):
    client = Client(enforce_csrf_checks=True)
    client.force_login(promoter)
    assert send(client, lesson, one, right_answer(one)).status_code == 403
    assert not ActivityRecord.objects.exists()


def test_learner_who_is_signed_out_meanwhile_is_asked_to_sign_in(visitor_client, lesson, one):
    fields = {f"q-{one['id']}": right_answer(one), "keep": "1"}
    assert visitor_client.post(address(lesson, one["id"]), fields, headers=JSON).status_code == 401


# --- found, counted


def test_lesson_is_found_by_what_it_asks_and_not_by_the_answers(lesson):
    found = [entry.body for entry in entries(lesson)]
    assert found == ["Before.\nOne?\nAfter."]


def queries(function):
    function()
    with CaptureQueriesContext(connection) as captured:
        function()
    return len(captured)


def test_queries_do_not_grow_with_the_questions(learner):
    def measure(count):
        raws = [question(f"{number}?", ("yes", True), ("no", False)) for number in range(count)]
        lesson = lesson_with(*raws)
        one = question_of(lesson, raws[0]["id"])
        answers = iter([WRONG["single"](one), right_answer(one)])
        return queries(lambda: learner.get(lesson.url)), queries(lambda: send(learner, lesson, one, next(answers)))

    read, written = measure(1)
    assert measure(3) == (read, written)
    assert read <= 12
    assert written <= 8

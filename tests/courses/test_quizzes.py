"""Attempts under their rules: every kind of question, time, waiting, what counts, a trainer's marks, what one person is allowed."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from academy.models import Message
from academy.rules import RuleViolation
from courses import actions
from courses.models import GRACE, ActivityRecord, QuizAttempt
from courses.person_reports import person_reports
from courses.questions import slots_of
from courses.reports import Wanted, course_report
from courses.syllabus import syllabuses
from tests.factories.academy import UserFactory
from tests.factories.courses import (
    asked,
    item,
    long_text,
    make_course,
    make_module,
    make_quiz,
    one_of_each_kind,
    question,
    right_answers,
    translated,
    two_questions,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def module():
    return make_module("The model")


@pytest.fixture
def learner(client_for, promoter):
    return client_for(promoter)


def address(name, quiz, number):
    with translation.override("en"):
        return reverse(name, args=[quiz.translation_key, number])


def form(answers):
    return {f"q-{key}": given for key, given in answers.items()}


def take(quiz, by, right=True):
    attempt = actions.start_attempt(quiz, by=by)
    return actions.submit_attempt(attempt, answers=right_answers(attempt.questions) if right else {}, quiz=quiz, by=by)


def refused(code, act, *args, **kwargs):
    with pytest.raises(RuleViolation) as refusal:
        act(*args, **kwargs)
    assert refusal.value.code == code


def move_back(attempt, **delta):
    """As if the attempt had begun, and been handed in, earlier."""
    past = timedelta(**delta)
    fields = {"started_at": attempt.started_at - past}
    if attempt.deadline:
        fields["deadline"] = attempt.deadline - past
    if attempt.submitted_at:
        fields["submitted_at"] = attempt.submitted_at - past
    QuizAttempt.objects.filter(pk=attempt.pk).update(**fields)
    attempt.refresh_from_db()
    return attempt


# --- every kind


def test_every_kind_is_asked_answered_by_an_ordinary_form_and_explained(learner, promoter, module):
    quiz = make_quiz(module, questions=one_of_each_kind())
    learner.post(reverse_start(quiz))
    attempt = QuizAttempt.objects.get()
    assert [q["kind"] for q in attempt.questions] == ["single", "multiple", "true_false", "numeric", "short", "match", "order"]
    html = learner.get(address("courses_attempt", quiz, 1)).content.decode()
    for q in attempt.questions:
        assert f'name="q-{q["id"]}"' in html
    assert "because of" not in html
    assert "coopérative" not in html
    learner.post(address("courses_attempt_save", quiz, 1), form(right_answers(attempt.questions)))
    html = learner.get(address("courses_attempt", quiz, 1)).content.decode()
    assert 'value="coopérative"' in html
    assert html.count(" selected") == 6
    assert html.count(" checked") == 4
    response = learner.post(address("courses_attempt_submit", quiz, 1), form(right_answers(attempt.questions)), follow=True)
    html = response.content.decode()
    assert "Passed with 100" in html
    assert html.count("because of") == 7
    attempt.refresh_from_db()
    assert (attempt.score, attempt.state) == (1.0, "submitted")


def reverse_start(quiz):
    with translation.override("en"):
        return reverse("courses_attempt_start", args=[quiz.translation_key])


def test_what_is_answered_in_part_is_asked_again_and_counts_in_part(learner, promoter, module):
    quiz = make_quiz(module, questions=[one for one in one_of_each_kind() if one["type"] in ("match", "order")])
    learner.post(reverse_start(quiz))
    attempt = QuizAttempt.objects.get()
    answers = {key: given[:1] for key, given in right_answers(attempt.questions).items()}
    response = learner.post(address("courses_attempt_submit", quiz, 1), form(answers), follow=True)
    assert "Some questions have no answer yet" in response.content.decode()
    learner.post(address("courses_attempt_submit", quiz, 1), {**form(answers), "anyway": "1"})
    attempt.refresh_from_db()
    assert attempt.score == pytest.approx(1 / 3, abs=1e-5)


def test_true_and_false_are_said_in_the_language_of_the_quiz(module):
    quiz = make_quiz(module, questions=[one for one in one_of_each_kind() if one["type"] == "true_false"])
    french = translated(quiz, "fr")
    with translation.override("en"):
        assert [answer["text"] for answer in slots_of(french)[0]["questions"][0]["answers"]] == ["Vrai", "Faux"]
        assert [answer["text"] for answer in slots_of(quiz)[0]["questions"][0]["answers"]] == ["True", "False"]


def test_half_written_questions_are_not_asked(module):
    whole = one_of_each_kind()
    for one in whole:
        one["value"]["prompt"] = ""
    assert slots_of(make_quiz(module, questions=whole)) == []


def test_a_pool_gives_each_attempt_its_draw(promoter, module):
    pool = {
        "type": "pool",
        "id": "p",
        "value": {"name": "", "draw": 2, "questions": [question(f"Q{n}", ("yes", True), ("no", False)) for n in range(6)]},
    }
    quiz = make_quiz(module, questions=[*two_questions(), pool])
    assert quiz.number_of_questions == 4
    drawn = []
    for _number in range(8):
        attempt = actions.start_attempt(quiz, by=promoter)
        assert len(attempt.questions) == 4
        drawn.append(frozenset(q["id"] for q in attempt.questions))
        assert actions.submit_attempt(attempt, answers=right_answers(attempt.questions), quiz=quiz, by=promoter).score == 1
    assert len(set(drawn)) > 1


# --- what an author may publish


def cleaned(module, questions):
    quiz = make_quiz(module, questions=questions)
    return quiz.questions.stream_block.clean(quiz.questions)


def test_every_kind_may_be_published(module):
    pool = {"type": "pool", "id": "p", "value": {"name": "", "draw": 1, "questions": one_of_each_kind()}}
    assert len(cleaned(module, [*one_of_each_kind(), long_text(), pool])) == 9


@pytest.mark.parametrize(
    "wrong",
    [
        asked("numeric", accepted=[]),
        asked("short", accepted=[]),
        asked("short", accepted=[item({"text": "a", "share": 101, "feedback": ""})]),
        asked("match", pairs=[item({"left": "a", "right": "b"})], decoys=[]),
        asked("match", pairs=[item({"left": "a", "right": "b"}), item({"left": "c", "right": "b"})], decoys=[]),
        asked("order", items=[item("alone")]),
        {"type": "pool", "id": "p", "value": {"name": "", "draw": 3, "questions": two_questions()}},
        {"type": "pool", "id": "p", "value": {"name": "", "draw": 1, "questions": []}},
    ],
    ids=lambda wrong: wrong["type"],
)
def test_a_question_that_cannot_be_answered_is_not_published(module, wrong):
    with pytest.raises(ValidationError):
        cleaned(module, [wrong])


# --- time


def test_the_server_keeps_the_time(promoter, module):
    quiz = make_quiz(module, time_limit=10)
    attempt = actions.start_attempt(quiz, by=promoter)
    assert attempt.deadline - attempt.started_at == timedelta(minutes=10)
    answers = right_answers(attempt.questions)
    move_back(attempt, minutes=10, seconds=30)  # on its way when the time ended
    assert actions.save_answers(attempt, answers=answers, by=promoter).answers == answers
    move_back(attempt, minutes=5)
    refused("time_over", actions.save_answers, attempt, answers={}, by=promoter)
    attempt = actions.submit_attempt(attempt, answers={}, quiz=quiz, by=promoter)
    assert (attempt.score, attempt.answers) == (1.0, answers)


def test_answers_after_the_end_are_said_to_be_late(learner, promoter, module):
    quiz = make_quiz(module, time_limit=10)
    learner.post(reverse_start(quiz))
    attempt = QuizAttempt.objects.get()
    html = learner.get(address("courses_attempt", quiz, 1)).content.decode()
    assert timezone.localtime(attempt.deadline).isoformat() in html
    move_back(attempt, minutes=12)
    assert "Hand it in as it is" in learner.get(address("courses_attempt", quiz, 1)).content.decode()
    late = form(right_answers(attempt.questions))
    save = learner.post(address("courses_attempt_save", quiz, 1), late, headers={"accept": "application/json"})
    assert (save.status_code, save.json()["code"]) == (409, "time_over")
    response = learner.post(address("courses_attempt_submit", quiz, 1), late, follow=True)
    assert "what had been saved until then is handed in" in response.content.decode()
    attempt.refresh_from_db()
    assert (attempt.score, attempt.answers) == (0.0, {})


def test_the_clock_hands_in_what_was_saved_once(promoter, other_promoter, module):
    quiz = make_quiz(module, time_limit=10)
    late, running = actions.start_attempt(quiz, by=promoter), actions.start_attempt(quiz, by=other_promoter)
    actions.save_answers(late, answers=right_answers(late.questions), by=promoter)
    move_back(late, minutes=10, seconds=GRACE.total_seconds() + 1)
    for _twice in range(2):
        call_command("tick")
    late.refresh_from_db(), running.refresh_from_db()
    assert (late.state, late.score, running.state) == ("submitted", 1.0, "open")
    assert ActivityRecord.objects.get(user=promoter).is_complete


def test_the_clock_hands_in_for_a_quiz_that_is_gone(promoter, module):
    quiz = make_quiz(module, time_limit=10)
    attempt = actions.start_attempt(quiz, by=promoter)
    move_back(attempt, minutes=20)
    quiz.delete()
    call_command("tick")
    attempt.refresh_from_db()
    assert attempt.state == "submitted"


def test_an_attempt_whose_time_is_over_makes_room_for_the_next(promoter, module):
    quiz = make_quiz(module, time_limit=10)
    move_back(actions.start_attempt(quiz, by=promoter), minutes=20)
    assert actions.start_attempt(quiz, by=promoter).number == 2
    assert QuizAttempt.objects.get(number=1).state == "submitted"


# --- waiting, and what counts


def test_a_wait_between_two_attempts_says_until_when(learner, promoter, module, trainer):
    quiz = make_quiz(module, wait=60)
    first = take(quiz, promoter, right=False)
    refused("too_early", actions.start_attempt, quiz, by=promoter)
    assert "You can try again on" in learner.get(quiz.url).content.decode()
    assert "Between two attempts: 1 hour" in learner.get(quiz.url).content.decode()
    actions.allow(ActivityRecord.objects.get(), without_waiting=True, reason="She read it with me", by=trainer)
    assert actions.start_attempt(quiz, by=promoter).number == 2
    QuizAttempt.objects.filter(number=2).delete()
    ActivityRecord.objects.update(need_not_wait=False)
    move_back(first, minutes=61)
    assert actions.start_attempt(quiz, by=promoter).number == 2


@pytest.mark.parametrize(
    ("method", "tries", "complete"),
    [
        ("best", [False, True, False], [False, True, True]),
        ("last", [True, False], [True, True]),
        ("first", [False, True], [False, False]),
        ("first", [True], [True]),
        ("average", [False, True, True, True], [False, False, False, True]),
    ],
)
def test_what_counts_decides_and_never_undoes(promoter, module, method, tries, complete):
    quiz = make_quiz(module, grading=method)
    found = []
    for right in tries:
        take(quiz, promoter, right=right)
        found.append(ActivityRecord.objects.get().is_complete)
    assert found == complete


def test_what_counts_is_frozen_when_an_attempt_begins(promoter, module):
    quiz = make_quiz(module, grading="first")
    take(quiz, promoter, right=False)
    attempt = actions.start_attempt(quiz, by=promoter)
    quiz.grading = "best"
    quiz.save_revision().publish()
    actions.submit_attempt(attempt, answers=right_answers(attempt.questions), quiz=quiz, by=promoter)
    assert not ActivityRecord.objects.get().is_complete


# --- what a learner sees afterwards


@pytest.mark.parametrize(
    ("reveal", "shown"),
    [("end", (True, False, True)), ("always", (True, True, True)), ("never", (True, False, False)), ("score", (False, False, False))],
)
def test_the_author_says_what_is_shown(learner, promoter, module, reveal, shown):
    quiz = make_quiz(module, reveal=reveal)
    take(quiz, promoter, right=False)
    html = learner.get(address("courses_attempt", quiz, 1)).content.decode()
    assert ("One?</p>" in html, "(right answer)" in html, "because of One?</p>" in html) == shown
    assert "Not yet: 0" in html


# --- a trainer marks


@pytest.fixture
def written(promoter, module):
    quiz = make_quiz(module, questions=[*two_questions(), long_text("Why?"), long_text("How?")], pass_mark=80)
    attempt = take(quiz, promoter)
    return quiz, attempt, [q["id"] for q in attempt.questions if q["kind"] == "long"]


def test_a_text_waits_and_completes_nothing(learner, promoter, written):
    quiz, attempt, _texts = written
    assert (attempt.state, attempt.score, attempt.passed) == ("waiting", None, None)
    assert not ActivityRecord.objects.get().is_complete
    refused("waiting", actions.start_attempt, quiz, by=promoter)
    html = learner.get(address("courses_attempt", quiz, 1)).content.decode()
    assert "a trainer reads your text" in html
    assert "It names the need." not in html
    assert "(right answer)" not in html
    assert "A trainer reads your text" in learner.get(quiz.url).content.decode()


def test_marking_gives_the_score_completes_and_is_told_once(learner, promoter, trainer, written):
    quiz, attempt, (first, second) = written
    attempt = actions.mark_answers(attempt, marks={first: (1, "Well seen")}, by=trainer)
    assert (attempt.is_waiting, Message.objects.count()) == (True, 0)
    attempt = actions.mark_answers(attempt, marks={second: (0.5, "Say who pays")}, by=trainer)
    assert (attempt.state, attempt.score, attempt.passed) == ("submitted", 0.875, True)
    assert ActivityRecord.objects.get().rule == "quiz.pass:80"
    message = Message.objects.get()
    assert message.to == promoter
    assert "87\u00a0%" in message.body_text.replace(" %", "\u00a0%")
    assert address("courses_attempt", quiz, 1).replace("/en/", f"/{promoter.language}/") in message.body_text
    html = learner.get(address("courses_attempt", quiz, 1)).content.decode()
    assert "Say who pays" in html
    refused("not_waiting", actions.mark_answers, attempt, marks={first: (0, "")}, by=trainer)


@pytest.mark.parametrize(("fraction", "code"), [(1.5, "out_of_range"), (-0.1, "out_of_range")])
def test_a_mark_is_a_share(trainer, written, fraction, code):
    _quiz, attempt, texts = written
    refused(code, actions.mark_answers, attempt, marks={texts[0]: (fraction, "")}, by=trainer)


def test_only_texts_are_marked(trainer, written):
    _quiz, attempt, _texts = written
    refused("foreign_answer", actions.mark_answers, attempt, marks={attempt.questions[0]["id"]: (1, "")}, by=trainer)


def test_a_text_left_empty_waits_for_nobody(promoter, module):
    quiz = make_quiz(module, questions=[*two_questions(), long_text()], pass_mark=60)
    attempt = actions.start_attempt(quiz, by=promoter)
    answers = {key: given for key, given in right_answers(attempt.questions).items() if given != ["A text of mine."]}
    attempt = actions.submit_attempt(attempt, answers=answers, quiz=quiz, by=promoter)
    assert (attempt.state, attempt.passed) == ("submitted", True)


# --- in the CMS


def test_a_trainer_finds_who_waits_longest_and_marks_from_there(client_for, trainer, promoter, other_promoter, written):
    quiz, attempt, (first, second) = written
    other = take(quiz, other_promoter)
    move_back(other, days=2)
    client = client_for(trainer)
    rows = list(client.get(reverse("to-mark:index")).context["object_list"])
    assert [row.pk for row in rows] == [other.pk, attempt.pk]
    url = reverse("courses_cms_attempt", args=[other.pk])
    html = client.get(url).content.decode()
    assert "It names the need." in html
    assert "A text of mine." in html
    assert client.post(url, {f"{first}-percent": "120"}).status_code == 200
    assert "A text of mine." in client.post(url, {f"{first}-percent": "", f"{first}-comment": "Good"}).content.decode()
    data = {f"{first}-percent": "100", f"{first}-comment": "", f"{second}-percent": "80", f"{second}-comment": "Good", "next": "1"}
    response = client.post(url, data)
    assert response.headers["Location"] == reverse("courses_cms_attempt", args=[attempt.pk])
    other.refresh_from_db()
    assert (other.state, other.score) == ("submitted", 0.95)
    assert client.post(url, data).status_code == 404
    assert [row.pk for row in client.get(reverse("to-mark:index")).context["object_list"]] == [attempt.pk]


@pytest.mark.parametrize(("who", "status"), [("trainer", 200), ("coordinator", 200), ("reviewer", 302), ("promoter", 302)])
def test_who_opens_an_attempt_in_the_cms(request, client_for, written, who, status):
    client = client_for(request.getfixturevalue(who))
    assert client.get(reverse("courses_cms_attempt", args=[written[1].pk])).status_code == status
    assert client.get(reverse("to-mark:index")).status_code == status


def test_the_queue_costs_the_same_for_one_text_and_three(client_for, trainer, written):
    quiz, _attempt, _texts = written
    client, url = client_for(trainer), reverse("to-mark:index")
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for _other in range(2):
        take(quiz, UserFactory())
    with CaptureQueriesContext(connection) as three:
        assert len(client.get(url).context["object_list"]) == 3
    assert len(one) == len(three)


def test_who_marks_the_last_text_of_others_is_not_led_to_their_own(client_for, trainer, written):
    quiz, attempt, (first, second) = written
    take(quiz, trainer)
    url = reverse("courses_cms_attempt", args=[attempt.pk])
    response = client_for(trainer).post(url, {f"{first}-percent": "100", f"{second}-percent": "100", "next": "1"})
    assert response.headers["Location"] == url


def test_nobody_marks_their_own_text(client_for, trainer, module):
    quiz = make_quiz(module, questions=[long_text()])
    attempt = take(quiz, trainer)
    client = client_for(trainer)
    assert list(client.get(reverse("to-mark:index")).context["object_list"]) == []
    assert client.post(reverse("courses_cms_attempt", args=[attempt.pk]), {}).status_code == 404


def test_staff_allow_more_with_a_reason_that_is_kept(client_for, trainer, promoter, module):
    quiz = make_quiz(module, time_limit=10, attempts_allowed=1)
    attempt = actions.start_attempt(quiz, by=promoter)
    record = ActivityRecord.objects.get()
    client, url = client_for(trainer), reverse("courses_cms_record_verb", args=[record.pk, "allow"])
    page = client.get(reverse("courses_cms_record", args=[record.pk])).content.decode()
    assert 'name="minutes"' in page
    assert client.post(url, {"minutes": "5", "reason": ""}).status_code == 200
    assert client.post(url, {"attempts": "0", "minutes": "0", "reason": "Because"}).status_code == 200
    assert client.post(url, {"attempts": "-1", "minutes": "601", "reason": "Because"}).status_code == 200
    assert ActivityRecord.objects.filter(extra_attempts=0, extra_minutes=0).exists()
    assert client.post(url, {"attempts": "2", "minutes": "5", "reason": "Reads slowly"}).status_code == 302
    record.refresh_from_db()
    before, attempt = attempt.deadline, QuizAttempt.objects.get()
    assert (record.extra_attempts, record.extra_minutes, attempt.deadline - before) == (2, 5, timedelta(minutes=5))
    assert "Reads slowly" in ModelLogEntry.objects.for_instance(record).latest("timestamp").message
    actions.submit_attempt(attempt, answers={}, quiz=quiz, by=promoter)
    following = actions.start_attempt(quiz, by=promoter)
    assert following.deadline - following.started_at == timedelta(minutes=15)


def test_the_answer_to_a_save_says_how_much_time_there_is_now(learner, promoter, trainer, module):
    quiz = make_quiz(module, time_limit=10)
    before = actions.start_attempt(quiz, by=promoter).deadline
    actions.allow(ActivityRecord.objects.get(), minutes=30, reason="Reads slowly", by=trainer)
    tab = {"client": "tab", "sequence": "1"}
    said = learner.post(address("courses_attempt_save", quiz, 1), tab, headers={"accept": "application/json"}).json()
    assert said["deadline"] == (before + timedelta(minutes=30)).isoformat()
    assert abs(datetime.fromisoformat(said["now"]) - timezone.now()) < timedelta(minutes=1)


def test_more_is_allowed_before_anybody_has_begun(client_for, trainer, promoter, module):
    quiz = make_quiz(module, time_limit=10)
    course = make_course(modules=(module,))
    actions.enrol(course, user=promoter, by=promoter)
    client, cell = client_for(trainer), [course.translation_key, promoter.pk, quiz.translation_key]
    assert 'name="minutes"' in client.get(reverse("courses_cms_cell", args=cell)).text
    url = reverse("courses_cms_cell_verb", args=[*cell, "allow"])
    assert client.post(url, {"minutes": "5", "reason": ""}).status_code == 200
    assert not ActivityRecord.objects.exists()
    assert client.post(url, {"minutes": "5", "reason": "Reads slowly"}).status_code == 302
    record = ActivityRecord.objects.get()
    assert "Reads slowly" in ModelLogEntry.objects.for_instance(record).latest("timestamp").message
    found = person_reports(promoter)[0].lines[0]
    assert (record.extra_minutes, record.was_seen, found.state, found.remark) == (5, False, "open", "")
    report = course_report(syllabuses([course.translation_key])[course.translation_key], Wanted())
    assert [row.states for row in report.learners] == [["open"]]
    assert report.learners[0].last_seen is None
    attempt = actions.start_attempt(quiz, by=promoter)
    assert attempt.deadline - attempt.started_at == timedelta(minutes=15)
    assert person_reports(promoter)[0].lines[0].state == "begun"


# --- the database


@pytest.mark.parametrize("broken", [{"state": "waiting"}, {"state": "waiting", "submitted_at": timezone.now(), "score": 0.5}])
def test_the_database_refuses_a_broken_wait(promoter, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        QuizAttempt.objects.create(
            user=promoter, quiz_key="6f1b7c1e-2d0a-4f0e-9a53-0c1d2e3f4a5b", number=1, language="en", pass_mark=70, **broken
        )


def test_page_does_not_tell_which_words_go_with_which(module, promoter):
    pairs = [{"left": "one", "right": "1"}, {"left": "two", "right": "2"}, {"left": "three", "right": "3"}]
    quiz = make_quiz(module, questions=[("match", {"prompt": "<p>Pair</p>", "pairs": pairs, "decoys": ["4"]})])
    question = actions.start_attempt(quiz, by=promoter).questions[0]
    assert {pair["id"] for pair in question["pairs"]} & {option["id"] for option in question["options"]} == set()
    assert {pair["option"] for pair in question["pairs"]} < {option["id"] for option in question["options"]}

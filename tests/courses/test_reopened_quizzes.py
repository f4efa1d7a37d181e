"""A quiz that staff opened again: what was tried before does not complete it a second time. And what a result says of what counts."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.rules import RuleViolation
from courses import actions
from courses.models import ActivityRecord, QuizAttempt
from tests.courses.test_quizzes import take
from tests.factories.courses import asked, item, long_text, make_course, make_module, make_quiz, one_of_each_kind, right_answers

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


# --- what the screens say of it


@pytest.fixture
def learner(client_for, promoter):
    return client_for(promoter)


def at(name, quiz, *more):
    return reverse(name, args=[quiz.translation_key, *more])


def reopened(quiz, promoter, trainer):
    record = ActivityRecord.objects.get()
    if not record.is_complete:
        actions.complete_activity(quiz, user=promoter, reason="Told me aloud", by=trainer)
    actions.reopen_activity(record, reason="Somebody else answered", by=trainer)


def test_what_was_tried_before_is_in_no_sum_and_uses_up_nothing(learner, module, promoter, trainer, english):
    quiz = make_quiz(module, grading="average", attempts_allowed=2, pass_mark=50)
    for _twice in range(2):
        take(quiz, promoter)
    reopened(quiz, promoter, trainer)
    html = learner.get(quiz.url).text
    assert ("Over all your attempts" in html, html.count("before it was opened again: does not count"), "2 attempts left." in html) == (
        False, 2, True,
    )  # fmt: skip
    take(quiz, promoter, right=False)
    html = learner.get(quiz.url).text
    assert "Over all your attempts: 0 % (the average of all attempts counts)." in html
    old = learner.get(at("courses_attempt", quiz, 1)).text
    assert ("This attempt does not count any more" in old, "This attempt: 100 %" in old) == (True, True)


def test_an_attempt_that_was_open_then_says_so_and_leads_to_a_new_one(learner, module, promoter, trainer, english):
    quiz = make_quiz(module)
    learner.post(at("courses_attempt_start", quiz))
    reopened(quiz, promoter, trainer)
    page, attempt = learner.get(quiz.url).text, learner.get(at("courses_attempt", quiz, 1)).text
    assert "The attempt that you had begun does not count any more: begin a new one." in page
    assert at("courses_attempt_start", quiz) in page
    assert ("This attempt does not count any more" in attempt, at("courses_attempt_start", quiz) in attempt) == (True, True)
    assert at("courses_attempt_submit", quiz, 1) not in attempt
    assert learner.post(at("courses_attempt_start", quiz)).url == at("courses_attempt", quiz, 2)
    assert list(QuizAttempt.objects.order_by("number").values_list("number", "state")) == [(1, "submitted"), (2, "open")]
    assert ActivityRecord.objects.get().completed_at is None


# --- average and first: what the attempt is worth, and what counts, are two things


def test_of_an_average_the_attempt_has_its_score_and_the_quiz_its_verdict(learner, module, promoter, english):
    quiz = make_quiz(module, grading="average", pass_mark=70)
    take(quiz, promoter, right=False)
    take(quiz, promoter)
    html = learner.get(at("courses_attempt", quiz, 2)).text
    assert "This attempt: 100 %" in html
    assert "Over all your attempts: 50 % (the average of all attempts counts)." in html
    assert "The quiz is not passed yet: 70 % are needed." in html
    assert ("Passed with" in html, "right answer)" in html) == (False, False)
    assert "Passed" not in learner.get(quiz.url).text
    for _each in range(2):
        take(quiz, promoter)
    html = learner.get(at("courses_attempt", quiz, 1)).text
    assert ("This attempt: 0 %" in html, "The quiz is passed." in html, "right answer)" in html) == (True, True, True)


def test_of_the_first_attempt_another_one_is_practice(learner, module, promoter, trainer, english):
    """It is said in words, where it begins and where it ends, that it changes nothing, and who can; the course does not offer it as what is next."""
    quiz = make_quiz(module, grading="first", pass_mark=70)
    course = make_course("The programme", (module,))
    before = learner.get(quiz.url)
    assert (before.context["practice"], "Your first attempt counts; those after it are for practice." in before.text) == (False, True)
    take(quiz, promoter, right=False)
    take(quiz, promoter)
    page, result = learner.get(quiz.url), learner.get(at("courses_attempt", quiz, 2))
    assert [one.context["practice"] for one in (page, result)] == [True, True]
    assert ("This attempt: 100 %" in result.text, "The quiz is not passed yet: 70 % are needed." in result.text) == (True, True)
    told = "It did not reach 70 %, and no other attempt changes that. Only a trainer can open the quiz again for you."
    assert [(told in one.text, "Practise again" in one.text, "Try again" in one.text) for one in (page, result)] == [
        (True, True, False)
    ] * 2
    outline = learner.get(course.url).context["outline"]
    assert (outline.next, outline.only_waits, outline.activities[0].held) == (None, True, "decided")
    record = ActivityRecord.objects.get()
    actions.complete_activity(quiz, user=promoter, reason="Seen", by=trainer)
    assert learner.get(quiz.url).context["practice"] is False
    record.refresh_from_db()
    actions.reopen_activity(record, reason="Again", by=trainer)
    page = learner.get(quiz.url)
    assert (page.context["practice"], learner.get(course.url).context["outline"].next.activity.key) == (False, quiz.translation_key)
    take(quiz, promoter)
    assert ActivityRecord.objects.get().is_complete


def typed_question(kind):
    twelve = {"numeric": {"value": "12", "tolerance": "0"}, "short": {"text": "twelve"}}[kind]
    return asked(kind, "How many?", accepted=[item({**twelve, "share": 100, "feedback": ""})])


def test_a_device_begins_no_attempt_for_practice(learner, module, promoter, english):
    quiz = make_quiz(module, grading="first", pass_mark=70)
    take(quiz, promoter, right=False)
    parcel = learner.get(reverse("courses_module_parcel", args=[module.translation_key])).json()
    assert (parcel["starts"], [one["why"] for one in parcel["left_out"]]) == ([], ["its first attempt counts."])


def test_to_begin_again_after_a_reopening_does_not_mend_the_attempt_before(learner, module, promoter, trainer):
    """What was typed there counts for nothing: it keeps nobody from beginning anew."""
    quiz = make_quiz(module, questions=[typed_question("numeric")])
    attempt = actions.start_attempt(quiz, by=promoter)
    actions.save_answers(attempt, answers={attempt.questions[0]["id"]: ["twelve"]}, by=promoter)
    actions.complete_activity(quiz, user=promoter, reason="Seen", by=trainer)
    actions.reopen_activity(ActivityRecord.objects.get(), reason="Again", by=trainer)
    assert actions.start_attempt(quiz, by=promoter).number == 2


@pytest.mark.parametrize(("kind", "typed", "code"), [("numeric", "twelve", "unread"), ("short", "x" * 401, "too_long")])
def test_what_has_to_be_mended_is_not_handed_in_whoever_asks_the_verb(learner, module, promoter, kind, typed, code):
    """Not by the verb, not by ‘hand in anyway’; it stays as it was typed, and the clock takes it at the end of the time."""
    quiz = make_quiz(module, questions=[typed_question(kind)], time_limit=10)
    attempt = actions.start_attempt(quiz, by=promoter)
    key = attempt.questions[0]["id"]
    with pytest.raises(RuleViolation) as refused:
        actions.submit_attempt(attempt, answers={key: [typed]}, quiz=quiz, by=promoter)
    assert refused.value.code == code
    said = learner.post(at("courses_attempt_submit", quiz, 1), {f"q-{key}": typed, "anyway": "1"}, headers={"accept": "application/json"})
    attempt.refresh_from_db()
    assert (said.status_code, said.json()["code"], attempt.state, attempt.answers) == (409, code, "open", {key: [typed]})
    assert learner.post(at("courses_attempt_submit", quiz, 1), {f"q-{key}": typed, "anyway": "1"}).url == at("courses_attempt", quiz, 1)
    earlier = attempt.started_at - timedelta(minutes=30)
    QuizAttempt.objects.update(started_at=earlier, deadline=earlier + timedelta(minutes=10))
    actions.hand_in_overdue(by=None, now=timezone.now())
    attempt.refresh_from_db()
    assert (attempt.state, attempt.score) == ("submitted", 0)


# --- a quiz whose page is gone


def test_the_attempts_at_a_quiz_that_was_deleted_stay_readable(learner, client_for, other_promoter, module, promoter, english):
    quiz = make_quiz(module, "Understanding")
    take(quiz, promoter)
    learner.post(at("courses_attempt_start", quiz))
    prompt = QuizAttempt.objects.get(number=1).questions[0]["prompt"]
    quiz.delete()
    html = learner.get(at("courses_attempt", quiz, 1)).text
    assert ("Understanding" in html, prompt in html, "This quiz is not offered any more." in html) == (True, True, True)
    assert "Try again" not in html
    assert learner.get(at("courses_attempt", quiz, 2)).status_code == 200
    assert learner.post(at("courses_attempt_submit", quiz, 2), {"anyway": "1"}).url == at("courses_attempt", quiz, 2)
    assert QuizAttempt.objects.get(number=2).state == "submitted"
    assert at("courses_attempt", quiz, 1) in learner.get(reverse("courses_my_learning")).text
    assert client_for(other_promoter).get(at("courses_attempt", quiz, 1)).status_code == 404


def test_of_a_quiz_that_showed_the_score_only_nothing_more_is_shown_when_it_is_gone(learner, module, promoter, english):
    quiz = make_quiz(module, reveal="score")
    take(quiz, promoter, right=False)
    quiz.delete()
    html = learner.get(at("courses_attempt", quiz, 1)).text
    assert ("The author of this quiz shows the score only." in html, "right answer" in html) == (True, False)


# --- short and numeric answers


@pytest.mark.parametrize("kind", ["short", "numeric"])
def test_an_answer_of_one_line_that_is_too_long_is_kept_whole_and_said(learner, module, promoter, english, kind):
    quiz = make_quiz(module, questions=[one for one in one_of_each_kind() if one["type"] == kind])
    learner.post(at("courses_attempt_start", quiz))
    key, typed = QuizAttempt.objects.get().questions[0]["id"], "1" * 500
    page = learner.post(at("courses_attempt_submit", quiz, 1), {f"q-{key}": typed}, follow=True).text
    assert ("is longer than 400 characters" in page, typed in page) == (True, True)
    attempt = QuizAttempt.objects.get()
    assert (attempt.answers, attempt.state) == ({key: [typed]}, "open")
    assert 'maxlength="400"' not in page

"""The verbs of learning: what they write once, what they refuse, what they never undo."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from wagtail.models import ModelLogEntry

from academy.rules import RuleViolation
from courses import actions
from courses.models import ActivityRecord, Certificate, Enrolment, QuizAttempt
from courses.progress import progress_of
from courses.syllabus import listed_courses
from tests.factories.courses import make_course, make_lesson, make_module, make_quiz, right_answers, translated, two_questions

pytestmark = pytest.mark.django_db


def ping(lesson, by, sequence=1, client="tab", **fields):
    return actions.record_progress(lesson, by=by, client=client, sequence=sequence, **fields)


@pytest.fixture
def module():
    return make_module()


@pytest.fixture
def lesson(module):
    return make_lesson(module)


@pytest.fixture
def quiz(module):
    return make_quiz(module)


# --- progress


def test_progress_is_kept_and_never_lowered(lesson, promoter):
    ping(lesson, promoter, 1, progress=0.6, position="part-2", seconds=30)
    record = ping(lesson, promoter, 2, progress=0.2, seconds=40)
    assert (record.progress, record.position, record.seconds, record.completed_at) == (0.6, "part-2", 40, None)


def test_same_event_twice_counts_once(lesson, promoter):
    ping(lesson, promoter, 1, seconds=30)
    record = ping(lesson, promoter, 1, seconds=30)
    assert record.seconds == 30
    assert ActivityRecord.objects.count() == 1


def test_late_event_after_a_newer_one_is_ignored(lesson, promoter):
    ping(lesson, promoter, 5, progress=0.9, position="end", seconds=100)
    record = ping(lesson, promoter, 3, progress=0.4, position="middle", seconds=60)
    assert (record.progress, record.position, record.seconds) == (0.9, "end", 100)


def test_time_of_two_tabs_adds_up(lesson, promoter):
    ping(lesson, promoter, 1, client="one", seconds=30)
    ping(lesson, promoter, 1, client="two", seconds=20)
    assert ping(lesson, promoter, 2, client="one", seconds=35).seconds == 55


@pytest.mark.parametrize("value", [-3, 17.5])
def test_progress_stays_between_nothing_and_all(lesson, promoter, value):
    assert ping(lesson, promoter, progress=value).progress == (1 if value > 1 else 0)


def test_reaching_the_end_completes_only_a_lesson_that_says_so(module, promoter):
    by_word, by_end = make_lesson(module), make_lesson(module, completion="end")
    assert ping(by_word, promoter, progress=1).completed_at is None
    record = ping(by_end, promoter, progress=1)
    assert (record.source, record.rule) == ("auto", "lesson.end")


# --- completing


def test_saying_that_one_has_read_completes_once(lesson, promoter):
    first = actions.complete_activity(lesson, by=promoter)
    again = actions.complete_activity(lesson, by=promoter)
    assert first.completed_at == again.completed_at
    assert (again.source, again.rule, again.revision, again.progress) == ("self", "lesson.confirm", lesson.live_revision_id, 1)
    assert ModelLogEntry.objects.filter(action="courses.complete").count() == 1


def test_a_quiz_is_not_completed_by_word(quiz, promoter):
    with pytest.raises(RuleViolation):
        actions.complete_activity(quiz, by=promoter)


def test_staff_complete_for_somebody_with_a_reason(quiz, promoter, trainer):
    with pytest.raises(RuleViolation):
        actions.complete_activity(quiz, user=promoter, by=trainer, reason="  ")
    record = actions.complete_activity(quiz, user=promoter, by=trainer, reason="Passed on paper")
    assert (record.user, record.source, record.rule, record.reason) == (promoter, "staff", "staff", "Passed on paper")


def test_editing_a_lesson_afterwards_completes_and_uncompletes_nobody(lesson, promoter):
    before = actions.complete_activity(lesson, by=promoter)
    lesson.title = "Rewritten"
    lesson.save_revision().publish()
    after = actions.complete_activity(lesson, by=promoter)
    assert (after.completed_at, after.revision) == (before.completed_at, before.revision)


def test_reopening_needs_a_completion_and_a_reason(lesson, promoter, trainer):
    record = ping(lesson, promoter)
    with pytest.raises(RuleViolation):
        actions.reopen_activity(record, reason="why not", by=trainer)
    record = actions.complete_activity(lesson, by=promoter)
    with pytest.raises(RuleViolation):
        actions.reopen_activity(record, reason=" ", by=trainer)
    record = actions.reopen_activity(record, reason="Completed by mistake", by=trainer)
    assert (record.completed_at, record.source, record.rule, record.progress) == (None, "", "", 0)
    entry = ModelLogEntry.objects.get(action="courses.reopen")
    assert (entry.user, entry.data["before"]["rule"]) == (trainer, "lesson.confirm")
    assert entry.message.endswith("Completed by mistake")


@pytest.mark.parametrize(
    "broken",
    [{"progress": 1.5}, {"source": "self"}, {"completed_at": "2026-01-01T00:00Z"}, {"last_seen_at": "2000-01-01T00:00Z"}],
    ids=lambda broken: next(iter(broken)),
)
def test_the_database_refuses_a_broken_record(promoter, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        ActivityRecord.objects.create(user=promoter, activity_key=uuid4(), **broken)


# --- attempts


def test_an_attempt_freezes_questions_and_pass_mark(quiz, promoter):
    attempt = actions.start_attempt(quiz, by=promoter)
    quiz.questions, quiz.pass_mark = two_questions(), 100
    quiz.save_revision().publish()
    answers = right_answers(attempt.questions)
    several = next(q for q in attempt.questions if q.get("several"))
    answers[several["id"]] = answers[several["id"]][:1]
    attempt = actions.submit_attempt(attempt, answers=answers, quiz=quiz, by=promoter)
    assert (attempt.score, attempt.pass_mark, attempt.passed) == (0.75, 70, True)
    assert ActivityRecord.objects.get(user=promoter, activity_key=quiz.translation_key).rule == "quiz.pass:70"


def test_two_tabs_share_one_open_attempt(quiz, promoter):
    assert actions.start_attempt(quiz, by=promoter).pk == actions.start_attempt(quiz, by=promoter).pk
    with pytest.raises(IntegrityError), transaction.atomic():
        QuizAttempt.objects.create(user=promoter, quiz_key=quiz.translation_key, number=2, language="en", pass_mark=70)


def test_the_second_tab_cannot_hand_in_again(quiz, promoter):
    attempt = actions.start_attempt(quiz, by=promoter)
    actions.submit_attempt(attempt, answers={}, quiz=quiz, by=promoter)
    with pytest.raises(RuleViolation):
        actions.submit_attempt(attempt, answers=right_answers(attempt.questions), quiz=quiz, by=promoter)
    with pytest.raises(RuleViolation):
        actions.save_answers(attempt, answers={}, by=promoter)
    attempt.refresh_from_db()
    assert attempt.score == 0


def test_failing_then_passing_then_failing_keeps_the_success(quiz, promoter):
    numbers = []
    for right in (False, True, False):
        attempt = actions.start_attempt(quiz, by=promoter)
        attempt = actions.submit_attempt(attempt, answers=right_answers(attempt.questions) if right else {}, quiz=quiz, by=promoter)
        numbers.append((attempt.number, attempt.passed))
        done = ActivityRecord.objects.get(user=promoter).completed_at is not None
        assert done == (len(numbers) > 1)
    assert numbers == [(1, False), (2, True), (3, False)]


def test_attempts_are_limited_and_staff_may_give_one_more(module, promoter, trainer):
    quiz = make_quiz(module, attempts_allowed=1)
    actions.submit_attempt(actions.start_attempt(quiz, by=promoter), answers={}, quiz=quiz, by=promoter)
    with pytest.raises(RuleViolation):
        actions.start_attempt(quiz, by=promoter)
    actions.allow(ActivityRecord.objects.get(user=promoter), attempts=1, reason="The connection broke", by=trainer)
    assert actions.start_attempt(quiz, by=promoter).number == 2


def foreign_question(questions):
    return {str(uuid4()): ["x"]}


def foreign_answer(questions):
    return {questions[0]["id"]: [str(uuid4())]}


def answer_of_another_question(questions):
    return {questions[0]["id"]: [questions[1]["answers"][0]["id"]]}


def two_answers_where_one_is_asked(questions):
    return {questions[0]["id"]: [answer["id"] for answer in questions[0]["answers"]]}


@pytest.mark.parametrize("forge", [foreign_question, foreign_answer, answer_of_another_question, two_answers_where_one_is_asked])
@pytest.mark.parametrize("verb", ["save", "submit"])
def test_answers_that_are_not_of_this_attempt_are_refused(quiz, promoter, forge, verb):
    attempt = actions.start_attempt(quiz, by=promoter)
    with pytest.raises(RuleViolation):
        if verb == "save":
            actions.save_answers(attempt, answers=forge(attempt.questions), by=promoter)
        else:
            actions.submit_attempt(attempt, answers=forge(attempt.questions), quiz=quiz, by=promoter)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.answers) == ("open", {})


def test_the_same_right_answer_twice_scores_once(quiz, promoter):
    attempt = actions.start_attempt(quiz, by=promoter)
    several = next(q for q in attempt.questions if q.get("several"))
    right = right_answers([several])[several["id"]][0]
    attempt = actions.submit_attempt(attempt, answers={several["id"]: [right, right, right]}, quiz=quiz, by=promoter)
    assert attempt.score == 0.25


def test_saved_answers_are_handed_in_and_late_saves_ignored(quiz, promoter):
    attempt = actions.start_attempt(quiz, by=promoter)
    answers = right_answers(attempt.questions)
    actions.save_answers(attempt, answers=answers, by=promoter, client="tab", sequence=2)
    actions.save_answers(attempt, answers={}, by=promoter, client="tab", sequence=1)
    attempt = actions.submit_attempt(attempt, quiz=quiz, by=promoter)
    assert (attempt.score, attempt.passed) == (1.0, True)


def test_order_follows_the_seed(module, promoter):
    quiz = make_quiz(module, shuffle=True)
    attempt = actions.start_attempt(quiz, by=promoter)
    asked = {q["id"] for q in attempt.questions}
    assert asked == {str(block.id) for block in quiz.questions}
    from courses.grading import asked as drawn
    from courses.questions import slots_of

    assert drawn(slots_of(quiz), seed=attempt.seed, shuffle=True) == attempt.questions


def test_a_quiz_without_pass_mark_is_completed_by_handing_in(module, promoter):
    quiz = make_quiz(module, pass_mark=0)
    attempt = actions.submit_attempt(actions.start_attempt(quiz, by=promoter), answers={}, quiz=quiz, by=promoter)
    assert attempt.passed
    assert ActivityRecord.objects.get().rule == "quiz.hand_in"


def test_an_empty_quiz_cannot_be_started(module, promoter):
    with pytest.raises(RuleViolation):
        actions.start_attempt(make_quiz(module, questions=[]), by=promoter)


@pytest.mark.parametrize("broken", [{"state": "submitted"}, {"score": 0.5}, {"number": 0}], ids=lambda broken: next(iter(broken)))
def test_the_database_refuses_a_broken_attempt(promoter, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        QuizAttempt.objects.create(**{"user": promoter, "quiz_key": uuid4(), "number": 1, "language": "en", "pass_mark": 70, **broken})


# --- courses and certificates


def test_completing_everything_required_completes_the_course_and_certifies_once(module, lesson, quiz, promoter):
    make_lesson(module, "More", required=False)
    course = make_course(modules=(module,))
    enrolment = actions.enrol(course, user=promoter, by=promoter)
    actions.complete_activity(lesson, by=promoter)
    assert not Certificate.objects.exists()
    for _again in range(2):
        attempt = actions.start_attempt(quiz, by=promoter)
        actions.submit_attempt(attempt, answers=right_answers(attempt.questions), quiz=quiz, by=promoter)
    enrolment.refresh_from_db()
    certificate = Certificate.objects.get()
    assert enrolment.completed_at is not None
    assert (certificate.holder, certificate.holder_name, certificate.subject_key) == (promoter, "Paula Promoter", course.translation_key)
    assert {code: words["about"] for code, words in certificate.content.items()} == {"fr": "A course", "en": "A course"}


def test_the_certificate_is_announced_once_in_the_language_of_the_person(
    module, lesson, promoter, mailoutbox, django_capture_on_commit_callbacks
):
    promoter.language = "en"
    promoter.save()
    course = make_course(modules=(module,))
    actions.enrol(course, user=promoter, by=promoter)
    with django_capture_on_commit_callbacks(execute=True):
        actions.complete_activity(lesson, by=promoter)
        actions.complete_activity(lesson, by=promoter)
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [([promoter.email], "You completed ‘A course’")]
    assert f"/en/certificates/{Certificate.objects.get().pk}/" in mailoutbox[0].body


def test_one_module_in_two_courses_counts_in_both(module, lesson, promoter):
    one, two = make_course("One", (module,)), make_course("Two", (module,))
    actions.enrol(one, user=promoter, by=promoter)
    actions.complete_activity(lesson, by=promoter)
    assert Certificate.objects.count() == 1
    actions.enrol(two, user=promoter, by=promoter)
    assert Enrolment.objects.completed().count() == 2
    assert {c.content["en"]["about"] for c in Certificate.objects.all()} == {"One", "Two"}


def test_changing_language_keeps_what_was_done(module, lesson, quiz, promoter):
    course = make_course(modules=(module,))
    french_module, french_lesson = translated(module, "fr", title="Un module"), translated(lesson, "fr", title="Une leçon")
    french_quiz, french_course = translated(quiz, "fr"), translated(course, "fr", title="Un cours")
    assert french_module.translation_key == module.translation_key
    actions.enrol(french_course, user=promoter, by=promoter)
    actions.complete_activity(french_lesson, by=promoter)
    attempt = actions.start_attempt(quiz, by=promoter)
    assert actions.start_attempt(french_quiz, by=promoter).pk == attempt.pk
    actions.submit_attempt(attempt, answers=right_answers(attempt.questions), quiz=quiz, by=promoter)
    certificate = Certificate.objects.get()
    assert (certificate.content["fr"]["about"], certificate.content["en"]["about"]) == ("Un cours", "A course")
    assert ActivityRecord.objects.count() == 2


def test_a_course_that_grows_uncompletes_nobody(module, lesson, promoter):
    course = make_course(modules=(module,))
    actions.enrol(course, user=promoter, by=promoter)
    actions.complete_activity(lesson, by=promoter)
    make_quiz(module)
    progress = progress_of(promoter, {one.key: one.required_keys for one in listed_courses()})[course.translation_key]
    assert (progress.complete, progress.done, progress.total, progress.fraction) == (True, 1, 2, 1.0)
    assert Certificate.objects.valid().count() == 1


def test_optional_modules_do_not_count(module, lesson, promoter):
    extra = make_module("Extra")
    make_lesson(extra)
    course = make_course(modules=(module, extra))
    placement = course.placements.get(module_key=extra.translation_key)
    placement.required = False
    placement.save()
    actions.enrol(course, user=promoter, by=promoter)
    actions.complete_activity(lesson, by=promoter)
    assert Enrolment.objects.get().completed_at is not None


def test_enrolling_twice_is_once_and_a_cohort_is_named(module, promoter, coordinator):
    course, cohort = make_course(modules=(module,)), uuid4()
    actions.enrol(course, user=promoter, by=promoter)
    actions.enrol(course, user=promoter, by=coordinator, cohort_key=cohort)
    actions.enrol(course, user=promoter, by=promoter)
    assert [e.cohort_key for e in Enrolment.objects.all()] == [str(cohort)]


def test_an_empty_course_completes_nobody(promoter):
    actions.enrol(make_course(), user=promoter, by=promoter)
    assert not Enrolment.objects.completed().exists()
    assert not Certificate.objects.exists()


def words(**fields):
    return {code: {"title": "T", "about": "A", **fields} for code in ("fr", "en")}


def test_issuing_again_answers_the_valid_one(promoter, coordinator):
    key = uuid4()
    first = actions.issue_certificate(promoter, kind="attendance", content=words(), subject_key=key, by=coordinator)
    promoter.name = "Another Name"
    promoter.save()
    again = actions.issue_certificate(promoter, kind="attendance", content=words(), subject_key=key, by=coordinator)
    assert (again.pk, again.holder_name, again.issued_by) == (first.pk, "Paula Promoter", coordinator)


def test_a_project_may_hold_a_certificate(coordinator):
    certificate = actions.issue_certificate(None, kind="graduation", holder_name="Coop des Rives", content=words(), by=coordinator)
    assert (certificate.holder, str(certificate)) == (None, "Coop des Rives · T")


@pytest.mark.parametrize("content", [{}, {"fr": {"title": "T", "about": "A"}}, {"fr": {"title": "T"}, "en": {"title": "T"}}])
def test_a_certificate_is_whole_in_every_language(promoter, coordinator, content):
    with pytest.raises(RuleViolation):
        actions.issue_certificate(promoter, kind="attendance", content=content, by=coordinator)


def test_revoking_is_once_with_a_reason_and_allows_another(promoter, coordinator):
    key = uuid4()
    certificate = actions.issue_certificate(promoter, kind="attendance", content=words(), subject_key=key, by=coordinator)
    with pytest.raises(RuleViolation):
        actions.revoke_certificate(certificate, reason="", by=coordinator)
    certificate = actions.revoke_certificate(certificate, reason="Was not there", by=coordinator)
    assert (certificate.standing, certificate.revoked_by) == ("revoked", coordinator)
    with pytest.raises(RuleViolation):
        actions.revoke_certificate(certificate, reason="again", by=coordinator)
    assert actions.issue_certificate(promoter, kind="attendance", content=words(), subject_key=key, by=coordinator).pk != certificate.pk


def test_a_certificate_is_never_changed_nor_deleted(promoter, coordinator):
    certificate = actions.issue_certificate(promoter, kind="attendance", content=words(), by=coordinator)
    certificate.holder_name = "Somebody Else"
    for forbidden in (
        certificate.save,
        certificate.delete,
        Certificate.objects.all().delete,
        lambda: certificate.save(update_fields=["content"]),
    ):
        with pytest.raises(TypeError):
            forbidden()


def test_erasing_a_person_keeps_records_and_certificate(module, lesson, promoter):
    course = make_course(modules=(module,))
    actions.enrol(course, user=promoter, by=promoter)
    actions.complete_activity(lesson, by=promoter)
    promoter.delete()
    assert (ActivityRecord.objects.get().user, Certificate.objects.get().holder) == (None, None)
    assert Certificate.objects.get().holder_name == "Paula Promoter"

"""Attempts at a quiz: started frozen, saved as often as wanted, handed in once, marked by a trainer where a text has to be read."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from academy import audit, messages
from academy.models import User
from academy.rules import RuleViolation
from courses import grading
from courses.completion import locked_record, mark_complete
from courses.heard import heard, is_heard, wrote_last
from courses.locks import check_open
from courses.mending import refuse_to_mend
from courses.models import GRACE, ActivityRecord, QuizAttempt, QuizPage
from courses.questions import bands_of, quiz_with, slots_of
from courses.renewal import begins_anew_at
from courses.rules_of import with_rules


def _check_start(quiz: QuizPage, record: ActivityRecord, used: list[QuizAttempt]) -> None:
    last = used[-1] if used else None
    if quiz.attempts_allowed is not None and last and (since := begins_anew_at(record.user, quiz.translation_key)):
        used = [one for one in used if one.started_at >= since]
    if quiz.attempts_left(record, len(used)) == 0:
        raise RuleViolation(_("You have used all your attempts. Ask your trainer for another one."), code="no_attempt_left")
    if last is None:
        return
    if last.is_waiting:
        raise RuleViolation(_("A trainer is reading your last attempt. You can try again when you have their answer."), code="waiting")
    if moment := quiz.closed_until(record, last):
        when = date_format(timezone.localtime(moment), "DATETIME_FORMAT")
        raise RuleViolation(_("You can try again on %(when)s. Until then, read the lessons again.") % {"when": when}, code="too_early")


def _note_visit(record: ActivityRecord, now: datetime) -> None:
    """To begin and to hand in are visits: who only takes quizzes is not silent."""
    record.last_seen_at = max(record.last_seen_at, now)
    record.save(update_fields=["last_seen_at"])


@transaction.atomic
def start_attempt(quiz: QuizPage, *, by: User, redo_in: str = "", course_key: UUID | None = None) -> QuizAttempt:
    """Begins an attempt with the questions as they stand now. An attempt that is open already is continued, never doubled.

    An open one whose time is over, or which was begun before staff opened the quiz again, is handed in first; the latter uses up none. In a course that asks for the quiz again (`redo_in`) the attempts made elsewhere
    count for nothing, neither used up nor passed. `course_key`: the course in which it is taken, for its locks. Raises RuleViolation: not open
    yet, no attempt left, too early, the last one is being marked, no question.
    """
    quiz = with_rules(quiz)
    record = locked_record(by, quiz.translation_key, redo_in)
    check_open(record, quiz, by=by, course_key=course_key)
    if redo_in:
        locked_record(by, quiz.translation_key)  # the numbers of attempts go on over all places
    attempts = QuizAttempt.objects.filter(user=by, quiz_key=quiz.translation_key)
    current = attempts.counting_in(redo_in).open().first()
    if current and not current.is_over(timezone.now()) and not record.makes_void(current):
        return current
    if current:
        submit_attempt(current, by=by, quiz=quiz)
    known = list(attempts.order_by("number").defer("questions", "answers", "bands", "marks"))
    _check_start(quiz, record, [one for one in known if one.redo_in == redo_in and not record.makes_void(one)])
    seed, now = secrets.randbelow(2**31), timezone.now()
    questions = grading.asked(slots_of(quiz), seed=seed, shuffle=quiz.shuffle)
    if not questions:
        raise RuleViolation(_("This quiz has no questions yet."), code="empty")
    _note_visit(record, now)
    attempt = QuizAttempt.objects.create(
        user=by,
        quiz_key=quiz.translation_key,
        redo_in=redo_in,
        number=known[-1].number + 1 if known else 1,
        revision=quiz.live_revision_id,
        language=(quiz.locale.language_code if quiz.locale_id else get_language()),
        title=quiz.title,
        reveal=quiz.reveal,
        seed=seed,
        questions=questions,
        bands=bands_of(quiz),
        pass_mark=quiz.pass_mark,
        grading=quiz.grading,
        started_at=now,
        deadline=now + timedelta(minutes=quiz.time_limit + record.extra_minutes) if quiz.time_limit else None,
    )
    audit.record(attempt, "courses.start_attempt", by=by, data={"number": attempt.number})
    return attempt


def _locked_open(attempt: QuizAttempt) -> QuizAttempt:
    attempt = QuizAttempt.objects.select_for_update(no_key=True).get(pk=attempt.pk)
    if not attempt.is_open:
        raise RuleViolation(_("These answers have already been handed in."), code="handed_in")
    return attempt


def _take(
    attempt: QuizAttempt, answers: Mapping[str, Iterable[str]], *, touched_only: bool, edition: str | None, age: int, is_last: bool
) -> None:
    """What was written takes the place of what is there; what another tab has saved since it was on the screen stays, and is only added to."""
    now = timezone.now()
    try:
        read = grading.read_answers(attempt.questions, answers)
    except grading.ForeignAnswer:
        raise RuleViolation(
            _("These answers do not belong to this attempt. Reload the page and try again."), code="foreign_answer"
        ) from None
    is_old = bool(age and attempt.saved_at and now - timedelta(seconds=age) < attempt.saved_at)
    is_stale = not touched_only and edition is not None and edition != attempt.edition
    if not is_last and (is_old or is_stale):
        read = {**attempt.answers, **read, **{key: answer for key, answer in attempt.answers.items() if answer}}
    elif touched_only:
        read = {**attempt.answers, **read}
    attempt.answers, attempt.saved_at = read, now


@transaction.atomic
def save_answers(
    attempt: QuizAttempt,
    *,
    answers: Mapping[str, Iterable[str]],
    by: User,
    client: str = "",
    sequence: int = 0,
    age: int = 0,
    touched_only: bool = False,
    edition: str | None = None,
) -> QuizAttempt:
    """Keeps the answers so far. A late save of the same tab is ignored; between two tabs the last answer to each question stands.

    `age` is how many seconds ago they were written, when they had to wait on a device without a network. `touched_only`: these are the
    questions that were touched in one tab, and the others stay as they are; else all of them, as a form without script sends them.
    `edition` is the one that this form shows: when another tab has saved since, it only fills what is open (None: nobody asks).

    Raises RuleViolation: handed in already, answers of another attempt, time over (what was saved before stays).
    """
    attempt = _locked_open(attempt)
    if is_heard(attempt.saves, client, sequence):
        return attempt
    now = timezone.now()
    if attempt.is_over(now):
        raise RuleViolation(_("The time is over. The answers saved until then are handed in."), code="time_over")
    is_last = wrote_last(attempt.saves, client)
    _take(attempt, answers, touched_only=touched_only, edition=edition, age=age, is_last=is_last)
    attempt.saves = heard(attempt.saves, client, sequence)
    attempt.save(update_fields=["answers", "saved_at", "saves"])
    return attempt


@transaction.atomic
def submit_attempt(
    attempt: QuizAttempt,
    *,
    by: User | None,
    quiz: QuizPage | None,
    answers: Mapping[str, Iterable[str]] | None = None,
    age: int = 0,
    touched_only: bool = False,
    edition: str | None = None,
) -> QuizAttempt:
    """Hands in, once, and marks against what was frozen at the start: a pass mark raised meanwhile does not count.

    `age`, `touched_only`, `edition`: see `save_answers`. Without `answers`, and when they come after the time (and its grace), the ones
    saved last are handed in. Long texts wait for a trainer; else the attempt has its score at once. `by` None: the clock. `quiz` None: the quiz is gone, the score still counts.

    Raises RuleViolation: handed in already, answers of another attempt; from whoever answers in time, a number that is none or a text that is too
    long. At the end of the time what is there is handed in as it is.
    """
    record = locked_record(attempt.user, attempt.quiz_key, attempt.redo_in)
    attempt = _locked_open(attempt)
    now = timezone.now()
    if by is not None and by == attempt.user:
        _note_visit(record, now)
    if answers is not None and not attempt.is_over(now):
        _take(attempt, answers, touched_only=touched_only, edition=edition, age=age, is_last=False)
    in_time = attempt.deadline is None or now < attempt.deadline
    if by is not None and by == attempt.user and in_time and not record.makes_void(attempt):
        refuse_to_mend(attempt.questions, attempt.answers)
    attempt.submitted_at = now
    if waiting := grading.unmarked(attempt.questions, attempt.answers, attempt.marks):
        attempt.state = QuizAttempt.State.WAITING
        attempt.save(update_fields=["answers", "saved_at", "state", "submitted_at"])
        audit.record(attempt, "courses.submit_attempt", by=by, data={"number": attempt.number, "waiting": len(waiting)})
        return attempt
    _settle(attempt, quiz=quiz, by=by)
    return attempt


def _settle(attempt: QuizAttempt, *, quiz: QuizPage | None, by: User | None) -> None:
    """Writes the score; completes the activity when what counts of all attempts reaches the mark. A later failure undoes nothing."""
    attempt.score = grading.score_of(grading.mark(attempt.questions, attempt.answers, attempt.marks))
    attempt.passed = attempt.percent >= attempt.pass_mark
    attempt.state = QuizAttempt.State.SUBMITTED
    attempt.save(update_fields=["answers", "saved_at", "marks", "score", "passed", "state", "submitted_at"])
    audit.record(
        attempt, "courses.submit_attempt", by=by, data={"number": attempt.number, "score": attempt.score, "passed": attempt.passed}
    )
    if quiz is None or attempt.user is None:
        return
    record = locked_record(attempt.user, attempt.quiz_key, attempt.redo_in)
    same = QuizAttempt.objects.filter(user=attempt.user, quiz_key=attempt.quiz_key).counting_in(attempt.redo_in).submitted().that_count()
    grade = grading.grade_of(list(same.order_by("number").values_list("score", flat=True)), attempt.grading)
    if grade is not None and grading.percent_of(grade) >= attempt.pass_mark:
        rule = f"quiz.pass:{attempt.pass_mark}" if attempt.pass_mark else "quiz.hand_in"
        mark_complete(record, activity=quiz, source=ActivityRecord.Source.AUTO, rule=rule, by=by or attempt.user)


def hand_in_overdue(*, by: User | None, now: datetime) -> int:
    """The clock: what was saved of attempts whose time is over is handed in. Each in its own transaction; returns how many."""
    done = 0
    for attempt in QuizAttempt.objects.overdue(now - GRACE).filter(user__isnull=False).select_related("user"):
        try:
            submit_attempt(attempt, by=by, quiz=quiz_with(attempt.quiz_key, language=attempt.language))
        except RuleViolation:  # handed in a moment ago
            continue
        done += 1
    return done


@transaction.atomic
def mark_answers(attempt: QuizAttempt, *, marks: Mapping[str, tuple[float, str]], by: User) -> QuizAttempt:
    """A trainer marks long texts: `{question: (share from 0 to 1, comment)}`. With the last one the attempt has its score and is told.

    Raises RuleViolation: nothing waits, not a text of this attempt, a share out of range.
    """
    locked_record(attempt.user, attempt.quiz_key, attempt.redo_in)
    attempt = QuizAttempt.objects.select_for_update(no_key=True).get(pk=attempt.pk)
    if not attempt.is_waiting:
        raise RuleViolation(_("This attempt does not wait for marks."), code="not_waiting")
    texts = {question["id"] for question in attempt.questions if question["kind"] == "long"}
    for key, (fraction, _comment) in marks.items():
        if key not in texts:
            raise RuleViolation(_("This is not a text of this attempt."), code="foreign_answer")
        if not 0 <= fraction <= 1:
            raise RuleViolation(_("Give from 0 to 100 %."), code="out_of_range")
    at = timezone.now().isoformat()
    given = {key: {"fraction": fraction, "comment": comment.strip(), "by": by.pk, "at": at} for key, (fraction, comment) in marks.items()}
    attempt.marks = {**attempt.marks, **given}
    attempt.save(update_fields=["marks"])
    audit.record(attempt, "courses.mark_answers", by=by, data={"marks": {key: mark["fraction"] for key, mark in given.items()}})
    if not grading.unmarked(attempt.questions, attempt.answers, attempt.marks):
        quiz = quiz_with(attempt.quiz_key, language=attempt.language)
        _settle(attempt, quiz=quiz, by=by)
        context = {"attempt": attempt, "title": quiz.title if quiz else ""}
        messages.queue(attempt.user, template="courses_marked", context=context, cause=f"courses.marked:{attempt.pk}", by=by)
    return attempt


@transaction.atomic
def allow(
    record: ActivityRecord, *, reason: str, by: User, attempts: int = 0, minutes: int = 0, without_waiting: bool = False
) -> ActivityRecord:
    """For one person and one quiz: more attempts, more time (also in the attempt that is open now), no wait between two. With a reason."""
    record = ActivityRecord.objects.select_for_update(no_key=True).get(pk=record.pk)
    if not reason.strip():
        raise RuleViolation(_("Say why this is allowed."), code="no_reason")
    if attempts <= 0 and minutes <= 0 and not without_waiting:
        raise RuleViolation(_("Say what is allowed: attempts, minutes, or no waiting."), code="nothing")
    record.extra_attempts += max(0, attempts)
    record.extra_minutes += max(0, minutes)
    record.need_not_wait = record.need_not_wait or without_waiting
    record.save(update_fields=["extra_attempts", "extra_minutes", "need_not_wait"])
    if minutes > 0:
        for attempt in QuizAttempt.objects.select_for_update(no_key=True).filter(
            user=record.user_id, quiz_key=record.activity_key, redo_in=record.redo_in, state="open", deadline__isnull=False
        ):
            attempt.deadline += timedelta(minutes=minutes)
            attempt.save(update_fields=["deadline"])
    data = {"reason": reason.strip(), "attempts": attempts, "minutes": minutes, "without_waiting": without_waiting}
    audit.record(record, "courses.allow", by=by, data=data)
    return record


@transaction.atomic
def allow_person(quiz: QuizPage, *, user: User, reason: str, by: User, redo_in: str = "", **allowed: int | bool) -> ActivityRecord:
    """The same for somebody who has perhaps not begun."""
    return allow(locked_record(user, quiz.translation_key, redo_in), reason=reason, by=by, **allowed)

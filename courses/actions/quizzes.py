"""Attempts at a quiz: started frozen, saved as often as wanted, handed in once."""

import secrets
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from academy import audit
from academy.models import User
from academy.rules import RuleViolation
from courses import grading
from courses.completion import locked_record, mark_complete
from courses.models import ActivityRecord, QuizAttempt, QuizPage
from courses.questions import bands_of, questions_of


@transaction.atomic
def start_attempt(quiz: QuizPage, *, by: User) -> QuizAttempt:
    """Begins an attempt with the questions as they stand now. An attempt that is open already is continued, never doubled."""
    record = locked_record(by, quiz.translation_key)
    attempts = QuizAttempt.objects.filter(user=by, quiz_key=quiz.translation_key)
    current = attempts.open().first()
    if current:
        return current
    last = attempts.aggregate(last=Max("number"))["last"] or 0
    if quiz.attempts_allowed is not None and last >= quiz.attempts_allowed + record.extra_attempts:
        raise RuleViolation(_("You have used all your attempts. Ask your trainer for another one."), code="no_attempt_left")
    questions = questions_of(quiz)
    if not questions:
        raise RuleViolation(_("This quiz has no questions yet."), code="empty")
    seed = secrets.randbelow(2**31)
    attempt = QuizAttempt.objects.create(
        user=by,
        quiz_key=quiz.translation_key,
        number=last + 1,
        revision=quiz.live_revision_id,
        language=(quiz.locale.language_code if quiz.locale_id else get_language()),
        seed=seed,
        questions=grading.in_order_of(questions, seed=seed, shuffle=quiz.shuffle),
        bands=bands_of(quiz),
        pass_mark=quiz.pass_mark,
    )
    audit.record(attempt, "courses.start_attempt", by=by, data={"number": attempt.number})
    return attempt


def _locked_open(attempt: QuizAttempt) -> QuizAttempt:
    attempt = QuizAttempt.objects.select_for_update(no_key=True).get(pk=attempt.pk)
    if not attempt.is_open:
        raise RuleViolation(_("These answers have already been handed in."), code="handed_in")
    return attempt


def _read(attempt: QuizAttempt, answers: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    try:
        return grading.read_answers(attempt.questions, answers)
    except grading.ForeignAnswer:
        raise RuleViolation(
            _("These answers do not belong to this attempt. Reload the page and try again."), code="foreign_answer"
        ) from None


@transaction.atomic
def save_answers(
    attempt: QuizAttempt, *, answers: Mapping[str, Iterable[str]], by: User, client: str = "", sequence: int = 0
) -> QuizAttempt:
    """Keeps the answers so far. A late save of the same tab is ignored; between two tabs the last one written stands."""
    attempt = _locked_open(attempt)
    if client and sequence <= attempt.saves.get(client, -1):
        return attempt
    attempt.answers = _read(attempt, answers)
    attempt.saved_at = timezone.now()
    if client:
        attempt.saves = {client: sequence}
    attempt.save(update_fields=["answers", "saved_at", "saves"])
    return attempt


@transaction.atomic
def submit_attempt(attempt: QuizAttempt, *, by: User, quiz: QuizPage, answers: Mapping[str, Iterable[str]] | None = None) -> QuizAttempt:
    """Hands in, once, and marks against what was frozen at the start: a pass mark raised meanwhile does not count.

    Without `answers`, the ones saved last are handed in. Passing completes the activity; failing after having passed undoes nothing.
    """
    record = locked_record(by, attempt.quiz_key)
    attempt = _locked_open(attempt)
    if answers is not None:
        attempt.answers = _read(attempt, answers)
        attempt.saved_at = timezone.now()
    attempt.score = grading.score_of(grading.mark(attempt.questions, attempt.answers))
    attempt.passed = attempt.score * 100 + 1e-6 >= attempt.pass_mark
    attempt.state, attempt.submitted_at = QuizAttempt.State.SUBMITTED, timezone.now()
    attempt.save(update_fields=["answers", "saved_at", "score", "passed", "state", "submitted_at"])
    audit.record(
        attempt, "courses.submit_attempt", by=by, data={"number": attempt.number, "score": attempt.score, "passed": attempt.passed}
    )
    if attempt.passed:
        rule = f"quiz.pass:{attempt.pass_mark}" if attempt.pass_mark else "quiz.hand_in"
        mark_complete(record, activity=quiz, source=ActivityRecord.Source.AUTO, rule=rule, by=by)
    return attempt

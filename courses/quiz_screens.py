"""What the templates of a quiz show: its rules, an open attempt, a result. Reads only; each answers in a constant number of queries."""

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import ngettext

from academy.models import User
from academy.prepared import Later, PreparedForPerson, columns_of, objects_of
from courses.grading import band_for, grade_of, is_decided, mark, percent_of
from courses.kinds import Line
from courses.models import ActivityRecord, QuizAttempt, QuizPage
from courses.models.records import is_void
from courses.progress import ActivityState
from courses.questions import questions_of
from courses.renewal import begins_anew_at

ALONE = (QuizPage.Grading.BEST, QuizPage.Grading.LAST)  # where one attempt that reaches the mark passes the quiz, whatever the others


def _allowed(page: QuizPage, request: HttpRequest, place: str) -> ActivityRecord | None:
    """What staff allowed this person; asked only where a rule of this quiz could be lifted."""
    if not request.user.is_authenticated or not (page.wait or page.time_limit or page.attempts_allowed is not None):
        return None
    return ActivityRecord.objects.of(request.user).counting_in(place).filter(activity_key=page.translation_key).first()


_WORDS = ("questions", "answers", "bands", "marks")  # what is long in an attempt
_tried = PreparedForPerson(
    lambda person: (
        QuizAttempt.objects.of(person)
        .counting_in(Later("place", QuizAttempt._meta.get_field("redo_in")))
        .filter(quiz_key=Later("quiz", QuizAttempt._meta.get_field("quiz_key")))
        .order_by("number")
        .values_list(*columns_of(QuizAttempt, leave=_WORDS))
    )
)


def _attempts(page: QuizPage, request: HttpRequest, place: str) -> list[QuizAttempt]:
    if not request.user.is_authenticated:
        return []
    return objects_of(QuizAttempt, _tried.rows(request.user, place=place, quiz=page.translation_key), leave=_WORDS)


def _standing(page: QuizPage, attempts: list[QuizAttempt], record: ActivityRecord | None, grading: str, user: User, mark: int) -> dict:
    """Whether another attempt may begin, and what all of those that count are worth together. Who renews a certificate is counted anew.

    `practice`: another attempt changes nothing, since the first counts and did not reach the mark.
    """
    last = attempts[-1] if attempts else None
    since = begins_anew_at(user, page.translation_key) if last and page.attempts_allowed is not None else None
    left = page.attempts_left(record, sum(1 for one in attempts if since is None or one.started_at >= since))
    scores = [attempt.score for attempt in attempts if attempt.score is not None]
    grade = grade_of(scores, grading)
    alone = grading in ALONE
    return {
        "attempts_left": left,
        "may_retry": left is None or left > 0,
        "closed_until": page.closed_until(record, last),
        "grade_percent": percent_of(grade) if scores and (len(scores) > 1 or not alone) else None,
        "decides_alone": alone,
        "practice": is_decided(scores, grading, mark),
    }


def _duration(minutes: int) -> str:
    """Days, hours or minutes: the largest that leaves no rest."""
    if minutes % (24 * 60) == 0:
        return ngettext("%(n)s day", "%(n)s days", minutes // (24 * 60)) % {"n": minutes // (24 * 60)}
    if minutes % 60 == 0:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def quiz_context(page: QuizPage, request: HttpRequest, *, is_preview: bool, state: ActivityState | None = None) -> dict:
    """The rules in figures, what was tried (where `state` stands, see `courses.redo`), and whether another attempt may begin."""
    place, reopened_at = (state.redo_in, state.reopened_at) if state else ("", None)
    tried, record = _attempts(page, request, place), _allowed(page, request, place)
    attempts = [attempt for attempt in tried if not is_void(attempt, reopened_at)]
    standing = _standing(page, attempts, record, page.grading, request.user, page.pass_mark)
    standing["practice"] &= state is None or state.state != "done"
    last = attempts[-1] if attempts else None
    open_attempt = last if last and last.is_open else None
    waiting = bool(last and last.is_waiting)
    for attempt in tried:
        attempt.counts = attempt in attempts
    return {
        **standing,
        "attempts": [attempt for attempt in tried if not attempt.is_open],
        "open_attempt": open_attempt,
        "open_attempt_over": bool(open_attempt and open_attempt.is_over(timezone.now())),
        "void_attempt": next((attempt for attempt in tried if attempt.is_open and not attempt.counts), None),
        "waiting": waiting,
        "may_start": open_attempt is not None or (standing["may_retry"] and not standing["closed_until"] and not waiting),
        "minutes_allowed": page.time_limit + (record.extra_minutes if record else 0) if page.time_limit else None,
        "wait_in_words": _duration(page.wait) if page.wait else "",
        "number_of_questions": page.number_of_questions,
        "preview": mark(questions_of(page), {}) if is_preview else [],
    }


def in_words(lines: list[Line]) -> str:
    """An answer, as a sentence quotes it."""
    return "; ".join(f"{line.text} → {line.given}" if line.text and line.given else line.given or line.text for line in lines)


def open_attempt_context(attempt: QuizAttempt, *, ask_again: bool) -> dict:
    results, now = mark(attempt.questions, attempt.answers), timezone.now()
    return {
        "results": results,
        "answered": sum(bool(result.answer) for result in results),
        "missing": [(number, result) for number, result in enumerate(results, 1) if not result.answered],
        "ask_again": ask_again,
        "now": now,
        "over": attempt.is_over(now),
    }


def result_context(attempt: QuizAttempt, quiz: QuizPage, request: HttpRequest, state: ActivityState | None) -> dict:
    """What the author lets a learner see of it: who may try again finds the answers, not a copy of them, unless the author says so.

    The score is the attempt's; whether the quiz is passed is said of what counts of all attempts. Once passed, it stays so.
    """
    results = mark(attempt.questions, attempt.answers, attempt.marks)
    place, reopened_at = attempt.redo_in, state.reopened_at if state else None
    counting = [one for one in _attempts(quiz, request, place) if not is_void(one, reopened_at)]
    standing = _standing(quiz, counting, _allowed(quiz, request, place), attempt.grading, request.user, attempt.pass_mark)
    reveal, shows = QuizPage.Reveal, attempt.reveal if quiz.pk is None else quiz.reveal
    void = is_void(attempt, reopened_at)
    passed = _is_passed(attempt, standing["grade_percent"], state, void=void)
    may_retry, out = standing["may_retry"] and quiz.live, not standing["may_retry"] or quiz.pk is None
    return {
        **standing,
        "void": void,
        "quiz_passed": passed,
        "practice": standing["practice"] and not passed,
        "what_counts": QuizPage.Grading(attempt.grading).label,
        "results": [] if shows == reveal.SCORE else results,
        "number_of_questions": len(results),
        "band": band_for(attempt.bands, attempt.percent) if attempt.percent is not None else "",
        "reveal": shows == reveal.ALWAYS or (shows == reveal.END and (passed or out) and not attempt.is_waiting),
        "explain": shows in (reveal.ALWAYS, reveal.END),
        "right": sum(1 for result in results if result.verdict == "right"),
        "may_retry": may_retry and not attempt.is_waiting,
    }


def _is_passed(attempt: QuizAttempt, grade_percent: int | None, state: ActivityState | None, *, void: bool) -> bool:
    if state and state.state == "done" and not state.excused:
        return True
    if attempt.grading in ALONE:
        return bool(attempt.passed) and not void
    return grade_percent is not None and grade_percent >= attempt.pass_mark

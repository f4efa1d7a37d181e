"""What the templates of a quiz show: its rules, an open attempt, a result. Reads only; each answers in a constant number of queries."""

from collections.abc import Mapping

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.prepared import Later, PreparedForPerson, columns_of, objects_of
from courses.grading import band_for, grade_of, mark, percent_of, too_long, unread
from courses.kinds import LONGEST_TEXT, Line
from courses.models import ActivityRecord, QuizAttempt, QuizPage
from courses.questions import questions_of


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


def _standing(page: QuizPage, attempts: list[QuizAttempt], record: ActivityRecord | None) -> dict:
    """Whether another attempt may begin, and what all of them are worth together."""
    last = attempts[-1] if attempts else None
    left = page.attempts_left(record, len(attempts))
    scores = [attempt.score for attempt in attempts if attempt.score is not None]
    grade = grade_of(scores, page.grading)
    return {
        "attempts_left": left,
        "may_retry": left is None or left > 0,
        "closed_until": page.closed_until(record, last),
        "grade_percent": percent_of(grade) if len(scores) > 1 else None,
    }


def _duration(minutes: int) -> str:
    """Days, hours or minutes: the largest that leaves no rest."""
    if minutes % (24 * 60) == 0:
        return ngettext("%(n)s day", "%(n)s days", minutes // (24 * 60)) % {"n": minutes // (24 * 60)}
    if minutes % 60 == 0:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def quiz_context(page: QuizPage, request: HttpRequest, *, is_preview: bool, place: str = "") -> dict:
    """The rules in figures, what was tried (at this `place`, see `courses.redo`), and whether another attempt may begin."""
    attempts, record = _attempts(page, request, place), _allowed(page, request, place)
    standing = _standing(page, attempts, record)
    last = attempts[-1] if attempts else None
    open_attempt = last if last and last.is_open else None
    waiting = bool(last and last.is_waiting)
    return {
        **standing,
        "attempts": [attempt for attempt in attempts if not attempt.is_open],
        "open_attempt": open_attempt,
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


def too_long_in_words(attempt: QuizAttempt) -> str:
    """What has to be shortened; empty when nothing has."""
    numbers = too_long(attempt.questions, attempt.answers)
    if not numbers:
        return ""
    words = ngettext(
        "Your text for question %(numbers)s is longer than %(most)s characters. It is saved whole: shorten it before you hand in.",
        "Your texts for questions %(numbers)s are longer than %(most)s characters. They are saved whole: shorten them before you hand in.",
        len(numbers),
    )
    return words % {"numbers": ", ".join(map(str, numbers)), "most": number_format(LONGEST_TEXT, force_grouping=True)}


def unread_in_words(questions: list[dict], answers: Mapping[str, list[str]]) -> str:
    """What was typed where a number is asked for and cannot be read as one; empty when nothing is."""
    words = []
    for number, typed, unit in unread(questions, answers):
        if unit:
            told = _("Question %(number)s: ‘%(typed)s’ cannot be read as a number. Write figures, with or without ‘%(unit)s’.")
        else:
            told = _("Question %(number)s: ‘%(typed)s’ cannot be read as a number. Write figures alone.")
        words.append(told % {"number": number, "typed": typed, "unit": unit})
    return " ".join(words)


def to_mend_in_words(attempt: QuizAttempt) -> str:
    """What keeps an attempt from being handed in as it is; empty when nothing does."""
    return " ".join(filter(None, [unread_in_words(attempt.questions, attempt.answers), too_long_in_words(attempt)]))


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


def result_context(attempt: QuizAttempt, quiz: QuizPage, request: HttpRequest) -> dict:
    """What the author lets a learner see of it: who may try again finds the answers, not a copy of them, unless the author says so."""
    results = mark(attempt.questions, attempt.answers, attempt.marks)
    place = attempt.redo_in
    standing = _standing(quiz, _attempts(quiz, request, place), _allowed(quiz, request, place))
    reveal, shows = QuizPage.Reveal, quiz.reveal
    passed_or_out = bool(attempt.passed) or not standing["may_retry"]
    return {
        **standing,
        "results": [] if shows == reveal.SCORE else results,
        "number_of_questions": len(results),
        "band": band_for(attempt.bands, attempt.percent) if attempt.percent is not None else "",
        "reveal": shows == reveal.ALWAYS or (shows == reveal.END and passed_or_out and not attempt.is_waiting),
        "explain": shows in (reveal.ALWAYS, reveal.END),
        "right": sum(1 for result in results if result.verdict == "right"),
        "may_retry": standing["may_retry"] and not attempt.is_waiting and quiz.live,
    }

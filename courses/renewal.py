"""A certificate that is valid for some months, and how its holder renews it. Reads only.

From WINDOW before its end, and afterwards, it is renewed by who has passed the required quizzes of the course again since then, with as many
attempts as they had the first time; where there is none, by who says that they have read it again. Works that a trainer has accepted stay accepted. No completion is taken back (decision 0043).
"""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from academy.models import User
from courses.due import end_of
from courses.grading import grade_of, percent_of
from courses.models import Certificate, QuizAttempt
from courses.querysets import CertificateQuerySet
from courses.syllabus import Activity, Syllabus, syllabuses

WINDOW = timedelta(days=60)


@dataclass(frozen=True)
class Renewal:
    """`quizzes`: those to pass again, each with whether it is done. There are none in a course without a required quiz."""

    certificate: Certificate
    quizzes: list[tuple[Activity, bool]]

    @property
    def missing(self) -> list[Activity]:
        return [quiz for quiz, done in self.quizzes if not done]


def end_after(day: date, months: int) -> datetime:
    """The end of the same day so many months later, or of the last day of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return end_of(date(year, month, min(day.day, calendar.monthrange(year, month)[1])))


def renewal_of(user: User, syllabus: Syllabus, *, now: datetime) -> Renewal | None:
    """What is asked of this person to renew their certificate of this course; None: nothing ends. Two queries at most."""
    if not user.is_authenticated:
        return None
    required = set(syllabus.required_keys)
    quizzes = [one for one in syllabus.activities if one.kind == "quiz" and one.key in required]
    mine = _ending(user, now).filter(subject_key=syllabus.course_key).first()
    if mine is None:
        return None
    done = _passed_again(user, [quiz.key for quiz in quizzes], since=mine.expires_at - WINDOW) if quizzes else set()
    return Renewal(mine, [(quiz, quiz.key in done) for quiz in quizzes])


def _ending(user: User, now: datetime) -> CertificateQuerySet:
    """The person's certificates of courses that are to be renewed now."""
    return Certificate.objects.of(user).standing().filter(kind=Certificate.Kind.COURSE, expires_at__lte=now + WINDOW)


def _passed_again(user: User, quiz_keys: list[UUID], *, since: datetime) -> set[UUID]:
    """Which of these quizzes the attempts begun since then have passed, by the same rule as the first time (`actions.quizzes`).

    After each attempt, what counts of all until then reaches the mark, or not; what came later undoes nothing.
    """
    rows = QuizAttempt.objects.of(user).submitted().that_count().filter(quiz_key__in=quiz_keys, started_at__gte=since).order_by("number")
    scores: dict[tuple[UUID, str], list[float]] = {}
    passed = set()
    for key, place, score, grading, mark in rows.values_list("quiz_key", "redo_in", "score", "grading", "pass_mark"):
        known = scores.setdefault((key, place), [])
        known.append(score)
        if percent_of(grade_of(known, grading)) >= mark:
            passed.add(key)
    return passed


def begins_anew_at(user: User, quiz_key: UUID) -> datetime | None:
    """From when on the attempts of who has to pass this quiz again to renew a certificate are counted; None: all of them are.

    One query, and those of the courses where a certificate ends.
    """
    ends = dict(_ending(user, timezone.now()).order_by().values_list("subject_key", "expires_at"))
    found = syllabuses(ends) if ends else {}
    return max((ends[key] - WINDOW for key, syllabus in found.items() if quiz_key in syllabus.required_keys), default=None)

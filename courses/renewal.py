"""A certificate that is valid for some months, and how its holder renews it. Reads only.

From WINDOW before its end, and afterwards, it is renewed by who has passed the required quizzes of the course again since then; where there is
none, by who says that they have read it again. Works that a trainer has accepted stay accepted. No completion is taken back (decision 0043).
"""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, FilteredRelation, Q

from academy.models import User
from courses.due import end_of
from courses.models import Certificate
from courses.syllabus import Activity, Syllabus

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
    """What is asked of this person to renew their certificate of this course; None: nothing ends. One query."""
    if not user.is_authenticated:
        return None
    required = set(syllabus.required_keys)
    quizzes = [one for one in syllabus.activities if one.kind == "quiz" and one.key in required]
    mine = Certificate.objects.of(user).filter(kind=Certificate.Kind.COURSE, subject_key=syllabus.course_key)
    ends = mine.filter(revoked_at__isnull=True, renewed_at__isnull=True, expires_at__lte=now + WINDOW)
    passed = Q(holder__quiz_attempts__quiz_key__in=[quiz.key for quiz in quizzes], holder__quiz_attempts__passed=True)
    again = FilteredRelation("holder__quiz_attempts", condition=passed)
    found = list(ends.annotate(again=again, quiz=F("again__quiz_key"), begun=F("again__started_at")) if quizzes else ends)
    if not found:
        return None
    since = found[0].expires_at - WINDOW
    done = {row.quiz for row in found if row.begun and row.begun >= since} if quizzes else set()
    return Renewal(found[0], [(quiz, quiz.key in done) for quiz in quizzes])

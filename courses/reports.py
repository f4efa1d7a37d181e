"""How far people are: the matrix that staff follow (`courses.person_reports` has the lines about one person, which that person sees too).

Both take the state of an activity from `state_of`: nobody is told anything else than what their trainer reads
(anchors/learning.md §3, 45). The number of queries depends neither on the people nor on the activities.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache, partial
from uuid import UUID

from django.db.models import Aggregate, Case, CharField, Count, Exists, Max, OuterRef, Q, QuerySet, Sum, Value, When
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from academy.prepared import Later, Prepared
from courses.grading import grade_of, percent_of
from courses.kinds import folded
from courses.models import EXCUSED, ActivityRecord, Enrolment, QuizAttempt, Submission
from courses.progress import HANDED_IN
from courses.querysets import seen
from courses.settling import settle_waiting
from courses.syllabus import Activity, Module, Syllabus

FAILURES = 3  # so many failed attempts at one quiz, and somebody needs help
SILENT_DAYS = 14

DONE, EXCUSED_STATE, WAITING, FAILED, BEGUN, OPEN = "done", "excused", "waiting", "failed", "begun", "open"
# state → its mark (a shape, never a colour alone) and its words
STATES = {
    DONE: ("●", gettext_lazy("Done")),
    EXCUSED_STATE: ("◐", gettext_lazy("Excused")),
    WAITING: ("…", gettext_lazy("Waits for its marks")),
    FAILED: ("!", gettext_lazy("Failed three times or more")),
    BEGUN: ("○", gettext_lazy("Begun")),
    OPEN: ("·", gettext_lazy("Not begun")),
}
FINISHED, STUCK, GOING, IDLE = "finished", "stuck", "going", "idle"
STANDINGS = {
    STUCK: gettext_lazy("Needs help"),
    IDLE: gettext_lazy("Not begun"),
    GOING: gettext_lazy("On the way"),
    FINISHED: gettext_lazy("Finished"),
}


def state_of(*, complete: bool, rule: str = "", begun: bool = False, failed: int = 0, waiting: bool = False) -> str:
    """The state of one activity for one person, from plain facts."""
    if complete:
        return EXCUSED_STATE if rule == EXCUSED else DONE
    if waiting:
        return WAITING
    if failed >= FAILURES:
        return FAILED
    return BEGUN if begun or failed else OPEN


def in_words(seconds: int) -> str:
    """A time spent, as people say it."""
    minutes = round(seconds / 60)
    if not seconds:
        return ""
    if minutes < 1:
        return _("less than a minute")
    if minutes < 60:
        return _("%(minutes)d min") % {"minutes": minutes}
    return _("%(hours)d h %(minutes)02d") % {"hours": minutes // 60, "minutes": minutes % 60}


# --- many people: the matrix


class Together(Aggregate):
    """What is said of each row of a group as one text, its parts one after the other: `d0f3…,b77a…`. Thousands of cells are read as some
    hundreds of rows."""

    function, output_field, arg_joiner = "GROUP_CONCAT", CharField(), " || "

    def as_postgresql(self, compiler, connection, **extra):
        written = self.copy()
        written.template = "STRING_AGG((%(expressions)s)::text, ',')"  # of numbers too, as SQLite does
        return written.as_sql(compiler, connection, **extra)


_COURSE, _KEY = Enrolment._meta.get_field("course_key"), ActivityRecord._meta.get_field("activity_key")
_PLACE = ActivityRecord._meta.get_field("redo_in")
MET = frozenset({DONE, EXCUSED_STATE})
LETTERS = {state[0]: state for state in (DONE, EXCUSED_STATE, WAITING, BEGUN, OPEN)}  # what a record says by itself


def _following() -> QuerySet:
    return Enrolment.objects.filter(course_key=Later("course", _COURSE), user__is_active=True).order_by()


def _counting(key: str, *, again: bool) -> Q:
    """Which rows count in the course. `again`: it asks for the activities `redo` to be done again, of whoever has not finished it."""
    if not again:
        return Q(redo_in="")
    asked, finished = Q(**{f"{key}__in": Later("redo", _KEY)}), Q(user__in=_following().completed().values("user"))
    return Q(redo_in="") & (~asked | finished) | Q(redo_in=Later("place", _PLACE)) & asked & ~finished


def _records() -> QuerySet:
    return ActivityRecord.objects.filter(user__in=_following().values("user"), activity_key__in=Later("keys", _KEY)).order_by()


_people = Prepared(
    lambda: _following().values_list(
        "user_id",
        "user__name",
        "user__email",
        "cohort_key",
        "enrolled_at",
        "completed_at",
        Exists(ActivityRecord.objects.unsettled().filter(user=OuterRef("user"))),
    )
)


_WORK = Submission.objects.filter(
    Q(user=OuterRef("user")) | ~Q(group_key=""),
    state__in=Submission.WAITING,
    activity_key=OuterRef("activity_key"),
    redo_in=OuterRef("redo_in"),
)
_LETTER = Case(  # in this order, hardly any record asks about work handed in
    When(rule=EXCUSED, then=Value(EXCUSED_STATE[0])),
    When(completed_at__isnull=False, then=Value(DONE[0])),
    When(Q(position=HANDED_IN) & Exists(_WORK), then=Value(WAITING[0])),
    When(seen(), then=Value(BEGUN[0])),
    default=Value(OPEN[0]),
)


def _record_rows(*, again: bool) -> QuerySet:
    """One row a person: seconds, when last seen, and the cells, each a letter of `LETTERS` and the key of its activity. What was done
    again here stays counted as time and visit when the course is finished."""
    counting = _counting("activity_key", again=again)
    rows = _records().filter(counting | Q(redo_in=Later("place", _PLACE)) if again else counting)
    cells = Together(_LETTER, "activity_key", filter=counting if again else None)
    found = rows.values("user_id").annotate(spent=Sum("seconds"), last=Max("last_seen_at", filter=seen()), cells=cells)
    return found.values_list("user_id", "spent", "last", "cells")


_RECORD = ActivityRecord.objects.filter(user=OuterRef("user"), activity_key=OuterRef("quiz_key"), redo_in=OuterRef("redo_in"))


def _trouble_rows(*, again: bool) -> QuerySet:
    """Quizzes that are not completed, where somebody failed too often or waits for a trainer: of the attempts that count."""
    completed = _RECORD.filter(completed_at__isnull=False)
    rows = QuizAttempt.objects.that_count().filter(user__in=_following().values("user"), quiz_key__in=Later("keys", _KEY))
    rows = rows.filter(_counting("quiz_key", again=again)).filter(~Exists(completed)).order_by().values("user_id", "quiz_key")
    counts = {"failed": Count("pk", filter=Q(passed=False)), "waiting": Count("pk", filter=Q(state="waiting"))}
    return rows.annotate(**counts).filter(Q(failed__gte=FAILURES) | Q(waiting__gt=0)).values_list("user_id", "quiz_key", "waiting")


# Each as it is asked of most courses, and of one that asks for something to be done again
_facts, _troubles = ({again: Prepared(partial(rows, again=again)) for again in (False, True)} for rows in (_record_rows, _trouble_rows))


@dataclass(frozen=True)
class Wanted:
    """Which people of a course, as the form of the report says it."""

    cohort: str = ""
    standing: str = ""
    days: int = SILENT_DAYS
    words: str = ""


@dataclass
class Learner:
    """One person who follows the course. `states`: of every activity, in the order of the columns. `last_seen` is of the activities of the
    course alone; None: never there."""

    person_id: int
    name: str
    email: str
    cohort_key: str
    enrolled_at: datetime
    completed_at: datetime | None
    states: list[str] = field(default_factory=list)
    done: int = 0
    seconds: int = 0
    last_seen: datetime | None = None
    failures: int = 0
    days: int = SILENT_DAYS
    silent_days: int = 0
    standing: str = GOING

    def stand(self, *, total: int, days: int, now: datetime) -> None:
        """Works out how this person stands: finished, in need of help, not begun, or on the way."""
        self.days = days
        self.silent_days = (now - (self.last_seen or self.enrolled_at)).days
        if self.completed_at is not None or (total and self.done >= total):
            self.standing = FINISHED
        elif self.failures or self.silent_days >= days:
            self.standing = STUCK
        else:
            self.standing = GOING if self.last_seen else IDLE

    @property
    def urgency(self) -> tuple:
        """Who needs help most comes first: three failures, then the longest silence."""
        rank = list(STANDINGS).index(self.standing)
        silent = -self.silent_days if self.standing == STUCK else 0
        return (rank, -self.failures if rank == 0 else 0, silent, self.done, self.name.casefold(), self.person_id)

    @property
    def reasons(self) -> list[str]:
        """Why this person needs help, in words."""
        if self.standing != STUCK:
            return []
        found = [_failed_in_words(self.failures, get_language())] if self.failures else []
        if self.silent_days >= self.days:
            found.append(_silent_in_words(self.silent_days, get_language()))
        return found


@lru_cache(maxsize=1000)
def _failed_in_words(count: int, _language: str) -> str:
    return ngettext("%(count)d quiz failed three times", "%(count)d quizzes failed three times", count) % {"count": count}


@lru_cache(maxsize=1000)
def _silent_in_words(days: int, _language: str) -> str:
    """Said of hundreds of people in one page: each number once."""
    return ngettext("nothing for %(count)d day", "nothing for %(count)d days", days) % {"count": days}


@dataclass
class CourseReport:
    """Those wanted of the people who follow one course, who needs help first. `everybody`, `counts`: of all of them in their cohort."""

    syllabus: Syllabus
    learners: list[Learner]
    everybody: int
    counts: Counter

    @cached_property
    def activities(self) -> list[Activity]:
        return list({activity.key: activity for activity in self.syllabus.activities}.values())

    @cached_property
    def columns(self) -> list[tuple[Module, list[Activity]]]:
        """Activities under their module; one that stands in two of them, under the first."""
        left, found = {activity.key for activity in self.activities}, []
        for place in self.syllabus.places:
            here = [activity for activity in place.module.activities if activity.key in left]
            left -= {activity.key for activity in here}
            if here:
                found.append((place.module, here))
        return found

    @cached_property
    def total(self) -> int:
        return len(set(self.syllabus.required_keys))

    @cached_property
    def sums(self) -> list[int]:
        """For each activity, how many of those listed have met it."""
        columns = zip(*[one.states for one in self.learners], strict=True)
        return [column.count(DONE) + column.count(EXCUSED_STATE) for column in columns] or [0] * len(self.activities)

    def scores(self) -> dict[tuple[int, UUID], str]:
        """What the attempts of everybody at each quiz are worth together, by its rule, as they read it themselves: (person, quiz) → words."""
        course, again = str(self.syllabus.course_key), self.syllabus.redo_keys
        attempts = QuizAttempt.objects.submitted().filter(
            user__in=[one.person_id for one in self.learners], quiz_key__in=[one.key for one in self.activities], redo_in__in=["", course]
        )
        counting = attempts.that_count().order_by("number")
        unfinished = {one.person_id for one in self.learners if one.completed_at is None}
        scores: dict[tuple[int, UUID], list[float]] = {}
        for person, quiz, place, score in counting.values_list("user_id", "quiz_key", "redo_in", "score"):
            if (place == course) == (quiz in again and person in unfinished):
                scores.setdefault((person, quiz), []).append(score)
        rule = {one.key: one.rules["grading"] for one in self.activities if one.kind == "quiz"}
        return {pair: f"{percent_of(grade_of(known, rule[pair[1]]))} %" for pair, known in scores.items()}


def course_report(syllabus: Syllabus, wanted: Wanted, *, now: datetime | None = None) -> CourseReport:
    """Three queries, whatever the number of people and of activities. Who was erased is not in it.

    What somebody's last event of a lesson finishes is settled before it is told (`courses.settling`).
    """
    now, course = now or timezone.now(), syllabus.course_key
    activities = list({activity.key: activity for activity in syllabus.activities}.values())
    keys = [activity.key for activity in activities]
    again = bool(syllabus.redo_keys)
    asked = {"course": course, **({"redo": syllabus.redo_keys, "place": str(course)} if again else {})}
    people = _people.rows(course=course)
    if any(unsettled for *_facts, unsettled in people):
        settle_waiting()
        people = _people.rows(course=course)
    learners = {person: Learner(person, name or email, email, *facts) for person, name, email, *facts, _settled in people}
    columns = {key: place for place, key in enumerate(keys)}
    written = {said: place for key, place in columns.items() for said in (key.hex, str(key))}  # as SQLite has them, and as PostgreSQL
    for learner in learners.values():
        learner.states = [OPEN] * len(keys)
    for person, spent, last, cells in _facts[again].rows(keys=keys, **asked):
        if learner := learners.get(person):
            learner.seconds, learner.last_seen, states = spent or 0, last, learner.states
            for cell in cells.split(",") if cells else ():
                states[written[cell[1:]]] = LETTERS[cell[0]]
    for person, quiz, waiting in _troubles[again].rows(keys=[one.key for one in activities if one.kind == "quiz"], **asked):
        if learner := learners.get(person):
            learner.states[columns[quiz]] = WAITING if waiting else FAILED
            learner.failures += not waiting
    asked_for = set(syllabus.required_keys)  # a module that is reworked is one of them, and no column
    required = [place for key, place in columns.items() if key in asked_for]
    here = [one for one in learners.values() if wanted.cohort in ("", one.cohort_key)]
    for learner in here:
        learner.done = sum([learner.states[place] in MET for place in required])
        learner.stand(total=len(asked_for), days=wanted.days, now=now)
    words = folded(wanted.words, case=False, accents=False)
    listed = [
        learner
        for learner in here
        if wanted.standing in ("", learner.standing)
        and (not words or words in folded(f"{learner.name} {learner.email}", case=False, accents=False))
    ]
    counts = Counter(learner.standing for learner in here)
    listed.sort(key=lambda one: one.urgency)
    return CourseReport(syllabus, listed, len(here), counts)

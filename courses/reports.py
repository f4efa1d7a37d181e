"""How far people are: the matrix that staff follow, and the lines about one person, which that person sees too.

Both take the state of an activity from `state_of`: nobody is told anything else than what their trainer reads
(anchors/learning.md §3, 45). The number of queries depends neither on the people nor on the activities.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from uuid import UUID

from django.db.models import Aggregate, Case, CharField, Count, Exists, Max, OuterRef, Q, QuerySet, Sum, Value, When
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from academy.models import User
from academy.prepared import Later, Prepared
from academy.privacy import Hidden
from courses.grading import percent_of
from courses.kinds import folded
from courses.models import EXCUSED, ActivityRecord, Enrolment, QuizAttempt, SubmissionVersion
from courses.progress import HANDED_IN
from courses.querysets import seen
from courses.syllabus import Activity, Module, Syllabus, syllabuses
from courses.works import verdict_in_words, versions_handed_in

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
NOTHING_HIDDEN = Hidden(())
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
    """Numbers of a group as one text, `1,2,3`: thousands of cells are read as some dozens of rows."""

    function, output_field = "GROUP_CONCAT", CharField()

    def as_postgresql(self, compiler, connection, **extra):
        return self.as_sql(compiler, connection, template="STRING_AGG(CAST(%(expressions)s AS text), ',')", **extra)


_COURSE, _KEY = Enrolment._meta.get_field("course_key"), ActivityRecord._meta.get_field("activity_key")
MET = frozenset({DONE, EXCUSED_STATE})
Cell = tuple[int, str, list[str]]  # the column of an activity, a state, and the people (as text) who are there


def _following() -> QuerySet:
    return Enrolment.objects.filter(course_key=Later("course", _COURSE), user__is_active=True).order_by()


def _records() -> QuerySet:
    return ActivityRecord.objects.filter(user__in=_following().values("user"), activity_key__in=Later("keys", _KEY)).order_by()


_people = Prepared(lambda: _following().values_list("user_id", "user__name", "user__email", "cohort_key", "enrolled_at", "completed_at"))
_visits = Prepared(
    lambda: (
        _records()
        .values("user_id")
        .annotate(spent=Sum("seconds"), last=Max("last_seen_at", filter=seen()))
        .values_list("user_id", "spent", "last")
    )
)
_STATE = Case(
    When(completed_at__isnull=True, position=HANDED_IN, then=Value(WAITING)),
    When(completed_at__isnull=True, then=Value(BEGUN)),
    When(rule=EXCUSED, then=Value(EXCUSED_STATE)),
    default=Value(DONE),
)
_cells = Prepared(
    lambda: (
        _records()
        .annotate(state=_STATE)
        .values("activity_key", "state")
        .annotate(people=Together("user_id"))
        .values_list("activity_key", "state", "people")
    )
)
# Quizzes that are not completed, where somebody failed too often or waits for a trainer
_troubles = Prepared(
    lambda: (
        QuizAttempt.objects.filter(user__in=_following().values("user"), quiz_key__in=Later("keys", _KEY))
        .filter(~Exists(ActivityRecord.objects.completed().filter(user=OuterRef("user"), activity_key=OuterRef("quiz_key"))))
        .order_by()
        .values("user_id", "quiz_key")
        .annotate(failed=Count("pk", filter=Q(passed=False)), waiting=Count("pk", filter=Q(state="waiting")))
        .filter(Q(failed__gte=FAILURES) | Q(waiting__gt=0))
        .values_list("user_id", "quiz_key", "waiting")
    )
)


@dataclass(frozen=True)
class Wanted:
    """Which people of a course, as the form of the report says it."""

    cohort: str = ""
    standing: str = ""
    days: int = SILENT_DAYS
    words: str = ""


@dataclass
class Learner:
    """One person who follows the course. `last_seen` is of its activities alone; None: never there."""

    person_id: int
    name: str
    email: str
    cohort_key: str
    enrolled_at: datetime
    completed_at: datetime | None
    done: int = 0
    seconds: int = 0
    last_seen: datetime | None = None
    failed: set[UUID] = field(default_factory=set)
    waiting: set[UUID] = field(default_factory=set)
    days: int = SILENT_DAYS
    silent_days: int = 0
    standing: str = GOING

    def stand(self, *, total: int, days: int, now: datetime) -> None:
        """Works out how this person stands: finished, in need of help, not begun, or on the way."""
        self.days = days
        self.silent_days = (now - (self.last_seen or self.enrolled_at)).days
        if self.completed_at is not None or (total and self.done >= total):
            self.standing = FINISHED
        elif self.failed or self.silent_days >= days:
            self.standing = STUCK
        else:
            self.standing = GOING if self.last_seen else IDLE

    @property
    def urgency(self) -> tuple:
        """Who needs help most comes first: three failures, then the longest silence."""
        rank = list(STANDINGS).index(self.standing)
        silent = -self.silent_days if self.standing == STUCK else 0
        return (rank, -len(self.failed) if rank == 0 else 0, silent, self.done, self.name.casefold(), self.person_id)

    @property
    def reasons(self) -> list[str]:
        """Why this person needs help, in words."""
        if self.standing != STUCK:
            return []
        found = [_failed_in_words(len(self.failed), get_language())] if self.failed else []
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


@dataclass(frozen=True)
class Row:
    """A person with the state of every activity, in the order of the columns."""

    learner: Learner
    states: list[str]


@dataclass
class CourseReport:
    """Those wanted of the people who follow one course, who needs help first. `cells` are of all of them; `is_whole`: all are wanted."""

    syllabus: Syllabus
    learners: list[Learner]
    everybody: int
    counts: Counter
    cells: list[Cell]
    is_whole: bool

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
        listed, sums = {str(one.person_id) for one in self.learners}, [0] * len(self.activities)
        for place, state, people in self.cells:
            if state in MET:
                sums[place] += len(people) if self.is_whole else len(listed.intersection(people))
        return sums

    def scores(self) -> dict[tuple[int, UUID], str]:
        """The best score of everybody at each quiz: (person, quiz) → words."""
        attempts = QuizAttempt.objects.submitted().filter(
            user__in=[one.person_id for one in self.learners], quiz_key__in=[one.key for one in self.activities]
        )
        best = attempts.order_by().values("user_id", "quiz_key").annotate(best=Max("score")).values_list("user_id", "quiz_key", "best")
        return {(person, quiz): f"{percent_of(score)} %" for person, quiz, score in best}

    def rows(self, learners: list[Learner]) -> Iterator[Row]:
        """These people with all their cells."""
        known = {str(one.person_id): [OPEN] * len(self.activities) for one in learners}
        for place, state, people in self.cells:
            for person in people:
                if person in known:
                    known[person][place] = state
        columns = {activity.key: place for place, activity in enumerate(self.activities)}
        for learner in learners:
            states = known[str(learner.person_id)]
            for keys, state in ((learner.failed, FAILED), (learner.waiting, WAITING)):
                for key in keys:
                    states[columns[key]] = state
            yield Row(learner, states)


def course_report(syllabus: Syllabus, wanted: Wanted, *, now: datetime | None = None) -> CourseReport:
    """Four queries, whatever the number of people and of activities. Who was erased is not in it."""
    now, course = now or timezone.now(), syllabus.course_key
    activities = list({activity.key: activity for activity in syllabus.activities}.values())
    keys = [activity.key for activity in activities]
    learners = {person: Learner(person, name or email, email, *facts) for person, name, email, *facts in _people.rows(course=course)}
    for person, spent, last in _visits.rows(course=course, keys=keys):
        if learner := learners.get(person):
            learner.seconds, learner.last_seen = spent or 0, last
    for person, quiz, waiting in _troubles.rows(course=course, keys=[one.key for one in activities if one.kind == "quiz"]):
        if learner := learners.get(person):
            (learner.waiting if waiting else learner.failed).add(quiz)
    columns, required = {key: place for place, key in enumerate(keys)}, set(syllabus.required_keys)
    cells = [(columns[key], state, people.split(",")) for key, state, people in _cells.rows(course=course, keys=keys)]
    done: Counter[str] = Counter()
    for place, state, people in cells:
        if state in MET and keys[place] in required:
            done.update(people)
    here = [one for one in learners.values() if wanted.cohort in ("", one.cohort_key)]
    for learner in here:
        learner.done = done[str(learner.person_id)]
        learner.stand(total=len(required), days=wanted.days, now=now)
    words = folded(wanted.words, case=False, accents=False)
    listed = [
        learner
        for learner in here
        if wanted.standing in ("", learner.standing)
        and (not words or words in folded(f"{learner.name} {learner.email}", case=False, accents=False))
    ]
    counts = Counter(learner.standing for learner in here)
    listed.sort(key=lambda one: one.urgency)
    return CourseReport(syllabus, listed, len(here), counts, cells, is_whole=len(listed) == len(learners))


# --- one person


@dataclass(frozen=True)
class ActivityLine:
    """One activity of one person: all that is known, for the trainer and for the person alike. Attempts and versions come first to last."""

    activity: Activity
    record: ActivityRecord | None
    attempts: list[QuizAttempt]
    versions: list[SubmissionVersion]

    @cached_property
    def state(self) -> str:
        record = self.record
        failed = sum(attempt.passed is False for attempt in self.attempts)
        waiting = any(attempt.is_waiting for attempt in self.attempts) or (record is not None and record.position == HANDED_IN)
        begun = record is not None or bool(self.attempts)
        complete, rule = (record.is_complete, record.rule) if record else (False, "")
        return state_of(complete=complete, rule=rule, begun=begun, failed=failed, waiting=waiting)

    @property
    def handed_in(self) -> list[tuple[SubmissionVersion, str]]:
        """Each version with the last answer to it, in words."""
        return [(version, verdict_in_words(version)) for version in self.versions]

    @property
    def mark(self) -> str:
        return STATES[self.state][0]

    @property
    def state_words(self) -> str:
        return str(STATES[self.state][1])

    @property
    def first_seen_at(self) -> datetime | None:
        return self.record.first_seen_at if self.record and self.record.was_seen else None

    @property
    def last_seen_at(self) -> datetime | None:
        moments = [attempt.submitted_at or attempt.saved_at or attempt.started_at for attempt in self.attempts]
        if self.record and self.record.was_seen:
            moments.append(self.record.last_seen_at)
        return max(moments, default=None)

    @property
    def seconds(self) -> int:
        """In lessons as the page counted it, in a quiz from the start of each attempt to its end."""
        quizzes = sum((one.submitted_at - one.started_at).total_seconds() for one in self.attempts if one.submitted_at)
        return (self.record.seconds if self.record else 0) + int(quizzes)

    @property
    def spent(self) -> str:
        return in_words(self.seconds)

    @property
    def how(self) -> str:
        """By which rule it was completed, in words."""
        return rule_in_words(self.record.rule) if self.record and self.record.is_complete else ""

    @property
    def remark(self) -> str:
        """What staff did and why: set, excused, opened again."""
        if self.record is None or not self.record.reason:
            return ""
        if self.record.is_complete:
            words = _("Excused by staff: %(reason)s") if self.record.is_excused else _("Completed by staff: %(reason)s")
        else:
            words = _("Opened again by staff: %(reason)s")
        return words % {"reason": self.record.reason}


def rule_in_words(rule: str) -> str:
    """What a record says of how it was completed."""
    if rule.startswith("quiz.pass:"):
        return _("%(mark)s %% reached") % {"mark": rule.partition(":")[2]}
    known = {
        "quiz.hand_in": _("answers handed in"),
        "lesson.end": _("read to the end"),
        "lesson.confirm": _("said to be read"),
        "assignment.accepted": _("work accepted by a trainer"),
        "staff": _("set by staff"),
        EXCUSED: _("excused by staff"),
    }
    return known.get(rule, rule)


@dataclass(frozen=True)
class PersonReport:
    """One person in one course."""

    syllabus: Syllabus
    enrolment: Enrolment
    modules: list[tuple[Module, bool, list[ActivityLine]]]

    @cached_property
    def lines(self) -> list[ActivityLine]:
        return list({line.activity.key: line for _module, _required, lines in self.modules for line in lines}.values())

    @cached_property
    def done(self) -> int:
        met = {line.activity.key for line in self.lines if line.state in (DONE, EXCUSED_STATE)}
        return len(met.intersection(self.syllabus.required_keys))

    @cached_property
    def total(self) -> int:
        return len(set(self.syllabus.required_keys))

    @property
    def first_seen_at(self) -> datetime | None:
        return min((line.first_seen_at for line in self.lines if line.first_seen_at), default=None)

    @property
    def last_seen_at(self) -> datetime | None:
        return max((line.last_seen_at for line in self.lines if line.last_seen_at), default=None)

    @property
    def spent(self) -> str:
        return in_words(sum(line.seconds for line in self.lines))


def person_reports(person: User, *, course_key: UUID | None = None, hidden: Hidden = NOTHING_HIDDEN) -> list[PersonReport]:
    """The person in each course that they follow (or in that one), the last begun on top: eight queries at most, whatever the courses.

    A course that is not published any more is not in it: nothing says what it asks. `hidden`: what the reader may not open is left out.
    """
    enrolments = Enrolment.objects.of(person).order_by("-enrolled_at")
    if course_key:
        enrolments = enrolments.filter(course_key=course_key)
    enrolments = list(enrolments)
    found = syllabuses([one.course_key for one in enrolments])
    keys = {activity.key for syllabus in found.values() for activity in syllabus.activities}
    records = {one.activity_key: one for one in ActivityRecord.objects.of(person).for_activities(list(keys)).defer("visits")}
    attempts = defaultdict(list)
    unread = ("questions", "answers", "bands", "marks", "saves")
    for attempt in QuizAttempt.objects.of(person).filter(quiz_key__in=keys).order_by("number").defer(*unread):
        attempts[attempt.quiz_key].append(attempt)
    works = [activity.key for syllabus in found.values() for activity in syllabus.activities if activity.kind == "assignment"]
    versions = versions_handed_in(person, works) if works else {}
    reports = []
    for enrolment in enrolments:
        if syllabus := found.get(enrolment.course_key):
            modules = [
                (
                    place.module,
                    place.required,
                    [ActivityLine(one, records.get(one.key), attempts[one.key], versions.get(one.key, [])) for one in activities],
                )
                for place in syllabus.places
                if not hidden.hides(place.module.path)
                and (activities := [one for one in place.module.activities if not hidden.hides(one.path)])
            ]
            reports.append(PersonReport(syllabus, enrolment, modules))
    return reports

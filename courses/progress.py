"""Where people stand: reads in a constant number of queries, whatever the size of a course."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.dates import academy_day
from academy.models import User
from academy.prepared import Later, LaterPerson, PreparedForPerson
from academy.privacy import Hidden, hidden_from
from courses.finished import had_finished
from courses.models import EXCUSED, ActivityRecord, Certificate, Enrolment, QuizAttempt
from courses.syllabus import Activity, Module, Place, Syllabus

# Where the work of an assignment stands, in the place of the record where a lesson says where to resume; no heading has such a name
WORK = "work/"  # what a position of an assignment begins with
HANDED_IN, TO_IMPROVE = f"{WORK}handed-in", f"{WORK}to-improve"


@dataclass(frozen=True)
class CourseProgress:
    """How far one person is in one course. `completed_at` is the day it was completed, which later changes of the course never undo."""

    done: int
    total: int
    completed_at: datetime | None = None
    enrolled: bool = False
    unsettled: bool = False  # something they completed may close it: `courses.settling` is asked before this is shown

    @property
    def complete(self) -> bool:
        return self.completed_at is not None or (self.total > 0 and self.done >= self.total)

    @property
    def fraction(self) -> float:
        if self.complete:
            return 1.0
        return self.done / self.total if self.total else 0.0


@dataclass
class ActivityState:
    """One activity for one person. `state` is done, started or open; `new` means added since they finished the course.

    `changed`: a trainer said that it changed since, and they have not been there again.
    `excused`: it counts as done, because staff said that this person need not do it.
    `here`: where they stand in the list that is shown; `current`: the very page that shows it.
    `said`: how far and how well, and `held`: why nothing can be done now (`waiting`, `none`, `until`), where `courses.standings` was asked.
    `redo_in`: what is done here is written for this course alone, which asks for it again; empty: it counts everywhere. `elsewhere_at`: when
    it was done elsewhere, for who has not done it again yet.
    """

    activity: Activity
    href: str
    state: str = "open"
    completed_at: datetime | None = None
    progress: float = 0
    position: str = ""
    new: bool = False
    excused: bool = False
    changed: bool = False
    locked: bool = False
    here: bool = False
    current: bool = False
    redo_in: str = ""
    elsewhere_at: datetime | None = None
    seen_at: datetime | None = None
    reopened_at: datetime | None = None
    extra_attempts: int = 0
    need_not_wait: bool = False
    unsettled: bool = False
    said: str = ""
    held: str = ""

    @property
    def seen_as(self) -> tuple:
        """All that a line about it depends on: two people with the same are shown the same line."""
        moment = self.completed_at or self.elsewhere_at
        day = (timezone.localtime(moment).date(), self.completed_at is None) if moment else None
        return (
            self.href,
            self.state,
            day,
            self.new,
            self.excused,
            self.changed,
            self.locked,
            self.here,
            self.current,
            self.work,
            self.said,
            self.held,
        )

    @property
    def work(self) -> str:
        """Of an assignment that is not complete: handed in, to improve, or nothing yet."""
        return self.position if self.activity.kind == "assignment" and self.state != "done" else ""

    @property
    def waits(self) -> bool:
        """There is nothing to do but to wait, for a trainer or for the time between two attempts."""
        return self.work == HANDED_IN or bool(self.held)

    @property
    def rule(self) -> str:
        """What completes it, in words."""
        if self.activity.kind == "assignment":
            return _("Hand in your work; a trainer accepts it.")
        if self.activity.kind == "quiz":
            return _("Reach %(mark)s%%.") % {"mark": self.activity.pass_mark} if self.activity.pass_mark else _("Hand in your answers.")
        if self.activity.completion == "end":
            return _("Read to the end, or say that you have read it.")
        return _("Say that you have read it.")


@dataclass(frozen=True)
class Lock:
    """Why a module is not open yet, and where to go instead (empty when only time helps). `open_in`: another course of theirs, where it is."""

    why: str
    href: str = ""
    open_in: str = ""
    open_href: str = ""


@dataclass
class ModuleState:
    """One module of a course for one person. `redo_in`: the course, where it asks for the module to be done again.

    `closed`: how many of its required activities they may not open and have not done. The module is complete only with these.
    """

    module: Module
    required: bool
    activities: list[ActivityState]
    lock: Lock | None = None
    reserved: bool = False
    redo_in: str = ""
    closed: int = 0

    @cached_property
    def total(self) -> int:
        return sum(1 for item in self.activities if item.activity.required)

    @cached_property
    def done(self) -> int:
        return sum(1 for item in self.activities if item.activity.required and item.state == "done")

    @cached_property
    def met(self) -> bool:
        """Whether they have done all that they may open."""
        return self.done == self.total and any(item.state == "done" for item in self.activities)

    @property
    def complete(self) -> bool:
        return self.met and not self.closed

    @cached_property
    def state(self) -> str:
        if self.complete:
            return "done"
        return "started" if any(item.state != "open" for item in self.activities) else "open"

    @cached_property
    def finished_before_change(self) -> bool:
        """Whether a trainer said that the module changed as a whole after this person had finished it."""
        asked = [item for item in self.activities if item.activity.required] or self.activities
        moment = self.module.changed_at
        if moment is None or all(item.excused for item in asked):  # who was excused from all of it has finished nothing
            return False
        return had_finished([(item.activity.published_at, item.completed_at) for item in asked], moment)

    @cached_property
    def changed(self) -> bool:
        """The same, as long as they have not been there again."""
        return self.finished_before_change and max(item.seen_at for item in self.activities if item.seen_at) < self.module.changed_at

    @property
    def seen_as(self) -> tuple:
        """All that its heading depends on."""
        asks = (self.lock, self.reserved, self.required, self.redo_in, self.changed)
        return (self.module.key, self.state, *asks, self.complete, self.done, self.total)


@dataclass
class CourseOutline:
    """A whole course for one person (or for a visitor: nothing done)."""

    course_key: UUID
    modules: list[ModuleState] = field(default_factory=list)
    progress: CourseProgress = CourseProgress(0, 0)
    certificate_id: UUID | None = None
    ends_at: datetime | None = None  # of the certificate that they hold and have not renewed
    reworked: int = 0  # required modules that are not published now; nothing of them is asked of who has finished
    unsettled: bool = False  # see `CourseProgress`

    @cached_property
    def activities(self) -> list[ActivityState]:
        return [item for module in self.modules for item in module.activities]

    @cached_property
    def started(self) -> bool:
        return self.progress.enrolled or any(item.state != "open" for item in self.activities)

    @cached_property
    def next(self) -> ActivityState | None:
        """What to do now: first what is required, then what is not; nothing that is locked, or that a trainer reads."""
        open_items = [
            (item, module)
            for module in self.modules
            for item in module.activities
            if item.state != "done" and not item.locked and not item.waits and not module.reserved
        ]
        return next(
            (item for item, module in open_items if module.required and item.activity.required), open_items[0][0] if open_items else None
        )

    @cached_property
    def only_waits(self) -> bool:
        """Nothing can be done now, and something waits for a trainer or for the time between two attempts, not for a module to open."""
        return self.next is None and any(item.waits for item in self.activities if item.state != "done")

    @cached_property
    def minutes_left(self) -> int:
        return sum(
            item.activity.minutes
            for module in self.modules
            if module.required
            for item in module.activities
            if item.activity.required and item.state != "done"
        )

    @cached_property
    def minutes(self) -> int:
        return sum(
            item.activity.minutes for module in self.modules if module.required for item in module.activities if item.activity.required
        )

    @cached_property
    def new(self) -> list[ActivityState]:
        return [item for item in self.activities if item.new]


RECORD_FIELDS = (
    "completed_at", "progress", "position", "rule", "last_seen_at", "reopened_at", "extra_attempts", "need_not_wait", "unsettled",
)  # fmt: skip
_KEY, _PLACE = ActivityRecord._meta.get_field("activity_key"), ActivityRecord._meta.get_field("redo_in")


def _record_rows(person: LaterPerson) -> QuerySet:
    rows = ActivityRecord.objects.of(person).for_activities(Later("keys", _KEY)).filter(redo_in__in=Later("places", _PLACE))
    return rows.values_list("redo_in", "activity_key", *RECORD_FIELDS)


_records = PreparedForPerson(_record_rows)


def activity_states(
    user: User,
    activities: Iterable[Activity],
    *,
    course_key: UUID | None = None,
    redo_keys: Collection[UUID] = frozenset(),
    finished: bool = False,
    records: dict | None = None,
) -> dict[UUID, ActivityState]:
    """The state of these activities for this person: one query (none for a visitor, and where the `records` are given).

    Of those in `redo_keys`, only what was done again in this course counts, until the person has `finished` the course.
    """
    activities, again = list(activities), str(course_key) if redo_keys else ""
    if records is None:
        records = _records_of(user, activities, ["", again] if again else [""])
    states = {}
    for activity in activities:
        href = f"{activity.address}?course={course_key}" if course_key else activity.address
        state, record = ActivityState(activity, href), records.get(("", activity.key))
        if activity.key in redo_keys:
            elsewhere, record = (
                record,
                _asked_again(state, again, here=records.get((again, activity.key)), elsewhere=record, finished=finished),
            )
            state.unsettled = bool(elsewhere and elsewhere[-1])
        if record:
            state.completed_at, state.progress, state.position, rule, state.seen_at, *more = record
            state.reopened_at, state.extra_attempts, state.need_not_wait, unsettled = more
            state.unsettled |= unsettled
            seen_at = state.seen_at
            state.excused = rule == EXCUSED
            state.changed = bool(
                state.completed_at and not state.excused and activity.changed_at and max(state.completed_at, seen_at) < activity.changed_at
            )
            state.state = "done" if state.completed_at else "started"
        states[activity.key] = state
    return states


def _records_of(user: User, activities: Iterable[Activity], places: list[str]) -> dict[tuple[str, UUID], list]:
    if not user.is_authenticated:
        return {}
    rows = _records.rows(user, keys=[activity.key for activity in activities], places=places)
    return {(place, key): values for place, key, *values in rows}


def state_of(user: User, attempt: QuizAttempt) -> ActivityState:
    """Where somebody stands with the quiz of an attempt, at the place of that attempt, also when the quiz is in no module any more."""
    quiz = Activity(attempt.quiz_key, "quiz", attempt.title, attempt.language, "", "", 0, required=True)
    records = _records_of(user, [quiz], [attempt.redo_in])
    found = {("", key): values for (_place, key), values in records.items()}
    return activity_states(user, [quiz], records=found)[quiz.key]


def _asked_again(state: ActivityState, course: str, *, here: list | None, elsewhere: list | None, finished: bool) -> list | None:
    """The record that counts in a course that asks for the same again. Who has finished the course is asked for nothing more."""
    if not finished or here:
        state.redo_in = course
    if finished and not (here and here[0]):
        return elsewhere
    if elsewhere and elsewhere[0] and elsewhere[3] != EXCUSED and not (here and here[0]):
        state.elsewhere_at = elsewhere[0]
    return here


def module_state(user: User, module: Module | None, *, hidden: Hidden) -> ModuleState | None:
    """One module outside any course: one query. None when it is not live."""
    if module is None:
        return None
    states = activity_states(user, module.activities)
    return module_for(module, states, hidden)


def module_for(module: Module, states: Mapping[UUID, ActivityState], hidden: Hidden, *, required: bool = True, **asks) -> ModuleState:
    """What they may open of it, and how much of what it requires they may not."""
    items = [states[activity.key] for activity in module.activities if not hidden.hides(activity.path)]
    shut = [activity for activity in module.activities if activity.required and hidden.hides(activity.path)]
    closed = sum(states[activity.key].state != "done" for activity in shut)
    return ModuleState(module, required, items, closed=closed, **asks)


def outline_of(user: User, syllabus: Syllabus, *, hidden: Hidden | None = None) -> CourseOutline:
    """The outline of a syllabus that is already read."""
    key = syllabus.course_key
    enrolment = _enrolment(user, key)
    finished = enrolment is not None and enrolment[0] is not None
    states = activity_states(user, syllabus.activities, course_key=key, redo_keys=syllabus.redo_keys, finished=finished)
    return _outline(syllabus, enrolment, states, hidden or hidden_from(user))


def outlines_of(
    user: User,
    asked: Collection[Syllabus],
    enrolments: Mapping[UUID, datetime | None],
    *,
    hidden: Hidden,
    leave: tuple[str, UUID] | None = None,
) -> list[CourseOutline]:
    """Several courses at once, without their certificates: one query, whatever their number. `enrolments`: those that they follow, and when
    they finished them; `leave`: a record that is not to be seen."""
    places = ["", *(str(syllabus.course_key) for syllabus in asked if syllabus.redo_keys)]
    records = _records_of(user, [activity for syllabus in asked for activity in syllabus.activities], places)
    records.pop(leave, None)
    outlines = []
    for syllabus in asked:
        key, completed_at = syllabus.course_key, enrolments.get(syllabus.course_key)
        asks = {"course_key": key, "redo_keys": syllabus.redo_keys, "finished": completed_at is not None}
        states = activity_states(user, syllabus.activities, **asks, records=records)
        outlines.append(_outline(syllabus, (completed_at, None, None) if key in enrolments else None, states, hidden))
    return outlines


def _outline(syllabus: Syllabus, enrolment: tuple | None, states: dict[UUID, ActivityState], hidden: Hidden) -> CourseOutline:
    key = syllabus.course_key
    completed_at, certificate_id, ends_at = enrolment or (None, None, None)
    modules = []
    for place in syllabus.places:
        reserved = hidden.hides(place.module.path)
        redo_in = str(key) if place.redo_here and completed_at is None else ""
        if reserved:
            modules.append(ModuleState(place.module, place.required, [], reserved=True, redo_in=redo_in))
        else:
            module = module_for(place.module, states, hidden, required=place.required, redo_in=redo_in)
            module.closed = 0 if completed_at else module.closed  # who has finished is asked for nothing more
            modules.append(module)
    required = [activity_key for activity_key in syllabus.required_keys if not (completed_at and activity_key in syllabus.reworked)]
    done = sum(1 for activity_key in required if activity_key in states and states[activity_key].state == "done")
    outline = CourseOutline(key, modules, CourseProgress(done, len(required), completed_at, enrolment is not None))
    outline.ends_at = ends_at
    outline.unsettled = completed_at is None and enrolment is not None and any(state.unsettled for state in states.values())
    outline.certificate_id, outline.reworked = certificate_id, 0 if completed_at else len(syllabus.reworked)
    _lock(outline, syllabus.places)
    if completed_at:
        for module in modules:
            for item in module.activities:
                item.new = module.required and item.activity.required and item.state != "done"
    return outline


_COURSE = Enrolment._meta.get_field("course_key")
_NOW = Certificate._meta.get_field("expires_at")


def _enrolment_rows(person: LaterPerson) -> QuerySet:
    certificates = Certificate.objects.valid(Later("now", _NOW)).of(person).filter(kind=Certificate.Kind.COURSE)
    of_course = certificates.filter(subject_key=OuterRef("course_key")).values("pk")[:1]
    ends = Certificate.objects.of(person).standing().filter(kind=Certificate.Kind.COURSE)
    ends = ends.filter(subject_key=OuterRef("course_key")).values("expires_at")[:1]
    rows = Enrolment.objects.of(person).filter(course_key=Later("course", _COURSE))
    return rows.values_list("completed_at", Subquery(of_course), Subquery(ends))


_enrolments = PreparedForPerson(_enrolment_rows)


def _enrolment(user: User, course_key: UUID) -> tuple[datetime | None, UUID | None, datetime | None] | None:
    """When the course was completed, the certificate that it led to, if that is still valid, and when the last one ends. None: not enrolled."""
    rows = _enrolments.rows(user, course=course_key, now=timezone.now()) if user.is_authenticated else []
    return rows[0] if rows else None


def _lock(outline: CourseOutline, places: list[Place]) -> None:
    """Closes what must wait. Whoever has finished the course, or begun the module (here, where it is asked for again), is never locked out."""
    before: list[ModuleState] = []
    for module, place in zip(outline.modules, places, strict=True):
        if not outline.progress.complete and module.state == "open" and not module.reserved:
            module.lock = _lock_of(place, before)
            for item in module.activities:
                item.locked = module.lock is not None
        if module.required:
            before.append(module)


def _lock_of(place: Place, before: list[ModuleState]) -> Lock | None:
    if place.opens_on and place.opens_on > academy_day(timezone.now()):
        return Lock(_("Opens on %(day)s.") % {"day": date_format(place.opens_on, "DATE_FORMAT")})
    if place.opens_after_previous:
        blocking = next((module for module in before if not module.met and module.total), None)
        if blocking is not None:
            todo = next((item for item in blocking.activities if item.activity.required and item.state != "done"), None)
            why = _("Opens when ‘%(module)s’ is complete.") % {"module": blocking.module.title}
            return Lock(why, todo.href if todo and not todo.locked else blocking.module.address)
    return None


_own_enrolments = PreparedForPerson(lambda person: Enrolment.objects.of(person).values_list("course_key", "completed_at"))
_own_completed = PreparedForPerson(
    lambda person: ActivityRecord.objects.of(person).completed().values_list("redo_in", "activity_key", "unsettled")
)


def done_in(course_key: UUID, redo_keys: Collection[UUID], completed: Mapping[str, set[UUID]]) -> set[UUID]:
    """Which activities count as done in this course, given what was completed by place (`redo_in`, empty: everywhere)."""
    everywhere = completed.get("", set())
    return everywhere if not redo_keys else (everywhere - set(redo_keys)) | completed.get(str(course_key), set())


def by_place(rows: Iterable[tuple[str, UUID]]) -> dict[str, set[UUID]]:
    found: dict[str, set[UUID]] = {}
    for place, key in rows:
        found.setdefault(place, set()).add(key)
    return found


def progress_of(
    user: User, required: Mapping[UUID, Collection[UUID]], redo: Mapping[UUID, Collection[UUID]] | None = None
) -> dict[UUID, CourseProgress]:
    """How far one person is in each of these courses, given what each requires (and asks for again): two queries, none for a visitor.

    Those that the person follows come first, the last begun on top.
    """
    enrolments, rows, redo = {}, [], redo or {}
    if user.is_authenticated and required:
        enrolments, rows = dict(_own_enrolments.rows(user)), _own_completed.rows(user)
    completed, unsettled = by_place((place, key) for place, key, _unsettled in rows), any(row[-1] for row in rows)
    followed = [key for key in enrolments if key in required]
    found = {}
    for key in dict.fromkeys([*followed, *required]):
        finished_at = enrolments.get(key)
        done = done_in(key, () if finished_at else redo.get(key, ()), completed)
        asks = unsettled and key in enrolments and finished_at is None
        found[key] = CourseProgress(len(done.intersection(required[key])), len(required[key]), finished_at, key in enrolments, asks)
    return found

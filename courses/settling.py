"""What a completion finishes: the courses of a person, their certificates. Called by actions, and before what it changes is read."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.signals import pre_delete, pre_save
from django.utils import timezone
from wagtail.signals import pre_page_move

from academy import audit
from academy.dates import academy_day
from academy.models import User
from academy.prepared import Later, Prepared
from academy.remembered import generation
from courses.certificates import course_content, tell_holder
from courses.models import ActivityPage, ActivityRecord, Certificate, CoursePage, Enrolment, ModulePage, Placement
from courses.progress import by_place, done_in
from courses.renewal import end_after
from courses.syllabus import Syllabus, syllabuses

SETTLED, SETTLED_FOR = "courses:settled", 60 * 60

_waiting = Prepared(lambda: ActivityRecord.objects.unsettled().order_by("user").values_list("user").distinct())
_waiting_of = Prepared(
    lambda: ActivityRecord.objects.unsettled().filter(user=Later("user", User._meta.pk)).order_by().values_list("pk")[:1]
)


def settle_courses(
    user: User, *, by: User | None, cause: str, because_of: Sequence[UUID] = (), at: datetime | None = None
) -> list[Enrolment]:
    """Closes every course the person follows and has now completed, and gives its certificate. A constant number of reads.

    The person is locked before their enrolments, as `enrol` does it: neither waits for the other in a circle, and of somebody who completes the
    last activity of a course in the moment in which they begin to follow it, the second of the two sees what the first has written.

    `cause` is kept in the history: `activity` (they did the last of `because_of`), `follow` (they had done all before), `course_changed`.
    `at`: when they did it, if not now.
    """
    list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).order_by().values_list("pk"))
    enrolments = list(Enrolment.objects.select_for_update(no_key=True).filter(user=user, completed_at__isnull=True))
    if not enrolments:
        return []
    for enrolment in enrolments:
        enrolment.user = user
    found = syllabuses([enrolment.course_key for enrolment in enrolments], language=settings.LANGUAGE_CODE)
    required = {key: set(syllabus.required_keys) for key, syllabus in found.items()}
    last = {key: [one for one in because_of if one in asked] for key, asked in required.items()}
    candidates = [e for e in enrolments if required.get(e.course_key) and (last[e.course_key] or not because_of)]
    if not candidates:
        return []
    wanted = set().union(*(required[enrolment.course_key] for enrolment in candidates))
    done = by_place(ActivityRecord.objects.of(user).completed().for_activities(list(wanted)).values_list("redo_in", "activity_key"))
    finished = [one for one in candidates if required[one.course_key] <= done_in(one.course_key, found[one.course_key].redo_keys, done)]
    for enrolment in finished:
        why = {"activity": str(last[enrolment.course_key][-1])} if because_of else {}
        _finish(enrolment, by=by, at=at or timezone.now(), data={"cause": cause} | why)
    return finished


def settle_waiting(person: User | None = None) -> int:
    """Asks of what was completed by an event of a lesson (`ActivityRecord.unsettled`) which courses it finishes; returns how many were closed.

    To record an event costs the same whatever it completes, so that this is left to whoever reads first what it changes: the person's own
    pages, the reports of the team, the structure of a course before it changes, else the clock. One small question where nothing waits.
    """
    who = [person.pk] if person is not None else list(_waiting.rows())
    return sum(_settle_one(pk if person is not None else pk[0]) for pk in who)


def _settle_one(pk: int) -> int:
    if not _waiting_of.rows(user=pk):
        return 0
    with transaction.atomic():
        rows = ActivityRecord.objects.unsettled().filter(user=pk).select_for_update(no_key=True)
        waiting = list(rows.order_by("-redo_in", "pk").only("activity_key", "completed_at"))  # one asked again before the same everywhere
        if not waiting:
            return 0  # another process was quicker
        waiting.sort(key=lambda record: record.completed_at)
        user = User.objects.get(pk=pk)
        keys, at = [record.activity_key for record in waiting], waiting[-1].completed_at
        closed = settle_courses(user, by=user, cause="activity", because_of=keys, at=at)
        ActivityRecord.objects.filter(pk__in=[record.pk for record in waiting]).update(unsettled=False)
    return len(closed)


def settle_changed(*, by: User | None) -> int:
    """The clock: a course that asks for less than it did is complete for whoever has done the rest. Returns how many were closed.

    A required module that is taken off the site asks for no less (`Syllabus.required_keys`): it is expected back.

    Looks again only when something was published since the last time (and once an hour): one question for each course that somebody is
    still in. Each person in their own transaction.
    """
    now = generation()
    if cache.get(SETTLED) == now:
        return 0
    still_in = Enrolment.objects.filter(completed_at__isnull=True, user__isnull=False)
    found = syllabuses(still_in.order_by().values_list("course_key", flat=True).distinct(), language=settings.LANGUAGE_CODE)
    people = {pk for syllabus in found.values() for pk in _with_all_done(still_in, syllabus)}
    closed = 0
    for person in User.objects.filter(pk__in=people).order_by("pk"):
        with transaction.atomic():
            closed += len(settle_courses(person, by=by, cause="course_changed"))
    cache.set(SETTLED, now, SETTLED_FOR)
    return closed


def _with_all_done(enrolments: QuerySet, syllabus: Syllabus) -> QuerySet:
    """Who, of those in this course, has done all it requires."""
    required = set(syllabus.required_keys)
    if not required:
        return enrolments.none().values_list("user", flat=True)
    here = Q(redo_in="", activity_key__in=required - syllabus.redo_keys)
    here |= Q(redo_in=str(syllabus.course_key), activity_key__in=required & syllabus.redo_keys)
    done = ActivityRecord.objects.completed().filter(here, user=OuterRef("user")).order_by().values("user").annotate(n=Count("pk"))
    who = enrolments.filter(course_key=syllabus.course_key).annotate(done=Subquery(done.values("n")))
    return who.filter(done=len(required)).values_list("user", flat=True)


def _finish(enrolment: Enrolment, *, by: User | None, at: datetime, data: dict) -> None:
    enrolment.completed_at = max(at, enrolment.enrolled_at)
    enrolment.save(update_fields=["completed_at"])
    audit.record(enrolment, "courses.complete_course", by=by, data=data)
    content, months = course_content(enrolment.course_key)
    if not content:
        return
    from courses.actions.certificates import issue_certificate  # actions settle

    certificate = issue_certificate(
        enrolment.user,
        kind=Certificate.Kind.COURSE,
        content=content,
        subject_key=enrolment.course_key,
        issued_at=enrolment.completed_at,
        expires_at=end_after(academy_day(enrolment.completed_at), months) if months else None,
        by=None,
    )
    tell_holder(certificate)


# --- what a course asks is about to change


def _before_change(sender: type, instance, raw: bool = False, update_fields=None, **_kwargs) -> None:
    """What was completed is held against what was asked then: a lesson that is added a moment later takes no course away from anybody."""
    if not raw and update_fields is None and isinstance(instance, CoursePage | ModulePage | ActivityPage | Placement):
        settle_waiting()


def install() -> None:
    """Called once, by CoursesConfig.ready."""
    for signal in (pre_save, pre_delete, pre_page_move):
        signal.connect(_before_change, dispatch_uid="courses-settle")

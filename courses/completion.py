"""Completing: an activity once, then the courses that it finishes. Called by actions, inside their transaction."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery
from django.utils import timezone

from academy import audit
from academy.dates import academy_day
from academy.models import User
from academy.prepared import Later, Prepared, columns_of, objects_of
from academy.remembered import generation
from courses.actions.certificates import issue_certificate
from courses.certificates import course_content, tell_holder
from courses.models import EXCUSED, ActivityPage, ActivityRecord, Certificate, Enrolment
from courses.progress import by_place, done_in
from courses.renewal import end_after
from courses.syllabus import Syllabus, syllabuses

SETTLED, SETTLED_FOR = "courses:settled", 60 * 60


def _locked_rows() -> QuerySet:
    field = ActivityRecord._meta.get_field
    whose = {
        "user": Later("user", User._meta.pk),
        "activity_key": Later("key", field("activity_key")),
        "redo_in": Later("place", field("redo_in")),
    }
    return ActivityRecord.objects.select_for_update(no_key=True).filter(**whose).order_by().values_list(*columns_of(ActivityRecord))


_locked = Prepared(_locked_rows)  # every event of every reader asks it


def locked_record(user: User, activity_key: UUID, redo_in: str = "", *, seen_at: datetime | None = None) -> ActivityRecord:
    """The person's row for this activity, locked; made now at the first visit. Two first visits at once give one row.

    `redo_in`: the row of a course that asks for it again, which is always locked before the one that counts everywhere.
    `seen_at`: when the first visit was, if not now.
    """
    record = locked_if_there(user, activity_key, redo_in)
    if record is None:
        is_fresh = write_first(new_record(user, activity_key, redo_in, seen_at=seen_at))
        record = locked_if_there(user, activity_key, redo_in)
        record.is_fresh = is_fresh
    return record


def locked_if_there(user: User, activity_key: UUID, redo_in: str = "") -> ActivityRecord | None:
    """The same, when somebody was there before."""
    found = _locked.rows(user=user.pk, key=activity_key, place=redo_in)
    if not found:
        return None
    record = objects_of(ActivityRecord, found)[0]
    record.user = user
    return record


def new_record(user: User, activity_key: UUID, redo_in: str = "", *, seen_at: datetime | None = None) -> ActivityRecord:
    """Of a first visit; not written yet (`write_first`)."""
    at = seen_at or timezone.now()
    record = ActivityRecord(user=user, activity_key=activity_key, redo_in=redo_in, first_seen_at=at, last_seen_at=at)
    record.is_fresh = True
    return record


def write_first(record: ActivityRecord) -> bool:
    """One statement that writes a new record, and thereby locks it. False: another first visit was quicker, nothing is written."""
    query = InsertQuery(ActivityRecord, on_conflict=OnConflict.IGNORE)
    query.insert_values(ActivityRecord._meta.concrete_fields, [record])
    [(statement, values)] = query.get_compiler(connection=connection).as_sql()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        record._state.adding = False
        return cursor.rowcount == 1


def mark_complete(
    record: ActivityRecord, *, activity: ActivityPage, source: str, by: User, rule: str = "", reason: str = "", also: Collection[str] = ()
) -> bool:
    """Writes the completion once, with the fields of `also`. False when it was complete already: the first day, rule and revision stand.

    What staff write is no visit of the person; who is excused has not come further. What is complete in a course that asked for it again is
    complete everywhere, if it was not already: whoever has done it in one place has done it.
    """
    if record.completed_at is not None:
        return False
    record.completed_at = timezone.now()
    if source != ActivityRecord.Source.STAFF:
        record.last_seen_at = max(record.last_seen_at, record.completed_at)
    if rule != EXCUSED:
        record.progress = 1
    record.source, record.rule, record.reason = source, rule or activity.completion_rule, reason
    record.revision = activity.live_revision_id
    record.save(update_fields={"completed_at", "last_seen_at", "progress", "source", "rule", "reason", "revision", *also})
    verb = "courses.excuse" if rule == EXCUSED else "courses.complete"
    data = {"rule": record.rule, "source": source, "reason": reason}
    audit.record(record, verb, by=by, data={**data, "redo_in": record.redo_in} if record.redo_in else data)
    if record.redo_in:
        _complete_everywhere(record, by=by)
    settle_courses(record.user, by=by, cause="activity", because_of=record.activity_key)
    return True


def _complete_everywhere(again: ActivityRecord, *, by: User) -> None:
    """The same completion on the row that counts in all other courses. One thing was done: the history tells it once, of the other row."""
    record = locked_record(again.user, again.activity_key)
    if record.completed_at is not None:
        return
    fields = ("completed_at", "rule", "source", "reason", "revision")
    for name in fields:
        setattr(record, name, getattr(again, name))
    record.progress = max(record.progress, again.progress)
    record.last_seen_at = max(record.last_seen_at, again.last_seen_at)
    record.save(update_fields=[*fields, "progress", "last_seen_at"])
    audit.record(record, "courses.complete_elsewhere", by=by, data={"rule": record.rule, "redo_in": again.redo_in})


def settle_courses(user: User, *, by: User | None, cause: str, because_of: UUID | None = None) -> list[Enrolment]:
    """Closes every course the person follows and has now completed, and gives its certificate. A constant number of reads.

    The person is locked before their enrolments, as `enrol` does it: neither waits for the other in a circle, and of somebody who completes the
    last activity of a course in the moment in which they begin to follow it, the second of the two sees what the first has written.

    `cause` is kept in the history: `activity` (they did the last one, `because_of`), `follow` (they had done all before), `course_changed`.
    """
    list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).order_by().values_list("pk"))
    enrolments = list(Enrolment.objects.select_for_update(no_key=True).filter(user=user, completed_at__isnull=True))
    if not enrolments:
        return []
    for enrolment in enrolments:
        enrolment.user = user
    found = syllabuses([enrolment.course_key for enrolment in enrolments], language=settings.LANGUAGE_CODE)
    required = {key: set(syllabus.required_keys) for key, syllabus in found.items()}
    candidates = [e for e in enrolments if required.get(e.course_key) and (because_of is None or because_of in required[e.course_key])]
    if not candidates:
        return []
    wanted = set().union(*(required[enrolment.course_key] for enrolment in candidates))
    done = by_place(ActivityRecord.objects.of(user).completed().for_activities(list(wanted)).values_list("redo_in", "activity_key"))
    finished = [one for one in candidates if required[one.course_key] <= done_in(one.course_key, found[one.course_key].redo_keys, done)]
    for enrolment in finished:
        _finish(enrolment, by=by, data={"cause": cause} | ({"activity": str(because_of)} if because_of else {}))
    return finished


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


def _finish(enrolment: Enrolment, *, by: User | None, data: dict) -> None:
    enrolment.completed_at = timezone.now()
    enrolment.save(update_fields=["completed_at"])
    audit.record(enrolment, "courses.complete_course", by=by, data=data)
    content, months = course_content(enrolment.course_key)
    if not content:
        return
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

"""Following a course and completing its activities."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from academy import audit
from academy.models import User
from academy.prepared import Later, PreparedUpdate
from academy.rules import RuleViolation
from courses.completion import (
    VISIT,
    complete,
    complete_elsewhere,
    locked_places,
    locked_record,
    mark_complete,
    new_record,
    told,
    told_elsewhere,
    write_event,
    write_first,
)
from courses.grading import judged, still_given, too_long
from courses.locks import check_open
from courses.models import EXCUSED, ActivityPage, ActivityRecord, CoursePage, Enrolment, LessonPage, PastVisit
from courses.progress import WORK
from courses.settling import settle_courses, settle_waiting

VISITS_REMEMBERED = 20
_visit = PreparedUpdate(lambda: ActivityRecord.objects.filter(pk=Later("pk", ActivityRecord._meta.pk)), *VISIT)
LONGEST_VISIT = int(timedelta(hours=6).total_seconds())


@transaction.atomic
def enrol(course: CoursePage, *, user: User, by: User, cohort_key: UUID | str = "") -> Enrolment:
    """The person follows the course, once. Coming again with a cohort names the cohort; what was done elsewhere counts at once."""
    if not course.live:
        raise RuleViolation(_("This course is not open."), code="not_live")
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    enrolment, created = Enrolment.objects.get_or_create(
        user=user, course_key=course.translation_key, defaults={"cohort_key": str(cohort_key)}
    )
    if not created and cohort_key and enrolment.cohort_key != str(cohort_key):
        before, enrolment.cohort_key = enrolment.cohort_key, str(cohort_key)
        enrolment.save(update_fields=["cohort_key"])
        audit.record(enrolment, "courses.enrol", by=by, data={"cohort": enrolment.cohort_key, "cohort_before": before})
    if created:
        audit.record(enrolment, "courses.enrol", by=by, data={"course": course.title, "cohort": enrolment.cohort_key})
    if enrolment.completed_at is None:
        settle_courses(user, by=by, cause="follow")
        enrolment.refresh_from_db()
    return enrolment


@transaction.atomic
def record_progress(
    activity: ActivityPage,
    *,
    by: User,
    client: str,
    sequence: int,
    progress: float = 0,
    position: str = "",
    seconds: int = 0,
    age: int = 0,
    redo_in: str = "",
    course_key: UUID | None = None,
) -> ActivityRecord:
    """Keeps how far somebody has come. The same event twice, or an older one after a newer one, changes nothing.

    `client` names one open tab and `sequence` counts its events; `seconds` is the time spent in that tab so far. Progress never
    goes down. A lesson that is completed by reaching its end is complete at 1; the courses that this finishes are settled by who reads them first. `redo_in`: in the record of a course that asks for it again.
    `age`: how many seconds ago it happened, when it had to wait on a device: it does not lead back who has been there since.
    `course_key`: the course in which it is done, for its locks (`courses.locks`). Raises RuleViolation: not open yet.
    """
    happened_at = timezone.now() - timedelta(seconds=age)
    event = {"client": client, "sequence": sequence, "progress": progress, "position": position, "seconds": seconds}
    whose = (by, activity.translation_key, redo_in)
    record, everywhere = (None, None) if activity.is_first_visit and not redo_in else locked_places(*whose)
    record = record or new_record(*whose, seen_at=happened_at)
    check_open(record, activity, by=by, course_key=course_key)
    if not _hear(record, everywhere, activity, happened_at, event):  # two first events at once: the other one was quicker
        record, everywhere = locked_places(*whose)
        _hear(record, everywhere, activity, happened_at, event)
    return record


def _hear(record: ActivityRecord, everywhere: ActivityRecord | None, activity: ActivityPage, happened_at: datetime, event: dict) -> bool:
    """Takes an event and writes what it changes: one statement, and one for the history where it completes the lesson.

    Which courses that finishes is asked later (`settle_waiting`): an event costs the same, whatever it completes. False: not written, since
    the row was made meanwhile by another.
    """
    if not _take(record, happened_at, **event):
        return True
    by_its_end = isinstance(activity, LessonPage) and activity.completion == LessonPage.Completion.END
    if not (by_its_end and record.progress >= 1 and complete(record, activity, source=ActivityRecord.Source.AUTO)):
        if record.is_fresh:
            return write_first(record)
        _visit.write(pk=record.pk, **{name: getattr(record, name) for name in VISIT})
        return True
    record.unsettled, lines = True, [told(record)]
    also = None
    if record.redo_in:
        everywhere = everywhere or new_record(record.user, record.activity_key, seen_at=record.first_seen_at)
        if complete_elsewhere(record, everywhere):
            also = everywhere
            lines.append(told_elsewhere(record, everywhere))
    if not write_event(record, also):
        return False
    audit.record_together(lines, by=record.user)
    return True


def _take(
    record: ActivityRecord, happened_at: datetime, *, client: str, sequence: int, progress: float, position: str, seconds: int
) -> bool:
    """Puts an event into the record, which is not written yet. False: it was heard already, or is older than one that was."""
    seen = record.visits.get(client) or _seen_before(record, client)
    if sequence <= seen["sequence"]:
        return False
    seconds = max(seen["seconds"], min(max(0, seconds), LONGEST_VISIT))
    visits = {key: value for key, value in record.visits.items() if key != client}
    visits[client] = {"sequence": sequence, "seconds": seconds}
    record.visits = _lay_by(record, visits)
    record.seconds += seconds - seen["seconds"]
    if not (record.reopened_at and happened_at <= record.reopened_at):  # what staff have taken back is not done again by an older event
        record.progress = max(record.progress, min(1.0, max(0.0, progress)))
    is_late = bool(record.position) and happened_at < record.last_seen_at
    if not is_late and not position.startswith(WORK):  # that is for a trainer and the one who hands in to say
        record.position = position[:100] or record.position
    record.last_seen_at = max(happened_at, record.last_seen_at) if record.was_seen else timezone.now()
    return True


def _seen_before(record: ActivityRecord, client: str) -> dict:
    """Of a tab that is not on the record: nobody else has been laid by while there is room left there."""
    known = PastVisit.objects.filter(record=record, client=client) if len(record.visits) >= VISITS_REMEMBERED else PastVisit.objects.none()
    return known.values("sequence", "seconds").first() or {"sequence": -1, "seconds": 0}


def _lay_by(record: ActivityRecord, visits: dict) -> dict:
    """What stays on the record. When there are twice as many as it remembers, the older half become rows: one statement in twenty tabs."""
    if len(visits) <= 2 * VISITS_REMEMBERED:
        return visits
    lines = list(visits.items())
    old, kept = lines[:-VISITS_REMEMBERED], lines[-VISITS_REMEMBERED:]
    rows = [PastVisit(record=record, client=client, **seen) for client, seen in old]
    fields = {"unique_fields": ["record", "client"], "update_fields": ["sequence", "seconds"]}
    PastVisit.objects.bulk_create(rows, update_conflicts=True, **fields)
    return dict(kept)


@transaction.atomic
def keep_check(
    activity: LessonPage,
    *,
    question: dict,
    answer: list[str],
    by: User,
    age: int = 0,
    redo_in: str = "",
    course_key: UUID | None = None,
) -> ActivityRecord:
    """Keeps what was answered to a question inside a lesson. The same twice changes nothing, and a better answer stays.

    Where a number is asked for, what is none is not kept: it is not judged either.

    `age`, `course_key`: see `record_progress`. Raises RuleViolation: not open yet, too long.
    """
    for _number, most in too_long([question], {question["id"]: answer}):
        words = _("It is longer than %(most)s characters: shorten it, then check it again.")
        raise RuleViolation(words % {"most": most}, code="too_long")
    happened_at = timezone.now() - timedelta(seconds=age)
    record = locked_record(by, activity.translation_key, redo_in, seen_at=happened_at)
    check_open(record, activity, by=by, course_key=course_key)
    kept = still_given(question, record.checks)
    found = judged(question, answer)
    if answer and not found.unread and answer != kept and (not kept or found.fraction >= judged(question, kept).fraction):
        record.checks = {**record.checks, question["id"]: answer}
        record.last_seen_at = max(happened_at, record.last_seen_at)
        record.save(update_fields=["checks", "last_seen_at"])
    return record


@transaction.atomic
def complete_activity(
    activity: ActivityPage,
    *,
    by: User,
    user: User | None = None,
    reason: str = "",
    redo_in: str = "",
    course_key: UUID | None = None,
) -> ActivityRecord:
    """‘I have read this’. For somebody else (`user`), it is an act of staff and needs a reason; only they complete a quiz this way.

    `course_key`: see `record_progress`; no lock holds for staff.
    """
    user = user or by
    if user == by and not reason:
        if not isinstance(activity, LessonPage):
            raise RuleViolation(_("This activity is completed by doing it."), code="not_by_word")
        source, rule = ActivityRecord.Source.SELF, "lesson.confirm"
    else:
        if not reason.strip():
            raise RuleViolation(_("Say why you complete this for somebody else."), code="no_reason")
        source, rule = ActivityRecord.Source.STAFF, "staff"
    record = locked_record(user, activity.translation_key, redo_in)
    if source == ActivityRecord.Source.SELF:
        check_open(record, activity, by=by, course_key=course_key)
    done = mark_complete(record, activity=activity, source=source, rule=rule, reason=reason.strip(), by=by)
    if not done and source == ActivityRecord.Source.STAFF:
        raise RuleViolation(_("This is complete already."), code="complete")
    return record


@transaction.atomic
def excuse_activity(activity: ActivityPage, *, user: User, reason: str, by: User, redo_in: str = "") -> ActivityRecord:
    """This person need not do it: it counts as met in every course, and is shown as excused, not as done. `reopen_activity` lifts it."""
    if user == by:
        raise RuleViolation(_("Nobody excuses themselves."), code="own")
    if not reason.strip():
        raise RuleViolation(_("Say why this person need not do it."), code="no_reason")
    record = locked_record(user, activity.translation_key, redo_in)
    if not mark_complete(record, activity=activity, source=ActivityRecord.Source.STAFF, rule=EXCUSED, reason=reason.strip(), by=by):
        raise RuleViolation(_("This is complete already."), code="complete")
    return record


@transaction.atomic
def reopen_activity(record: ActivityRecord, *, reason: str, by: User) -> ActivityRecord:
    """The only way back: staff clear a completion or lift an excuse, with a reason. Courses completed and certificates given stay as they are.

    Of a course that asked for it again, what was written elsewhere because of it goes with it; what was done elsewhere stays.
    """
    if record.user is not None:
        settle_waiting(record.user)  # what it has finished stays finished
    record = ActivityRecord.objects.select_for_update(no_key=True).get(pk=record.pk)
    if record.completed_at is None:
        raise RuleViolation(_("This activity is not complete."), code="not_complete")
    if not reason.strip():
        raise RuleViolation(_("Say why the activity is opened again."), code="no_reason")
    for one in (_written_everywhere_by(record), record):
        if one is not None:
            _reopen(one, reason=reason.strip(), by=by)
    return record


def _written_everywhere_by(record: ActivityRecord) -> ActivityRecord | None:
    """The row that counts in all other courses, when it is complete because of this one alone (`completion.mark_complete`)."""
    if not record.redo_in:
        return None
    whose = {name: getattr(record, name) for name in ("user_id", "activity_key", "completed_at", "rule", "source", "revision")}
    row = ActivityRecord.objects.select_for_update(no_key=True).counting_in("").filter(**whose).first()
    lines = ModelLogEntry.objects.for_instance(row).filter(action="courses.complete_elsewhere") if row else []
    return row if any(line.data.get("redo_in") == record.redo_in for line in lines) else None


def _reopen(record: ActivityRecord, *, reason: str, by: User) -> None:
    record.progress = record.progress if record.is_excused else 0
    before = {"completed_at": record.completed_at.isoformat(), "rule": record.rule, "source": record.source, "revision": record.revision}
    record.completed_at, record.rule, record.source, record.revision = None, "", "", None
    record.reason = reason
    if before["rule"] != EXCUSED:  # to lift an excuse takes back nothing that was done
        record.reopened_at = timezone.now()
    record.save(update_fields=["completed_at", "rule", "source", "revision", "progress", "reason", "reopened_at"])
    audit.record(record, "courses.reopen", by=by, data={"reason": record.reason, "before": before})

"""Completing: an activity once, then the courses that it finishes. Called by actions, inside their transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery
from django.utils import timezone

from academy import audit
from academy.models import User
from academy.prepared import Later, Prepared, columns_of, objects_of
from courses.models import EXCUSED, ActivityPage, ActivityRecord
from courses.settling import settle_courses


def _locked_rows() -> QuerySet:
    field = ActivityRecord._meta.get_field
    whose = {
        "user": Later("user", User._meta.pk),
        "activity_key": Later("key", field("activity_key")),
        "redo_in__in": Later("places", field("redo_in")),
    }
    rows = ActivityRecord.objects.select_for_update(no_key=True).filter(**whose)
    return rows.order_by("-redo_in").values_list(*columns_of(ActivityRecord))


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
    return _locked_at(user, activity_key, [redo_in]).get(redo_in)


def locked_places(user: User, activity_key: UUID, redo_in: str) -> tuple[ActivityRecord | None, ActivityRecord | None]:
    """Their row at this place and the one that counts everywhere, in one statement (the same twice, where that is the place)."""
    found = _locked_at(user, activity_key, [redo_in, ""] if redo_in else [""])
    return found.get(redo_in), found.get("")


def _locked_at(user: User, activity_key: UUID, places: list[str]) -> dict[str, ActivityRecord]:
    found = {}
    for record in objects_of(ActivityRecord, _locked.rows(user=user.pk, key=activity_key, places=places)):
        record.user = user
        found[record.redo_in] = record
    return found


def new_record(user: User, activity_key: UUID, redo_in: str = "", *, seen_at: datetime | None = None) -> ActivityRecord:
    """Of a first visit; not written yet (`write_first`)."""
    at = seen_at or timezone.now()
    record = ActivityRecord(user=user, activity_key=activity_key, redo_in=redo_in, first_seen_at=at, last_seen_at=at)
    record.is_fresh = True
    return record


def write_first(record: ActivityRecord) -> bool:
    """One statement that writes a new record, and thereby locks it. False: another first visit was quicker, nothing is written."""
    query = InsertQuery(ActivityRecord, on_conflict=OnConflict.IGNORE)
    return _insert(query, [record]) == 1


def _insert(query: InsertQuery, records: Sequence[ActivityRecord], only: str = "") -> int:
    query.insert_values(ActivityRecord._meta.concrete_fields, records)
    [(statement, values)] = query.get_compiler(connection=connection).as_sql()
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} {only}", values)
        for record in records:
            record._state.adding = False
        return cursor.rowcount


COMPLETION = ("completed_at", "last_seen_at", "progress", "source", "rule", "reason", "revision")
VISIT = ("visits", "seconds", "progress", "position", "last_seen_at")
_OWN = ("visits", "seconds", "position", "last_seen_at")  # of one place: what is completed at another changes nothing of it


def write_event(record: ActivityRecord, everywhere: ActivityRecord | None) -> bool:
    """Writes what an event has completed, at its place and (`everywhere`) on the row that counts in all courses, in one statement.

    False: another first event was quicker, and its row is not this one: to be read and heard again.
    """
    if everywhere is not None:
        return _write_both(record, everywhere)
    if record.is_fresh:
        return write_first(record)
    record.save(update_fields={*COMPLETION, *VISIT, "unsettled"})
    return True


def _write_both(record: ActivityRecord, everywhere: ActivityRecord) -> bool:
    """New rows and old ones alike. A row that counts everywhere and was made meanwhile keeps its own visits, and its completion if it has one."""
    field, quote = ActivityRecord._meta.get_field, connection.ops.quote_name
    query = InsertQuery(
        ActivityRecord,
        on_conflict=OnConflict.UPDATE,
        update_fields=[field(name) for name in dict.fromkeys((*COMPLETION, *VISIT, "unsettled"))],
        unique_fields=[field(name) for name in ("user", "activity_key", "redo_in")],
    )
    table = quote(ActivityRecord._meta.db_table)
    place, done, own = (f"{table}.{quote(name)}" for name in ("redo_in", "completed_at", "id"))
    only = f"WHERE {own} = EXCLUDED.{quote('id')} OR ({place} = '' AND {done} IS NULL)"
    return _insert(query, [record, everywhere], only) == 2


def complete(record: ActivityRecord, activity: ActivityPage, *, source: str, rule: str = "", reason: str = "") -> bool:
    """Fills in the completion, once, without writing it. False when it was complete already.

    What staff write is no visit of the person; who is excused has not come further.
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
    return True


def told(record: ActivityRecord) -> tuple[ActivityRecord, str, dict]:
    """Its line in the history."""
    data = {"rule": record.rule, "source": record.source, "reason": record.reason}
    verb = "courses.excuse" if record.rule == EXCUSED else "courses.complete"
    return record, verb, {**data, "redo_in": record.redo_in} if record.redo_in else data


def complete_elsewhere(again: ActivityRecord, record: ActivityRecord) -> bool:
    """Fills in the same completion on the row that counts in all other courses, without writing it. False when that was complete already."""
    if record.completed_at is not None:
        return False
    for name in ("completed_at", "rule", "source", "reason", "revision", "unsettled"):
        setattr(record, name, getattr(again, name))
    record.progress = max(record.progress, again.progress)
    record.last_seen_at = max(record.last_seen_at, again.last_seen_at)
    return True


def told_elsewhere(again: ActivityRecord, record: ActivityRecord) -> tuple[ActivityRecord, str, dict]:
    """One thing was done: the history tells it once, of the other row."""
    return record, "courses.complete_elsewhere", {"rule": record.rule, "redo_in": again.redo_in}


def mark_complete(record: ActivityRecord, *, activity: ActivityPage, source: str, by: User, rule: str = "", reason: str = "") -> bool:
    """Writes the completion once. False when it was complete already: the first day, rule and revision stand.

    What is complete in a course that asked for it again is complete everywhere, if it was not already: whoever has done it in one place has
    done it. An event of a lesson does the same in one statement (`write_event`).
    """
    if not complete(record, activity, source=source, rule=rule, reason=reason):
        return False
    record.save(update_fields=COMPLETION)
    lines = [told(record)]
    if record.redo_in:
        everywhere = locked_record(record.user, record.activity_key)
        if complete_elsewhere(record, everywhere):
            everywhere.save(update_fields=COMPLETION)
            lines.append(told_elsewhere(record, everywhere))
    audit.record_together(lines, by=by)
    settle_courses(record.user, by=by, cause="activity", because_of=[record.activity_key])
    return True

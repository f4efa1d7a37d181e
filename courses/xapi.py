"""What people completed and tried, as xAPI 1.0.3 statements that another learning record store can take.

The source is the history, which is only ever added to: a completion that staff open again is *voided* by a statement that names it, and
what happens anew is another; the attempts that led to it were made, and stand. An
attempt that a trainer marks later is told twice, as *attempted* and then with its score. Who was excused did nothing: no statement.
What is done again in a course that asks for it names that course as its grouping; that it counts elsewhere too is told by no second
statement. A statement's id comes from its line in the history, so that the same one sent twice is the same. People are accounts of this site under
an opaque name (it changes with SECRET_KEY), or their address where that was asked for; who was erased is in no statement.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac
from wagtail.models import ModelLogEntry, Page

from courses.models import EXCUSED, ActivityRecord, Enrolment, QuizAttempt
from courses.settling import settle_waiting

VERSION = "1.0.3"
NAMES = UUID("5d2e6c06-6f0c-5a55-9d3f-5a8d9a5c7f21")  # of the ids of statements, for ever
REOPEN = "courses.reopen"
SOURCES = {
    "courses.complete": ActivityRecord, "courses.complete_course": Enrolment, "courses.submit_attempt": QuizAttempt, REOPEN: ActivityRecord,
}  # fmt: skip
SETTLED = timedelta(seconds=10)  # a line younger than this may still be overtaken by one that is written at the same moment
VERBS = {
    "completed": ("http://adlnet.gov/expapi/verbs/completed", {"en": "completed", "fr": "a terminé"}),
    "attempted": ("http://adlnet.gov/expapi/verbs/attempted", {"en": "attempted", "fr": "a essayé"}),
    "passed": ("http://adlnet.gov/expapi/verbs/passed", {"en": "passed", "fr": "a réussi"}),
    "voided": ("http://adlnet.gov/expapi/verbs/voided", {"en": "voided", "fr": "a annulé"}),
    "failed": ("http://adlnet.gov/expapi/verbs/failed", {"en": "failed", "fr": "n’a pas réussi"}),
}
TYPES = {
    "lessonpage": "http://adlnet.gov/expapi/activities/lesson",
    "quizpage": "http://adlnet.gov/expapi/activities/assessment",
    "assignmentpage": "http://id.tincanapi.com/activitytype/school-assignment",
    "coursepage": "http://adlnet.gov/expapi/activities/course",
}


@dataclass(frozen=True)
class Batch:
    """Some statements, and the line of the history after which the next ones come; None: there is nothing more now."""

    statements: list[dict]
    after: int | None


def base_url() -> str:
    return settings.BASE_URL.rstrip("/")


def statements(*, after: int = 0, since: datetime | None = None, limit: int = 200, with_email: bool = False) -> Batch:
    """The statements of the lines after `after`, oldest first: eight queries, whatever their number."""
    settle_waiting()
    lines = ModelLogEntry.objects.filter(action__in=SOURCES, pk__gt=after, timestamp__lt=timezone.now() - SETTLED)
    if since is not None:
        lines = lines.filter(timestamp__gte=since)
    found = list(lines.order_by("pk").values_list("pk", "action", "object_id", "timestamp", "data")[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    rows = _rows(found)
    keys = {_key_of(row) for row in rows.values()} | {UUID(row.redo_in) for row in rows.values() if getattr(row, "redo_in", "")}
    activities, voided = _activities(keys), _voided(found)
    made = []
    for pk, action, object_id, moment, written in found:
        row, data = rows.get((action, object_id)), written or {}
        if row is None or row.user is None or data.get("rule") == EXCUSED:
            continue
        if action == REOPEN:
            made += [_void(pk, moment, voided[pk])] if pk in voided else []
            continue
        made.append(_statement(pk, action, row, moment, data, activities, with_email=with_email))
    return Batch(made, found[-1][0] if more else None)


def _id_of(action: str, pk: int) -> str:
    return str(uuid5(NAMES, f"{base_url()}/{action}/{pk}"))


def _voided(found: Iterable[tuple]) -> dict[int, str]:
    """`{line of a reopening: the statement that told what it took back}`. One query where something was opened again.

    What counted because of another course, and an excuse, were told by no statement.
    """
    reopened = [(pk, object_id) for pk, action, object_id, _moment, _data in found if action == REOPEN]
    if not reopened:
        return {}
    told = ModelLogEntry.objects.filter(
        action__in=["courses.complete", "courses.complete_elsewhere", "courses.excuse"], object_id__in=[row for _pk, row in reopened]
    )
    lines = list(told.order_by("pk").values_list("pk", "action", "object_id", "data"))
    last = {pk: [line for line in lines if line[2] == row and line[0] < pk][-1:] for pk, row in reopened}
    return {
        pk: _id_of(action, line)
        for pk, one in last.items()
        for line, action, _object_id, data in one
        if action == "courses.complete" and (data or {}).get("rule") != EXCUSED
    }


def _void(pk: int, moment: datetime, statement: str) -> dict:
    """By the Academy, whoever of its team did it: that is told to nobody outside."""
    iri, words = VERBS["voided"]
    return {
        "id": _id_of(REOPEN, pk),
        "actor": {"objectType": "Agent", "account": {"homePage": base_url(), "name": "academy"}},
        "verb": {"id": iri, "display": words},
        "object": {"objectType": "StatementRef", "id": statement},
        "context": {"platform": "Smart Academy"},
        "timestamp": moment.isoformat(),
        "version": VERSION,
    }


def _rows(found: Iterable[tuple]) -> dict[tuple[str, str], Any]:
    ids: dict[str, set[str]] = defaultdict(set)
    for _pk, action, object_id, _moment, _data in found:
        ids[action].add(object_id)
    rows = {}
    for action, wanted in ids.items():
        people = SOURCES[action].objects.filter(pk__in=wanted).select_related("user")
        unread = ("questions", "answers", "bands", "marks", "saves") if action == "courses.submit_attempt" else ()
        rows |= {(action, str(row.pk)): row for row in people.defer(*unread)}
    return rows


def _key_of(row: Any) -> UUID:
    return getattr(row, "activity_key", None) or getattr(row, "quiz_key", None) or row.course_key


def _activities(keys: set[UUID]) -> dict[UUID, dict]:
    """Each with its name in every language and its type; one whose page is gone keeps its address alone."""
    found: dict[UUID, dict] = {key: {"objectType": "Activity", "id": f"{base_url()}/xapi/activities/{key}"} for key in keys}
    pages = Page.objects.filter(translation_key__in=keys).order_by("live")
    for key, language, title, kind in pages.values_list("translation_key", "locale__language_code", "title", "content_type__model"):
        definition = found[key].setdefault("definition", {"name": {}})
        definition["name"][language] = title
        if kind in TYPES:
            definition["type"] = TYPES[kind]
    return found


def _actor(user: Any, *, with_email: bool) -> dict:
    if with_email:
        return {"objectType": "Agent", "mbox": f"mailto:{user.email}"}
    opaque = UUID(bytes=salted_hmac("courses.xapi.person", str(user.pk)).digest()[:16], version=4)
    return {"objectType": "Agent", "account": {"homePage": base_url(), "name": str(opaque)}}


def _statement(pk: int, action: str, row: Any, moment: datetime, data: dict, activities: dict[UUID, dict], *, with_email: bool) -> dict:
    verb, result, context = "completed", {"completion": True}, {"platform": "Smart Academy"}
    if action == "courses.submit_attempt":
        verb, result = _attempt(row, data)
        context["language"] = row.language
    elif action == "courses.complete":
        context["extensions"] = {
            f"{base_url()}/xapi/extensions/rule": data.get("rule", ""),
            f"{base_url()}/xapi/extensions/source": data.get("source", ""),
        }
    if again := getattr(row, "redo_in", ""):
        context["contextActivities"] = {"grouping": [activities[UUID(again)]]}
    iri, words = VERBS[verb]
    return {
        "id": _id_of(action, pk),
        "actor": _actor(row.user, with_email=with_email),
        "verb": {"id": iri, "display": words},
        "object": activities[_key_of(row)],
        "result": result,
        "context": context,
        "timestamp": moment.isoformat(),
        "version": VERSION,
    }


def _attempt(row: QuizAttempt, data: dict) -> tuple[str, dict]:
    """What the line said when it was written: handed in and waiting for its marks, or with its score."""
    result: dict[str, Any] = {"completion": True}
    if row.submitted_at:
        result["duration"] = f"PT{max(0, int((row.submitted_at - row.started_at).total_seconds()))}S"
    if data.get("score") is None:
        return "attempted", result
    result |= {"success": bool(data["passed"]), "score": {"scaled": round(data["score"], 4)}}
    return ("passed" if data["passed"] else "failed"), result

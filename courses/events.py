"""What an event of a lesson depends on, in one statement whatever the course: one comes every two seconds from every reader.

The same answers as `courses.access`, `courses.redo` and `courses.syllabus` give to pages, which read what they are drawn from.
"""

from uuid import UUID

from django.conf import settings
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Left, Length
from django.http import HttpRequest
from django.utils.translation import get_language
from wagtail.models import PageViewRestriction

from academy.prepared import Later, Prepared, columns_of, objects_of
from academy.privacy import Hidden, hidden_for
from academy.rules import RuleViolation
from courses import syllabus
from courses.locks import in_words, lock_of
from courses.models import ActivityRecord, CoursePage, Enrolment, LessonPage, ModulePage, Placement
from courses.rules_of import take_rules
from courses.screens import course_key_in

# What a lesson needs to be told of progress, and to be completed by it: of the two hundred columns that an activity has
RECORDED = {
    "id", "path", "translation_key", "live", "live_revision_id", "locale_id", "page_ptr_id", "activitypage_ptr_id", "title", "completion",
}  # fmt: skip
LEFT = tuple(field.attname for field in LessonPage._meta.concrete_fields if field.attname not in RECORDED)
_KEY, _PERSON = LessonPage._meta.get_field("translation_key"), ActivityRecord._meta.get_field("user")
_PLACE, _COURSE = ActivityRecord._meta.get_field("redo_in"), Enrolment._meta.get_field("course_key")
IN_COURSE = ("again", "there", "follows", "finished", "is_open", "course_guarded")


def _guards(path: str) -> Exists:
    """Whether a restriction stands on the page at this place of the tree, or above it."""
    above = Q(page__path=Left(OuterRef(path), Length("page__path")))
    above |= Q(page__aliases__path=Left(OuterRef(path), Length("page__aliases__path")))
    return Exists(PageViewRestriction.objects.filter(above))


def _module(**asks: bool) -> QuerySet:
    path = OuterRef(OuterRef("path"))
    return ModulePage.objects.filter(path=Left(path, Length(path) - syllabus.STEP), **asks).values("translation_key")


def _records(**where: object) -> QuerySet:
    return ActivityRecord.objects.filter(user=Later("person", _PERSON), activity_key=OuterRef("translation_key"), **where)


def _lesson_rows(*more: Exists) -> QuerySet:
    lessons = LessonPage.objects.live().filter(translation_key=Later("key", _KEY)).order_by()
    waits = Placement.objects.filter(syllabus.WAITS, module_key__in=_module(), page__live=True)
    asked = [_guards("path"), Exists(waits), Exists(_records(redo_in="")), *more]
    return lessons.values_list(*columns_of(LessonPage, leave=LEFT), "path", "locale__language_code", *asked)


def _lesson_rows_in_course() -> QuerySet:
    """The same, with what the course asks that the address names: by its version that counts, as `courses.syllabus` chooses it."""
    placed = Placement.objects.filter(page__translation_key=Later("course", _COURSE), page__live=True)
    first = Case(When(page__locale__language_code=settings.LANGUAGE_CODE, then=0), default=1, output_field=IntegerField())
    counts = placed.order_by(first, "page__locale__language_code", "page_id").values("page_id")[:1]
    here = Placement.objects.filter(page_id=Subquery(counts))
    followed = Enrolment.objects.filter(user=Later("person", _PERSON), course_key=Later("course", _COURSE))
    return _lesson_rows(
        Exists(here.filter(redo_here=True, module_key__in=_module(live=True))),
        Exists(_records(redo_in=Later("place", _PLACE))),
        Exists(followed),
        Exists(followed.completed()),
        Exists(here.filter(page__enrolment=CoursePage.EnrolmentBy.OPEN)),
        Exists(placed.filter(_guards("page__path"))),
    )


_lessons, _lessons_in_course = Prepared(_lesson_rows), Prepared(_lesson_rows_in_course)


def recorded_lesson(request: HttpRequest, key: UUID) -> tuple[LessonPage, str] | None:
    """The lesson as `access.readable_activity` finds it, with what it takes to record progress alone, and where this is written (`courses.redo`)."""
    course = course_key_in(request)
    asked = {"key": key, "person": request.user.pk}
    versions = _lessons_in_course.rows(**asked, course=course, place=str(course)) if course else _lessons.rows(**asked)
    width = len(versions[0]) - 3 - (len(IN_COURSE) if course else 0) if versions else 0
    languages = (get_language(), settings.LANGUAGE_CODE)
    rank = {language: place for place, language in reversed(list(enumerate(languages)))}
    path, language, guarded, waits, here = range(width - 2, width + 3)
    hidden = hidden_for(request) if any(row[guarded] for row in versions) else Hidden(())
    readable = [row for row in versions if not hidden.hides(row[path])]
    chosen = min(readable, key=lambda row: rank.get(row[language], len(languages)), default=None)
    if chosen is None:
        return None
    canonical = min(versions, key=lambda row: syllabus.rank(row[language], settings.LANGUAGE_CODE))
    lesson, ruling = objects_of(LessonPage, [chosen, canonical], leave=LEFT)
    asks = dict(zip(IN_COURSE, canonical[here + 1 :], strict=True)) if course else {}
    place = str(course) if course and _asked_again(request, course, asks) else ""
    lesson.may_be_locked = any(row[waits] for row in versions)
    lesson.is_first_visit = not (asks["there"] if place else canonical[here])
    return take_rules(lesson, ruling), place


def _asked_again(request: HttpRequest, course: UUID, asks: dict) -> bool:
    """As `redo.place_in` says it."""
    if not asks["again"]:
        return False
    if asks["course_guarded"]:
        found = syllabus.kept_syllabus(request, course)
        if found is None or not syllabus.may_be_named(found, follows=True, hidden=hidden_for(request)):
            return False
    return asks["there"] or (not asks["finished"] if asks["follows"] else asks["is_open"])


def refuse_if_locked(request: HttpRequest, lesson: LessonPage) -> None:
    """Asks for the lock before the verb does, for somebody who comes for the first time: with what the process remembers of courses."""
    if not (lesson.may_be_locked and lesson.is_first_visit):
        return
    lock = lock_of(
        request.user, lesson.path[: -syllabus.STEP], course_key=course_key_in(request), hidden=hidden_for(request), request=request
    )
    if lock:
        raise RuleViolation(in_words(lock), code="locked")
    lesson.may_be_locked = False

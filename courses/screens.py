"""What the templates of the pages show. Reads only; each answers in a constant number of queries."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from academy.blocks import HeadingValue
from academy.http import as_uuid
from academy.privacy import hidden_for
from courses.locks import close, lock_of
from courses.models import (
    ActivityChange,
    ActivityPage,
    AssignmentPage,
    CourseIndexPage,
    CoursePage,
    LessonPage,
    ModuleLibraryPage,
    ModulePage,
    QuizPage,
)
from courses.progress import (
    ActivityState,
    CourseOutline,
    CourseProgress,
    Lock,
    ModuleState,
    activity_states,
    module_for,
    module_state,
    outline_of,
    progress_of,
)
from courses.quiz_screens import quiz_context
from courses.renewal import WINDOW, renewal_of
from courses.rules_of import with_rules
from courses.settling import settle_waiting
from courses.standings import say_standings
from courses.syllabus import (
    STEP,
    ListedCourse,
    Syllabus,
    kept_courses,
    kept_module,
    kept_syllabus,
    may_be_named,
    modules_with_activities,
    page_address,
    reader_language,
    syllabus_of_draft,
)
from courses.work_screens import assignment_context


def is_preview(request: HttpRequest) -> bool:
    return bool(getattr(request, "is_preview", False))


def course_key_in(request: HttpRequest) -> UUID | None:
    """The course that the reader comes from, as the address says it; nonsense is no course."""
    return as_uuid(request.POST.get("course") or request.GET.get("course"))


def _settled_outline(request: HttpRequest, syllabus: Syllabus) -> CourseOutline:
    """Where the reader stands, once it is asked which courses their last event of a lesson has finished."""
    outline = outline_of(request.user, syllabus, hidden=hidden_for(request))
    if outline.unsettled:
        settle_waiting(request.user)
        outline = outline_of(request.user, syllabus, hidden=hidden_for(request))
    return outline


def _settled_progress(request: HttpRequest, courses: Iterable[ListedCourse]) -> dict[UUID, CourseProgress]:
    """The same of several courses."""
    asked = {one.key: one for one in courses}
    required, redo = {key: one.required_keys for key, one in asked.items()}, {key: one.redo_keys for key, one in asked.items()}
    progress = progress_of(request.user, required, redo)
    if any(one.unsettled for one in progress.values()):
        settle_waiting(request.user)
        progress = progress_of(request.user, required, redo)
    return progress


def _above(address: str) -> str:
    """The address one step up the tree."""
    return "/".join(address.split("/")[:-2]) + "/"


def _crumbs(page, parent_title: str) -> list[tuple[str, str]]:
    """The list above a course or a module, without reading it."""
    return [(parent_title, _above(page_address(get_language(), page.url_path))), (page.title, "")] if page.pk else []


def library_context(page: ModuleLibraryPage, request: HttpRequest) -> dict:
    """Every module that the reader may open, with what they have done of it."""
    hidden = hidden_for(request)
    rows = ModulePage.objects.live().child_of(page).values_list("translation_key", "path") if page.pk else []
    keys = [key for key, path in rows if not hidden.hides(path)]
    modules = modules_with_activities(keys, language=get_language())
    states = activity_states(request.user, [activity for module in modules.values() for activity in module.activities])
    found = [module_for(modules[key], states, hidden) for key in keys if key in modules]
    return {"modules": found}


def module_in(page: ModulePage, request: HttpRequest) -> tuple[ModuleState | None, Syllabus | None]:
    """The module for this reader: in the course that the address names, if that asks for the module to be done again, else by itself."""
    if not page.pk:
        return None, None
    key, hidden = course_key_in(request), hidden_for(request)
    syllabus = kept_syllabus(request, key) if key else None
    if syllabus and syllabus.redo_keys and any(place.redo_here and place.module.key == page.translation_key for place in syllabus.places):
        outline = _settled_outline(request, syllabus)
        if _comes_from(request, syllabus, outline):
            return next(one for one in outline.modules if one.module.key == page.translation_key), syllabus
    state = module_state(request.user, kept_module(request, page.path), hidden=hidden)
    if state and state.module.waits and not is_preview(request):
        close(state, lock_of(request.user, page.path, hidden=hidden, request=request))
    return state, None


def module_context(page: ModulePage, request: HttpRequest) -> dict:
    state, course = module_in(page, request)
    say_standings(request.user, state.activities if state else [])
    to_do = [item for item in state.activities if item.state != "done" and not item.locked and not item.waits] if state else []
    following = to_do[0] if to_do else None
    if following:
        following.here = True
    return {
        "module": state,
        "course": course,
        "next": following,
        "change": ActivityChange.objects.of_page(page).first() if state and state.finished_before_change else None,
        "crumbs": _crumbs(page, _("Modules")),
    }


@dataclass(frozen=True)
class CourseCard:
    """One course of a list, and how far the reader is in it."""

    course: ListedCourse
    progress: CourseProgress

    @property
    def seen_as(self) -> tuple:
        """All that its card depends on: two people with the same are shown the same card."""
        progress = self.progress
        begun = (progress.done, progress.total) if progress.enrolled or progress.done else None
        return (self.course.path, progress.completed_at is not None, begun)


def course_index_context(page: CourseIndexPage, request: HttpRequest) -> dict:
    """Every course of this language, grouped by audience in the order of the choices."""
    hidden = hidden_for(request)
    here = [one for one in kept_courses(request) if page.pk and one.path[:-STEP] == page.path and not hidden.hides(one.path)]
    progress = _settled_progress(request, here)
    groups = []
    for audience in CoursePage.Audience:
        cards = [CourseCard(one, progress[one.key]) for one in here if one.audience == audience]
        if cards:
            groups.append((audience.label, cards))
    return {"groups": groups}


def followed_courses(request: HttpRequest) -> list[CourseCard]:
    """The courses that the reader follows and may open, the last begun on top; each in their language, else in another."""
    hidden, language = hidden_for(request), reader_language()
    versions: dict[UUID, ListedCourse] = {}
    for one in kept_courses(request):
        if not hidden.hides(one.path) and (one.key not in versions or one.language == language):
            versions[one.key] = one
    progress = _settled_progress(request, versions.values())
    return [CourseCard(versions[key], found) for key, found in progress.items() if found.enrolled]


def course_context(page: CoursePage, request: HttpRequest) -> dict:
    key = page.translation_key
    syllabus = syllabus_of_draft(page, language=reader_language()) if is_preview(request) else kept_syllabus(request, key)
    outline = _settled_outline(request, syllabus or Syllabus(key)) if page.pk else CourseOutline(key)
    say_standings(request.user, outline.activities)
    if outline.next:
        outline.next.here = True
    now = timezone.now()
    ends = syllabus and syllabus.gives_certificate and outline.ends_at and outline.ends_at <= now + WINDOW and not is_preview(request)
    return {
        "outline": outline,
        "is_open": syllabus.is_open if syllabus else True,
        "crumbs": _crumbs(page, _("Courses")),
        "renewal": renewal_of(request.user, syllabus, now=now) if ends else None,
    }


@dataclass
class Surroundings:
    """Where an activity stands for this reader: in the course they come from, else in its module alone."""

    module: ModuleState | None = None
    course_key: UUID | None = None
    course_title: str = ""
    course_address: str = ""
    this: ActivityState | None = None
    previous: ActivityState | None = None
    next: ActivityState | None = None
    outline: CourseOutline | None = None

    @property
    def lock(self) -> Lock | None:
        return self.module.lock if self.module else None

    @property
    def place(self) -> str:
        """Where what is done on this page is written (`courses.redo`)."""
        return self.this.redo_in if self.this else ""


def _lock(request: HttpRequest, activity: ActivityPage, course_key: UUID | None) -> Lock | None:
    if is_preview(request):
        return None
    where = {"course_key": course_key, "hidden": hidden_for(request), "request": request}
    return lock_of(request.user, activity.path[:-STEP], **where)


def _comes_from(request: HttpRequest, syllabus: Syllabus, outline: CourseOutline) -> bool:
    """Whether the reader stands in the course that the address names. A visitor, for whom nothing is kept, does where they may read it."""
    follows = outline.progress.enrolled or not request.user.is_authenticated
    return may_be_named(syllabus, follows=follows, hidden=hidden_for(request))


def surroundings(request: HttpRequest, activity: ActivityPage, *, course_key: UUID | None) -> Surroundings:
    """The course's own order when the activity is placed in it, so that ‘next’ leads on into the next module."""
    found, activity_key = Surroundings(), activity.translation_key
    user, hidden = request.user, hidden_for(request)
    syllabus = kept_syllabus(request, course_key) if course_key else None
    is_placed = syllabus and any(one.key == activity_key for one in syllabus.activities)
    outline = _settled_outline(request, syllabus) if is_placed else None
    if outline and _comes_from(request, syllabus, outline):
        found.outline, found.course_key = outline, course_key
        found.course_title, found.course_address = syllabus.title, syllabus.address
        line = found.outline.activities
        found.module = next((m for m in found.outline.modules if any(item.activity.key == activity_key for item in m.activities)), None)
    else:
        found.module = module_state(user, kept_module(request, activity.path[:-STEP]), hidden=hidden) if activity.path else None
        if found.module and found.module.module.waits:
            close(found.module, _lock(request, activity, None))
        line = found.module.activities if found.module else []
    if found.lock and found.course_key:
        found.module.lock = _lock(request, activity, course_key) or found.lock  # with the course where it is open, if there is one
    index = next((number for number, item in enumerate(line) if item.activity.key == activity_key), None)
    if index is not None:
        found.this = line[index]
        found.this.here = found.this.current = True
        found.previous = line[index - 1] if index else None
        found.next = line[index + 1] if index + 1 < len(line) else None
    return found


def crumbs_of(around: Surroundings, title: str) -> list[tuple[str, str]]:
    if around.course_key:
        trail = [(around.course_title, around.course_address)]
    else:
        trail = [(_("Modules"), _above(around.module.module.address))] if around.module else []
    if around.module and not around.course_key:
        trail.append((around.module.module.title, around.module.module.address))
    elif around.module:
        trail.append((around.module.module.title, f"{around.course_address}#{around.module.module.key}"))
    return [*trail, (title, "")]


def _change(page: ActivityPage, this: ActivityState | None) -> ActivityChange | None:
    """What a trainer said of it to those who had completed it; asked only where something was said."""
    if this is None or this.excused or not (this.completed_at and this.activity.changed_at) or this.completed_at > this.activity.changed_at:
        return None
    return ActivityChange.objects.of_page(page).first()


MEDIA_PLACE = re.compile(r"(?:(\S*) )?(media-([0-9a-fA-F-]{36})@(\d{1,5}))")


def _anchors(page: LessonPage) -> list[str]:
    """The addresses of its headings, in order; from the raw data, since to build the body reads its pictures too."""
    headings = (HeadingValue(None, block["value"]) for block in page.body.raw_data if block["type"] == "heading")
    return [heading.anchor_id for heading in headings if heading.get("text") and heading.anchor_id]


def _own_anchor(page: LessonPage, anchor: str) -> str:
    """Who read in another language goes on at the heading of the same number; at the start, where there is none."""
    own = _anchors(page) if anchor else []
    if not anchor or anchor in own:
        return anchor
    for other in page.get_translations().live():
        theirs = _anchors(other)
        if anchor in theirs:
            number = theirs.index(anchor)
            return own[number] if number < len(own) else ""
    return ""


def lesson_context(page: LessonPage, state: ActivityState | None) -> dict:
    """Where the learner stopped. A position is a heading, `media-<id of the block>@<second>`, or both with a space between them."""
    position = state.position if state else ""
    found = MEDIA_PLACE.fullmatch(position)
    heading = (found[1] or "" if found else position) if state and state.progress < 1 else ""
    media = [block.get("id") for block in page.body.raw_data if block["type"] == "media"]
    context = {"position": _own_anchor(page, heading), "has_media": bool(media)}
    if found and found[3] in media and int(found[4]):
        minutes, seconds = divmod(int(found[4]), 60)
        context |= {"media_place": found[2], "media_anchor": f"media-{found[3]}", "media_clock": f"{minutes}:{seconds:02}"}
    return context


def activity_context(page: ActivityPage, request: HttpRequest) -> dict:
    around = surroundings(request, page, course_key=course_key_in(request))
    context = {
        "around": around,
        "crumbs": crumbs_of(around, page.title) if page.pk else [],
        "learner": request.user.is_authenticated and not is_preview(request),
        "is_preview": is_preview(request),
        "change": _change(page, around.this),
    }
    if isinstance(page, LessonPage):
        context |= lesson_context(page, around.this)
    if isinstance(page, QuizPage):
        if around.this and not is_preview(request):  # a draft shows what it says itself
            for name, value in around.this.activity.rules.items():
                setattr(page, name, value)
        context |= quiz_context(page, request, is_preview=is_preview(request), state=around.this)
    if isinstance(page, AssignmentPage):
        if not is_preview(request):
            with_rules(page)
        context |= assignment_context(page, request, is_preview=is_preview(request), place=around.place)
    return context

"""What the templates of the pages show. Reads only; each answers in a constant number of queries."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import get_language, gettext as _

from academy.privacy import Hidden, hidden_for
from courses.models import (
    ActivityPage,
    ActivityRecord,
    Certificate,
    CourseIndexPage,
    CoursePage,
    Enrolment,
    LessonPage,
    ModuleLibraryPage,
    ModulePage,
    QuizAttempt,
    QuizPage,
)
from courses.progress import (
    ActivityState,
    CourseOutline,
    CourseProgress,
    Lock,
    ModuleState,
    activity_states,
    course_outline,
    course_titles,
    module_state,
    outline_of,
)
from courses.questions import questions_of
from courses.syllabus import STEP, modules_with_activities, page_address, syllabuses


def is_preview(request: HttpRequest) -> bool:
    return bool(getattr(request, "is_preview", False))


def course_key_in(request: HttpRequest) -> UUID | None:
    """The course that the reader comes from, as the address says it; nonsense is no course."""
    try:
        return UUID((request.POST.get("course") or request.GET.get("course") or "").strip())
    except ValueError:
        return None


def _home_crumbs(page) -> list[tuple[str, str]]:
    """The list above a course or a module, by its row alone."""
    parent = page.get_parent() if page.depth and page.depth > 2 else None
    return [(parent.title, page_address(page.locale.language_code, parent.url_path))] if parent and parent.depth > 2 else []


def library_context(page: ModuleLibraryPage, request: HttpRequest) -> dict:
    """Every module that the reader may open, with what they have done of it."""
    hidden = hidden_for(request)
    rows = ModulePage.objects.live().child_of(page).values_list("translation_key", "path") if page.pk else []
    keys = [key for key, path in rows if not hidden.hides(path)]
    modules = modules_with_activities(keys, language=get_language())
    states = activity_states(request.user, [activity for module in modules.values() for activity in module.activities])
    found = [
        ModuleState(modules[key], True, [states[a.key] for a in modules[key].activities if not hidden.hides(a.path)])
        for key in keys
        if key in modules
    ]
    return {"modules": found}


def module_context(page: ModulePage, request: HttpRequest) -> dict:
    state = module_state(request.user, page.translation_key, hidden=hidden_for(request)) if page.pk else None
    return {
        "module": state,
        "next": next((item for item in state.activities if item.state != "done"), None) if state else None,
        "crumbs": [*_home_crumbs(page), (page.title, "")] if page.pk else [],
    }


def course_index_context(page: CourseIndexPage, request: HttpRequest) -> dict:
    """Every course of this language, grouped by audience in the order of the choices."""
    hidden = hidden_for(request)
    courses = [course for course in CoursePage.objects.live().child_of(page) if not hidden.hides(course)] if page.pk else []
    found = syllabuses([course.translation_key for course in courses])
    required = {key: syllabus.required_keys for key, syllabus in found.items()}
    done, enrolments = set(), {}
    if request.user.is_authenticated and courses:
        wanted = [key for keys in required.values() for key in keys]
        done = set(ActivityRecord.objects.of(request.user).completed().for_activities(wanted).values_list("activity_key", flat=True))
        enrolments = dict(Enrolment.objects.of(request.user).for_courses(list(found)).values_list("course_key", "completed_at"))
    groups = []
    for audience in CoursePage.Audience:
        cards = [_course_card(course, found, required, done, enrolments) for course in courses if course.audience == audience]
        if cards:
            groups.append((audience.label, cards))
    return {"groups": groups}


def _course_card(course: CoursePage, found: dict, required: dict, done: set, enrolments: dict) -> dict:
    key = course.translation_key
    keys = required.get(key, [])
    progress = CourseProgress(len(done.intersection(keys)), len(keys), enrolments.get(key), key in enrolments)
    places = found[key].places if key in found else []
    return {
        "course": course,
        "address": page_address(get_language(), course.url_path),
        "progress": progress,
        "modules": len(places),
        "minutes": sum(place.module.minutes for place in places if place.required),
    }


def course_context(page: CoursePage, request: HttpRequest) -> dict:
    outline = course_outline(request.user, page, preview=is_preview(request), hidden=hidden_for(request)) if page.pk else CourseOutline(page.translation_key)
    certificate = None
    if outline.progress.completed_at:
        certificate = Certificate.objects.of(request.user).valid().filter(kind=Certificate.Kind.COURSE, subject_key=page.translation_key).first()
    return {
        "outline": outline,
        "certificate": certificate,
        "crumbs": [*_home_crumbs(page), (page.title, "")] if page.pk else [],
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


def surroundings(user, *, activity_key: UUID, module_key: UUID | None, course_key: UUID | None, hidden: Hidden) -> Surroundings:
    """The course's own order when the module is placed in it, so that ‘next’ leads on into the next module."""
    found = Surroundings()
    syllabus = syllabuses([course_key]).get(course_key) if course_key else None
    place = next((place for place in syllabus.places if place.module.key == module_key), None) if syllabus else None
    if place:
        outline = outline_of(user, syllabus, hidden=hidden)
        titles = course_titles([course_key]).get(course_key, {})
        found.course_title, found.course_address = titles.get(get_language()) or next(iter(titles.values()), ("", ""))
        found.outline, found.course_key = outline, course_key
        found.module = next(module for module in outline.modules if module.module.key == module_key)
        line = outline.activities
    else:
        found.module = module_state(user, module_key, hidden=hidden) if module_key else None
        line = found.module.activities if found.module else []
    index = next((number for number, item in enumerate(line) if item.activity.key == activity_key), None)
    if index is not None:
        found.this = line[index]
        found.previous = line[index - 1] if index else None
        found.next = line[index + 1] if index + 1 < len(line) else None
    return found


def module_key_of(activity: ActivityPage) -> UUID | None:
    return ModulePage.objects.filter(path=activity.path[:-STEP]).values_list("translation_key", flat=True).first() if activity.path else None


def crumbs_of(around: Surroundings, title: str) -> list[tuple[str, str]]:
    if around.course_key:
        trail = [(around.course_title, around.course_address)]
    else:
        trail = [(_("Modules"), "/".join(around.module.module.address.split("/")[:-2]) + "/")] if around.module else []
    if around.module and not around.course_key:
        trail.append((around.module.module.title, around.module.module.address))
    elif around.module:
        trail.append((around.module.module.title, f"{around.course_address}#{around.module.module.key}"))
    return [*trail, (title, "")]


def activity_context(page: ActivityPage, request: HttpRequest) -> dict:
    around = surroundings(
        request.user,
        activity_key=page.translation_key,
        module_key=module_key_of(page),
        course_key=course_key_in(request),
        hidden=hidden_for(request),
    )
    context = {
        "around": around,
        "crumbs": crumbs_of(around, page.title) if page.pk else [],
        "learner": request.user.is_authenticated and not is_preview(request),
        "is_preview": is_preview(request),
        "position": "",
    }
    if isinstance(page, LessonPage) and context["learner"]:
        record = ActivityRecord.objects.of(request.user).filter(activity_key=page.translation_key).only("position", "progress").first()
        context["position"] = record.position if record and record.progress < 1 else ""
    if isinstance(page, QuizPage):
        context |= quiz_context(page, request)
    return context


def quiz_context(page: QuizPage, request: HttpRequest) -> dict:
    """The rules in figures, what was tried, and whether another attempt may begin."""
    attempts = list(
        QuizAttempt.objects.of(request.user).filter(quiz_key=page.translation_key).defer("questions", "answers", "bands").order_by("number")
    )
    extra = 0
    if page.attempts_allowed is not None and attempts:
        record = ActivityRecord.objects.of(request.user).filter(activity_key=page.translation_key).only("extra_attempts").first()
        extra = record.extra_attempts if record else 0
    left = None if page.attempts_allowed is None else max(0, page.attempts_allowed + extra - len(attempts))
    open_attempt = next((attempt for attempt in attempts if attempt.is_open), None)
    return {
        "attempts": [attempt for attempt in attempts if not attempt.is_open],
        "open_attempt": open_attempt,
        "attempts_left": left,
        "may_start": left is None or left > 0 or open_attempt is not None,
        "number_of_questions": len(questions_of(page)),
        "questions": questions_of(page) if is_preview(request) else [],
    }

"""Which pages of learning a person may read: Wagtail's own page privacy, asked once for many pages."""

from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language
from wagtail.models import PageViewRestriction

from academy.privacy import Guard, Hidden, hidden_from, read_guards
from courses.models import ActivityPage, ActivityRecord, CoursePage, Enrolment, ModulePage, Placement
from courses.rules_of import canonical_of, take_rules
from courses.syllabus import STEP

KINDS = ("lessonpage", "quizpage", "assignmentpage")


def _readable_version(pages, user, key: UUID):
    """The live page with this key that the person may read, in their language if it exists; None for a stranger."""
    return _own_version(list(pages.live().filter(translation_key=key)), hidden_from(user))


def _own_version(versions: list, hidden: Hidden):
    languages = [get_language(), settings.LANGUAGE_CODE]
    readable = [page for page in versions if not hidden.hides(page)]
    return min(
        readable,
        key=lambda page: languages.index(page.locale.language_code) if page.locale.language_code in languages else len(languages),
        default=None,
    )


def specific_activity(page: ActivityPage) -> ActivityPage:
    """The lesson, the quiz or the assignment that was read in the same statement."""
    for kind in KINDS:
        child = getattr(page, kind, None)
        if child is not None:
            child.locale = page.locale
            return child
    return page


def readable_activity(user, key: UUID) -> ActivityPage | None:
    """The activity itself (a lesson, a quiz, an assignment), not the row that all kinds share; with the rules that count."""
    pages = ActivityPage.objects.live().filter(translation_key=key).select_related("locale", *KINDS)
    versions = [specific_activity(page) for page in pages]
    page = _own_version(versions, hidden_from(user))
    return take_rules(page, canonical_of(versions)) if page else None


def withdrawn_activity(user, key: UUID) -> ActivityPage | None:
    """One that is not published now, for who could read it: they have begun it, or follow a course with it. For anybody else it does not exist.

    What was done on a device, or in a page that was open, is kept; nothing else is open to them.
    """
    pages = ActivityPage.objects.filter(translation_key=key).select_related("locale", *KINDS)
    versions = [specific_activity(page) for page in pages]
    hidden = hidden_from(user)
    left = [page for page in versions if page.first_published_at and not hidden.hides(page)]
    if not user.is_authenticated or not left or any(page.live for page in versions):
        return None
    known = ActivityRecord.objects.of(user).for_activities([key]).exists()
    if not known:
        modules = ModulePage.objects.filter(path__in=[page.path[:-STEP] for page in versions]).values("translation_key")
        courses = Placement.objects.filter(module_key__in=modules).values("page__translation_key")
        known = Enrolment.objects.of(user).filter(course_key__in=courses).exists()
    return take_rules(_own_version(left, hidden), canonical_of(versions)) if known else None


def lasting_guards() -> list[Guard]:
    """Every restriction but shared passwords, which a letter cannot know to have been given: one query."""
    return [guard for guard in read_guards() if guard.kind != PageViewRestriction.PASSWORD]


def opens_to(person, page, guards: list[Guard]) -> bool:
    """Whether a letter may tell this person of this page. Asks for their roles alone where the page is guarded."""
    guarded = any(page.path.startswith(tuple(guard.paths)) for guard in guards if guard.paths)
    return not (guarded and hidden_from(person, guards=guards).hides(page))


def readable_course(user, key: UUID) -> CoursePage | None:
    return _readable_version(CoursePage.objects.select_related("locale"), user, key)


def any_course(key: UUID) -> CoursePage | None:
    """The page of a live course whose choices count: in the first language of the site where it is written in it. None: it is gone."""
    pages = CoursePage.objects.live().filter(translation_key=key).select_related("locale")
    return min(pages, key=lambda page: (page.locale.language_code != settings.LANGUAGE_CODE, page.pk), default=None)


def takes_everybody(key: UUID) -> bool:
    """Whether people enrol themselves; else they need a code, or the team."""
    course = any_course(key)
    return course is not None and course.enrolment == CoursePage.EnrolmentBy.OPEN


def readable_module(user, key: UUID) -> ModulePage | None:
    return _readable_version(ModulePage.objects.select_related("locale"), user, key)

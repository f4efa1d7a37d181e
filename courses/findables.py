"""What is taught can be found by searching (see `academy.search`): the words of a lesson, of a quiz only what a learner reads before it."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from academy.search.pages import findable_pages, page_entry
from academy.search.registry import Entry, Kind, register
from courses.models import AssignmentPage, CoursePage, LessonPage, ModulePage, QuizPage


def entries(page: AssignmentPage | CoursePage | LessonPage | ModulePage) -> Iterator[Entry]:
    yield page_entry(page, text=[page.summary, page.search_description], body=page.body)


def quiz_entries(page: QuizPage) -> Iterator[Entry]:
    yield page_entry(page, text=[page.summary])


def install() -> None:
    """Called once, by CoursesConfig.ready."""
    courses, activities = ("course", _("Courses and modules"), 40), ("activity", _("Lessons, quizzes and assignments"), 45)
    register(CoursePage, kind=Kind(*courses, one=_("Course")), rows=findable_pages(CoursePage), entries=entries)
    register(ModulePage, kind=Kind(*courses, one=_("Module")), rows=findable_pages(ModulePage), entries=entries)
    register(LessonPage, kind=Kind(*activities, one=_("Lesson")), rows=findable_pages(LessonPage), entries=entries)
    register(QuizPage, kind=Kind(*activities, one=_("Quiz")), rows=findable_pages(QuizPage), entries=quiz_entries)
    register(AssignmentPage, kind=Kind(*activities, one=_("Assignment")), rows=findable_pages(AssignmentPage), entries=entries)

"""A course of forty activities for `make bench`: in its own demo data alone, never in an installation."""

from django.utils import translation

from academy.models import User
from courses import actions
from courses.models import CourseIndexPage, CoursePage, LessonPage, ModuleLibraryPage, ModulePage, Placement

SLUG, MODULES, LESSONS, DONE = "forty-activities", 4, 10, 12


def make(person: User) -> None:
    """Made once. The person follows it, and has read the first twelve lessons."""
    index = CourseIndexPage.objects.live().filter(locale__language_code=person.language).first()
    library = ModuleLibraryPage.objects.live().filter(locale__language_code=person.language).first()
    if index is None or library is None or CoursePage.objects.filter(slug=SLUG).exists():
        return
    placements, lessons = [], []
    for number in range(MODULES):
        module = library.add_child(instance=ModulePage(title=f"Module {number + 1}", slug=f"{SLUG}-{number + 1}", locale=library.locale))
        placements.append(Placement(module_key=module.translation_key, sort_order=number))
        for lesson in range(LESSONS):
            words = {"title": f"Module {number + 1}, {lesson + 1}", "slug": f"{lesson + 1}", "minutes": 5}
            lessons.append(module.add_child(instance=LessonPage(locale=library.locale, **words)))
    course = index.add_child(instance=CoursePage(title="40", slug=SLUG, locale=index.locale))
    course.placements.set(placements)
    course.save_revision().publish()
    with translation.override(person.language):
        actions.enrol(course, user=person, by=person)
        for lesson in lessons[:DONE]:
            actions.complete_activity(lesson, by=person)

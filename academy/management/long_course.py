"""A course of forty activities, and two hundred people who follow it, for `make bench`: in its own demo data alone, never in an installation."""

from datetime import timedelta

from django.utils import timezone, translation

from academy.management.sent import SLUG as TEN
from academy.management.sent import make_quiz_of_ten
from academy.models import User
from courses import actions
from courses.models import ActivityRecord, CourseIndexPage, CoursePage, Enrolment, LessonPage, ModuleLibraryPage, ModulePage, Placement

SLUG, MODULES, LESSONS, DONE, FOLLOWERS = "forty-activities", 4, 10, 12, 200


def make(person: User) -> None:
    """Made once. The person follows it, and has read the first twelve lessons; so do two hundred others, each as far as their number."""
    _make_course(person)
    if (module := ModulePage.objects.filter(slug=f"{SLUG}-1").first()) and not module.get_children().filter(slug=TEN).exists():
        make_quiz_of_ten(module)
    course = CoursePage.objects.filter(slug=SLUG).first()
    if course is not None and Enrolment.objects.filter(course_key=course.translation_key).count() < FOLLOWERS:
        _make_followers(course)


def _make_followers(course: CoursePage) -> None:
    people = [User(email=f"follower{number}@demo.example", name=f"Follower {number}") for number in range(FOLLOWERS)]
    for person in people:
        person.set_unusable_password()
    people = User.objects.bulk_create(people)
    lessons = list(LessonPage.objects.filter(url_path__contains=SLUG))
    now = timezone.now()
    Enrolment.objects.bulk_create(Enrolment(user=person, course_key=course.translation_key) for person in people)
    ActivityRecord.objects.bulk_create(
        ActivityRecord(
            user=person,
            activity_key=lesson.translation_key,
            first_seen_at=now - timedelta(days=number % 30 + 1),
            last_seen_at=now - timedelta(days=number % 30),
            seconds=300,
            **({"completed_at": now, "source": "auto", "rule": "lesson.end", "progress": 1} if place % 3 else {}),
        )
        for number, person in enumerate(people)
        for place, lesson in enumerate(lessons[: number % (len(lessons) + 1)])
    )


def _make_course(person: User) -> None:
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

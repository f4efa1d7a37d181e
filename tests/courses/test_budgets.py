"""The number of queries does not grow with the course, the people or the language (design.md §7)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from academy.privacy import Hidden
from courses import actions
from courses.models import LessonPage, QuizPage
from courses.progress import outline_of
from courses.syllabus import syllabuses
from tests.factories.courses import make_course, make_lesson, make_module, make_quiz, right_answers

pytestmark = pytest.mark.django_db
SIZES = [3, 30, 100]


def queries(function):
    function()  # sites, locales and content types are remembered by the process
    with CaptureQueriesContext(connection) as captured:
        function()
    return len(captured)


def course_of(size, modules=3):
    """`size` activities over some modules; added straight to the tree, since only their number matters."""
    made = [make_module(f"Module {number}") for number in range(modules)]
    for number in range(size):
        module = made[number % modules]
        module.refresh_from_db()
        module.add_child(instance=LessonPage(title=f"Lesson {number}", slug=f"l-{number}", locale=module.locale, live=True))
    return make_course(modules=tuple(made)), LessonPage.objects.descendant_of(made[0]).first()


def counts(measure):
    return [measure(*course_of(size)) for size in SIZES]


def test_course_home(client_for, promoter):
    client = client_for(promoter)

    def measure(course, lesson):
        actions.enrol(course, user=promoter, by=promoter)
        actions.complete_activity(lesson, by=promoter)
        return queries(lambda: client.get(course.url))

    found = counts(measure)
    assert len(set(found)) == 1, found
    assert found[0] <= 12


def test_lesson_signed_in(client_for, promoter):
    client = client_for(promoter)

    def measure(course, lesson):
        actions.record_progress(lesson, by=promoter, client="tab", sequence=1, progress=0.3)
        return queries(lambda: client.get(lesson.url)), queries(lambda: client.get(f"{lesson.url}?course={course.translation_key}"))

    found = counts(measure)
    assert len(set(found)) == 1, found
    assert max(found[0]) <= 12, found


def test_recording_progress(client_for, promoter):
    client = client_for(promoter)

    def measure(course, lesson):
        actions.enrol(course, user=promoter, by=promoter)
        with translation.override("en"):
            url = reverse("courses_progress", args=[lesson.translation_key])
        with CaptureQueriesContext(connection) as first:
            actions.record_progress(lesson, by=promoter, client="one", sequence=1, progress=0.2)
        first_event = len(first)  # counted now: the next request empties the log
        step = iter(range(2, 100))
        return first_event, queries(lambda: client.post(url, {"client": "tab", "sequence": next(step), "progress": "0.5"}))

    found = counts(measure)
    assert len(set(found)) == 1, found
    assert max(found[0]) <= 8, found


SENT = {
    "the first of a lesson": 8,  # its row is made by one statement, which locks it
    "every one after it": 8,
    "what completes the lesson": 15,  # the history, and what the courses that the person follows ask for
    "what completes the course": 30,  # the history, the certificate and its letter
    "the first in a course that asks for it again": 13,  # 10 outside this test, where what a course asks for is kept in the process
    "every one after it there": 12,  # 9 likewise
}


@pytest.mark.parametrize("size", [3, 30])
def test_recording_progress_in_all_its_kinds(client_for, promoter, size):
    """All that a lesson sends, over HTTP: to record is eight whatever the course; to complete is more, and does not grow either."""
    client = client_for(promoter)

    def send(lesson, query="", **event):
        with translation.override("en"):
            url = reverse("courses_progress", args=[lesson.translation_key]) + query
        with CaptureQueriesContext(connection) as captured:
            assert client.post(url, {"client": "tab", **event}).status_code == 200
        return len(captured)

    def course(**asks):
        module = make_module()
        lessons = [make_lesson(module, completion="end") for _each in range(2)]
        for number in range(size - 2):
            module.add_child(
                instance=LessonPage(title=f"Lesson {number}", slug=f"l-{number}", locale=module.locale, live=True, required=False)
            )
        made = make_course(modules=(module,), **({"redo": (module,)} if asks else {}))
        actions.enrol(made, user=promoter, by=promoter)
        return made, lessons

    for lesson in course()[1]:  # the settings of the site and content types are made and remembered
        send(lesson, sequence=1, progress="1")
    _made, (one, two) = course()
    found = [send(one, sequence=1, progress="0.2"), send(one, sequence=2, progress="0.5"), send(one, sequence=3, progress="1")]
    send(two, sequence=1)
    found.append(send(two, sequence=2, progress="1"))
    again, (one, _two) = course(redo=True)
    query = f"?course={again.translation_key}"
    found += [send(one, query, sequence=1, progress="0.2"), send(one, query, sequence=2, progress="0.5")]
    assert dict(zip(SENT, found, strict=True)) == SENT


def test_completing_an_activity(promoter):
    def measure(course, lesson):
        actions.enrol(course, user=promoter, by=promoter)
        with CaptureQueriesContext(connection) as captured:
            actions.complete_activity(lesson, by=promoter)
        return len(captured)

    found = counts(measure)
    assert len(set(found)) == 1, found


def test_quiz_signed_in(client_for, promoter):
    client, module = client_for(promoter), make_module()
    quiz = make_quiz(module)

    def attempts(number):
        for _each in range(number):
            attempt = actions.start_attempt(quiz, by=promoter)
            actions.submit_attempt(attempt, answers=right_answers(attempt.questions), quiz=QuizPage.objects.get(pk=quiz.pk), by=promoter)
        return queries(lambda: client.get(quiz.url))

    assert attempts(1) == attempts(3) <= 12


def test_course_index_and_library(client_for, promoter):
    client = client_for(promoter)

    def measure(number):
        for _each in range(number):
            module = make_module()
            make_lesson(module)
            course = make_course(modules=(module,))
        return queries(lambda: client.get(course.get_parent().url)), queries(lambda: client.get(module.get_parent().url))

    one, four = measure(1), measure(3)
    assert one == four
    assert max(one) <= 13, one


def test_outline_in_six_queries(promoter, django_assert_num_queries):
    course, _lesson = course_of(10)
    with django_assert_num_queries(6):
        syllabus = syllabuses([course.translation_key])[course.translation_key]
        outline_of(promoter, syllabus, hidden=Hidden(()))


def steadily(function):
    """What is remembered for some seconds may end between two readings of so long a test: the lesser of two."""
    return min(queries(function), queries(function))


def module_of(size):
    """One module of so many lessons, added straight to the tree."""
    module = make_module(f"Module of {size}")
    for number in range(size):
        module.add_child(instance=LessonPage(title=f"Lesson {number}", slug=f"l-{number}", locale=module.locale, live=True))
    return module


def test_nothing_grows_with_the_course(client_for, promoter, trainer):
    """At 3, 30, 100 and 500 activities: what learners open and send, what the team reads of them."""
    learner, team = client_for(promoter), client_for(trainer)
    found, modules = {}, []
    for size, more in ((3, 3), (30, 27), (100, 70), (500, 400)):  # each course has the modules of the one before, and another
        modules.append(module_of(more))
        course, module = make_course(modules=tuple(modules)), modules[-1]
        key, lesson = course.translation_key, LessonPage.objects.child_of(module).first()
        actions.enrol(course, user=promoter, by=promoter)
        actions.complete_activity(lesson, by=promoter)
        with translation.override("en"):
            sends = reverse("courses_progress", args=[lesson.translation_key])
            mine = reverse("courses_my_learning")
        read = {"course home": course.url, "module": module.url, "lesson": f"{lesson.url}?course={key}", "what I have done": mine}
        told = {
            "courses": reverse("courses_cms_progress"),
            "matrix": reverse("courses_cms_course", args=[key]),
            "one person": reverse("courses_cms_person", args=[key, promoter.pk]),
        }
        step = iter(range(2, 100))
        counted = {name: steadily(lambda address=address: learner.get(address)) for name, address in read.items()}
        counted |= {name: steadily(lambda address=address: team.get(address)) for name, address in told.items()}
        counted["progress"] = steadily(
            lambda sends=sends, step=step: learner.post(sends, {"client": "t", "sequence": next(step), "progress": 1})
        )
        found[size] = counted
    assert [found[size] for size in (30, 100, 500)] == [found[3]] * 3
    assert [found[3][name] <= most for name, most in (("course home", 12), ("module", 12), ("lesson", 12), ("progress", 8))] == [True] * 4
    assert found[3]["matrix"] <= 17, found

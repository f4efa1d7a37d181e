"""The number of queries does not grow with the course, the people or the language (design.md §7)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from academy.privacy import Hidden
from courses import actions
from courses.models import Certificate, Enrolment, LessonPage, QuizPage
from courses.progress import outline_of
from courses.settling import settle_waiting
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


def course_for(person, size, *, again=False, waits=False):
    """Two lessons that their end completes, then others, in a course that this person follows; in a module that waits, if it does."""
    module = make_module()
    lessons = [make_lesson(module, completion="end") for _each in range(2)]
    for number in range(size - 2):
        module.add_child(instance=LessonPage(title=f"Lesson {number}", slug=f"l-{number}", locale=module.locale, live=True, required=False))
    before = make_module()
    first = make_lesson(before)
    made = make_course(modules=(before, module), redo=(module,) if again else ())
    if waits:
        made.placements.filter(module_key=module.translation_key).update(opens_after_previous=True)
    actions.enrol(made, user=person, by=person)
    actions.complete_activity(first, by=person)
    return made, lessons


def sent(client, lesson, course=None, **event):
    """How many queries one event costs over HTTP."""
    query = f"?course={course.translation_key}" if course else ""
    with translation.override("en"):
        url = reverse("courses_progress", args=[lesson.translation_key]) + query
    with CaptureQueriesContext(connection) as captured:
        assert client.post(url, {"client": "tab", **event}).status_code == 200
    return len(captured)


@pytest.mark.parametrize("size", [3, 30])
def test_every_event_of_a_lesson_costs_the_same_whatever_it_completes(client_for, promoter, size):
    """Over HTTP, with nothing remembered of the course, which is no better than the first event after a publication."""
    client, found = client_for(promoter), {}
    sent(client, course_for(promoter, size)[1][0], sequence=1, progress="1")  # kinds of content are remembered by the process
    made, (one, two) = course_for(promoter, size)
    found["the first of a lesson"] = sent(client, one, made, sequence=1, progress="0.2")
    found["every one after it"] = sent(client, one, made, sequence=2, progress="0.5")
    found["what completes a lesson"] = sent(client, one, made, sequence=3, progress="1")
    found["what completes the module and the course, with a certificate"] = sent(client, two, made, sequence=1, progress="1")
    assert Enrolment.objects.get(course_key=made.translation_key).completed_at is None
    client.get(made.url)
    assert Certificate.objects.filter(subject_key=made.translation_key).count() == 1
    again, (one, two) = course_for(promoter, size, again=True)
    found["the first where it is asked again"] = sent(client, one, again, sequence=1, progress="0.2")
    found["every one after it there"] = sent(client, one, again, sequence=2, progress="0.5")
    found["what completes it there and everywhere"] = sent(client, one, again, sequence=3, progress="1")
    found["what completes it there at once"] = sent(client, two, again, sequence=1, progress="1")
    made, (one, two) = course_for(promoter, size)
    other = make_course(modules=(one.get_parent().specific,))
    actions.enrol(other, user=promoter, by=promoter)
    sent(client, one, made, sequence=1, progress="1")
    found["what completes two courses at once"] = sent(client, two, sequence=1, progress="1")
    assert max(found.values()) <= 8, found
    settle_waiting(promoter)
    assert Enrolment.objects.completed().filter(course_key__in=[made.translation_key, other.translation_key]).count() == 2


@pytest.mark.django_db(transaction=True)
def test_every_event_where_a_lock_is_asked(client_for, promoter, other_promoter):
    """The first event in a module that waits asks whether it is open: with what the process remembers of the courses, as in production."""
    made, (one, two) = course_for(promoter, 3, waits=True)
    actions.enrol(made, user=other_promoter, by=other_promoter)
    blocking = LessonPage.objects.exclude(pk__in=LessonPage.objects.descendant_of(one.get_parent())).get()
    actions.complete_activity(blocking, by=other_promoter)
    sent(client_for(other_promoter), one, made, sequence=1, progress="0.2")
    client = client_for(promoter)
    found = [sent(client, one, made, sequence=1, progress="0.2"), sent(client, one, made, sequence=2, progress="1")]
    found.append(sent(client, two, sequence=1, progress="0.5"))
    assert max(found) <= 8, found


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

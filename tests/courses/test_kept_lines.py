"""Lines of a course are kept by what they show: each learner reads their own state, and what is published is read at once."""

import pytest

from courses import actions
from tests.factories.courses import make_course, make_lesson, make_module

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def course(db):
    module = make_module("Money")
    make_lesson(module, "The account")
    make_lesson(module, "The bill")
    return make_course(modules=(module,))


def states(client, page):
    words = client.get(page.url).content.decode()
    return words.count('<li class="course-activity" data-state="done"')


def lesson_of(course):
    from courses.models import LessonPage

    return LessonPage.objects.get(title="The account")


def test_each_learner_reads_their_own_state(course, client_for, promoter, other_promoter, visitor_client):
    mine, theirs = client_for(promoter), client_for(other_promoter)
    assert [states(client, course) for client in (mine, theirs)] == [0, 0]
    actions.complete_activity(lesson_of(course), by=promoter)
    for _reading in range(2):
        assert [states(client, course) for client in (mine, theirs, visitor_client)] == [1, 0, 0]


def test_what_is_published_is_read_at_once(course, client_for, promoter):
    client = client_for(promoter)
    assert "The account" in client.get(course.url).content.decode()
    lesson = lesson_of(course)
    lesson.title = "The ledger"
    lesson.save_revision().publish()
    words = client.get(course.url).content.decode()
    assert "The ledger" in words
    assert "The account" not in words
    lesson.unpublish()
    assert "The ledger" not in client.get(course.url).content.decode()


def test_after_leaving_nothing_of_the_person_is_left(course, client_for, promoter):
    client = client_for(promoter)
    assert promoter.email in client.get(course.url).content.decode()
    client.logout()
    assert promoter.email not in client.get(course.url).content.decode()


def test_work_in_the_cms_is_offered_with_the_role_alone(course, client_for, promoter, trainer):
    for _reading in range(2):
        assert 'href="/cms/"' in client_for(trainer).get(course.url).content.decode()
        assert 'href="/cms/"' not in client_for(promoter).get(course.url).content.decode()
    client = client_for(trainer)
    trainer.groups.clear()
    assert 'href="/cms/"' not in client.get(course.url).content.decode()


@pytest.mark.parametrize("lessons", [1, 3])
def test_a_second_reading_asks_for_the_person_alone(lessons, client_for, promoter, django_assert_num_queries):
    module = make_module("Money")
    made = [make_lesson(module, f"Lesson {number}") for number in range(lessons)]
    course, client = make_course(modules=(module,)), client_for(promoter)
    for page, queries in ((course, 4), (made[0], 3)):  # the session, the person, their enrolment, their records
        client.get(page.url)
        with django_assert_num_queries(queries):
            client.get(page.url)

"""Cards of the list of courses are kept by what they show: each learner's own progress, and what is published at once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone, translation
from wagtail.models import PageViewRestriction

from courses import actions
from courses.models import ActivityRecord, CoursePage, Enrolment
from tests.factories.courses import make_course, make_lesson, make_module

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def lesson(db):
    return make_lesson(make_module("Money"), "The account", minutes=7)


@pytest.fixture
def course(lesson):
    return make_course("Sharing", modules=(lesson.get_parent().specific,))


@pytest.fixture
def read(course, client_for, promoter):
    client = client_for(promoter)

    def again() -> str:
        return client.get(course.get_parent().url).content.decode()

    assert "Sharing" in again()
    return again


def test_each_reads_their_own_progress(read, course, lesson, client_for, promoter, other_promoter, visitor_client):
    others = (client_for(other_promoter), visitor_client)
    index = course.get_parent().url
    assert "0 of 1" not in read()
    actions.enrol(course, user=promoter, by=promoter)
    assert "0 of 1" in read()
    actions.complete_activity(lesson, by=promoter)
    for _reading in range(2):
        assert "Complete</" in read()
        for client in others:
            assert "Complete</" not in client.get(index).content.decode()
            assert "of 1" not in client.get(index).content.decode()
    assert "Complete</" not in client_for(other_promoter).get("/en/my/").content.decode()


def test_what_was_done_elsewhere_is_read_at_once_and_taken_back(read, lesson, promoter, trainer):
    actions.complete_activity(lesson, by=promoter)
    assert "1 of 1" in read()
    actions.reopen_activity(ActivityRecord.objects.get(), by=trainer, reason="By mistake.")
    assert "1 of 1" not in read()


def test_the_list_says_the_time_that_the_course_says(read, course, lesson, client_for, promoter):
    make_lesson(lesson.get_parent(), "To go further", minutes=50, required=False)
    assert "about 7 minutes" in read()
    assert "about 7 minutes in all" in client_for(promoter).get(course.url).text


def test_what_is_published_is_read_at_once(read, course, lesson):
    assert "about 7 minutes" in read()
    lesson.minutes = 9
    lesson.save_revision().publish()
    assert "about 9 minutes" in read()
    course.title, course.summary = "Sharing more", "For everybody."
    course.save_revision().publish()
    assert "Sharing more" in read()
    assert "For everybody." in read()
    course.placements.add(type(course.placements.first())(module_key=make_module("More").translation_key))
    course.save_revision().publish()
    assert "2 modules" in read()
    make_course("Another")
    assert "Another" in read()
    CoursePage.objects.get(title="Sharing more").unpublish()
    assert "Sharing more" not in read()


def test_a_course_closed_to_a_role_is_closed_at_once_in_both_lists(read, course, client_for, promoter, trainer):
    actions.enrol(course, user=promoter, by=promoter)
    hub = client_for(promoter)
    assert "Sharing" in hub.get("/en/my/").content.decode()
    rule = PageViewRestriction.objects.create(page=course, restriction_type=PageViewRestriction.GROUPS)
    rule.groups.add(Group.objects.get(name="Trainers"))
    for _reading in range(2):
        assert "Sharing" in client_for(trainer).get(course.get_parent().url).content.decode()
        assert "Sharing" not in read()
        assert "Sharing" not in hub.get("/en/my/").content.decode()
    trainer.groups.clear()
    assert "Sharing" not in client_for(trainer).get(course.get_parent().url).content.decode()
    promoter.groups.add(Group.objects.get(name="Trainers"))
    assert "Sharing" in read()


def test_the_hub_says_the_courses_that_one_follows_the_last_begun_on_top(course, lesson, client_for, promoter, other_promoter):
    later, client = make_course("Later", modules=(lesson.get_parent().specific,)), client_for(promoter)

    def lines() -> list[str]:
        return [
            line.split(">")[1].split("<")[0] for line in client.get("/en/my/").content.decode().split("/courses/") if "progress" in line
        ]

    assert lines() == []
    for page in (course, later):
        actions.enrol(page, user=promoter, by=promoter)
    Enrolment.objects.filter(course_key=course.translation_key).update(enrolled_at=timezone.now() - timedelta(days=2))
    assert lines() == ["Later", "Sharing"]
    assert "Sharing" not in client_for(other_promoter).get("/en/my/").content.decode()
    actions.complete_activity(lesson, by=promoter)
    assert client.get("/en/my/").content.decode().count("1 of 1") >= 2
    later.unpublish()
    assert lines() == ["Sharing"]


@pytest.mark.parametrize("number", [1, 3])
def test_a_second_reading_asks_for_the_person_alone(number, client_for, promoter, django_assert_num_queries):
    for each in range(number):
        module = make_module(f"Module {each}")
        make_lesson(module)
        course = make_course(f"Course {each}", modules=(module,))
        actions.enrol(course, user=promoter, by=promoter)
    client, index = client_for(promoter), course.get_parent().url
    client.get(index)
    with django_assert_num_queries(4):  # the session, the person, what they follow, what they have done
        client.get(index)

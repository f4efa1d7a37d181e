"""Until when a work is due in a course that asks for it again, who is reminded of it there, and what is opened again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from academy.models import Message
from courses import actions, clock
from courses.due import due_of, end_of, owed_between
from courses.models import ActivityRecord, Enrolment, Extension, Submission, WorkFile
from tests.courses.works import NOTES, accepted
from tests.factories.courses import make_assignment, make_course, make_lesson, make_module, translated

pytestmark = pytest.mark.django_db
REMINDED = "reminders of work that is due"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def module():
    return make_module("The need")


@pytest.fixture
def page(module):
    return make_assignment(module, "Ten talks", due_days=7)


@pytest.fixture
def ordinary(module, page):
    return make_course("The programme", (module,))


@pytest.fixture
def again(module, page):
    return make_course("The refresher", (module,), redo=(module,))


@pytest.fixture
def place(again):
    return str(again.translation_key)


def begun(course, person, *, days_ago):
    """When they began to follow it."""
    actions.enrol(course, user=person, by=person)
    at = timezone.now() - timedelta(days=days_ago)
    Enrolment.objects.filter(course_key=course.translation_key, user=person).update(enrolled_at=at)
    return at


def a_week_after(moment):
    return end_of(timezone.localdate(moment) + timedelta(days=7))


def written_again(page, owner, by, place, text="Fifty now."):
    work = actions.save_work(page, owner=owner, by=by, edition=0, text=text, redo_in=place)
    return actions.hand_in(page, owner=owner, by=by, edition=work.edition, redo_in=place)


def told():
    return sorted(Message.objects.filter(cause__startswith="courses.due:").values_list("to__email", flat=True))


# --- until when


def test_days_are_counted_from_the_course_that_asks_and_say_nothing_of_the_others(page, ordinary, again, place, me, promoter):
    first, second = begun(ordinary, promoter, days_ago=100), begun(again, promoter, days_ago=2)
    assert (due_of(page, me).at, due_of(page, me, place=place).at) == (a_week_after(first), a_week_after(second))
    version = written_again(page, me, promoter, place)
    assert (version.is_late, version.due_at) == (False, a_week_after(second))


def test_a_course_that_asks_again_sets_no_date_elsewhere(page, again, me, promoter):
    begun(again, promoter, days_ago=2)
    assert due_of(page, me).at is None


def test_the_first_language_says_whether_a_course_asks_again(page, again, place, me, promoter):
    french = translated(again, "fr")
    french.placements.update(redo_here=False)
    at = begun(again, promoter, days_ago=2)
    assert due_of(page, me).at == a_week_after(at)


def test_more_time_is_for_the_place_where_it_was_given(page, ordinary, again, place, me, promoter, trainer, client_for):
    begun(ordinary, promoter, days_ago=100)
    since = begun(again, promoter, days_ago=2)
    actions.extend(page, owner=me, until=timezone.now() + timedelta(days=1), reason="Ill", by=trainer)
    assert due_of(page, me, place=place).at == a_week_after(since)
    written_again(page, me, promoter, place)
    work = Submission.objects.get(redo_in=place)
    day = timezone.localdate() + timedelta(days=3)
    client_for(trainer).post(reverse("courses_cms_work_verb", args=[work.pk, "extend"]), {"until": day, "reason": "Away"})
    assert Extension.objects.get(reason="Away").redo_in == place
    assert due_of(page, me, place=place).at == end_of(day)
    assert ModelLogEntry.objects.for_instance(work).filter(action="courses.extend").count() == 1
    assert due_of(page, me).extension.reason == "Ill"


def test_more_time_given_in_the_matrix_of_a_course_that_asks_is_for_that_course(page, again, place, promoter, trainer, client_for):
    begun(again, promoter, days_ago=2)
    cell = reverse("courses_cms_cell", args=[again.translation_key, promoter.pk, page.translation_key])
    client_for(trainer).post(f"{cell}extend/", {"until": timezone.localdate() + timedelta(days=3), "reason": "Away"})
    assert Extension.objects.get().redo_in == place


def test_the_pages_of_the_work_say_the_date_of_the_place(page, ordinary, again, place, me, promoter, client_for):
    first, second = begun(ordinary, promoter, days_ago=100), begun(again, promoter, days_ago=2)
    learner = client_for(promoter)
    assert learner.get(page.url).context["due"].at == a_week_after(first)
    assert learner.get(f"{page.url}?course={place}").context["due"].at == a_week_after(second)
    actions.save_work(page, owner=me, by=promoter, edition=0, text="Mine", redo_in=place)
    hand_in = learner.get(reverse("courses_work_hand_in", args=[page.translation_key]), {"course": place})
    assert hand_in.context["due"].at == a_week_after(second)


def test_a_file_is_taken_out_of_the_draft_of_its_own_place_alone(page, module, again, place, me, promoter, client_for):
    ordinary_file = actions.add_file(page, owner=me, brought=NOTES, by=promoter)
    actions.enrol(again, user=promoter, by=promoter)
    own_file = actions.add_file(page, owner=me, brought=NOTES, by=promoter, redo_in=place)
    for row in (ordinary_file, own_file):
        edition = Submission.objects.get(pk=row.submission_id).edition
        client_for(promoter).post(
            reverse("courses_work", args=[page.translation_key]),
            {"course": place, "text": "", "link": "", "edition": edition, "remove": str(row.pk)},
        )
    assert list(WorkFile.objects.all()) == [ordinary_file]


# --- who is reminded


def test_who_has_not_done_it_again_is_reminded_though_it_was_accepted_elsewhere(page, ordinary, again, place, me, promoter, trainer):
    begun(ordinary, promoter, days_ago=100)
    accepted(page, me, promoter, trainer)
    begun(again, promoter, days_ago=5)
    assert clock.strike()[REMINDED] == 1
    assert clock.strike() == {}
    [letter] = Message.objects.filter(cause__startswith="courses.due:")
    assert f"course={place}" in letter.body_text


def test_nobody_is_reminded_of_what_was_handed_in_or_completed_there(page, again, place, me, promoter, other_promoter, trainer):
    for person in (promoter, other_promoter):
        begun(again, person, days_ago=5)
    written_again(page, me, promoter, place)
    actions.excuse_activity(page, user=other_promoter, reason="She teaches it.", by=trainer, redo_in=place)
    Enrolment.objects.update(completed_at=None)
    assert clock.strike()[REMINDED] == 0


def test_who_has_finished_the_course_is_asked_for_nothing_more(page, again, promoter):
    begun(again, promoter, days_ago=5)
    Enrolment.objects.update(completed_at=timezone.now())
    assert clock.strike() == {}


def test_what_is_owed_in_two_places_is_told_for_each(page, ordinary, again, place, me, promoter, other_promoter):
    for course in (ordinary, again):
        begun(course, promoter, days_ago=5)
    begun(ordinary, other_promoter, days_ago=5)
    assert clock.strike()[REMINDED] == 3
    assert told() == sorted([promoter.email, promoter.email, other_promoter.email])
    assert clock.strike() == {}


def test_a_project_is_reminded_where_it_is_asked_again(module, project, promoter, other_promoter):
    make_assignment(module, "Ours", belongs_to="project", due_days=7)
    again = make_course("The refresher", (module,), redo=(module,))
    begun(again, promoter, days_ago=5)
    assert clock.strike()[REMINDED] == 2
    assert all(f"course={again.translation_key}" in letter.body_text for letter in Message.objects.filter(cause__startswith="courses.due:"))


def test_reading_who_owes_costs_the_same_for_one_course_and_three(module, page, promoter, other_promoter):
    def cost():
        with CaptureQueriesContext(connection) as captured:
            owed_between(page, timezone.now(), timezone.now() + timedelta(days=30))
        return len(captured)

    begun(make_course("One", (module,), redo=(module,)), promoter, days_ago=1)
    one = cost()
    for title in ("Two", "Three"):
        course = make_course(title, (module,), redo=(module,))
        for person in (promoter, other_promoter):
            begun(course, person, days_ago=1)
    assert cost() == one


# --- opened again


def record_in(page, person, place):
    return ActivityRecord.objects.get(user=person, activity_key=page.translation_key, redo_in=place)


def test_an_excuse_that_is_lifted_leaves_no_copy_elsewhere(module, again, place, promoter, trainer):
    lesson = make_lesson(module)
    record = actions.excuse_activity(lesson, user=promoter, reason="She teaches it.", by=trainer, redo_in=place)
    assert record_in(lesson, promoter, "").is_excused
    actions.reopen_activity(record, reason="A mistake.", by=trainer)
    assert [record_in(lesson, promoter, where).is_complete for where in (place, "")] == [False, False]
    assert [record_in(lesson, promoter, where).reason for where in (place, "")] == ["A mistake."] * 2


def test_what_was_done_elsewhere_stays_when_the_course_opens_it_again(module, again, place, promoter, trainer):
    lesson = make_lesson(module)
    actions.complete_activity(lesson, by=promoter)
    record = actions.complete_activity(lesson, by=promoter, redo_in=place)
    actions.reopen_activity(record, reason="Read it again.", by=trainer)
    assert [record_in(lesson, promoter, where).is_complete for where in (place, "")] == [False, True]


def test_what_a_course_kept_when_it_began_to_ask_is_no_copy_of_its_own(module, promoter, trainer):
    lesson = make_lesson(module)
    course = make_course("The programme", (module,))
    make_lesson(module, "Another")
    actions.enrol(course, user=promoter, by=promoter)
    actions.complete_activity(lesson, by=promoter)
    placement = course.placements.all()[0]
    placement.redo_here = True
    course.placements.add(placement)
    course.save_revision().publish()
    place = str(course.translation_key)
    actions.reopen_activity(record_in(lesson, promoter, place), reason="Once more.", by=trainer)
    assert [record_in(lesson, promoter, where).is_complete for where in (place, "")] == [False, True]

"""A lock refuses: what opens after another module, or not before a date, cannot be done before (decision 0042)."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import PageViewRestriction

from academy.dates import academy_day
from academy.rules import RuleViolation
from courses import actions
from courses.access import readable_activity
from courses.models import ActivityRecord, Placement, QuizAttempt, Submission
from tests.factories.courses import asked, make_assignment, make_course, make_lesson, make_module, make_quiz, translated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
JSON = {"accept": "application/json"}


@pytest.fixture
def first():
    module = make_module("First")
    make_lesson(module, "Begin here")
    return module


@pytest.fixture
def second():
    return make_module("Second")


@pytest.fixture
def lesson(second):
    check = asked("true_false", "True?", is_true=True, feedback_true="", feedback_false="")
    return make_lesson(second, "Later", completion="end", body=[{"type": "check", "value": [check], "id": "b"}])


@pytest.fixture
def quiz(second):
    return make_quiz(second)


@pytest.fixture
def task(second):
    return make_assignment(second)


def locking(title, *modules, after=True, on=None):
    course = make_course(title, modules)
    asks = {"opens_after_previous": after, "opens_on": on}
    course.placements.filter(module_key=modules[-1].translation_key).update(**asks)
    return course


@pytest.fixture
def course(first, second, promoter):
    course = locking("Locked", first, second)
    actions.enrol(course, user=promoter, by=promoter)
    return course


@pytest.fixture
def learner(client_for, promoter):
    return client_for(promoter)


def at(name, activity, *more):
    return reverse(name, args=[activity.translation_key, *more])


def acts(client, lesson, quiz, task, **place):
    """Everything that somebody can send about a module, with what is answered."""
    event = {"client": "tab", "sequence": 1, "progress": "1"}
    sent = {
        "progress": client.post(at("courses_progress", lesson), {**event, **place}, headers=JSON),
        "complete": client.post(at("courses_complete", lesson), place, headers=JSON),
        "start": client.post(at("courses_attempt_start", quiz), place, headers=JSON),
        "work": client.post(at("courses_work", task), {"text": "Mine.", "edition": "0", **place}, headers=JSON),
    }
    return {name: (answer.status_code, answer.json().get("code")) for name, answer in sent.items()}


REFUSED = dict.fromkeys(["progress", "complete", "start", "work"], (409, "locked"))


def rows():
    return ActivityRecord.objects.count(), QuizAttempt.objects.count(), Submission.objects.count()


@pytest.mark.parametrize("named", [True, False])
def test_nothing_is_done_before_the_module_opens(learner, course, lesson, quiz, task, named):
    place = {"course": str(course.translation_key)} if named else {}
    assert acts(learner, lesson, quiz, task, **place) == REFUSED
    assert rows() == (0, 0, 0)


@pytest.mark.parametrize("required", [True, False])
def test_nothing_is_done_before_its_day(learner, promoter, first, second, lesson, quiz, task, required):
    tomorrow = timezone.localdate() + timedelta(days=1)
    course = locking("Dated", first, second, after=False, on=tomorrow)
    course.placements.filter(module_key=second.translation_key).update(required=required)
    actions.enrol(course, user=promoter, by=promoter)
    assert acts(learner, lesson, quiz, task) == REFUSED
    course.placements.filter(module_key=second.translation_key).update(opens_on=timezone.localdate())
    assert learner.post(at("courses_complete", lesson), headers=JSON).status_code == 200


def test_it_opens_with_what_opens_it_and_an_optional_module_holds_nothing_up(learner, promoter, first, second, lesson):
    optional = make_module("Optional")
    make_lesson(optional, "If you like")
    course = make_course("Locked", (first, optional, second))
    course.placements.filter(module_key=optional.translation_key).update(required=False)
    course.placements.filter(module_key=second.translation_key).update(opens_after_previous=True)
    actions.enrol(course, user=promoter, by=promoter)
    before = first.get_children().first().specific
    assert learner.post(at("courses_complete", lesson), headers=JSON).status_code == 409
    learner.post(at("courses_complete", before))
    assert learner.post(at("courses_complete", lesson), headers=JSON).status_code == 200


def test_the_words_say_why_and_what_opens_it(promoter, course, lesson):
    with pytest.raises(RuleViolation) as refusal:
        actions.complete_activity(lesson, by=promoter, course_key=course.translation_key)
    assert str(refusal.value) == "This is not open to you yet. Opens when ‘First’ is complete."


@pytest.mark.parametrize("named", [True, False])
def test_the_pages_show_the_reason_and_the_way_instead_of_the_forms(learner, course, first, lesson, quiz, task, named):
    query = {"course": str(course.translation_key)} if named else {}
    way = f"{first.get_children().first().url}?course={course.translation_key}"
    for activity, form in (
        (lesson, at("courses_complete", lesson)),
        (lesson, at("courses_progress", lesson)),
        (lesson, 'name="keep"'),
        (quiz, at("courses_attempt_start", quiz)),
        (task, at("courses_work", task)),
    ):
        html = learner.get(activity.url, query).text
        assert ("Opens when ‘First’ is complete." in html, way in html, form in html) == (True, True, False), form
    html = learner.get(lesson.get_parent().url).text
    assert ("Opens when ‘First’ is complete." in html, f'href="{lesson.url}' in html) == (True, False)


def test_what_was_typed_before_the_lock_came_stays_on_the_screen(learner, course, task):
    html = learner.post(at("courses_work", task), {"text": "Forty workers.", "edition": "0", "save": "1"}).text
    assert ("Forty workers." in html, "Opens when ‘First’ is complete." in html, 'name="save"' in html) == (True, True, False)
    assert Submission.objects.count() == 0


def test_an_answer_inside_a_locked_lesson_is_told_and_not_kept(learner, course, lesson):
    key = lesson.body.raw_data[0]["value"][0]["id"]
    address = reverse("courses_check", args=[lesson.translation_key, key])
    told = learner.post(address, {f"q-{key}": "true", "keep": "1"}, headers=JSON).json()
    assert (told["verdict"], "Your answer is not kept." in told["told"]) == ("right", True)
    page = learner.post(address, {f"q-{key}": "true", "keep": "1"}, follow=True).text
    assert "Opens when ‘First’ is complete." in page
    assert ActivityRecord.objects.count() == 0


def test_where_it_is_open_it_counts_and_the_locked_course_says_where(learner, promoter, course, second, lesson):
    other = make_course("Open", (second,))
    actions.enrol(other, user=promoter, by=promoter)
    locked, opened = {"course": str(course.translation_key)}, {"course": str(other.translation_key)}
    assert learner.post(at("courses_complete", lesson), locked, headers=JSON).json() == {
        "code": "locked",
        "error": "This is not open to you yet. Opens when ‘First’ is complete. It is open in the course ‘Open’.",
    }
    assert f'href="{lesson.url}?course={other.translation_key}"' in learner.get(lesson.url, locked).text
    assert at("courses_complete", lesson) in learner.get(lesson.url).text
    assert learner.post(at("courses_complete", lesson), opened, headers=JSON).status_code == 200
    assert "Opens when" not in learner.get(lesson.url, locked).text


def test_a_course_whose_version_that_counts_does_not_place_the_module_lends_no_lock(learner, promoter, course, second, first, lesson):
    """Another course's lock does not pass for that of the course that the address names."""
    named = make_course("Named", (first, second))
    translated(named, "fr").placements.filter(module_key=second.translation_key).delete()
    actions.enrol(make_course("Open", (second,)), user=promoter, by=promoter)
    place = {"course": str(named.translation_key)}
    assert "Opens when" not in learner.get(lesson.url, place).text
    assert learner.post(at("courses_complete", lesson), place, headers=JSON).status_code == 200


def test_who_follows_no_course_reads_the_library_and_does_what_is_there(learner, first, second, lesson):
    locking("Locked", first, second)
    assert learner.post(at("courses_complete", lesson), headers=JSON).status_code == 200


def test_what_was_begun_before_the_lock_goes_on(learner, promoter, first, second, lesson, quiz, task):
    course = make_course("Programme", (first, second))
    actions.enrol(course, user=promoter, by=promoter)
    learner.post(at("courses_attempt_start", quiz))
    course.placements.filter(module_key=second.translation_key).update(opens_after_previous=True)
    attempt = QuizAttempt.objects.get()
    assert learner.post(at("courses_attempt_submit", quiz, 1), {"anyway": "1"}, headers=JSON).status_code == 200
    attempt.refresh_from_db()
    assert attempt.state == "submitted"
    assert learner.post(at("courses_complete", lesson), headers=JSON).status_code == 200


def test_who_has_finished_the_course_is_never_locked_out(learner, promoter, first, second, lesson):
    course = make_course("Programme", (first,))
    actions.enrol(course, user=promoter, by=promoter)
    learner.post(at("courses_complete", first.get_children().first().specific))
    course.placements.create(module_key=second.translation_key, sort_order=2, opens_on=timezone.localdate() + timedelta(days=9))
    assert learner.post(at("courses_complete", lesson), headers=JSON).status_code == 200


def test_staff_complete_for_somebody_and_a_work_of_the_project_goes_on_for_all(
    learner, promoter, trainer, other_promoter, course, second, ours
):
    page = make_assignment(second, "Ours", belongs_to="project")
    actions.complete_activity(page, user=promoter, by=trainer, reason="Done by mail.")
    actions.enrol(course, user=other_promoter, by=other_promoter)
    actions.save_work(page, owner=ours, by=promoter, edition=0, text="One.")
    assert actions.save_work(page, owner=ours, by=other_promoter, edition=1, text="Two.").text == "Two."


def test_what_asks_for_it_again_is_locked_by_what_is_done_there(promoter, first, second, lesson):
    """Done elsewhere is not done here: the lock of the course that asks again holds until its own first module is done."""
    course = make_course("Again", (first, second), redo=(first, second))
    course.placements.filter(module_key=second.translation_key).update(opens_after_previous=True)
    begin = readable_activity(promoter, first.get_children().first().translation_key)
    actions.complete_activity(begin, by=promoter)
    actions.complete_activity(lesson, by=promoter)
    actions.enrol(course, user=promoter, by=promoter)
    key = course.translation_key
    again = {"by": promoter, "redo_in": str(key), "course_key": key}
    with pytest.raises(RuleViolation):
        actions.complete_activity(lesson, **again)
    actions.complete_activity(begin, **again)
    assert actions.complete_activity(lesson, **again).is_complete


def test_a_locked_quiz_is_left_out_of_what_a_device_keeps(learner, course, second, quiz):
    parcel = learner.get(reverse("courses_module_parcel", args=[second.translation_key])).json()
    assert (parcel["starts"], parcel["left_out"]) == ([], [{"title": quiz.title, "why": "Opens when ‘First’ is complete."}])


@pytest.mark.parametrize("page", ["with", "without"])
def test_a_locked_page_costs_the_same_in_one_course_and_in_three(learner, promoter, first, second, lesson, page):
    def measure(number):
        for _each in range(number):
            course = locking("Locked", first, second)
            actions.enrol(course, user=promoter, by=promoter)
        query = {"course": str(course.translation_key)} if page == "with" else {}
        learner.get(lesson.url, query)
        with CaptureQueriesContext(connection) as captured:
            assert "Opens when" in learner.get(lesson.url, query).text
        return len(captured)

    assert measure(1) == measure(2)


# --- a course that is named, and is not theirs


@pytest.fixture
def other(first, second):
    """Another course that places the same module, where nothing is locked."""
    return make_course("Of others", (second,))


def reserve(page, *groups):
    guard = PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.GROUPS)
    guard.groups.set(groups)


def only_with_a_code(page):
    page.enrolment = page.EnrolmentBy.CLOSED
    page.save()


def reserved(page):
    reserve(page, Group.objects.create(name="Others"))


@pytest.mark.parametrize("close", [reserved, only_with_a_code])
def test_a_lock_is_not_passed_by_naming_a_course_of_others(learner, course, other, lesson, quiz, task, close):
    close(other)
    place = {"course": str(other.translation_key)}
    assert acts(learner, lesson, quiz, task, **place) == REFUSED
    assert rows() == (0, 0, 0)
    for activity in (lesson, quiz, task):
        html = learner.get(activity.url, place).text
        assert ("Of others" in html, "Opens when ‘First’ is complete." in html) == (False, True)


@pytest.mark.parametrize("close", [reserved, only_with_a_code])
def test_nothing_is_done_again_in_the_name_of_a_course_of_others(learner, second, lesson, close):
    again = make_course("Of others", (second,), redo=(second,))
    close(again)
    place = {"course": str(again.translation_key)}
    assert learner.post(at("courses_complete", lesson), place, headers=JSON).status_code == 200
    assert list(ActivityRecord.objects.values_list("redo_in", flat=True)) == [""]
    assert "Of others" not in learner.get(second.url, place).text


def test_the_title_of_a_reserved_course_is_not_told_to_a_visitor(visitor_client, other, second, lesson):
    reserved(other)
    place = {"course": str(other.translation_key)}
    assert ["Of others" in visitor_client.get(page.url, place).text for page in (lesson, second)] == [False, False]


def test_a_course_that_takes_everybody_may_be_named_and_one_with_a_code_by_who_follows_it(learner, promoter, course, other, lesson, quiz):
    place = {"course": str(other.translation_key)}
    assert "Of others" in learner.get(lesson.url, place).text
    assert learner.post(at("courses_complete", lesson), place, headers=JSON).status_code == 200
    only_with_a_code(other)
    actions.enrol(other, user=promoter, by=promoter)
    assert "Of others" in learner.get(quiz.url, place).text
    assert learner.post(at("courses_attempt_start", quiz), place).status_code == 302


def test_required_activity_that_is_reserved_to_others_is_said_without_its_title(promoter, client_for, trainer):
    module, after = make_module("Shared"), make_module("After")
    lesson, secret = make_lesson(module, "Open to all"), make_lesson(module, "Of the trainers alone")
    make_lesson(after, "Later")
    course = make_course(modules=(module, after))
    Placement.objects.filter(module_key=after.translation_key).update(opens_after_previous=True)
    restriction = PageViewRestriction.objects.create(page=secret, restriction_type="groups")
    restriction.groups.add(Group.objects.get(name="Trainers"))
    actions.enrol(course, user=promoter, by=promoter)
    actions.complete_activity(lesson, by=promoter)
    said = '<p class="small">A required activity of this module is reserved to others. Ask your trainer'
    with translation.override("en"):
        home, page = client_for(promoter).get(course.url), client_for(promoter).get(module.url)
    state = home.context["outline"].modules[0]
    assert [state.closed, state.complete, home.context["outline"].progress.complete] == [1, False, False]
    assert [(said in one.text, "Of the trainers alone" in one.text) for one in (home, page)] == [(True, False)] * 2
    assert home.context["outline"].next.activity.title == "Later"  # what they cannot do keeps them from nothing else
    assert [said in one.text for one in (client_for(trainer).get(course.url), Client().get(course.url))] == [False, False]
    restriction.delete()
    actions.complete_activity(secret, by=promoter)
    assert client_for(promoter).get(course.url).context["outline"].modules[0].complete


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])  # at any hour, the day is another one in one of them at least
def test_a_day_begins_on_the_clock_of_the_academy(zone, promoter):
    """Whoever lives further east, or says so, does not begin hours before the others."""
    module = make_module()
    lesson = make_lesson(module)
    course = make_course(modules=(module,))
    actions.enrol(course, user=promoter, by=promoter)
    today = academy_day(timezone.now())
    with timezone.override(ZoneInfo(zone)):
        course.placements.update(opens_on=today + timedelta(days=1))
        with pytest.raises(RuleViolation):
            actions.complete_activity(lesson, by=promoter)
        course.placements.update(opens_on=today)
        assert actions.complete_activity(lesson, by=promoter).is_complete

"""A course that asks for a module to be done again: what counts there, what stays elsewhere, what is never taken away."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry, PageLogEntry

from academy.rules import RuleViolation
from courses import actions
from courses.groups import Owner
from courses.models import ActivityRecord, Certificate, CoursePage, Enrolment, QuizAttempt, Submission
from courses.person_reports import person_reports
from courses.progress import outline_of, progress_of
from courses.redo import place_of
from courses.reports import DONE, OPEN, Wanted, course_report
from courses.syllabus import listed_courses, syllabuses
from courses.xapi import statements
from tests.courses.works import handed_in
from tests.factories.courses import make_assignment, make_course, make_lesson, make_module, make_quiz, right_answers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def module():
    return make_module("The need")


@pytest.fixture
def lesson(module):
    part = {"type": "heading", "id": str(uuid4()), "value": {"level": "2", "text": "Part", "anchor": ""}}
    return make_lesson(module, "Who has it?", body=[part])


@pytest.fixture
def again(module, lesson):
    return make_course("The refresher", (module,), redo=(module,))


@pytest.fixture
def place(again):
    return str(again.translation_key)


@pytest.fixture
def learner(client_for, promoter):
    return client_for(promoter)


def tick(course, *, asks=True):
    course = CoursePage.objects.get(pk=course.pk)
    placement = course.placements.all()[0]
    placement.redo_here = asks
    course.placements.add(placement)
    course.save_revision().publish()
    return CoursePage.objects.get(pk=course.pk)


def syllabus_of(course):
    return syllabuses([course.translation_key])[course.translation_key]


def outline(course, person):
    return outline_of(person, syllabus_of(course))


def card(course, person):
    """As lists of courses say it."""
    one = next(one for one in listed_courses() if one.key == course.translation_key)
    found = progress_of(person, {one.key: one.required_keys}, {one.key: one.redo_keys})[one.key]
    return (found.done, found.total, found.complete)


def everywhere(page, person):
    return ActivityRecord.objects.get(user=person, activity_key=page.translation_key, redo_in="")


def seen_by_all(course, person):
    """Done and total, as the course home, the card, the trainer's matrix and the person's own report say it: all the same."""
    syllabus = syllabus_of(course)
    home = outline_of(person, syllabus).progress
    row = next(one for one in course_report(syllabus, Wanted()).learners if one.person_id == person.pk)
    report = person_reports(person, course_key=course.translation_key)[0]
    said = {(home.done, home.total), card(course, person)[:2], (row.done, syllabus and len(set(syllabus.required_keys)))}
    said.add((report.done, report.total))
    assert len(said) == 1, said
    return said.pop()


# --- what counts here


def test_done_elsewhere_is_asked_again_and_stays_done_there(lesson, module, again, promoter):
    ordinary = make_course("The programme", (module,))
    done = actions.complete_activity(lesson, by=promoter)
    actions.enrol(again, user=promoter, by=promoter)
    actions.enrol(ordinary, user=promoter, by=promoter)
    item = outline(again, promoter).activities[0]
    assert (item.state, item.completed_at, item.elsewhere_at) == ("open", None, done.completed_at)
    assert seen_by_all(again, promoter) == (0, 1)
    assert outline(ordinary, promoter).activities[0].state == "done"
    assert list(Enrolment.objects.completed().values_list("course_key", flat=True)) == [ordinary.translation_key]
    assert list(Certificate.objects.values_list("subject_key", flat=True)) == [ordinary.translation_key]


def test_done_again_completes_this_course_and_leaves_the_first_record_as_it_was(lesson, again, place, promoter):
    first = actions.complete_activity(lesson, by=promoter)
    actions.enrol(again, user=promoter, by=promoter)
    actions.complete_activity(lesson, by=promoter, redo_in=place)
    item = outline(again, promoter).activities[0]
    assert (item.state, item.elsewhere_at) == ("done", None)
    kept = everywhere(lesson, promoter)
    assert (kept.completed_at, kept.rule, kept.source) == (first.completed_at, first.rule, first.source)
    assert Certificate.objects.filter(holder=promoter, subject_key=again.translation_key).count() == 1
    assert seen_by_all(again, promoter) == (1, 1)


def test_done_here_for_the_first_time_is_done_everywhere_and_told_once(lesson, module, again, place, promoter):
    ordinary = make_course("The programme", (module,))
    actions.enrol(ordinary, user=promoter, by=promoter)
    actions.enrol(again, user=promoter, by=promoter)
    actions.complete_activity(lesson, by=promoter, redo_in=place)
    assert everywhere(lesson, promoter).is_complete
    assert Enrolment.objects.completed().count() == 2
    ModelLogEntry.objects.update(timestamp=timezone.now() - timedelta(minutes=1))
    told = [one for one in statements().statements if one["object"]["id"].endswith(str(lesson.translation_key))]
    assert [one["verb"]["display"]["en"] for one in told] == ["completed"]
    assert told[0]["context"]["contextActivities"]["grouping"][0]["definition"]["name"]["en"] == "The refresher"


def test_what_one_course_asks_again_is_not_done_by_another_that_asks_too(lesson, module, again, place, promoter):
    other = make_course("Another refresher", (module,), redo=(module,))
    for course in (again, other):
        actions.enrol(course, user=promoter, by=promoter)
    actions.complete_activity(lesson, by=promoter, redo_in=place)
    assert (seen_by_all(again, promoter), seen_by_all(other, promoter)) == ((1, 1), (0, 1))


def test_progress_position_and_answers_begin_anew(lesson, place, promoter):
    actions.record_progress(lesson, by=promoter, client="tab", sequence=1, progress=0.9, position="end")
    record = actions.record_progress(lesson, by=promoter, client="tab", sequence=1, progress=0.2, position="top", redo_in=place)
    assert (record.progress, record.position) == (0.2, "top")
    assert (everywhere(lesson, promoter).progress, everywhere(lesson, promoter).position) == (0.9, "end")


# --- ticked later, switched off


def test_ticked_later_uncompletes_nobody_who_finished(lesson, module, promoter):
    course = make_course("The programme", (module,))
    actions.enrol(course, user=promoter, by=promoter)
    actions.complete_activity(lesson, by=promoter)
    course = tick(course)
    found = outline(course, promoter)
    assert (found.progress.complete, found.new, found.activities[0].state, found.activities[0].redo_in) == (True, [], "done", "")
    assert seen_by_all(course, promoter) == (1, 1)
    assert course_report(syllabus_of(course), Wanted()).learners[0].states == [DONE]


def test_ticked_later_keeps_what_those_who_follow_have_done_but_only_that_day(lesson, module, promoter, other_promoter, trainer):
    second = make_lesson(module, "Second")
    course = make_course("The programme", (module,))
    actions.enrol(course, user=promoter, by=promoter)
    for person in (promoter, other_promoter):
        actions.complete_activity(lesson, by=person)
    course = tick(course)
    actions.enrol(course, user=other_promoter, by=other_promoter)
    course = tick(course)  # published once more: nothing begins
    assert (seen_by_all(course, promoter), seen_by_all(course, other_promoter)) == ((1, 2), (0, 2))
    assert ActivityRecord.objects.exclude(redo_in="").get().completed_at == everywhere(lesson, promoter).completed_at
    assert [line.data["records"] for line in PageLogEntry.objects.filter(action="courses.keep_what_counted")] == [1]
    actions.complete_activity(second, by=promoter, redo_in=str(course.translation_key))
    assert Enrolment.objects.completed().get().user == promoter


def test_ticked_later_nobody_loses_their_place_in_a_lesson(lesson, module, promoter):
    course = make_course("The programme", (module,))
    actions.enrol(course, user=promoter, by=promoter)
    actions.record_progress(lesson, by=promoter, client="tab", sequence=1, progress=0.6, position="middle", seconds=60)
    course = tick(course)
    item = outline(course, promoter).activities[0]
    assert (item.state, item.progress, item.position) == ("started", 0.6, "middle")
    assert ActivityRecord.objects.get(redo_in=str(course.translation_key)).seconds == 0


def test_switched_off_the_ordinary_rule_counts_again(lesson, again, promoter):
    actions.complete_activity(lesson, by=promoter)
    actions.enrol(again, user=promoter, by=promoter)
    assert seen_by_all(again, promoter) == (0, 1)
    again = tick(again, asks=False)
    assert seen_by_all(again, promoter) == (1, 1)
    assert place_of(promoter, syllabus_of(again), lesson.translation_key) == ""


def test_what_was_begun_here_of_a_finished_course_keeps_its_place(lesson, again, place, promoter):
    syllabus = syllabus_of(again)
    actions.enrol(again, user=promoter, by=promoter)
    assert place_of(promoter, syllabus, lesson.translation_key) == place
    actions.complete_activity(lesson, by=promoter, redo_in=place)
    assert place_of(promoter, syllabus, lesson.translation_key) == place


# --- quizzes


def passed(quiz, person, **where):
    attempt = actions.start_attempt(quiz, by=person, **where)
    return actions.submit_attempt(attempt, answers=right_answers(attempt.questions), quiz=quiz, by=person)


def test_attempts_used_up_elsewhere_are_given_anew_and_only_those_here_count(module, promoter):
    quiz = make_quiz(module, attempts_allowed=1, grading="average")
    course = make_course("The refresher", (module,), redo=(module,))
    place = str(course.translation_key)
    actions.enrol(course, user=promoter, by=promoter)
    first = actions.start_attempt(quiz, by=promoter)
    actions.submit_attempt(first, answers={}, quiz=quiz, by=promoter)
    with pytest.raises(RuleViolation):
        actions.start_attempt(quiz, by=promoter)
    second = passed(quiz, promoter, redo_in=place)
    assert (second.number, second.passed, second.redo_in) == (2, True, place)
    assert seen_by_all(course, promoter) == (1, 1)
    with pytest.raises(RuleViolation) as refusal:
        actions.start_attempt(quiz, by=promoter, redo_in=place)
    assert refusal.value.code == "no_attempt_left"


def test_two_open_attempts_one_here_and_one_elsewhere(module, promoter):
    quiz = make_quiz(module)
    place = str(make_course("The refresher", (module,), redo=(module,)).translation_key)
    one, two = actions.start_attempt(quiz, by=promoter), actions.start_attempt(quiz, by=promoter, redo_in=place)
    assert (one.number, two.number) == (1, 2)
    assert actions.start_attempt(quiz, by=promoter) == one
    assert actions.start_attempt(quiz, by=promoter, redo_in=place) == two


def test_who_failed_here_needs_help_though_they_passed_elsewhere(module, promoter):
    quiz = make_quiz(module)
    course = make_course("The refresher", (module,), redo=(module,))
    passed(quiz, promoter)
    actions.enrol(course, user=promoter, by=promoter)
    for _try in range(3):
        attempt = actions.start_attempt(quiz, by=promoter, redo_in=str(course.translation_key))
        actions.submit_attempt(attempt, answers={}, quiz=quiz, by=promoter)
    report = course_report(syllabus_of(course), Wanted())
    assert (report.learners[0].standing, report.learners[0].failures) == ("stuck", 1)
    assert report.learners[0].states == ["failed"]
    assert report.scores() == {(promoter.pk, quiz.translation_key): "0 %"}


# --- assignments


def test_work_accepted_elsewhere_is_handed_in_again_here(module, promoter, trainer):
    page = make_assignment(module)
    course = make_course("The refresher", (module,), redo=(module,))
    place, me = str(course.translation_key), Owner(person=promoter)
    actions.give_feedback(handed_in(page, me, promoter), by=trainer, verdict="accepted")
    actions.enrol(course, user=promoter, by=promoter)
    work = actions.save_work(page, owner=me, by=promoter, edition=0, text="Fifty now.", redo_in=place)
    version = actions.hand_in(page, owner=me, by=promoter, edition=work.edition, redo_in=place)
    assert outline(course, promoter).activities[0].waits
    assert [line.state for line in person_reports(promoter, course_key=course.translation_key)[0].lines] == ["waiting"]
    actions.give_feedback(version, by=trainer, verdict="accepted")
    assert seen_by_all(course, promoter) == (1, 1)
    assert list(Submission.objects.order_by("created_at").values_list("redo_in", "state")) == [("", "accepted"), (place, "accepted")]
    actions.reopen_work(Submission.objects.get(redo_in=place), reason="A page is missing.", by=trainer)
    assert everywhere(page, promoter).is_complete
    assert not ActivityRecord.objects.get(redo_in=place).is_complete


# --- what staff do


def test_staff_complete_excuse_and_reopen_in_the_course_that_asks(lesson, again, place, promoter, trainer, client_for):
    actions.complete_activity(lesson, by=promoter)
    actions.enrol(again, user=promoter, by=promoter)
    staff = client_for(trainer)
    cell = reverse("courses_cms_cell", args=[again.translation_key, promoter.pk, lesson.translation_key])
    assert "The refresher" in staff.get(cell).text
    staff.post(f"{cell}excuse/", {"reason": "She teaches it."})
    record = ActivityRecord.objects.get(redo_in=place)
    assert (record.rule, record.reason) == ("excused", "She teaches it.")
    assert everywhere(lesson, promoter).rule == "lesson.confirm"
    assert Enrolment.objects.completed().get().user == promoter
    page = staff.get(cell, follow=True)
    assert page.context["again"] == "The refresher"
    actions.reopen_activity(record, reason="A mistake.", by=trainer)
    assert everywhere(lesson, promoter).is_complete


def test_acting_on_several_acts_where_it_counts(lesson, again, place, promoter, trainer, client_for):
    actions.complete_activity(lesson, by=promoter)
    actions.enrol(again, user=promoter, by=promoter)
    said = {"verb": "complete", "step": "do", "person": promoter.pk, "activity": lesson.translation_key, "reason": "Done in class."}
    client_for(trainer).post(reverse("courses_cms_act", args=[again.translation_key]), said)
    assert ActivityRecord.objects.get(redo_in=place).reason == "Done in class."


def test_lists_of_the_cms_tell_the_two_records_apart(lesson, again, place, promoter, trainer, client_for):
    for where in ("", place):
        actions.complete_activity(lesson, by=promoter, redo_in=where)
    html = client_for(trainer).get(reverse("activity-records:index"), headers={"accept-language": "en"}).text
    assert html.count("Who has it?") == 2
    assert html.count("done again in a course") + html.count("refait dans un cours") == 1


# --- the pages


def test_the_course_says_it_and_leads_to_it(lesson, module, again, promoter, learner):
    actions.complete_activity(lesson, by=promoter)
    actions.enrol(again, user=promoter, by=promoter)
    home = learner.get(again.url).text
    assert "This course asks for the module to be done again" in home
    assert "this course asks you to do it again" in home
    assert f"{module.url}?course={again.translation_key}" in home
    page = learner.get(f"{lesson.url}?course={again.translation_key}").text
    assert "You have done it elsewhere" in page
    assert f"{reverse('courses_progress', args=[lesson.translation_key])}?course={again.translation_key}" in page
    assert "I have read this" in page
    assert "I have read this" not in learner.get(lesson.url).text
    assert "asks for this module to be done again" in learner.get(f"{module.url}?course={again.translation_key}").text
    assert "done elsewhere on" in learner.get(reverse("courses_my_learning")).text
    assert "this course asks to do it again" in learner.get(reverse("courses_my_learning") + "?export=csv").text


def test_a_browser_writes_where_its_course_asks(lesson, module, again, place, promoter, learner):
    actions.complete_activity(lesson, by=promoter)
    progress = reverse("courses_progress", args=[lesson.translation_key])
    learner.post(f"{progress}?course={place}", {"client": "tab", "sequence": 1, "progress": "0.4", "position": "part"})
    assert ActivityRecord.objects.get(redo_in=place).progress == 0.4
    assert "Go on where you stopped" in learner.get(f"{lesson.url}?course={place}").text
    learner.post(reverse("courses_complete", args=[lesson.translation_key]), {"course": place})
    assert ActivityRecord.objects.get(redo_in=place).is_complete
    assert Enrolment.objects.get().completed_at is not None


def test_a_course_that_does_not_ask_gets_no_place(lesson, module, promoter, learner):
    course = make_course("The programme", (module,))
    learner.post(reverse("courses_complete", args=[lesson.translation_key]), {"course": str(course.translation_key)})
    assert list(ActivityRecord.objects.values_list("redo_in", flat=True)) == [""]


def test_a_quiz_and_a_work_through_the_site(module, promoter, learner):
    quiz, page = make_quiz(module), make_assignment(module)
    course = make_course("The refresher", (module,), redo=(module,))
    place = str(course.translation_key)
    passed(quiz, promoter)
    learner.post(reverse("courses_attempt_start", args=[quiz.translation_key]), {"course": place})
    assert QuizAttempt.objects.get(number=2).redo_in == place
    shown = learner.get(f"{quiz.url}?course={place}")
    assert (shown.context["open_attempt"].number, shown.context["attempts"]) == (2, [])
    assert [one.number for one in learner.get(quiz.url).context["attempts"]] == [1]
    learner.post(reverse("courses_work", args=[page.translation_key]), {"course": place, "text": "Mine.", "edition": 0})
    assert Submission.objects.get().redo_in == place
    assert learner.get(f"{page.url}?course={place}").context["work"].text == "Mine."
    assert learner.get(page.url).context["work"] is None


def test_a_module_taken_offline_from_the_course_is_kept_as_the_course_asks(lesson, module, again, place, promoter, learner):
    quiz = make_quiz(module)
    passed(quiz, promoter)
    actions.complete_activity(lesson, by=promoter)
    address = reverse("courses_module_parcel", args=[module.translation_key])
    assert learner.get(address).json()["starts"] == []
    parcel = learner.get(f"{address}?course={place}").json()
    assert parcel["pages"][0] == f"{module.url}?course={place}"
    assert f"{lesson.url}?course={place}" in parcel["pages"]
    assert parcel["starts"] == [f"{reverse('courses_attempt_start', args=[quiz.translation_key])}?course={place}"]
    learner.post(parcel["starts"][0])
    assert QuizAttempt.objects.get(number=2).redo_in == place


def test_costs_no_more_queries_for_three_than_for_one(module, lesson, promoter, learner):
    def counts():
        course = make_course("The refresher", (module,), redo=(module,))
        actions.enrol(course, user=promoter, by=promoter)
        found, sequence = [], iter(range(1, 9))
        progress = f"{reverse('courses_progress', args=[lesson.translation_key])}?course={course.translation_key}"
        for ask in (
            lambda: learner.get(course.url),
            lambda: learner.get(f"{lesson.url}?course={course.translation_key}"),
            lambda: learner.post(progress, {"client": "tab", "sequence": next(sequence), "progress": "0.5"}),
        ):
            ask()
            with CaptureQueriesContext(connection) as captured:
                ask()
            found.append(len(captured))
        return found

    one = counts()
    for _more in range(2):
        make_lesson(module)
    assert counts() == one
    assert max(one[:2]) <= 12, one


def test_matrix_of_finished_and_unfinished_together(lesson, module, promoter, other_promoter):
    course = make_course("The programme", (module,))
    for person in (promoter, other_promoter):
        actions.enrol(course, user=person, by=person)
    actions.complete_activity(lesson, by=promoter)
    course = tick(course)
    actions.complete_activity(lesson, by=other_promoter)
    report = course_report(syllabus_of(course), Wanted())
    states = {row.person_id: row.states for row in report.learners}
    assert states == {promoter.pk: [DONE], other_promoter.pk: [OPEN]}
    assert report.sums == [1]

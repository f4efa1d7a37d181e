"""Progress by course: who is where, who needs help, for whom it opens, what leaves as a file; and being excused."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from academy.rules import RuleViolation
from academy.sheets import harmless
from courses import actions
from courses.groups import Owner
from courses.models import ActivityRecord, Enrolment, Extension, QuizAttempt
from courses.person_reports import person_reports
from courses.reports import Wanted, course_report, in_words, state_of
from courses.syllabus import syllabuses
from tests.factories.academy import UserFactory
from tests.factories.cohorts import CohortFactory, ProjectFactory, ProjectMemberFactory
from tests.factories.courses import (
    ActivityRecordFactory,
    QuizAttemptFactory,
    make_assignment,
    make_course,
    make_lesson,
    make_module,
    make_quiz,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def ago(days):
    return NOW - timedelta(days=days)


@pytest.fixture(autouse=True)
def _english():
    translation.activate("en")


@pytest.fixture
def staff(client_for, trainer):
    """A trainer's browser, in English."""
    client = client_for(trainer)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def module(db):
    return make_module("Money")


@pytest.fixture
def lesson(module):
    return make_lesson(module, "The account")


@pytest.fixture
def quiz(module, lesson):
    return make_quiz(module, "The test", pass_mark=70)


@pytest.fixture
def course(module, lesson, quiz):
    return make_course("Money and law", (module,))


def learner(course, name, *, days=0, **fields):
    """Somebody enrolled so many days ago."""
    person = UserFactory(name=name)
    Enrolment.objects.create(user=person, course_key=course.translation_key, enrolled_at=ago(days), **fields)
    return person


def seen(person, activity, *, days=0, done=False, **fields):
    facts = {"completed_at": ago(days), "source": "auto", "rule": "lesson.end", "progress": 1} if done else {}
    moments = {"first_seen_at": ago(days + 1), "last_seen_at": ago(days)}
    return ActivityRecordFactory(user=person, activity_key=activity.translation_key, **moments, **facts, **fields)


def tried(person, quiz, *, score=0.2, number=1, days=0, **fields):
    facts = {
        "state": "submitted",
        "score": score,
        "passed": bool(score and score >= 0.7),
        "started_at": ago(days),
        "submitted_at": ago(days),
    }
    if not ActivityRecord.objects.filter(user=person, activity_key=quiz.translation_key).exists():
        seen(person, quiz, days=days)  # an attempt begins with its record
    return QuizAttemptFactory(user=person, quiz_key=quiz.translation_key, number=number, **{**facts, **fields})


def report(course, **wanted):
    return course_report(syllabuses([course.translation_key])[course.translation_key], Wanted(**wanted), now=NOW)


def address(course, query=""):
    return reverse("courses_cms_course", args=[course.translation_key]) + query


# --- the facts


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"complete": False}, "open"),
        ({"complete": False, "begun": True}, "begun"),
        ({"complete": False, "failed": 2}, "begun"),
        ({"complete": False, "failed": 3}, "failed"),
        ({"complete": False, "failed": 3, "waiting": True}, "waiting"),
        ({"complete": True, "rule": "quiz.pass:70", "failed": 3}, "done"),
        ({"complete": True, "rule": "excused"}, "excused"),
    ],
)
def test_state_of_an_activity(facts, state):
    assert state_of(**facts) == state


def test_time_in_words():
    assert [in_words(seconds) for seconds in (0, 20, 600, 3900)] == ["", "less than a minute", "10 min", "1 h 05"]


def test_who_needs_help_comes_first(course, lesson, quiz):
    idle = learner(course, "Idle")
    going = learner(course, "Going", days=30)
    seen(going, lesson, days=2)
    silent = learner(course, "Silent", days=30)
    seen(silent, lesson, days=20)
    failing = learner(course, "Failing", days=3)
    for number in (1, 2, 3):
        tried(failing, quiz, number=number, days=1)
    finished = learner(course, "Finished", days=90)
    seen(finished, lesson, done=True, days=60), seen(finished, quiz, done=True, days=60)
    found = report(course)
    assert [one.name for one in found.learners] == ["Failing", "Silent", "Idle", "Going", "Finished"]
    assert [one.standing for one in found.learners] == ["stuck", "stuck", "idle", "going", "finished"]
    assert found.learners[0].reasons == ["1 quiz failed three times"]
    assert found.learners[1].reasons == ["nothing for 20 days"]
    assert [row.states for row in found.learners] == [
        ["open", "failed"], ["begun", "open"], ["open", "open"], ["begun", "open"], ["done", "done"],
    ]  # fmt: skip
    assert found.sums == [1, 1]
    assert [one.name for one in report(course, days=60).learners if one.standing == "stuck"] == ["Failing"]
    assert [person.pk for person in (idle, going)] == [one.person_id for one in found.learners[2:4]]


def test_filters(course, lesson):
    cohort = CohortFactory()
    anna = learner(course, "Anna Élan", cohort_key=str(cohort.pk))
    learner(course, "Bert")
    seen(Enrolment.objects.exclude(user=anna).get().user, lesson, done=True)
    found = report(course, cohort=str(cohort.pk))
    assert ([one.name for one in found.learners], found.everybody, sum(found.sums)) == (["Anna Élan"], 1, 0)
    assert sum(report(course).sums) == 1
    assert [one.name for one in report(course, words="elan").learners] == ["Anna Élan"]
    assert [one.name for one in report(course, words=anna.email).learners] == ["Anna Élan"]
    assert report(course, standing="finished").learners == []
    assert report(course, standing="idle").everybody == 2
    assert len(report(course, standing="idle").learners) == 1


def test_passing_after_three_failures_is_no_trouble(course, lesson, quiz):
    person = learner(course, "Late")
    for number in (1, 2, 3):
        tried(person, quiz, number=number)
    tried(person, quiz, score=1, number=4)
    ActivityRecord.objects.update(completed_at=NOW, source="auto", rule="quiz.pass:70")
    found = report(course).learners[0]
    assert (found.failures, found.states) == (0, ["open", "done"])


def test_erased_and_inactive_people_are_not_followed(course):
    learner(course, "Gone")
    Enrolment.objects.update(user=None)
    person = learner(course, "Left")
    person.is_active = False
    person.save()
    assert report(course).learners == []


def test_what_staff_write_is_no_visit(course, lesson, trainer):
    person = learner(course, "Never there", days=40)
    actions.excuse_activity(lesson, user=person, reason="Did it at work", by=trainer)
    found = report(course).learners[0]
    assert (found.last_seen, found.standing, found.done) == (None, "stuck", 1)
    line = person_reports(person)[0].lines[0]
    assert (line.first_seen_at, line.state, line.remark) == (None, "excused", "Excused by staff: Did it at work")


def test_learner_and_trainer_are_told_the_same(course, lesson, quiz):
    person = learner(course, "Both")
    seen(person, lesson, done=True)
    tried(person, quiz, state="waiting", score=None, passed=None)
    row = report(course).learners[0]
    assert [line.state for line in person_reports(person)[0].lines] == row.states == ["done", "waiting"]


# --- being excused


def test_excused_counts_for_the_course_and_can_be_lifted(course, lesson, quiz, promoter, trainer):
    actions.enrol(course, user=promoter, by=promoter)
    actions.record_progress(lesson, by=promoter, client="tab", sequence=1, progress=0.4)
    record = actions.excuse_activity(lesson, user=promoter, reason="Taught this herself", by=trainer)
    assert (record.source, record.rule, record.reason, record.progress) == ("staff", "excused", "Taught this herself", 0.4)
    actions.excuse_activity(quiz, user=promoter, reason="The same", by=trainer)
    assert Enrolment.objects.get(user=promoter).completed_at is not None
    with pytest.raises(RuleViolation):
        actions.excuse_activity(lesson, user=promoter, reason="Again", by=trainer)
    record = actions.reopen_activity(record, reason="A mistake", by=trainer)
    assert (record.completed_at, record.rule, record.progress) == (None, "", 0.4)


@pytest.mark.parametrize("reason", ["", "  "])
def test_excuse_needs_a_reason_and_somebody_else(lesson, promoter, trainer, reason):
    with pytest.raises(RuleViolation):
        actions.excuse_activity(lesson, user=promoter, reason=reason, by=trainer)
    with pytest.raises(RuleViolation):
        actions.excuse_activity(lesson, user=trainer, reason="Me", by=trainer)
    assert not ActivityRecord.objects.exists()


def test_only_staff_excuse():
    record = ActivityRecord(user=UserFactory(), activity_key=uuid4(), completed_at=NOW, rule="excused", source="self", last_seen_at=NOW)
    with pytest.raises(ValidationError):
        record.validate_constraints()


def test_learner_reads_that_they_are_excused(course, lesson, quiz, promoter, trainer, client_for):
    actions.excuse_activity(lesson, user=promoter, reason="Did it", by=trainer)
    actions.excuse_activity(quiz, user=promoter, reason="Did it", by=trainer)
    client = client_for(promoter)
    assert "you are excused since" in client.get(course.url).content.decode()
    for page in (lesson, quiz):
        words = client.get(page.url).content.decode()
        assert "You were excused from this" in words
        assert "You completed this" not in words


# --- the pages


@pytest.mark.parametrize(("who", "status"), [("trainer", 200), ("coordinator", 200), ("reviewer", 302), ("promoter", 302)])
def test_who_follows(request, client_for, course, who, status):
    person, client = learner(course, "Somebody"), client_for(request.getfixturevalue(who))
    for name, args in (("progress", []), ("course", [course.translation_key]), ("person", [course.translation_key, person.pk])):
        assert client.get(reverse(f"courses_cms_{name}", args=args)).status_code == status


def test_matrix_in_words(course, lesson, quiz, staff):
    cohort = CohortFactory()
    person = learner(course, "Anna <b>", cohort_key=str(cohort.pk))
    seen(person, lesson, done=True)
    words = staff.get(address(course)).content.decode()
    assert "Anna &lt;b&gt;" in words
    assert str(cohort) in words
    assert f'<td data-state="done"><a href="{person.pk}/{lesson.translation_key}/" aria-label="Done">&#9679;</a>' in words
    assert "1 / 2" in words


def test_matrix_says_what_is_wrong_with_a_filter_and_keeps_it(course, staff):
    learner(course, "Anna")
    answer = staff.get(address(course, "?days=0&standing=nonsense&cohort=x&q=%00&size=7&page=99"))
    assert answer.status_code == 200
    assert 'value="0"' in answer.content.decode()
    assert "Nobody is so" in staff.get(address(course, "?q=nobody")).content.decode()
    assert staff.get(reverse("courses_cms_course", args=[uuid4()])).status_code == 404


def test_the_team_goes_on_reading_a_course_that_was_taken_off_the_site(course, lesson, staff):
    person = learner(course, "Anna")
    actions.complete_activity(lesson, by=person)
    listed = reverse("courses_cms_progress")
    assert "not on the site now" not in staff.get(listed).content.decode()
    course.unpublish()
    words = staff.get(address(course)).content.decode()
    assert "This course is not on the site now." in words
    assert "See the course" not in words
    assert f'<td data-state="done"><a href="{person.pk}/{lesson.translation_key}/" aria-label="Done">&#9679;</a>' in words
    assert "Anna" in staff.get(address(course, "?export=csv")).content.decode("utf-8-sig")
    assert staff.get(reverse("courses_cms_cell", args=[course.translation_key, person.pk, lesson.translation_key])).status_code == 302
    page = staff.get(reverse("courses_cms_person", args=[course.translation_key, person.pk]))
    assert (page.status_code, lesson.title in page.content.decode()) == (200, True)
    assert staff.get(listed).content.decode().count("not on the site now") == 1
    said = {"verb": "write", "person": str(person.pk), "subject": "Hello", "text": "Come", "letter": str(uuid4()), "step": "send"}
    answer = staff.post(reverse("courses_cms_act", args=[course.translation_key]), said, follow=True)
    assert "nobody could open it from a letter" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_matrix_costs_the_same_for_many(course, module, lesson, quiz, staff):
    client, found = staff, []
    for size in (1, 20):
        for number in range(size):
            person = learner(course, f"Learner {number}", days=30)
            seen(person, lesson, done=True), tried(person, quiz)
        client.get(address(course))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address(course)).status_code == 200
        found.append(len(queries))
        for number in range(size):
            make_lesson(module, f"More {number}")
    assert found[0] == found[1] <= 15, found


def test_person_costs_the_same_for_many(course, module, quiz, staff):
    client, found, person = staff, [], learner(course, "Anna")
    for number in (1, 2, 3):
        tried(person, quiz, number=number)
        seen(person, make_lesson(module, f"More {number}"), done=True)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("courses_cms_person", args=[course.translation_key, person.pk])).status_code == 200
        found.append(len(queries))
    assert found[1] == found[2] <= 18, found


def test_cell_opens_the_record_or_lets_staff_act(course, lesson, trainer, staff):
    person, client = learner(course, "Anna"), staff
    cell = reverse("courses_cms_cell", args=[course.translation_key, person.pk, lesson.translation_key])
    assert "has not been there yet" in client.get(cell).content.decode()
    answer = client.post(f"{cell}excuse/", {"reason": ""})
    assert answer.status_code == 200
    assert not ActivityRecord.objects.exists()
    assert client.post(f"{cell}excuse/", {"reason": "Did it elsewhere"}).status_code == 302
    record = ActivityRecord.objects.get()
    assert (record.rule, record.user) == ("excused", person)
    assert client.get(cell)["Location"] == reverse("courses_cms_record", args=[record.pk])
    assert "Lift the excuse" in client.get(reverse("courses_cms_record", args=[record.pk])).content.decode()
    own = reverse("courses_cms_cell_verb", args=[course.translation_key, trainer.pk, lesson.translation_key, "excuse"])
    assert client.post(own, {"reason": "Me"}).status_code == 404


# --- files


def rows_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_export_has_the_rows_of_the_filter_and_no_formula(course, lesson, quiz, staff):
    evil = learner(course, '=HYPERLINK("http://evil")')
    seen(evil, lesson, done=True), tried(evil, quiz, score=0.5)
    learner(course, "Bert")
    client = staff
    answer = client.get(address(course, "?export=csv"))
    heading, *rows = rows_of(answer)
    assert heading[-2:] == ["The account", "The test"]
    by_name = {row[0]: row for row in rows}
    assert by_name['\'=HYPERLINK("http://evil")'][-2:] == ["Done", "Begun 50 %"]
    assert set(by_name) == {'\'=HYPERLINK("http://evil")', "Bert"}
    assert [row[0] for row in rows_of(client.get(address(course, "?export=csv&q=bert")))[1:]] == ["Bert"]
    assert answer["Content-Disposition"] == 'attachment; filename="money-and-law-progress.csv"'
    book = load_workbook(io.BytesIO(client.get(address(course, "?export=xlsx")).content))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert {row[0].value for row in book.active.iter_rows(min_row=2)} == {'=HYPERLINK("http://evil")', "Bert"}
    assert "f" not in {cell.data_type for cell in cells}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_a_text_is_no_formula(text):
    assert harmless(text) == f"'{text}"
    assert harmless("plain - text") == "plain - text"


def test_every_try_of_everybody_is_counted_once(course, quiz):
    person = learner(course, "Anna")
    for number in (1, 2, 3):
        tried(person, quiz, number=number)
    assert QuizAttempt.objects.count() == 3
    found = report(course).learners[0]
    assert (found.failures, found.states) == (1, ["open", "failed"])


def test_work_that_a_trainer_reads_waits_in_the_matrix_and_is_not_met(trainer):
    module, person = make_module("Work"), UserFactory(name="Nora New")
    page = make_assignment(module)
    course = make_course(modules=(module,))
    actions.enrol(course, user=person, by=person)
    owner = Owner(person=person)
    work = actions.save_work(page, owner=owner, by=person, edition=0, text="Forty")
    version = actions.hand_in(page, owner=owner, by=person, edition=work.edition)

    def states():
        report = course_report(syllabuses([course.translation_key])[course.translation_key], Wanted())
        [row] = report.learners
        return row.states, report.sums, [line.state for line in person_reports(person)[0].lines]

    assert states() == (["waiting"], [0], ["waiting"])
    actions.give_feedback(version, by=trainer, verdict="accepted")
    assert states() == (["done"], [1], ["done"])
    [line] = person_reports(person)[0].lines
    assert [(one.number, answer) for one, answer in line.handed_in] == [(1, "accepted")]


def test_a_position_without_a_work_says_nothing_to_trainers():
    module, person = make_module("Work"), UserFactory(name="Nora New")
    page, course = make_assignment(module), make_course(modules=(module,))
    actions.enrol(course, user=person, by=person)
    ActivityRecordFactory(user=person, activity_key=page.translation_key, position="work/handed-in")
    report = course_report(syllabuses([course.translation_key])[course.translation_key], Wanted())
    [row] = report.learners
    assert (row.states, [line.state for line in person_reports(person)[0].lines]) == (["begun"], ["begun"])


def test_more_time_is_given_to_somebody_who_has_not_begun(staff):
    module, person = make_module("Work"), UserFactory(name="Nora New")
    page = make_assignment(module)
    course = make_course(modules=(module,))
    actions.enrol(course, user=person, by=person)
    cell = reverse("courses_cms_cell_verb", args=[course.translation_key, person.pk, page.translation_key, "extend"])
    staff.post(cell, {"until": timezone.localdate() + timedelta(days=3), "reason": "Ill"})
    assert Extension.objects.get().user == person


def test_more_time_for_the_project_of_somebody(staff):
    module, person = make_module("Work"), UserFactory(name="Nora New")
    page, project = make_assignment(module, belongs_to="project"), ProjectFactory()
    course = make_course(modules=(module,))
    actions.enrol(course, user=person, by=person)
    cell = reverse("courses_cms_cell_verb", args=[course.translation_key, person.pk, page.translation_key, "extend"])
    form = {"until": timezone.localdate() + timedelta(days=3), "reason": "Ill"}
    assert staff.post(cell, form).status_code == 404
    ProjectMemberFactory(project=project, person=person)
    staff.post(cell, form)
    assert Extension.objects.get().group_key == str(project.pk)


# --- what counts of all attempts


def test_attempts_from_before_a_reopening_are_no_trouble_and_have_no_score(course, lesson, quiz):
    person = learner(course, "Reopened")
    for number in (1, 2, 3):
        tried(person, quiz, number=number, days=9 - number, score=1 if number == 2 else 0.1)
    QuizAttemptFactory(
        user=person,
        quiz_key=quiz.translation_key,
        number=4,
        state="waiting",
        started_at=ago(5),
        submitted_at=ago(5),
        score=None,
        passed=None,
    )
    ActivityRecord.objects.update(reopened_at=ago(4), reason="Somebody else answered")

    def said():
        found, line = report(course), person_reports(person)[0].lines[1]
        return found.learners[0].failures, found.learners[0].states[1], found.scores(), line.state

    assert said() == (0, "begun", {}, "begun")
    for number in (5, 6, 7):
        tried(person, quiz, number=number, days=8 - number, score=0.3)
    assert said() == (1, "failed", {(person.pk, quiz.translation_key): "30 %"}, "failed")


@pytest.mark.parametrize(("grading", "words"), [("best", "80 %"), ("last", "60 %"), ("first", "40 %"), ("average", "60 %")])
def test_score_of_a_quiz_is_by_its_own_rule(course, quiz, grading, words):
    quiz.grading = grading
    quiz.save_revision().publish()
    person = learner(course, "Somebody")
    for number, score in enumerate((0.4, 0.8, 0.6), 1):
        tried(person, quiz, number=number, score=score, days=9 - number)
    assert report(course).scores() == {(person.pk, quiz.translation_key): words}

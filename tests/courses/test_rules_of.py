"""One set of rules for one activity: those of the version in the first language of the site, whichever is opened."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from courses import actions
from courses.access import readable_activity
from courses.due import due_of, end_of
from courses.groups import Owner
from courses.models import ActivityRecord, QuizAttempt, Submission
from courses.terms import terms_of
from tests.factories.courses import item, make_assignment, make_course, make_lesson, make_module, make_quiz, translated

pytestmark = pytest.mark.django_db

FRENCH = {"pass_mark": 80, "attempts_allowed": 2, "wait": 60, "time_limit": 30, "grading": "last", "reveal": "never", "shuffle": False}
ENGLISH = {
    "pass_mark": 10, "attempts_allowed": 9, "wait": None, "time_limit": None, "grading": "best", "reveal": "always", "shuffle": True,
}  # fmt: skip


@pytest.fixture
def learner(client_for, promoter):
    return client_for(promoter)


@pytest.fixture
def quizzes():
    french = make_quiz(make_module("Le modèle", language="fr"), "Un quiz", **FRENCH)
    return french, translated(french, "en", title="A quiz", **ENGLISH)


def started(learner, language, quiz):
    with translation.override(language):
        learner.post(reverse("courses_attempt_start", args=[quiz.translation_key]))
    return QuizAttempt.objects.latest("started_at")


def test_an_attempt_begins_by_the_rules_of_the_first_language(learner, promoter, quizzes):
    _french, english = quizzes
    attempt = started(learner, "en", english)
    assert (attempt.language, attempt.pass_mark, attempt.grading) == ("en", 80, "last")
    assert attempt.deadline == attempt.started_at + timedelta(minutes=30)


def test_the_verb_keeps_to_them_whatever_page_it_is_given(promoter, quizzes):
    _french, english = quizzes
    assert actions.start_attempt(english, by=promoter).pass_mark == 80


def test_attempts_and_the_wait_between_them_are_counted_by_them(learner, promoter, quizzes):
    _french, english = quizzes
    with translation.override("en"):
        first = started(learner, "en", english)
        actions.submit_attempt(first, quiz=readable_activity(promoter, english.translation_key), by=promoter, answers={})
        html = learner.get(english.url).text
        assert ("You can try again on" in html, "1 attempt left." in html, "You pass with 80 %." in html) == (True, True, True)
        learner.post(reverse("courses_attempt_start", args=[english.translation_key]))
        assert QuizAttempt.objects.count() == 1
        QuizAttempt.objects.update(started_at=timezone.now() - timedelta(hours=3), submitted_at=timezone.now() - timedelta(hours=2))
        second = started(learner, "en", english)
        actions.submit_attempt(second, quiz=readable_activity(promoter, english.translation_key), by=promoter, answers={})
        QuizAttempt.objects.update(started_at=timezone.now() - timedelta(hours=3), submitted_at=timezone.now() - timedelta(hours=2))
        assert "No attempt left" in learner.get(english.url).text
        assert "right answer" not in learner.get(reverse("courses_attempt", args=[english.translation_key, 2])).text


def test_where_there_is_no_version_in_the_first_language_its_own_rules_count(learner):
    quiz = make_quiz(make_module("Only here", language="en"), **ENGLISH)
    assert started(learner, "en", quiz).pass_mark == 10


def test_a_version_that_is_not_published_rules_nothing(learner, quizzes):
    french, english = quizzes
    french.unpublish()
    assert started(learner, "en", english).pass_mark == 10


@pytest.mark.parametrize(("french", "complete"), [("end", True), ("confirm", False)])
def test_a_lesson_is_completed_as_the_first_language_says(learner, promoter, french, complete):
    module = make_module("Le modèle", language="fr")
    lesson = make_lesson(module, completion=french)
    english = translated(lesson, "en", completion="confirm" if french == "end" else "end")
    course = make_course("Programme", (module,), language="fr")
    actions.enrol(course, user=promoter, by=promoter)
    with translation.override("en"):
        address = reverse("courses_progress", args=[english.translation_key])
        told = learner.post(address, {"client": "tab", "sequence": 1, "progress": "1"}).json()
        assert told == {"progress": 1, "complete": complete}
        learner.post(reverse("courses_complete", args=[english.translation_key]))
    assert ActivityRecord.objects.get().rule == ("lesson.end" if complete else "lesson.confirm")


def test_what_a_device_keeps_goes_by_them_too(learner, quizzes):
    _french, english = quizzes
    with translation.override("en"):
        address = reverse("courses_module_parcel", args=[english.get_parent().specific.translation_key])
        left = learner.get(address).json()["left_out"]
    assert left == [{"title": "A quiz", "why": "it has a time limit, which only the server can keep."}]


# --- an assignment

ASKED = {
    "takes_text": True, "takes_files": False, "takes_link": False, "most_files": 2, "words": 500, "belongs_to": "project", "due_days": None,
    "answer_days": 7, "judged": "pass", "pass_mark": 70, "again": False,
}  # fmt: skip
NOT_ASKED = {
    "takes_text": False, "takes_files": True, "takes_link": True, "most_files": 9, "words": None, "belongs_to": "person", "due_days": None,
    "answer_days": None, "judged": "pass", "pass_mark": 10, "again": True,
}  # fmt: skip


@pytest.fixture
def tomorrow():
    return timezone.localdate() + timedelta(days=1)


@pytest.fixture
def tasks(tomorrow):
    french = make_assignment(make_module("Le modèle", language="fr"), "Un devoir", due_on=tomorrow, **ASKED)
    return french, translated(french, "en", title="An assignment", due_on=tomorrow - timedelta(days=9), **NOT_ASKED)


def test_an_assignment_asks_the_same_in_every_language(promoter, tasks):
    french, english = tasks
    with translation.override("en"):
        page = readable_activity(promoter, english.translation_key)
    assert (page.title, terms_of(page)) == ("An assignment", terms_of(french))


def test_one_person_in_two_languages_makes_one_work_of_the_project(learner, promoter, project, ours, tasks):
    for language, page, edition in zip(("fr", "en"), tasks, (0, 1), strict=True):
        with translation.override(language):
            assert 'name="link"' not in learner.get(page.url).text
            learner.post(reverse("courses_work", args=[page.translation_key]), {"text": f"In {language}.", "edition": edition})
    assert list(Submission.objects.values_list("group_key", "text")) == [(ours.group.key, "In en.")]


def test_the_verbs_hold_to_what_the_first_language_asks(promoter, ours, tasks, tomorrow):
    french, english = tasks
    actions.save_work(english, owner=ours, by=promoter, edition=0, text="Ten talks.")
    version = actions.hand_in(english, owner=ours, by=promoter, edition=1)
    assert (version.language, version.due_at, version.is_late) == ("en", end_of(tomorrow), False)
    assert version.submission.terms == terms_of(french)


def test_a_date_of_another_version_reminds_nobody(promoter, mailoutbox):
    french = make_assignment(make_module("Le modèle", language="fr"), "Un devoir")
    english = translated(french, "en", title="An assignment", due_on=timezone.localdate() + timedelta(days=1))
    course = make_course("Programme", (french.get_parent().specific,), language="fr")
    actions.enrol(course, user=promoter, by=promoter)
    assert actions.remind_of_due(by=None, now=timezone.now()) == 0
    with translation.override("en"):
        assert due_of(readable_activity(promoter, english.translation_key), Owner(person=promoter)).at is None


@pytest.mark.parametrize(("points", "name"), [(2, "Clear"), (5, "Clair")])
def test_a_rubric_is_in_the_readers_words_where_it_gives_the_same_points(promoter, points, name):
    def rubric(title, most):
        levels = [item({"name": "no", "text": "", "points": 0}), item({"name": "yes", "text": "", "points": most})]
        return [{"type": "criterion", "id": "c", "value": {"name": title, "help": "", "levels": levels}}]

    french = make_assignment(make_module("Le modèle", language="fr"), "Un devoir", judged="rubric", rubric=rubric("Clair", 2))
    english = translated(french, "en", title="An assignment", judged="rubric", rubric=rubric("Clear", points))
    with translation.override("en"):
        terms = terms_of(readable_activity(promoter, english.translation_key))
    assert [(one["name"], [level["points"] for level in one["levels"]]) for one in terms["rubric"]] == [(name, [0, 2])]

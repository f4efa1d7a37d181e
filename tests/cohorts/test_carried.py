"""Nothing is asked twice: what a project answered to one call is in its draft for the next one that asks the same."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts import actions
from cohorts.answers import answers_of
from cohorts.call_answers import FILES, name_of
from cohorts.models import CallAnswer, Cohort
from tests.cohorts.test_answers import GIVEN, questions  # noqa: F401 (a fixture)
from tests.factories import cohorts as make

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def answered(draft, promoter, questions):  # noqa: F811
    actions.save_draft(draft, by=promoter, answers={name_of(questions[kind].pk): value for kind, value in GIVEN.items()})
    make.ApplicationFileFactory(application=draft, question=questions["file"], name="plan.pdf", added_by=promoter)
    return draft


@pytest.fixture
def copied(cohort, coordinator):
    now = timezone.now()
    dates = {"intake_opens_at": now - timedelta(days=1), "intake_closes_at": now + timedelta(days=9), "starts_at": now + timedelta(days=40)}
    return actions.copy_cohort(cohort, by=coordinator, title=cohort.title, pathway=cohort.pathway, rubric=cohort.rubric, **dates)


def carried(cohort, project, by):
    make.open_now(cohort)
    application = actions.start_application(Cohort.objects.get(pk=cohort.pk), by=by, project=project)
    answers = answers_of(application)
    given = {row.kind: answers[name_of(row.pk)] for row in cohort.questions.all() if row.kind != "file"}
    return application, given, [(one["name"], one["question"]) for one in answers[FILES]]


def test_a_copied_call_finds_every_answer_and_the_file(answered, copied, promoter):
    again, given, files = carried(copied, answered.project, promoter)
    assert given == GIVEN
    assert files == [("plan.pdf", str(copied.questions.get(kind="file").pk))]
    mine, theirs = again.files.get().file, answered.files.get().file
    assert (mine.name != theirs.name, mine.read()) == (True, theirs.read())
    actions.save_draft(again, by=promoter, answers={name_of(copied.questions.get(kind="text").pk): "We are three."})
    assert answers_of(answered)[name_of(answered.cohort.questions.get(kind="text").pk)] == "We are two."


def test_another_question_is_asked_and_the_latest_answer_counts(answered, copied, promoter):
    text, choice, number = (copied.questions.get(kind=kind) for kind in ("text", "choice", "number"))
    text.label, text.public_name = {"en": "Who pays?", "fr": "Qui paie ?"}, {"en": "Payers", "fr": "Payeurs"}
    text.save()
    choice.choices = {"en": "Together\nAlone", "fr": "Ensemble\nSeul"}
    choice.save()
    number.label = {**number.label, "en": "How many, in all?"}  # corrected in one language
    number.save()
    _again, given, _files = carried(copied, answered.project, promoter)
    assert given == {**GIVEN, "text": "", "choice": ""}


def test_another_project_is_given_nothing(answered, copied, promoter):
    other = make.ProjectMemberFactory(person=promoter).project
    _again, given, files = carried(copied, other, promoter)
    assert (set(given.values()), files) == ({""}, [])
    assert CallAnswer.objects.count() == len(GIVEN)

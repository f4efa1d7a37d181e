"""Nothing is asked twice: what a project answered to one call is in its draft for the next one that asks the same."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts import actions
from cohorts.answers import answers_of
from cohorts.call_answers import FILES, name_of
from cohorts.merging import mark_of
from cohorts.models import Application, CallAnswer, CallQuestion, Cohort
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


def twin(question):
    """Asked in the same words, with another help."""
    words = {name: getattr(question, name) for name in ("cohort", "kind", "label", "public_name", "choices")}
    words |= {"sort_order": question.sort_order + 20, "help": {"en": "Of last year.", "fr": "De l’an passé."}}
    CallQuestion.objects.bulk_create([CallQuestion(**words)])  # though the call may be in use
    return question.cohort.questions.get(sort_order=words["sort_order"])


@pytest.mark.parametrize("kind", ["text", "number"])
def test_one_answer_goes_to_one_of_two_questions_in_the_same_words(answered, copied, promoter, kind):
    asked = copied.questions.get(kind=kind)
    other = twin(asked)
    make.open_now(copied)
    again = actions.start_application(Cohort.objects.get(pk=copied.pk), by=promoter, project=answered.project)
    answers = answers_of(again)
    assert (answers[name_of(asked.pk)], answers[name_of(other.pk)]) == (GIVEN[kind], "")


def test_two_questions_in_the_same_words_keep_each_its_own_answer_and_file(answered, copied, cohort, promoter):
    for kind in ("text", "file"):
        twin(cohort.questions.get(kind=kind))
        twin(copied.questions.get(kind=kind))
    late, late_file = (cohort.questions.filter(kind=kind).last() for kind in ("text", "file"))
    actions.save_draft(answered, by=promoter, answers={name_of(late.pk): "Last year three."})
    make.ApplicationFileFactory(application=answered, question=late_file, name="old.pdf", sha256="b" * 64, added_by=promoter)
    make.open_now(copied)
    again = actions.start_application(Cohort.objects.get(pk=copied.pk), by=promoter, project=answered.project)
    answers = answers_of(again)
    assert [answers[name_of(row.pk)] for row in copied.questions.filter(kind="text")] == [GIVEN["text"], "Last year three."]
    found = {one["question"]: one["name"] for one in answers[FILES]}
    assert found == {str(row.pk): name for row, name in zip(copied.questions.filter(kind="file"), ("plan.pdf", "old.pdf"), strict=True)}


def test_what_is_carried_is_marked_until_somebody_touches_it(answered, copied, promoter, client_for):
    type(answered).objects.filter(pk=answered.pk).update(expectations="Contacts.")
    again, _given, _files = carried(copied, answered.project, promoter)
    text, number = (name_of(copied.questions.get(kind=kind).pk) for kind in ("text", "number"))
    client, page = client_for(promoter), reverse("cohorts_application", args=[again.pk])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    words = f"From your application to “{answered.cohort.title}”: check it."

    def marked():
        form = client.get(page.replace("/fr/", "/en/")).context["form"]
        rows = {row.name for _section, rows in form.sections() for row in rows if row.carried}
        return (
            rows,
            {row.carried for _section, rows in form.sections() for row in rows} - {""},
            [one["carried"] for one in form.stored[FILES]],
        )

    typed = {name_of(row.pk) for row in copied.questions.exclude(kind="file")}
    assert marked() == ({*typed, "expectations"}, {words}, [words])
    client.post(
        page, {text: "We are three.", f"from_{text}": mark_of(GIVEN["text"]), number: GIVEN["number"]}, HTTP_ACCEPT="application/json"
    )
    assert marked() == ({*typed, "expectations"} - {text}, {words}, [words])
    actions.remove_file(again.files.get(), by=promoter)
    actions.save_draft(again, by=promoter, answers={"expectations": "Trainers."})
    assert marked() == (typed - {text}, {words}, [])
    Application.objects.filter(pk=again.pk).update(state="lapsed")
    assert set(Application.objects.get(pk=again.pk).carried) == typed - {text}


def test_a_first_application_carries_nothing(draft, promoter, client_for):
    form = client_for(promoter).get(reverse("cohorts_application", args=[draft.pk])).context["form"]
    assert (Application.objects.get(pk=draft.pk).carried, form.carried) == ({}, {})

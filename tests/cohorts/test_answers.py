"""One list of questions: what is asked, what is missing, what a submission freezes, and how it is read."""

from importlib import import_module

import pytest

from academy.management.starter.texts import content, read_yaml
from cohorts import actions
from cohorts.answers import BEFORE, answers_in, answers_of, count_words, in_words, missing, submitted_answers
from cohorts.call_answers import name_of
from cohorts.models import CallAnswer, Cohort, Dossier
from tests.factories import cohorts as make

pytestmark = pytest.mark.usefixtures("english")


def words_in(sections) -> dict[str, str]:
    return {answer.name: answer.words for _section, answers in sections for answer in answers}


@pytest.fixture
def questions(cohort):
    Cohort.objects.filter(pk=cohort.pk).update(state="planned")
    kinds = ("text", "number", "choice", "country", "money", "file")
    lines = {"en": "Alone\nTogether", "fr": "Seul\nEnsemble"}
    rows = {kind: make.CallQuestionFactory(cohort_id=cohort.pk, kind=kind, choices=lines if kind == "choice" else {}) for kind in kinds}
    make.open_now(cohort)
    return rows


GIVEN = {"text": "We are two.", "number": "1250.00", "choice": "2", "country": "PT", "money": "1200.50 EUR"}


def answer_all(application, questions, *, by):
    actions.save_draft(application, by=by, answers={name_of(questions[kind].pk): value for kind, value in GIVEN.items()})
    make.ApplicationFileFactory(application=application, question=questions["file"], name="plan.pdf", added_by=by)


def test_a_complete_draft_lacks_nothing_and_an_idea_may_leave_five_headings_empty(draft):
    assert missing(answers_of(draft)) == []
    empty = {key for key in Dossier.KEYS if not getattr(draft.project.dossier, key)}
    assert empty == {"history", "regulatory_context", "legal_organisation", "processes", "stakes"}


def test_what_is_too_long_is_kept_and_said(draft, promoter):
    actions.save_draft(draft, by=promoter, answers={"publics": "word " * 502})
    assert [(one.field, one.words) for one in missing(answers_of(draft))] == [
        ("publics", "Shorten by 2 words: Who needs this, and how do you know?")
    ]


def test_words_are_counted_as_one_reads_them():
    assert count_words("Forty workers – 30 % said : « l’an prochain » !") == 6


def test_answers_to_the_call_are_kept_by_kind_and_said_in_words(draft, promoter, questions):
    assert [one.field for one in missing(answers_of(draft))] == [name_of(one.pk) for one in questions.values()]
    answer_all(draft, questions, by=promoter)
    assert missing(answers_of(draft)) == []
    read = words_in(in_words(answers_of(draft)))
    said = ["We are two.", "1,250", "Together", "Portugal", "€1,200.50", ""]
    assert [read[name_of(one.pk)] for one in questions.values()] == said
    actions.save_draft(draft, by=promoter, answers={name_of(questions["text"].pk): ""})
    assert not CallAnswer.objects.filter(question=questions["text"]).exists()


def test_a_submission_freezes_dossier_answers_and_files(draft, promoter, questions):
    answer_all(draft, questions, by=promoter)
    actions.submit_application(draft, by=promoter)
    before = submitted_answers(draft)
    Dossier.objects.filter(project=draft.project).update(publics="Else.")
    CallAnswer.objects.all().delete()
    draft.files.update(in_draft=False)
    assert submitted_answers(draft) == before
    sections = in_words(before)
    read = words_in(sections)
    assert (read["publics"], read[name_of(questions["choice"].pk)]) == ("We asked forty workers.", "Together")
    assert [[one["name"] for one in answer.files] for answer in sections[-1][1]][-1] == ["plan.pdf"]
    assert [row.name for row in draft.snapshots.get().files.all()] == ["plan.pdf"]


def test_what_was_submitted_before_the_dossier_is_read_under_its_headings():
    old = {"project": {"name": "Coop"}, "answers": {**{column: column.title() for column in BEFORE}, "funds_own_travel": True}}
    read = words_in(in_words(answers_in(old)))
    assert read["competition"] == "Network\n\nSimilar_Enterprises"
    assert (read["publics"], read["team"], read["key_figures"], read["funds_own_travel"]) == ("Need", "Profile", "Investors", "Yes")


def test_nothing_is_asked_twice(draft, promoter, cohort):
    actions.submit_application(draft, by=promoter)
    actions.withdraw_application(draft, by=promoter)
    again = actions.start_application(cohort, by=promoter, project=draft.project)
    assert [one.field for one in missing(answers_of(again))] == ["funds_own_travel"]


def test_old_texts_move_under_the_headings():
    """The rule of the migration; its columns are gone from the models."""
    moved = import_module("cohorts.migrations.0006_answers_into_the_dossier")

    class Before:
        need, profile, network, similar_enterprises, investors = "Forty.", " ", "Unions.", "A twin.", ""

    assert moved.chapters(Before) == {"publics": "Forty.", "competition": "Unions.\n\nA twin."}
    assert set(moved.MOVED) == set(BEFORE)


def test_the_example_writes_what_must_be_written():
    for name, plan in read_yaml(content("academy") / "demo.yaml")["projects"].items():
        if "outcome" in plan:
            assert [key for key in make.WANTED_CHAPTERS if not plan.get(key)] == [], name

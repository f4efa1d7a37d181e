"""A draft: in which language it is written, what it brings from earlier ones, and what it may not change of one that is being read."""

import pytest

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.answers import answers_of, in_words, submitted_answers
from cohorts.changes import changes
from cohorts.models import Application, Project
from tests.cohorts.test_answers import words_in
from tests.cohorts.test_screens_apply import at, text
from tests.factories import cohorts as make

pytestmark = pytest.mark.usefixtures("english")


def test_the_project_says_in_which_language_it_writes(draft, promoter, client_for):
    Application.objects.filter(pk=draft.pk).update(language="en")
    client, address = client_for(promoter), at("cohorts_application", draft.pk).replace("/fr/", "/en/")
    page = client.get(address)
    bound = page.context["form"]["language"]
    assert (bound.value(), [code for code, _name in bound.field.choices]) == ("en", ["fr", "en"])
    assert "In which language do you write?" in text(page)
    client.post(address, {"language": "fr", "intent": "save"})
    draft.refresh_from_db()
    assert (draft.language, words_in(in_words(answers_of(draft)))["language"]) == ("fr", "French")
    actions.submit_application(draft, by=promoter)
    assert draft.snapshots.get().content["answers"]["language"] == "fr"
    assert "fr" not in draft.snapshots.get().words.splitlines()
    client.post(address, {"language": "en", "intent": "save"})
    assert Application.objects.get(pk=draft.pk).language == "fr"


def test_what_was_sent_before_the_language_was_asked_says_nothing_of_it(submitted):
    answers = submitted_answers(submitted)
    old = in_words({name: value for name, value in answers.items() if name != "language"})
    assert "language" not in words_in(old)
    assert [row.question for row in changes(old, in_words({**answers, "language": "fr"}))] == ["In which language do you write?"]


@pytest.fixture
def other_draft(submitted):
    """Of the same project, for another call, while its first one is read."""
    cohort = make.CohortFactory(pathway=submitted.cohort.pathway, rubric=submitted.cohort.rubric)
    return make.ApplicationFactory(project=submitted.project, cohort=make.open_now(cohort))


def test_another_draft_does_not_change_the_name_that_is_read(submitted, other_draft, promoter, client_for):
    was = Project.objects.get()
    for name, value in (("name", "Otherwise"), ("country", "FR"), ("place", "Lille")):
        with pytest.raises(RuleViolation, match="is being read for “Spring cohort” under this name"):
            actions.save_draft(other_draft, by=promoter, answers={name: value, "expectations": "Lost?"})
    actions.save_draft(other_draft, by=promoter, answers={"name": was.name, "summary": "Two lines."})
    client, address = client_for(promoter), at("cohorts_application", other_draft.pk).replace("/fr/", "/en/")
    page = client.get(address)
    assert [page.context["form"].fields[name].disabled for name in ("name", "country", "place", "summary")] == [True, True, True, False]
    assert "under this name, country and place. To correct them, ask" in text(page)
    page = client.post(address, {"name": "Otherwise", "expectations": "Contacts.", "intent": "save"})
    assert page.context["form"].errors.keys() == {"name"}
    other_draft.refresh_from_db()
    assert (other_draft.expectations, Project.objects.get().name) == ("Contacts.", was.name)
    assert client.post(address, {"expectations": "Tools.", "from_name": "", "intent": "save"}).status_code == 302


def test_what_is_returned_or_decided_lets_the_name_change(submitted, other_draft, promoter, coordinator):
    actions.return_application(submitted, by=coordinator, reason="Your name?")
    actions.save_draft(submitted, by=promoter, answers={"name": "Otherwise"})
    Application.objects.filter(pk=submitted.pk).update(state="declined")
    actions.save_draft(other_draft, by=promoter, answers={"place": "Lille"})
    assert (Project.objects.get().name, Project.objects.get().place) == ("Otherwise", "Lille")

"""A draft: in which language it is written, what it brings from earlier ones, and what it may not change of one that is being read."""

import pytest

from cohorts import actions
from cohorts.answers import answers_of, in_words, submitted_answers
from cohorts.changes import changes
from cohorts.models import Application
from tests.cohorts.test_answers import words_in
from tests.cohorts.test_screens_apply import at, text

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

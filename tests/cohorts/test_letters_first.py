"""What a button writes to a project is shown before it leaves, and what leaves is what was shown."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from academy.models import Message
from cohorts import actions
from cohorts.models import Application
from tests.factories import cohorts as make
from tests.factories.attention import AttentionItemFactory
from tests.factories.mentoring import OfficeHourFactory
from tests.factories.polls import PollFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

VERBS = {
    "return": ("submitted", "returned", {"return-reason": "Count them.", "return-due_at": ""}),
    "ineligible": ("submitted", "ineligible", {"ineligible-reason": "Another country."}),
    "take-up": ("returned", "submitted", {}),
    "release": ("deliberation", "admitted", {}),
}


@pytest.fixture
def address(submitted):
    return lambda verb: reverse("cohorts_cms_application_verb", args=[submitted.pk, verb])


def prepared(row, verb, by):
    """Its state, and what the page posts."""
    before, _after, said = VERBS[verb]
    Application.objects.filter(pk=row.pk).update(state=before)
    row.refresh_from_db()
    if verb == "release":
        return {"release-seen": str(actions.decide_admission(row, by=by, outcome="admitted", reasons="A strong team.").pk)}
    return said


def letters():
    return set(Message.objects.values_list("address", "language", "subject", "body_text"))


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_is_shown_in_the_language_of_who_receives_it_and_leaves_as_shown(
    client_for, coordinator, promoter, submitted, address, verb, language, django_capture_on_commit_callbacks
):
    type(promoter).objects.filter(pk=promoter.pk).update(language=language)
    data, client = prepared(submitted, verb, coordinator), client_for(coordinator)
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(address(verb), data)
    shown = {(one.address, one.language, one.subject, one.body_text) for one in page.context["first"].letters}
    assert (promoter.email, language) in {(email, code) for email, code, _subject, _body in shown}
    html = page.content.decode()
    assert f'lang="{language}"' in html
    submitted.refresh_from_db()
    assert (submitted.state, letters(), mail.outbox) == (VERBS[verb][0], set(), [])
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address(verb), {**data, "letters": page.context["stamp"]}).status_code == 302
    submitted.refresh_from_db()
    assert (submitted.state, letters()) == (VERBS[verb][1], shown)
    assert {(one.to[0], one.subject) for one in mail.outbox} == {(email, subject) for email, _code, subject, _body in shown}


def test_a_french_letter_has_the_space_of_french_before_the_colon_of_its_button(client_for, coordinator, promoter, submitted, address):
    type(promoter).objects.filter(pk=promoter.pk).update(language="fr")
    page = client_for(coordinator).post(address("return"), prepared(submitted, "return", coordinator))
    [letter] = [one for one in page.context["first"].letters if one.address == promoter.email]
    assert "Compléter la candidature\u00a0:\n" in letter.body_text
    assert letter.subject == "À faire\u00a0: complétez votre candidature"


@pytest.mark.parametrize("verb", ["return", "ineligible", "release"])
def test_words_that_were_changed_meanwhile_are_shown_again(client_for, coordinator, submitted, address, verb):
    data, client = prepared(submitted, verb, coordinator), client_for(coordinator)
    stamp = client.post(address(verb), data).context["stamp"]
    occasion = {"return": "returned", "ineligible": "ineligible", "release": "admitted"}[verb]
    make.CallLetterFactory(cohort=submitted.cohort, occasion=occasion, body={"fr": "Autre.", "en": "Other."})
    again = client.post(address(verb), {**data, "letters": stamp})
    assert (again.status_code, again.context["first"].is_changed) == (409, True)
    submitted.refresh_from_db()
    assert (submitted.state, letters()) == (VERBS[verb][0], set())


def test_somebody_who_joined_meanwhile_is_shown_too(client_for, coordinator, submitted, address):
    data, client = prepared(submitted, "return", coordinator), client_for(coordinator)
    stamp = client.post(address("return"), data).context["stamp"]
    make.ProjectMemberFactory(project=submitted.project, role="member", person__email="new@member.example")
    again = client.post(address("return"), {**data, "letters": stamp})
    assert "new@member.example" in {one.address for one in again.context["first"].letters}


def test_back_to_the_form_with_what_was_typed(client_for, coordinator, submitted, address):
    data, client = prepared(submitted, "return", coordinator), client_for(coordinator)
    page = client.post(address("return"), {**data, "letters": "change"})
    opened = [one for one in page.context["verbs"] if one.is_refused]
    assert [(one.verb.name, one.form["reason"].value(), one.form.errors) for one in opened] == [("return", "Count them.", {})]
    submitted.refresh_from_db()
    assert submitted.state == "submitted"


def test_a_refusal_stays_beside_the_question(client_for, coordinator, submitted, address):
    page = client_for(coordinator).post(address("return"), {"return-reason": " "})
    assert [one.verb.name for one in page.context["verbs"] if one.is_refused] == ["return"]


def test_whoever_asks_sees_the_letters_of_any_verb_first(client_for, coordinator, promoter, cohort, project):
    draft = make.ApplicationFactory(cohort=cohort, project=project, state="draft")
    until = timezone.localtime(cohort.intake_closes_at + timedelta(days=3))
    data = {"extend-application": str(draft.pk), "extend-until": f"{until:%Y-%m-%d %H:%M}", "extend-reason": "Flood."}
    client, act = client_for(coordinator), reverse("cohorts_cms_cohort_verb", args=[cohort.pk, "extend"])
    assert 'name="letters" value="look"' in client.get(reverse("cohorts_cms_cohort", args=[cohort.pk])).content.decode()
    page = client.post(act, {**data, "letters": "look"})
    assert (page.status_code, page.context["first"].is_changed) == (200, False)
    shown = {(one.address, one.language, one.subject, one.body_text) for one in page.context["first"].letters}
    assert {address for address, *_words in shown} == {promoter.email}
    draft.refresh_from_db()
    assert (draft.extended_until, letters()) == (None, set())
    assert client.post(act, {**data, "letters": page.context["stamp"]}).status_code == 302
    draft.refresh_from_db()
    assert (draft.extended_until is not None, letters()) == (True, shown)


def test_whoever_does_not_ask_is_not_kept(client_for, coordinator, cohort, project):
    draft = make.ApplicationFactory(cohort=cohort, project=project, state="draft")
    until = timezone.localtime(cohort.intake_closes_at + timedelta(days=3))
    data = {"extend-application": str(draft.pk), "extend-until": f"{until:%Y-%m-%d %H:%M}", "extend-reason": "Flood."}
    assert client_for(coordinator).post(reverse("cohorts_cms_cohort_verb", args=[cohort.pk, "extend"]), data).status_code == 302
    draft.refresh_from_db()
    assert draft.extended_until is not None


PAGES = {
    "cohorts_cms_participation": lambda participation: participation,
    "cohorts_cms_office_hour": lambda participation: OfficeHourFactory(
        host=participation.cohort.coordinator, cohorts=[participation.cohort]
    ),
    "cohorts_cms_attention_item": lambda participation: AttentionItemFactory(project=participation.project, cohort=participation.cohort),
    "cohorts_cms_poll": lambda participation: PollFactory(session__cohorts=[participation.cohort]),
}
ASKED = {
    "cohorts_cms_participation": ("pause", {"pause-reason": "Illness."}),
    "cohorts_cms_office_hour": ("cancel", {"cancel-reason": "Illness."}),
    "cohorts_cms_attention_item": ("done", {"done-note": "They called."}),
    "cohorts_cms_poll": ("open", {}),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_verbs_shows_them_and_leads_back(name, client_for, coordinator, participation):
    row = PAGES[name](participation)
    verb, data = ASKED[name]
    prefix = "cohorts_cms_attention" if name == "cohorts_cms_attention_item" else name
    page = client_for(coordinator).post(reverse(f"{prefix}_verb", args=[row.pk, verb]), {**data, "letters": "look"})
    assert (page.status_code, page.context["back"]) == (200, reverse(name, args=[row.pk]))
    assert Message.objects.count() == 0

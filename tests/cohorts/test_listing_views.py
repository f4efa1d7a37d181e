"""Saved views of the list of applications, and the history of each row: whose they are, and what they never tell."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import translation
from wagtail.users.models import UserProfile

from academy.models import SavedView
from cohorts import actions
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.django_db
INDEX = "applications:index"


@pytest.fixture
def colleague():
    person = UserFactory(name="Colleague")
    person.groups.add(Group.objects.get(name="Coordinators"))
    return person


def save(client, query="state=submitted&column=state&order=project", **said):
    return client.post(reverse("applications:save_view"), {"query": query, "name": "To read", **said})


def offered(client, address=""):
    return [view.name for view, _address, _is_open in client.get(reverse(INDEX) + address).context["views"]["all"]]


def test_view_is_saved_and_opens_what_it_was(client_for, coordinator, submitted):
    client = client_for(coordinator)
    answer = save(client, query="state=submitted&state=&column=state&page=3&export=csv&order=project&q=")
    view = SavedView.objects.get()
    assert (view.owner, view.query, view.is_shared) == (coordinator, "state=submitted&column=state&order=project", False)
    assert answer.headers["Location"] == f"{reverse(INDEX)}?{view.query}&view={view.pk}"
    views = client.get(answer.headers["Location"]).context["views"]
    assert (views["current"], views["is_mine"], views["is_changed"]) == (view, True, False)
    assert client.get(f"{reverse(INDEX)}?state=declined&view={view.pk}").context["views"]["is_changed"]


def test_shared_view_is_the_team_s_to_open_and_its_owner_s_to_change(client_for, coordinator, colleague, submitted):
    save(client_for(coordinator), name="Mine")
    save(client_for(coordinator), name="Ours", is_shared="on")
    client, ours, mine = client_for(colleague), SavedView.objects.get(name="Ours"), SavedView.objects.get(name="Mine")
    assert offered(client) == ["Ours"]
    assert not client.get(f"{reverse(INDEX)}?view={mine.pk}").context["views"]["current"]
    for view in (ours, mine):
        for verb in ("rename", "update", "delete"):
            answer = client.post(reverse("applications:change_view", args=[view.pk, verb]), {"name": "Stolen", "query": ""})
            assert answer.status_code == 404
    assert sorted(SavedView.objects.values_list("name", "query")) == [(one.name, one.query) for one in (mine, ours)]


def test_view_is_renamed_shared_brought_up_to_date_and_deleted(client_for, coordinator, colleague, submitted):
    client = client_for(coordinator)
    save(client)
    view = SavedView.objects.get()
    client.post(reverse("applications:change_view", args=[view.pk, "rename"]), {"name": "To  admit", "is_shared": "on"})
    client.post(reverse("applications:change_view", args=[view.pk, "update"]), {"query": "state=deliberation"})
    view.refresh_from_db()
    assert (view.name, view.is_shared, view.query) == ("To admit", True, "state=deliberation")
    assert offered(client_for(colleague)) == ["To admit"]
    client.post(reverse("applications:change_view", args=[view.pk, "delete"]), {"query": "state=deliberation"})
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(("name", "query"), [("", "state=submitted"), ("x" * 81, ""), ("To read", ""), ("Long", "q=" + "x" * 5000)])
def test_view_that_cannot_be_is_refused_in_words(name, query, client_for, coordinator, submitted):
    client = client_for(coordinator)
    save(client)
    answer = client.post(reverse("applications:save_view"), {"query": query, "name": name}, follow=False)
    assert answer.headers["Location"].startswith(reverse(INDEX))
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize("who", ["trainer", "reviewer", "promoter", "other_promoter", "visitor"])
def test_nobody_else_saves_a_view(who, request, client_for, visitor_client, submitted):
    client = visitor_client if who == "visitor" else client_for(request.getfixturevalue(who))
    assert save(client).status_code == (403 if who == "visitor" else 302)  # who was signed out is shown what they wrote
    assert not SavedView.objects.exists()


def test_history_says_who_did_what_to_whoever_may_read_it(client_for, coordinator, reviewer, submitted, colleague):
    actions.assign_reviewer(submitted, by=coordinator, reviewer=reviewer)
    actions.declare_ineligible(submitted, by=coordinator, reason="Another country.")
    address = reverse("cohorts_cms_application_history", args=[submitted.pk])
    client = client_for(colleague)
    assert address in client.get(reverse(INDEX)).content.decode()
    assert address in client.get(reverse("cohorts_cms_application", args=[submitted.pk])).content.decode()
    answer = client.get(address)
    assert [(entry.action, entry.user) for entry, _about in answer.context["entries"]] == [
        ("cohorts.release_reviewer", coordinator),
        ("cohorts.declare_ineligible", coordinator),
        ("cohorts.assign_reviewer", coordinator),
    ]
    assert "Another country." in answer.content.decode()


def test_history_says_what_it_is_about_in_the_language_of_who_reads_it(client_for, coordinator, submitted):
    type(submitted).objects.filter(pk=submitted.pk).update(state="deliberation")
    with translation.override("fr"):
        actions.decide_admission(submitted, by=coordinator, outcome="declined", reasons="Non.")
    address = reverse("cohorts_cms_application_history", args=[submitted.pk])
    abouts = {}
    UserProfile.objects.get_or_create(user=coordinator)
    for language in ("fr", "en"):
        type(coordinator).objects.filter(pk=coordinator.pk).update(language=language)
        abouts[language] = [about for _entry, about in client_for(coordinator).get(address).context["entries"]]
    assert [words.rpartition(": ")[2] for words in abouts["en"]] == ["Not admitted"]
    assert abouts["fr"] != abouts["en"]


def test_history_is_closed_to_who_declared_an_interest_and_to_others(
    client_for, visitor_client, coordinator, trainer, reviewer, promoter, submitted
):
    address = reverse("cohorts_cms_application_history", args=[submitted.pk])
    assert [client.get(address).status_code for client in (visitor_client, *map(client_for, (trainer, reviewer, promoter)))] == [302] * 4
    make.ConflictDeclarationFactory(application=submitted, person=coordinator)
    assert client_for(coordinator).get(address).status_code == 404

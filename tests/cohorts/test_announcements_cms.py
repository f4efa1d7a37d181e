"""Announcements inside the CMS: looked at before they are posted, by whom they are posted, changed and withdrawn."""

import pytest
from django.urls import reverse

from academy.models import Message
from cohorts import actions
from cohorts.models import Announcement
from tests.factories.academy import UserFactory
from tests.factories.announcements import AnnouncementFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
BOTH = {"title": {"fr": "La salle a changé", "en": "Another room"}, "body": {"fr": "<p>Au deuxième.</p>", "en": "<p>Upstairs.</p>"}}


def at(name, *args):
    return reverse(name, args=args)


def post(cohort, by, **other):
    return actions.announce(cohort, by=by, **{**BOTH, "delivery": "site", **other})


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(cohort, coordinator, client_for, number, django_assert_max_num_queries):
    for _n in range(number):
        AnnouncementFactory(cohort=cohort)
    client, page = client_for(coordinator), at("cohorts_cms_announcements", cohort.pk)
    client.get(page)
    with django_assert_max_num_queries(12):
        client.get(page)


def typed(**other):
    body = '{"blocks": [{"key": "a", "text": "%s", "type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}], "entityMap": {}}'
    return {
        "announce-title_en": "Another room",
        "announce-body_en": body % "Upstairs.",
        "announce-title_fr": "",
        "announce-body_fr": body % "",
        "announce-delivery": "now",
        **other,
    }


def test_it_is_looked_at_before_it_is_posted(cohort, participation, promoter, coordinator, client_for):
    client, page = client_for(coordinator), at("cohorts_cms_announcements_verb", cohort.pk, "announce")
    look = client.post(page, typed())
    assert (look.status_code, Announcement.objects.count(), Message.objects.count()) == (200, 0, 0)
    assert [(code, one.title, one.language, one.is_other) for code, one in look.context["readings"]] == [
        ("fr", "Another room", "en", True),
        ("en", "Another room", "en", False),
    ]
    ((letter, people_of_it),) = look.context["letters"]
    assert (letter.subject, people_of_it) == ("Another room", [str(promoter)])
    form = look.context["first"].form
    kept = {form.add_prefix(name): form[name].value() for name in form.fields}
    assert kept["announce-body_en"].startswith("<p")
    changed = client.post(page, {**kept, "letters": "change"})
    assert changed.context["verbs"][0].form["title_en"].value() == "Another room"
    assert Announcement.objects.count() == 0
    client.post(page, {name: value for name, value in kept.items() if value is not False} | {"letters": look.context["stamp"]})
    row = Announcement.objects.get()
    assert (row.delivery, row.title, Message.objects.get().body_text) == ("now", {"en": "Another room"}, letter.body_text)
    assert "Upstairs." in row.body["en"]


def test_who_joins_meanwhile_is_shown_first(cohort, participation, coordinator, crowd, client_for):
    client, page = client_for(coordinator), at("cohorts_cms_announcements_verb", cohort.pk, "announce")
    stamp = client.post(page, typed()).context["stamp"]
    crowd(1)
    again = client.post(page, typed(letters=stamp))
    assert (again.status_code, Announcement.objects.count(), again.context["number"]) == (409, 0, 2)


def test_only_its_own_coordinator_posts_and_changes_any_may_withdraw(cohort, participation, coordinator, admin_user, reader, client_for):
    other = UserFactory()
    other.groups.set(coordinator.groups.all())
    row = post(cohort, coordinator)
    client = client_for(other)
    assert client.get(at("cohorts_cms_announcements", cohort.pk)).context["verbs"] == []
    assert client.post(at("cohorts_cms_announcements_verb", cohort.pk, "announce"), typed()).status_code == 404
    assert client.post(at("cohorts_cms_announcement_verb", row.pk, "change"), {}).status_code == 404
    assert [one.verb.name for one in client.get(at("cohorts_cms_announcement", row.pk)).context["verbs"]] == ["withdraw"]
    client.post(at("cohorts_cms_announcement_verb", row.pk, "withdraw"), {"withdraw-reason": "Wrong day."})
    row.refresh_from_db()
    assert row.withdrawn_by == other
    assert client.get(at("cohorts_cms_announcement", row.pk)).context["verbs"] == []

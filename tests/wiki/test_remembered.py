"""What a process remembers for signed-in readers: the same for all of them, true at once after a publish, and never a door."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from academy import remembered
from tests.factories.wiki import WikiPageFactory, WikiTagFactory
from wiki import actions

pytestmark = pytest.mark.django_db(transaction=True)


def text(words: str) -> list:
    return [("text", f"<p>{words}</p>")]


def publish(page, **values):
    page = type(page).objects.get(pk=page.pk)
    for name, value in values.items():
        setattr(page, name, value)
    page.save_revision().publish()


def test_second_reading_asks_less_and_says_the_same(page, client_for, promoter):
    publish(page, body=text("The first words."))
    client = client_for(promoter)
    counts, bodies = [], []
    for _reading in range(2):
        with CaptureQueriesContext(connection) as queries:
            bodies.append(client.get(page.url).content)
        counts.append(len(queries))
    assert b"The first words." in bodies[1]
    assert counts[1] <= counts[0] - 2


def test_publish_is_read_at_once(page, client_for, promoter):
    client = client_for(promoter)
    publish(page, body=text("The first words."))
    assert "The first words." in client.get(page.url).content.decode()
    publish(page, body=text("The second words."))
    content = client.get(page.url).content.decode()
    assert "The second words." in content
    assert "The first words." not in content


def test_new_and_renamed_neighbours_are_read_at_once(page, client_for, promoter):
    client = client_for(promoter)
    client.get(page.url)
    neighbour = WikiPageFactory(parent=page.get_parent(), title="A new neighbour", slug="new-neighbour", locale=page.locale)
    assert "A new neighbour" in client.get(page.url).content.decode()
    publish(neighbour, title="A renamed neighbour")
    assert "A renamed neighbour" in client.get(page.url).content.decode()


def test_what_one_reader_may_see_is_not_remembered_for_another(page, client_for, promoter, trainer):
    secret = WikiPageFactory(parent=page.get_parent(), title="For trainers alone", slug="for-trainers", locale=page.locale)
    rule = PageViewRestriction.objects.create(page=secret, restriction_type=PageViewRestriction.GROUPS)
    rule.groups.add(Group.objects.get(name="Trainers"))
    assert "For trainers alone" in client_for(trainer).get(page.url).content.decode()
    assert "For trainers alone" not in client_for(promoter).get(page.url).content.decode()
    assert "For trainers alone" in client_for(trainer).get(page.url).content.decode()


def test_a_renamed_person_is_read_at_once(page, client_for, promoter, trainer):
    actions.verify_page(page, by=trainer)
    client = client_for(promoter)
    assert "Tom Trainer" in client.get(page.url).content.decode()
    trainer.name = "Thomasina Trainer"
    trainer.save(update_fields=["name"])
    assert "Thomasina Trainer" in client.get(page.url).content.decode()


def test_a_renamed_tag_is_read_at_once(page, client_for, promoter, visitor_client):
    tag = WikiTagFactory(name="Money")
    page.tags.add(tag)
    page.save_revision().publish()
    readers = (client_for(promoter), visitor_client)
    assert all(">Money</a>" in reader.get(page.url).content.decode() for reader in readers)
    tag.name = "Finances"
    tag.save()
    for reader in readers:
        words = reader.get(page.url).content.decode()
        assert ">Finances</a>" in words
        assert ">Money</a>" not in words


def test_a_sign_in_forgets_nothing(promoter):
    before = remembered.generation()
    promoter.save(update_fields=["last_login"])
    assert remembered.generation() == before

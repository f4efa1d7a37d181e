"""*I have read this*: of a page that somebody asks to be read, once for each version, and nothing takes it back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import PageViewRestriction

from academy.rules import RuleViolation
from tests.factories.wiki import WikiPageFactory
from wiki import actions, receipts
from wiki.models import ReadReceipt

pytestmark = pytest.mark.django_db
BUTTON, DONE, CHANGED = "J’ai lu cette page", "Vous avez lu cette page", "Cette page a changé"


@pytest.fixture
def asked(page, monkeypatch):
    monkeypatch.setattr(receipts, "_askers", [lambda: [page.translation_key]])
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def shown(client, page):
    html = client.get(page.get_url()).content.decode()
    return [words for words in (BUTTON, DONE, CHANGED) if words in html]


def publish_anew(page):
    page.title = "Le modèle, revu"
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def test_a_reader_who_is_asked_confirms_once(asked, promoter, client_for):
    client = client_for(promoter)
    assert shown(client, asked) == [BUTTON]
    for _twice in range(2):
        answer = client.post(reverse("wiki_confirm_read", args=[asked.pk]))
        assert answer.headers["Location"] == f"{asked.get_url()}#receipt"
    rows = ReadReceipt.objects.values_list("person", "page_key", "language", "published_at")
    assert list(rows) == [(promoter.pk, asked.translation_key, "fr", asked.last_published_at)]
    assert shown(client, asked) == [DONE]


def test_a_new_version_may_be_confirmed_and_takes_nothing_back(asked, promoter, client_for):
    actions.confirm_read(asked, by=promoter)
    first = ReadReceipt.objects.get()
    publish_anew(asked)
    client = client_for(promoter)
    assert shown(client, asked) == [BUTTON, CHANGED]
    client.post(reverse("wiki_confirm_read", args=[asked.pk]))
    assert shown(client, asked) == [DONE]
    assert set(ReadReceipt.objects.values_list("published_at", flat=True)) == {first.published_at, asked.last_published_at}


def test_other_pages_and_visitors_are_asked_nothing(asked, wiki, french, promoter, client_for, client):
    other = WikiPageFactory(parent=wiki, slug="autre", title="Autre", locale=french)
    assert shown(client_for(promoter), other) == []
    assert client_for(promoter).post(reverse("wiki_confirm_read", args=[other.pk])).status_code == 404
    assert shown(client, asked) == []
    assert reverse("account_login") in client.post(reverse("wiki_confirm_read", args=[asked.pk])).headers["Location"]
    assert ReadReceipt.objects.count() == 0


def test_a_page_that_a_reader_may_not_see_is_not_confirmed(asked, wiki, promoter, client_for):
    PageViewRestriction.objects.create(page=wiki, restriction_type="groups")
    assert client_for(promoter).post(reverse("wiki_confirm_read", args=[asked.pk])).status_code == 404
    assert ReadReceipt.objects.count() == 0


def test_what_is_not_published_is_not_confirmed(asked, promoter):
    asked.unpublish()
    asked.refresh_from_db()
    with pytest.raises(RuleViolation):
        actions.confirm_read(asked, by=promoter)


def test_an_account_that_ends_keeps_the_count(asked, promoter):
    actions.confirm_read(asked, by=promoter)
    promoter.delete()
    assert list(ReadReceipt.objects.values_list("person", "page_key")) == [(None, asked.translation_key)]


def test_who_is_asked_costs_one_query_and_nobody_else_any(asked, wiki, french, promoter, client_for):
    other = WikiPageFactory(parent=wiki, slug="autre", title="Autre", locale=french)
    client = client_for(promoter)

    def queries(page):
        client.get(page.get_url())
        with CaptureQueriesContext(connection) as captured:
            client.get(page.get_url())
        return [row["sql"] for row in captured if "readreceipt" in row["sql"]]

    assert (len(queries(other)), len(queries(asked))) == (0, 1)

"""The lists of a section are kept by what they show: who may read what, what is published, and which files there are."""

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.models import PageViewRestriction

from tests.factories.wiki import MonographPageFactory, WikiPageFactory, WikiSectionFactory
from wiki import actions
from wiki.models import WikiPage
from wiki.section_files import collection_of as made_in_a_transaction

pytestmark = pytest.mark.django_db(transaction=True)


@transaction.atomic
def collection_of(section):
    return made_in_a_transaction(section)


@pytest.fixture
def read(wiki, page, client_for, promoter):
    client = client_for(promoter)

    def again() -> str:
        return client.get(wiki.url).content.decode()

    assert "Le modèle" in again()
    return again


def publish(page, **values):
    page = type(page).objects.get(pk=page.pk)
    for name, value in values.items():
        setattr(page, name, value)
    page.save_revision().publish()


def test_what_is_published_under_it_is_read_at_once(read, wiki, page):
    publish(page, title="Le projet", summary="Autre chose.")
    assert "Le projet" in read()
    assert "Autre chose." in read()
    page.refresh_from_db()
    page.unpublish()
    assert "Le projet" not in read()
    WikiPageFactory(parent=wiki, title="Une page neuve", locale=wiki.locale)
    assert "Une page neuve" in read()
    WikiPage.objects.get(title="Une page neuve").delete()
    assert "Une page neuve" not in read()


def test_the_section_itself_and_a_shelf_are_read_at_once(read, wiki):
    publish(wiki, title="Savoirs", summary="Tout.")
    assert "<h1>Savoirs</h1>" in read()
    shelf = WikiSectionFactory(parent=wiki, title="Une étagère", locale=wiki.locale)
    assert "Une étagère" in read()
    below = WikiPageFactory(parent=shelf, title="Tout en bas", locale=wiki.locale)
    assert "Tout en bas" in read()
    publish(below, title="Plus bas")
    assert "Plus bas" in read()
    below.move(wiki, pos="last-child")
    assert "<h2><a href" in read().split("Plus bas")[0].rpartition("<li>")[2]


def test_a_verification_is_read_at_once(read, page, trainer):
    assert "vérifié le" not in read()
    actions.verify_page(page, by=trainer, at=timezone.now())
    assert "vérifié le" in read()


def test_a_file_of_the_section_is_read_at_once_and_so_is_its_end(read, wiki):
    collection = collection_of(wiki)
    assert "Statuts" not in read()
    document = get_document_model()(title="Statuts", collection=collection)
    document.file.save("statuts.pdf", ContentFile(b"%PDF-1.4"), save=False)
    document.save()
    assert "Statuts" in read()
    document.title = "Règlement"
    document.save()
    assert "Règlement" in read()
    assert "Statuts" not in read()
    document.collection = type(collection).get_first_root_node()
    document.save()
    assert "Règlement" not in read()


def test_each_role_reads_its_own_list_and_a_guard_counts_at_once(read, wiki, members, secret, client_for, trainer, visitor_client):
    assert "Membres" in read()
    assert "Membres" not in visitor_client.get(wiki.url).content.decode()
    rule = PageViewRestriction.objects.get(page=members)
    rule.restriction_type = PageViewRestriction.GROUPS
    rule.save()
    rule.groups.add(Group.objects.get(name="Trainers"))
    for _reading in range(2):
        assert "Membres" not in read()
        assert "Contrat zirconium" in client_for(trainer).get(wiki.url).content.decode()
    trainer.groups.clear()
    assert "Membres" not in client_for(trainer).get(wiki.url).content.decode()
    rule.delete()
    assert "Contrat zirconium" in read()


def test_a_monograph_offers_the_comparison_at_once(read, wiki):
    assert "/wiki-compare/" not in read()
    MonographPageFactory(parent=wiki, title="Un pays", locale=wiki.locale)
    assert "/wiki-compare/" in read()


@pytest.mark.parametrize("number", [1, 3])
def test_a_second_reading_asks_for_the_person_and_the_files_alone(number, wiki, client_for, promoter, django_assert_num_queries):
    for each in range(number):
        WikiPageFactory(parent=wiki, title=f"Page {each}", locale=wiki.locale)
        shelf = WikiSectionFactory(parent=wiki, title=f"Shelf {each}", locale=wiki.locale)
        WikiPageFactory(parent=shelf, title=f"Below {each}", locale=wiki.locale)
        document = get_document_model()(title=f"File {each}", collection=collection_of(wiki))
        document.file.save("a.pdf", ContentFile(b"%PDF-1.4"), save=False)
        document.save()
    client = client_for(promoter)
    client.get(wiki.url)
    with django_assert_num_queries(3):  # the session, the person, the files
        client.get(wiki.url)

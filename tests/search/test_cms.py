"""Search in the CMS: what of a file can be found, and what people looked for in vain."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.users.models import UserProfile

from academy.models import AcademyDocument
from academy.search.log import KEPT, forget_old
from academy.search.models import SearchLog


@pytest.fixture
def document(home, at_once):
    made = AcademyDocument(title="Charte")
    made.file.save("charte.txt", ContentFile("Une charte partagée.".encode()), save=False)
    with at_once():
        made.save()
    return made


@pytest.fixture
def in_english():
    """A browser whose CMS speaks English, for a person."""

    def make(client_for, user):
        profile = UserProfile.get_for_user(user)
        profile.preferred_language = "en"
        profile.save()
        return client_for(user)

    return make


def test_the_listing_and_the_form_say_what_can_be_found(document, client_for, coordinator, in_english):
    client = in_english(client_for, coordinator)
    assert "searchable" in client.get("/cms/documents/").content.decode()
    AcademyDocument.objects.update(pages_without_text=3)
    for address in ("/cms/documents/", "/cms/documents/results/", f"/cms/documents/edit/{document.pk}/"):
        assert "3 pages without text" in client.get(address).content.decode(), address
    AcademyDocument.objects.update(extraction_status="empty")
    assert "no text inside: not searchable" in client.get("/cms/documents/").content.decode()


def test_the_listing_costs_the_same_for_one_file_and_three(document, client_for, coordinator):
    client = client_for(coordinator)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/cms/documents/")
        return len(queries)

    cost()
    one = cost()
    for number in range(2):
        AcademyDocument.objects.create(title=f"Autre {number}", file="documents/x.txt")
    assert cost() == one


def test_the_report_counts_what_was_sought_in_vain_and_names_nobody(home, client_for, trainer, promoter, reviewer, in_english):
    for words, results in (("Portage", 0), ("portage", 0), ("visa", 0), ("smart", 4)):
        SearchLog.objects.create(query=words, language="fr", results=results)
    client = in_english(client_for, trainer)
    response = client.get("/cms/reports/searches/")
    assert [(row["words"], row["times"]) for row in response.context["object_list"]] == [("portage", 2), ("visa", 1)]
    export = b"".join(client.get("/cms/reports/searches/?export=csv").streaming_content).decode()
    assert "portage,fr,2" in export
    assert "Searches without results" in client.get("/cms/").content.decode()
    for stranger in (promoter, reviewer):
        assert client_for(stranger).get("/cms/reports/searches/").status_code in (302, 403)


def test_old_searches_are_forgotten(db):
    SearchLog.objects.create(query="vieux", language="fr", results=0, searched_at=timezone.now() - KEPT - timedelta(days=1))
    SearchLog.objects.create(query="neuf", language="fr", results=0)
    assert forget_old() == 1
    assert SearchLog.objects.get().query == "neuf"

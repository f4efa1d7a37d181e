"""Files and pictures: every file asks who reads, the media folder is no way round, pictures are quick."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, CollectionViewRestriction

from academy.blocks import ContentBlock
from academy.models import AcademyDocument, AcademyImage

pytestmark = pytest.mark.django_db


@pytest.fixture
def document():
    document = AcademyDocument(title="Contrat", collection=Collection.get_first_root_node().add_child(name="Closed"))
    document.file.save("contrat.txt", ContentFile(b"clause"), save=False)
    document._set_document_file_metadata()
    document.save()
    return document


def test_an_open_file_is_given_and_may_be_asked_again(document, visitor_client):
    response = visitor_client.get(document.url)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-cache")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert visitor_client.get(document.url, headers={"if-none-match": response.headers["ETag"]}).status_code == 304


def test_a_closed_file_asks_who_reads_and_is_kept_nowhere(document, visitor_client, client_for, promoter):
    CollectionViewRestriction.objects.create(collection=document.collection, restriction_type="login")
    assert visitor_client.get(document.url).status_code == 302
    response = client_for(promoter).get(document.url)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "private, no-store")


def test_the_media_folder_is_no_way_round(document, visitor_client, settings):
    assert (Path(settings.MEDIA_ROOT) / document.file.name).exists()
    for address in (document.file.url, f"/media/images/../{document.file.name}", f"/media/images/%2e%2e/{document.file.name}"):
        assert visitor_client.get(address).status_code == 404


def test_a_picture_is_served_and_kept(visitor_client):
    rendition = AcademyImage.objects.create(title="x", file=get_test_image_file()).get_rendition("width-20")
    response = visitor_client.get(rendition.url)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")
    assert "immutable" in response.headers["Cache-Control"]
    assert visitor_client.get("/media/images/nothing.png").status_code == 404
    assert visitor_client.post(rendition.url).status_code == 405


def test_a_picture_in_a_page_has_its_description_and_its_size():
    image = AcademyImage.objects.create(title="Plan", file=get_test_image_file(size=(1200, 900)), credit="Ada")
    block = ContentBlock()
    value = {"image": {"image": image.pk, "alt_text": "Le plan de l’atelier", "decorative": False}, "caption": "Rez-de-chaussée"}
    html = block.render(block.to_python([{"type": "image", "value": value}]))
    assert 'alt="Le plan de l’atelier"' in html
    assert 'height="360"' in html
    assert "image/webp" in html
    assert "Rez-de-chaussée" in html

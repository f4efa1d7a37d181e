"""Files that a browser would run are not taken; whatever is taken is given back as a file, and nothing in it runs."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection

from academy.models import AcademyDocument, AcademyImage

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def send(client, name: str, content: bytes, kind: str, view: str):
    data = {"title": "A file", "file": SimpleUploadedFile(name, content, kind), "collection": Collection.get_first_root_node().pk}
    return client.post(reverse(view), data)


@pytest.mark.parametrize("view", ["wagtailimages:add", "wagtailimages_chooser:create"])
@pytest.mark.parametrize(
    ("name", "content"),
    [("x.svg", SVG), ("x.png", SVG), ("x.jpg", HTML), ("x.html", HTML), ("x.svg.png", SVG)],
    ids=lambda value: str(value)[:9],
)
def test_no_script_comes_in_as_a_picture(client_for, trainer, view, name, content):
    send(client_for(trainer), name, content, "image/png", view)
    assert AcademyImage.objects.count() == 0


@pytest.mark.parametrize("view", ["wagtaildocs:add", "wagtaildocs_chooser:create"])
@pytest.mark.parametrize(("name", "content"), [("x.svg", SVG), ("x.html", HTML), ("x.xhtml", HTML), ("x.js", b"alert(1)"), ("x", HTML)])
def test_no_page_comes_in_as_a_document(client_for, trainer, view, name, content):
    send(client_for(trainer), name, content, "text/plain", view)
    assert AcademyDocument.objects.count() == 0


def test_page_under_another_name_is_given_back_as_a_file(client_for, trainer, visitor_client):
    send(client_for(trainer), "x.txt", HTML, "text/html", "wagtaildocs:add")
    answer = visitor_client.get(AcademyDocument.objects.get().url)
    assert answer.headers["Content-Type"].split(";")[0] in ("text/plain", "application/octet-stream")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src" in answer.headers["Content-Security-Policy"]


def test_picture_is_given_back_as_a_picture_that_runs_nothing(client_for, trainer, visitor_client):
    image = AcademyImage.objects.create(title="A picture", file=get_test_image_file())
    answer = visitor_client.get(image.get_rendition("width-100").url)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert visitor_client.get("/media/images/x.svg").status_code == visitor_client.get("/media/documents/x.txt").status_code == 404

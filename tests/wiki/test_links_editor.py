"""Red links live through the editor of the CMS: database, editor, database, without a change."""

import json

import pytest
from django.urls import reverse
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

from academy.blocks import INLINE_FEATURES, TEXT_FEATURES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("features", [TEXT_FEATURES, INLINE_FEATURES])
@pytest.mark.parametrize("target", ["Les statuts", "../docs/statuts.md", "“Oui” &amp; &lt;non&gt; &quot;d’accord&quot;"])
def test_a_red_link_comes_back_as_it_went(features, target):
    converter = ContentstateConverter(features)
    html = f'<p data-block-key="a1">Voir <a linktype="wanted" target="{target}">les <b>mots</b></a>.</p>'
    state = converter.from_database_format(html)
    assert [entity["type"] for entity in json.loads(state)["entityMap"].values()] == ["WANTED"]
    assert converter.to_database_format(state) == html


def test_a_link_to_a_page_is_still_wagtails_own(page):
    converter = ContentstateConverter(TEXT_FEATURES)
    html = f'<p data-block-key="a1"><a linktype="page" id="{page.pk}">un</a> <a href="https://example.org/">deux</a></p>'
    assert converter.to_database_format(converter.from_database_format(html)) == html


def test_the_editor_brings_its_script_from_a_file(page, trainer, client_for):
    html = client_for(trainer).get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert "/static/js/cms-links.js" in html
    assert '<script id="academy-links" type="application/json">' in html

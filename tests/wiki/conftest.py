"""A small site: two home pages, the top of the wiki in French, a members' shelf."""

import pytest
from django.utils import translation
from wagtail.models import Locale, Page, PageViewRestriction, Site

from academy.models import HomePage
from tests.factories.wiki import WikiPageFactory, WikiSectionFactory


@pytest.fixture
def french(db):
    return Locale.objects.get_or_create(language_code="fr")[0]


@pytest.fixture
def english(db):
    return Locale.objects.get_or_create(language_code="en")[0]


@pytest.fixture
def home(french):
    root = Page.objects.get(depth=1)
    home = root.add_child(instance=HomePage(title="Academy", slug="wiki-test-fr", locale=french))
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    site.hostname, site.port, site.root_page = "testserver", 80, home
    site.save()
    return home


@pytest.fixture
def home_en(home, english):
    return Page.objects.get(depth=1).add_child(
        instance=HomePage(title="Academy", slug="wiki-test-en", locale=english, translation_key=home.translation_key)
    )


@pytest.fixture
def wiki(home, french):
    return WikiSectionFactory(parent=home, slug="wiki", title="Wiki", locale=french)


@pytest.fixture
def page(wiki, french):
    return WikiPageFactory(
        parent=wiki,
        slug="modele",
        title="Le modèle",
        locale=french,
        body=[
            {"type": "heading", "value": {"level": "2", "text": "Besoin vérifié"}},
            {"type": "text", "value": "<p>Un réseau de partenaires locaux.</p>"},
        ],
    )


@pytest.fixture
def members(wiki, french):
    """A shelf for signed-in people."""
    section = WikiSectionFactory(parent=wiki, slug="membres", title="Membres", locale=french)
    PageViewRestriction.objects.create(page=section, restriction_type=PageViewRestriction.LOGIN)
    return section


@pytest.fixture
def secret(members, french):
    return WikiPageFactory(
        parent=members,
        slug="contrat",
        title="Contrat zirconium",
        locale=french,
        body=[{"type": "text", "value": "<p>Clause zirconium.</p>"}],
    )


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield

"""Every sort of thing in one search, each opening where it is read; and an index that fills itself."""

import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone

from academy.models import AcademyDocument
from academy.search import index
from academy.search.models import SearchEntry
from tests.factories.courses import make_course, make_lesson, make_module, make_quiz
from tests.factories.files import pptx
from tests.factories.wiki import GlossaryTermFactory, MonographPageFactory, WikiPageFactory, WikiSectionFactory, answered
from wiki import actions


@pytest.fixture
def every_kind(home, wiki, french, at_once):
    """One of each, each holding the word zircon; and the address where it is read."""
    with at_once():
        page = WikiPageFactory(parent=wiki, slug="page", title="La page du zircon", locale=french)
        shelf = WikiSectionFactory(parent=wiki, slug="rayon", title="Le rayon du zircon", locale=french)
        country = MonographPageFactory(
            parent=shelf,
            slug="suede",
            title="Suède",
            country="SE",
            locale=french,
            history=[{"type": "text", "value": "<p>Né du zircon.</p>"}],
        )
        term = GlossaryTermFactory(locale=french, term="Zircon", definition="<p>Une pierre.</p>")
        question = answered(text="À quoi sert le zircon ?", language="fr")
        module = make_module("Le module du zircon", language="fr")
        lesson, quiz = make_lesson(module, "La leçon du zircon"), make_quiz(module, "Le quiz du zircon")
        course = make_course("Le cours du zircon", language="fr")
        slides = AcademyDocument(title="Diapositives")
        slides.file.save("zircon.pptx", ContentFile(pptx(("Bonjour à toutes et à tous", ""), ("Le zircon est une pierre", ""))), save=False)
        slides.save()
    return {
        "Page": [page.url],
        "Glossaire": [f"/fr/glossary/#{term.slug}"],
        "Questions": [f"/fr/questions/{question.pk}/"],
        "Module": [module.url],
        "Leçon": [lesson.url],
        "Quiz": [quiz.url],
        "Cours": [course.url],
        "Fichier": [f"/documents/{slides.pk}/{slides.filename}"],
        "more pages": [shelf.url, country.url],
    }


def test_one_query_finds_every_kind_and_each_opens_where_it_is_read(every_kind, visitor_client):
    hits = [hit for page in (1, 2) for hit in visitor_client.get(f"/fr/search/?q=zircon&page={page}").context["found"].hits]
    assert sorted({hit.href for hit in hits}) == sorted(address for several in every_kind.values() for address in several)
    names = {hit.href: str(hit.kind) for hit in hits}
    for name, (address, *_others) in every_kind.items():
        assert name == "more pages" or names[address] == name
        assert visitor_client.get(address, follow=True).status_code == 200
    assert names[every_kind["more pages"][1]] == "Page"


def test_slides_and_sheets_are_called_so_and_link_to_the_file(every_kind, visitor_client):
    entry = SearchEntry.objects.get(number=2, document__isnull=False)
    for number in (5, 7):
        SearchEntry.objects.create(
            kind="file", owner=entry.owner, part=number, number=number, document_id=entry.document_id, language="fr", title=entry.title,
            body="Encore du zircon.", body_words="encore du zircon",
        )  # fmt: skip
    html = re.sub(r"<[^>]+>", "", visitor_client.get("/fr/search/?q=zircon&kind=file").content.decode())
    assert "diapositive 5, diapositive 7" in html
    assert "#page=" not in html


def test_a_page_that_is_verified_is_found_among_the_verified_at_once(every_kind, trainer, at_once, visitor_client):
    address = "/fr/search/?q=zircon&fresh=verified"
    assert not visitor_client.get(address).context["found"].total
    for owner in SearchEntry.objects.filter(owner__startswith="wiki.wikipage:") | SearchEntry.objects.filter(owner__startswith="wiki.mono"):
        with at_once():
            actions.verify_page(owner.page.specific, by=trainer)
    assert [hit.title for hit in visitor_client.get(address).context["found"].hits] == ["La page du <mark>zircon</mark>", "Suède"]
    with at_once():
        actions.verify_page(owner.page.specific, by=trainer, at=timezone.now() - timedelta(days=4000))
    assert visitor_client.get(address).context["found"].total == 1


# --- nobody needs to know `reindex`


def test_setup_fills_an_index_that_is_empty_or_made_by_older_rules(every_kind, visitor_client, capsys):
    everything = SearchEntry.objects.count()
    call_command("setup", verbosity=0)
    assert index.missing() == []
    capsys.readouterr()
    SearchEntry.objects.filter(owner__startswith="wiki.question:").delete()
    SearchEntry.objects.filter(owner__startswith="wiki.wikipage:").update(version=0, body="", body_words="")
    assert [found.label for found in index.missing()] == ["wiki.wikipage", "wiki.question"]
    SearchEntry.objects.filter(owner__startswith="courses.lessonpage:").update(body="left alone")
    call_command("setup", verbosity=0)
    assert "wiki.wikipage, wiki.question" in capsys.readouterr().out
    assert index.missing() == []
    assert SearchEntry.objects.count() >= everything
    assert SearchEntry.objects.filter(owner__startswith="courses.lessonpage:", body="left alone").exists()
    call_command("setup", verbosity=0)
    assert "Search index" not in capsys.readouterr().out

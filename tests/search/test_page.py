"""The search page: what it shows, to whom, and what it costs."""

import re

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from academy.models import AcademyDocument
from academy.search.models import DocumentPassage, SearchEntry, SearchLog
from tests.factories.wiki import WikiPageFactory
from wiki.models import WikiPage


def body(*paragraphs: str):
    return [{"type": "text", "value": f"<p>{text}</p>"} for text in paragraphs]


@pytest.fixture
def pages(wiki, french, at_once):
    with at_once():
        WikiPageFactory(parent=wiki, slug="t", title="Zircon", locale=french, summary="")
        WikiPageFactory(
            parent=wiki, slug="b", title="Autre", locale=french, body=body("Un zircon &amp; des salarié·e·s dedans."), summary=""
        )
    return wiki


def found(client, query, site="fr", **filters):
    response = client.get(f"/{site}/search/", {"q": query, **filters})
    assert response.status_code == 200
    return [re.sub(r"<[^>]+>", "", hit.title) for hit in response.context["found"].hits]


def test_titles_come_before_bodies_and_words_are_marked(pages, visitor_client):
    assert found(visitor_client, "zircons") == ["Zircon", "Autre"]
    shown = visitor_client.get("/fr/search/?q=zircons+salariée").content.decode()
    assert "Un <mark>zircon</mark> &amp; des <mark>salarié·e·s</mark> dedans." in shown
    assert 'href="/fr/wiki/b/"' in shown


def test_the_exact_title_is_first_whatever_else_has_the_words(pages, wiki, french, at_once, visitor_client):
    with at_once():
        for number in range(12):
            WikiPageFactory(
                parent=wiki, slug=f"x{number}", title=f"Le statut de salarié {number}", locale=french, body=body("statut salarié " * 20)
            )
        WikiPageFactory(parent=wiki, slug="exact", title="Le statut", locale=french)
    assert found(visitor_client, "le statut")[0] == "Le statut"
    assert found(visitor_client, "LE STATUT !")[0] == "Le statut"


def test_what_is_closed_shows_on_no_part_of_the_page(pages, secret, at_once, visitor_client, client_for, promoter):
    with at_once():
        secret.save()
    for query in ("zirconium", "clause", "zirconum", "zirconium introuvable", "contrat zirconium"):
        shown = visitor_client.get("/fr/search/", {"q": query}).content.decode()
        assert "Contrat" not in shown, query
        assert "/fr/wiki/membres/" not in shown, query
        assert "Membres" not in shown, query
    assert "zirconium</a>" not in visitor_client.get("/fr/search/?q=zirconum").content.decode()
    assert found(visitor_client, "zirconium") == []
    assert found(client_for(promoter), "zirconium") == ["Contrat zirconium"]
    suggest = visitor_client.get("/fr/search/suggest/?q=contr").json()
    assert suggest == {"suggestions": []}
    assert client_for(promoter).get("/fr/search/suggest/?q=contr").json()["suggestions"][0]["title"] == "Contrat zirconium"


def test_a_closed_section_cannot_be_named_by_its_number(pages, secret, members, at_once, visitor_client):
    with at_once():
        secret.save()
    response = visitor_client.get("/fr/search/", {"q": "zircon", "section": members.pk})
    assert response.context["asked"].section == ""
    assert "Membres" not in response.content.decode()


def test_a_pdf_opens_at_its_page_and_its_pages_are_one_hit(home, visitor_client, at_once):
    made = AcademyDocument(title="Rapport")
    made.file.save("rapport.pdf", ContentFile(b"%PDF-1.4 nothing"), save=False)
    with at_once():
        made.save()
    for number in (2, 5, 9):
        DocumentPassage.objects.create(document=made, number=number, text=f"À la page {number}, la gouvernance partagée.")
        SearchEntry.objects.create(
            kind="file", owner=f"academy.academydocument:{made.pk}", part=number, number=number, document=made, language="fr", title="Rapport",
            body=f"À la page {number}, la gouvernance partagée.", body_words="gouvernance partage partagee gouvern",
        )  # fmt: skip
    shown = visitor_client.get("/fr/search/?q=gouvernance").content.decode()
    assert f'href="/documents/{made.pk}/rapport.pdf#page=2"' in shown
    assert f'href="/documents/{made.pk}/rapport.pdf#page=9"' in shown
    assert found(visitor_client, "gouvernance") == ["Rapport"]


@pytest.mark.parametrize(
    ("name", "called", "anchor"), [("comptes.xlsx", "feuille", ""), ("bilan.odp", "diapositive", ""), ("rapport.pdf", "page", "#page={}")]
)
def test_the_other_pages_of_a_file_with_the_words_are_said_in_their_order(name, called, anchor, home, visitor_client, at_once):
    made = AcademyDocument(title="Comptes")
    made.file.save(name, ContentFile(b"nothing"), save=False)
    with at_once():
        made.save()
    for number in (9, 2, *range(30, 45)):
        SearchEntry.objects.create(
            kind="file", owner=f"academy.academydocument:{made.pk}", part=number, number=number, document=made, language="fr", title="Comptes",
            body="La gouvernance." + " Autre." * (number - 2), body_words="gouvernance gouvern" + " autre" * (number - 2),
        )  # fmt: skip
    (hit,) = visitor_client.get("/fr/search/?q=gouvernance").context["found"].hits
    address = f"/documents/{made.pk}/{made.filename}"
    assert (hit.number, hit.href) == (f"{called} 2", address + anchor.format(2)), "the one that says it most"
    assert hit.others[0] == (f"{called} 9", address + anchor.format(9))
    assert [said for said, _href in hit.others] == [f"{called} {number}" for number in (9, *range(30, 37))], "eight of them, no more"


def test_the_readers_language_first_and_the_others_reachable(pages, home_en, english, at_once, visitor_client):
    with at_once():
        home_en.add_child(instance=WikiPage(title="Zircon in English", slug="z", locale=english))
    assert found(visitor_client, "zircon") == ["Zircon", "Autre"]
    assert "language=all" in visitor_client.get("/fr/search/?q=zircon").content.decode()
    assert found(visitor_client, "zircon", site="en") == ["Zircon in English"]
    assert sorted(found(visitor_client, "zircon", language="fr")) == ["Autre", "Zircon"]
    assert visitor_client.get("/fr/search/?q=zircon&language=all").context["found"].total == 3
    assert found(visitor_client, "english") == ["Zircon in English"], "nothing in French: what is in another language is shown"


def test_filters_have_an_address_and_combine(pages, visitor_client):
    SearchEntry.objects.filter(title="Autre").update(kind="file")
    response = visitor_client.get("/fr/search/?q=zircon&kind=page")
    assert [(label, count) for label, count, _href, _on in response.context["facets"]] == [("Pages", 1), ("Fichiers", 1)]
    assert found(visitor_client, "zircon", kind="file", section=WikiPage.objects.get(slug="t").get_parent().pk) == ["Autre"]
    assert found(visitor_client, "zircon", kind="file", fresh="verified") == []
    for nonsense in (
        {"kind": "x"},
        {"language": "zz"},
        {"section": "a"},
        {"section": "9" * 30},
        {"fresh": "x"},
        {"page": "x"},
        {"page": "-1"},
    ):
        assert found(visitor_client, "zircon", **nonsense) == ["Zircon", "Autre"], nonsense


def test_nearest_words_are_written_as_readers_write_them_and_once_each(wiki, french, at_once, visitor_client):
    with at_once():
        for number, text in enumerate(("Une coopérative.", "Des coopératives et une Coopérative.")):
            WikiPageFactory(parent=wiki, slug=f"c{number}", title="Autre", locale=french, body=body(text))
    nearest = visitor_client.get("/fr/search/?q=coopérattive").context["nearest"]
    assert nearest == [("coopérative", "?q=coop%C3%A9rative")]


def test_a_word_that_the_filters_leave_out_is_not_called_a_mistake(pages, visitor_client):
    shown = visitor_client.get("/fr/search/?q=zircon&fresh=verified")
    assert not shown.context["found"].total
    assert not shown.context["nearest"]
    assert "Chercher de nouveau sans les filtres" in shown.content.decode()


def test_nothing_found_offers_nearest_words_and_words_of_it(pages, visitor_client):
    shown = visitor_client.get("/fr/search/?q=zirkon")
    assert [text for text, _href in shown.context["nearest"]] == ["zircon"]
    some = visitor_client.get("/fr/search/?q=zircon+introuvable").context["found"]
    assert some.has_some_words
    assert some.total == 2


NASTY = [
    '"', '""', 'zircon"', "'", "\x00", "zircon\x00ium", " ", "", "\t\n", "*", "AND", "OR NOT", "a AND", "(", ")", "-", "^", ":", "title:x",
    "NEAR(a b)", "%", "_", "\\", "'; DROP TABLE wagtailcore_page; --", "💡", "é" * 5000, "a " * 3000, "<script>", "{}", "«»", "…",
    "-" * 50_000, "—" * 50_000, "zircon " * 50, '"a" -b "c', "a*", "'a':*", "!a & b | c", "<->", "\u202e", "ﬁn", "\ufffe", "a" * 300, "１２", "한국어", "\U0001f600 zircon",
]  # fmt: skip


@pytest.mark.parametrize("typed", NASTY, ids=range(len(NASTY)))
def test_nothing_typed_is_an_error(typed, pages, visitor_client):
    for address in ("/fr/search/", "/en/search/suggest/"):
        assert visitor_client.get(address, {"q": typed}).status_code == 200


def test_bytes_that_are_no_text_are_no_error(pages, visitor_client):
    for raw in ("%ff%fe", "%ed%a0%80", "%00", "%2500"):
        assert visitor_client.get(f"/fr/search/?q={raw}").status_code == 200


@pytest.mark.parametrize("who", ["visitor", "promoter"])
def test_one_hit_and_three_cost_the_same(who, pages, wiki, french, at_once, visitor_client, client_for, promoter):
    with at_once():
        for number in range(3):
            WikiPageFactory(parent=wiki, slug=f"g{number}", title=f"Grenat {number}", locale=french)
        WikiPageFactory(parent=wiki, slug="u", title="Unique", locale=french)
    client = visitor_client if who == "visitor" else client_for(promoter)
    counts = []
    for query in ("unique", "grenat", "grenat"):
        with CaptureQueriesContext(connection) as queries:
            assert found(client, query)
        counts.append(len([one for one in queries.captured_queries if "SAVEPOINT" not in one["sql"]]))
    assert counts[1] == counts[2] <= counts[0]
    assert counts[2] <= 12


def test_searches_are_noted_without_the_person_and_typing_is_one(pages, visitor_client):
    for query in ("zir", "zirc", "zircon", "autre chose"):
        visitor_client.get("/fr/search/", {"q": query})
    assert list(SearchLog.objects.order_by("pk").values_list("query", "results")) == [("zircon", 2), ("autre chose", 0)]
    visitor_client.get("/fr/search/", {"q": "zircon", "kind": "page"})
    visitor_client.get("/fr/search/suggest/", {"q": "zircon"})
    assert SearchLog.objects.count() == 2


def test_a_hit_that_is_opened_is_noted_once(pages, visitor_client):
    token = visitor_client.get("/fr/search/?q=zircon").context["token"]
    for place in ("2", "1"):
        assert visitor_client.post("/fr/search/opened/", {"token": token, "place": place}).status_code == 204
    assert SearchLog.objects.get().clicked == 2
    for wrong in ({}, {"token": "x", "place": "1"}, {"token": token, "place": "x"}):
        assert visitor_client.post("/fr/search/opened/", wrong).status_code == 204


def test_suggestions_begin_with_what_is_typed(pages, visitor_client):
    answer = visitor_client.get("/fr/search/suggest/?q=zirc").json()["suggestions"]
    assert [(one["title"], one["href"], one["kind"]) for one in answer] == [("Zircon", "/fr/wiki/t/", "Page")]
    assert visitor_client.get("/fr/search/suggest/?q=z").json() == {"suggestions": []}


def test_privacy_changes_hold_without_reindexing(pages, visitor_client):
    PageViewRestriction.objects.create(page=pages, restriction_type=PageViewRestriction.LOGIN)
    assert found(visitor_client, "zircon") == []
    assert visitor_client.get("/fr/search/suggest/?q=zirc").json() == {"suggestions": []}


def test_what_is_typed_is_shown_as_typed(pages, visitor_client):
    html = visitor_client.get("/fr/search/", {"q": "<b>x zircon"}).content.decode()
    assert "&lt;b&gt;x" in html
    assert "<b>x" not in html


def test_pages_of_results(wiki, french, at_once, visitor_client):
    with at_once():
        for number in range(12):
            WikiPageFactory(parent=wiki, slug=f"z{number}", title=f"Zircon {number}", locale=french)
    first, second = found(visitor_client, "zircon"), found(visitor_client, "zircon", page="2")
    assert (len(first), len(second)) == (10, 2)
    assert len({*first, *second}) == 12

"""The search page, and the backend under it: right answers, no door to what is closed, no error for anything typed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page
from wagtail.search.backends import get_search_backend
from wagtail.search.query import And, Not, Or, Phrase, PlainText

from tests.factories.wiki import WikiPageFactory
from wiki.models import WikiPage

NASTY = [
    '"', '""', 'zircon"', "'", "\x00", "zircon\x00ium", " ", "", "\t\n", "*", "AND", "OR NOT", "a AND", "(", ")", "-", "^", ":", "title:x",
    "NEAR(a b)", "%", "_", "\\", "'; DROP TABLE wagtailcore_page; --", "💡", "é" * 5000, "a " * 3000, "<script>", "{}", "\ud800", "«»", "…",
]  # fmt: skip


@pytest.fixture
def pages(wiki, french, page):
    titled = WikiPageFactory(parent=wiki, slug="t", title="Zircon", locale=french)
    inside = WikiPageFactory(
        parent=wiki, slug="b", title="Autre", locale=french, body=[{"type": "text", "value": "<p>Un zircon dedans.</p>"}]
    )
    return titled, inside


def found(client, query, language="fr"):
    response = client.get(f"/{language}/search/", {"q": query})
    assert response.status_code == 200
    return [hit.title for hit, _href, _summary in response.context["hits"]]


def test_titles_come_before_bodies(pages, visitor_client):
    assert found(visitor_client, "zircon") == ["Zircon", "Autre"]
    assert found(visitor_client, "zircon dedans") == ["Autre"]
    assert found(visitor_client, "rien de tel") == []


def test_other_languages_and_drafts_are_not_found(pages, home_en, wiki, french, visitor_client):
    WikiPageFactory(parent=wiki, slug="d", title="Zircon brouillon", locale=french, live=False)
    assert found(visitor_client, "zircon") == ["Zircon", "Autre"]
    assert found(visitor_client, "zircon", "en") == []


def test_closed_pages_are_found_by_those_who_may_read_them(pages, secret, visitor_client, client_for, promoter):
    assert found(visitor_client, "zirconium") == []
    assert "zirconium" not in visitor_client.get("/fr/search/?q=clause").content.decode()
    assert found(client_for(promoter), "zirconium") == ["Contrat zirconium"]


@pytest.mark.parametrize("typed", NASTY, ids=range(len(NASTY)))
def test_nothing_typed_is_an_error(typed, pages, visitor_client):
    visitor_client.get("/fr/search/", {"q": typed.encode("utf-8", "replace").decode()})
    backend = get_search_backend()
    for method in (backend.search, backend.autocomplete):
        list(method(typed, Page.objects.live()))
        method(typed, Page.objects.live()).count()


def test_what_is_typed_is_shown_as_typed(pages, visitor_client):
    html = visitor_client.get("/fr/search/", {"q": "<b>x"}).content.decode()
    assert "&lt;b&gt;x" in html
    assert "<b>x" not in html


def test_the_search_page_costs_the_same_for_one_and_many_hits(pages, wiki, french, visitor_client):
    def cost():
        with CaptureQueriesContext(connection) as captured:
            found(visitor_client, "zircon")
        return len(captured)

    cost()
    few = cost()
    for number in range(5):
        WikiPageFactory(parent=wiki, slug=f"z{number}", title=f"Zircon {number}", locale=french)
    assert cost() == few <= 12


def test_pages_of_results(wiki, french, visitor_client):
    for number in range(25):
        WikiPageFactory(parent=wiki, slug=f"z{number}", title=f"Zircon {number}", locale=french)
    assert len(found(visitor_client, "zircon")) == 20
    response = visitor_client.get("/fr/search/", {"q": "zircon", "page": "2"})
    assert len(response.context["hits"]) == 5
    assert visitor_client.get("/fr/search/", {"q": "zircon", "page": "x"}).status_code == 200


def test_the_backend_keeps_its_meaning(pages):
    search = get_search_backend().search

    def titles(query, **options):
        return sorted(hit.title for hit in search(query, WikiPage.objects.all(), **options))

    assert titles("zircon") == ["Autre", "Zircon"]
    assert titles("dedans zircon", operator="and") == ["Autre"]
    assert titles("dedans modèle", operator="or") == ["Autre", "Le modèle"]
    assert titles(Phrase("zircon dedans")) == ["Autre"]
    assert titles(Or([PlainText("dedans"), PlainText("modèle")])) == ["Autre", "Le modèle"]
    assert titles(And([PlainText("zircon"), Not(PlainText("dedans"))])) == ["Zircon"]
    assert titles(~PlainText("zircon")) == ["Le modèle"]
    assert titles("zircon", fields=["title"]) == ["Zircon"]
    assert [hit.title for hit in search("zircon", WikiPage.objects.order_by("title"), order_by_relevance=False)] == ["Autre", "Zircon"]
    assert search("zircon", WikiPage.objects.all()).count() == 2
    assert [hit.title for hit in get_search_backend().autocomplete("zirc", Page.objects.all())] == ["Zircon"]
    scored = search("zircon", WikiPage.objects.all()).annotate_score("score")
    assert all(hit.score is not None for hit in scored)
    assert [hit.title for hit in search("zircon", Page.objects.all())[1:2]] == ["Autre"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan of SQLite")
def test_sqlite_ranks_in_one_pass(pages):
    with CaptureQueriesContext(connection) as captured:
        list(get_search_backend().autocomplete("zi", Page.objects.live()))
    (query,) = captured.captured_queries
    assert query["sql"].count("SELECT") == 1
    assert query["sql"].count("bm25") >= 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the indexes of PostgreSQL")
def test_postgresql_has_the_indexes_that_search_uses(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname IN ('search_title_and_body', 'page_id_as_text')")
        assert len(cursor.fetchall()) == 2
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT id FROM wagtailsearch_indexentry WHERE (title || body) @@ to_tsquery('zircon')")
        assert "search_title_and_body" in "".join(row[0] for row in cursor.fetchall())

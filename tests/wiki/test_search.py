"""The search of the CMS: Wagtail's backend, mended. Right answers, no error for anything typed."""

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


@pytest.mark.parametrize("typed", NASTY, ids=range(len(NASTY)))
def test_nothing_typed_is_an_error(typed, pages):
    backend = get_search_backend()
    for method in (backend.search, backend.autocomplete):
        list(method(typed, Page.objects.live()))
        method(typed, Page.objects.live()).count()


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

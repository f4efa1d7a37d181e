"""The index: what is published is found, what is not is not, and nothing a person may not read comes back."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from academy.extraction import ExtractionStatus
from academy.models import AcademyDocument
from academy.search import engine, index, registry, schema
from academy.search.engine import Filters, find
from academy.search.models import Access, SearchEntry, SearchWord
from academy.search.query import parsed
from academy.search.reader import Reader, reader_from
from tests.factories.wiki import WikiPageFactory
from wiki.models import WikiPage

VISITOR = Reader()


def titles(typed: str, reader: Reader = VISITOR, filters: Filters = Filters()) -> list[str]:  # noqa: B008 (frozen)
    hits = find(parsed(typed, ("fr", "en")), reader, filters, first="fr").hits
    names = dict(SearchEntry.objects.values_list("pk", "title"))
    return [names[hit.pk] for hit in hits]


def document(title: str, name: str, content: str, **fields) -> AcademyDocument:
    made = AcademyDocument(title=title, **fields)
    made.file.save(name, ContentFile(content.encode()), save=False)
    made.save()
    return made


@pytest.fixture
def shelf(wiki, french, at_once):
    with at_once():
        WikiPageFactory(parent=wiki, slug="t", title="Zircon", locale=french)
        WikiPageFactory(
            parent=wiki,
            slug="h",
            title="Titres",
            locale=french,
            body=[{"type": "heading", "value": {"level": "2", "text": "Un zircon"}}],
        )
        WikiPageFactory(
            parent=wiki,
            slug="b",
            title="Autre",
            locale=french,
            body=[{"type": "text", "value": "<p>Il y a longtemps, un zircon dedans.</p>"}],
        )
    return wiki


def test_titles_come_before_headings_and_headings_before_bodies(shelf):
    assert titles("zircon") == ["Zircon", "Titres", "Autre"]
    assert titles("zircons dedans") == ["Autre"]
    assert titles('"un zircon dedans"') == ["Autre"]
    assert titles('"dedans un zircon"') == []
    assert titles("zircon -dedans") == ["Zircon", "Titres"]
    assert titles("rien") == []


def test_a_page_that_changes_changes_in_the_index(shelf, at_once):
    page = WikiPage.objects.get(slug="t")
    page.title = "Améthyste"
    with at_once():
        page.save_revision().publish()
    assert titles("améthyste") == ["Améthyste"]
    assert sorted(titles("zircon")) == ["Améthyste", "Autre", "Titres"], "what it was called still leads to it"
    page.title = "Grenat"
    with at_once():
        page.save_revision()
    assert titles("grenat") == [], "a draft is nobody's"
    with at_once():
        page.unpublish()
    assert titles("améthyste") == []
    assert not SearchEntry.objects.filter(title="Améthyste").exists()


def test_unpublishing_and_deleting_are_right_before_any_task(shelf):
    WikiPage.objects.filter(slug="t").update(live=False)
    assert titles("zircon") == ["Titres", "Autre"]
    WikiPage.objects.get(slug="h").delete()
    assert titles("zircon") == ["Autre"]


def test_privacy_of_a_section_holds_at_once_for_all_under_it(shelf, promoter, trainer):
    closed = PageViewRestriction.objects.create(page=shelf, restriction_type=PageViewRestriction.LOGIN)
    assert titles("zircon", reader_from(None)) == []
    assert titles("zircon", reader_from(promoter)) == ["Zircon", "Titres", "Autre"]
    closed.restriction_type = PageViewRestriction.GROUPS
    closed.save()
    closed.groups.set(trainer.groups.all())
    assert titles("zircon", reader_from(promoter)) == []
    assert titles("zircon", reader_from(trainer)) == ["Zircon", "Titres", "Autre"]


def test_a_page_moved_under_a_closed_section_is_closed_at_once(shelf, members, promoter):
    WikiPage.objects.get(slug="t").move(members, pos="last-child")
    assert titles("zircon", reader_from(None)) == ["Titres", "Autre"]
    assert titles("zircon", reader_from(promoter)) == ["Zircon", "Titres", "Autre"]


def test_an_alias_is_found_once(shelf, home, at_once):
    with at_once():
        WikiPage.objects.get(slug="t").create_alias(parent=shelf, update_slug="t2")
    assert titles("zircon") == ["Zircon", "Titres", "Autre"]


def test_filters_narrow_and_combine(shelf, home, french, at_once):
    with at_once():
        WikiPageFactory(parent=home.get_children().get(slug="wiki"), slug="x", title="Zircon vérifié", locale=french)
    SearchEntry.objects.filter(title="Zircon").update(fresh_until=timezone.localdate() + timedelta(days=3), kind="lesson")
    SearchEntry.objects.filter(title="Autre").update(changed_at=timezone.now() - timedelta(days=400), language="en")
    SearchEntry.objects.exclude(title="Autre").update(changed_at=timezone.now())
    assert titles("zircon", filters=Filters(kinds=("lesson",))) == ["Zircon"]
    assert titles("zircon", filters=Filters(languages=("en",))) == ["Autre"]
    assert titles("zircon", filters=Filters(fresh_on=timezone.localdate())) == ["Zircon"]
    assert titles("zircon", filters=Filters(changed_since=timezone.now() - timedelta(days=30), kinds=("page",))) == [
        "Zircon vérifié",
        "Titres",
    ]
    assert titles("zircon", filters=Filters(section=shelf.path)) == titles("zircon")
    assert titles("zircon", filters=Filters(section=shelf.path, kinds=("file",))) == []


@pytest.mark.parametrize("few", [0, 1000])
def test_what_a_filter_leaves_is_the_same_from_both_ends(shelf, home, french, at_once, monkeypatch, few):
    """Where the filters leave few rows, SQLite begins with those: what is found must not hang on that."""
    monkeypatch.setattr(engine, "FEW", few)
    with at_once():
        WikiPageFactory(parent=home, slug="out", title="Zircon ailleurs", locale=french)
    SearchEntry.objects.filter(title__in=["Titres", "Zircon ailleurs"]).update(fresh_until=timezone.localdate())
    assert titles("zircon", filters=Filters(section=shelf.path)) == ["Zircon", "Titres", "Autre"]
    assert titles("zircon", filters=Filters(fresh_on=timezone.localdate())) == ["Zircon ailleurs", "Titres"]
    assert titles("zircon", filters=Filters(fresh_on=timezone.localdate(), section=shelf.path)) == ["Titres"]
    assert titles("zircon", filters=Filters(fresh_on=timezone.localdate() + timedelta(days=1))) == []
    assert titles('"un zircon" -longtemps', filters=Filters(section=shelf.path)) == ["Titres"]


def test_in_a_section_that_is_closed_to_the_reader_nothing_is_asked(shelf, promoter):
    PageViewRestriction.objects.create(page=shelf, restriction_type=PageViewRestriction.LOGIN)
    below = Filters(section=shelf.get_first_child().path)
    visitor = reader_from(None)
    for filters in (Filters(section=shelf.path), below):
        with CaptureQueriesContext(connection) as asked:
            assert titles("zircon", visitor, filters) == []
        assert sum("academy_searchall" in one["sql"] or "@@" in one["sql"] for one in asked.captured_queries) == 0
    assert titles("zircon", reader_from(promoter), below) == [shelf.get_first_child().title]


def test_a_file_is_found_by_its_name_its_title_and_its_words(home, at_once):
    with at_once():
        document("Modèle", "fiche_contrat-type_2024.txt", "Les salarié·e·s de la coopérative sont payés le dernier jour du mois.")
    assert titles("contrat") == titles("modèle") == titles("salariée paie") == ["Modèle"]
    made = AcademyDocument.objects.get()
    assert (made.extraction_status, made.pages_without_text, len(made.sha256)) == (ExtractionStatus.OK, 0, 64)
    assert made.passages.count() == 1
    entry = SearchEntry.objects.get()
    assert (entry.language, entry.kind) == ("fr", "file")


def test_a_file_that_cannot_be_read_is_kept_and_says_so(home, at_once):
    with at_once():
        made = AcademyDocument(title="Cassé")
        made.file.save("casse.docx", ContentFile(b"PK\x03\x04 broken"), save=False)
        made.save()
    made.refresh_from_db()
    assert made.extraction_status == ExtractionStatus.FAILED
    assert titles("cassé") == ["Cassé"]


def test_a_replaced_file_is_read_again_and_a_twin_is_not(home, at_once):
    with at_once():
        first = document("Un", "un.txt", "Texte sur les grenats.")
        document("Deux", "deux.txt", "Texte sur les grenats.")
    assert titles("grenat") == ["Un", "Deux"]
    assert {one.sha256 for one in AcademyDocument.objects.all()} == {AcademyDocument.objects.get(title="Un").sha256}
    first.file.save("autre.txt", ContentFile(b"Rien que du quartz."), save=False)
    with at_once():
        first.save()
    assert titles("grenat") == ["Deux"]
    assert titles("quartz") == ["Un"]


def test_files_follow_the_privacy_of_their_collection_at_once(home, at_once, promoter, trainer):
    private = Collection.get_first_root_node().add_child(name="Privé")
    with at_once():
        made = document("Grenat", "g.txt", "Un grenat.")
    assert titles("grenat") == ["Grenat"]
    AcademyDocument.objects.filter(pk=made.pk).update(collection=private)
    CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
    assert titles("grenat", reader_from(None)) == []
    assert titles("grenat", reader_from(promoter)) == ["Grenat"]
    CollectionViewRestriction.objects.update(restriction_type="groups")
    CollectionViewRestriction.objects.get().groups.set(trainer.groups.all())
    assert titles("grenat", reader_from(promoter)) == []
    assert titles("grenat", reader_from(trainer)) == ["Grenat"]


def test_a_row_that_is_no_page_has_its_own_access(db, promoter, other_promoter, reviewer, trainer):
    for access, person in ((Access.MEMBERS, None), (Access.STAFF, None), (Access.CURATORS, None), (Access.PERSON, promoter)):
        SearchEntry.objects.create(
            kind="question",
            owner=f"x:{access}",
            title=f"Q{access}",
            title_words=f"opale q{access}",
            access=access,
            person=person,
            language="fr",
        )

    def seen(user):
        return sorted(titles("opale", reader_from(user)))

    assert seen(None) == []
    assert seen(promoter) == ["Q1", "Q9"]
    assert seen(other_promoter) == ["Q1"]
    assert seen(reviewer) == ["Q1", "Q2"]
    assert seen(trainer) == ["Q1", "Q2", "Q3"]


def test_reindex_makes_everything_anew_and_takes_out_what_is_gone(shelf, capsys):
    SearchEntry.objects.filter(title="Zircon").delete()
    SearchEntry.objects.create(kind="page", owner="wiki.wikipage:999999", title="Fantôme zircon", title_words="fantome zircon")
    SearchWord.objects.create(word="disparu")
    call_command("reindex")
    assert titles("zircon") == ["Zircon", "Titres", "Autre"]
    assert "wiki.wikipage: 3 of 3, 3 entries" in capsys.readouterr().out
    assert SearchWord.objects.filter(word="zircon").exists()
    assert not SearchWord.objects.filter(word="disparu").exists()


def test_one_row_that_breaks_stops_nothing_and_keeps_what_it_had(shelf, monkeypatch):
    found = registry.findable("wiki.wikipage")
    broken = WikiPage.objects.get(slug="h")

    def entries(page):
        if page.pk == broken.pk:
            raise ValueError("broken")
        return found.entries(page)

    monkeypatch.setitem(registry._findables, "wiki.wikipage", registry.Findable(WikiPage, found.kind, found.rows, entries))
    with pytest.raises(CommandError, match=f"wiki.wikipage:{broken.pk}"):
        call_command("reindex", verbosity=0)
    assert titles("zircon") == ["Zircon", "Titres", "Autre"]


def test_a_crash_in_the_middle_leaves_the_old_index_serving(shelf, monkeypatch):
    class Crash(BaseException):
        pass

    def say(label, done, total, entries):
        if label == "wiki.wikipage":
            raise Crash

    with pytest.raises(Crash):
        index.rebuild(say)
    assert titles("zircon") == ["Zircon", "Titres", "Autre"]


def test_several_saves_in_one_transaction_are_written_once(shelf, at_once, monkeypatch):
    written = []
    monkeypatch.setattr(index, "refresh", lambda label, pk: written.append((label, pk)))
    page = WikiPage.objects.get(slug="t")
    with at_once():
        page.save()
        page.save()
    assert written == [("wiki.wikipage", str(page.pk))]
    with at_once():
        page.save()
    assert len(written) == 2


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the triggers of SQLite")
def test_sqlite_keeps_its_words_right_by_triggers(shelf):
    with connection.cursor() as cursor:
        for table in ("academy_searchall", "academy_searchtitles"):
            cursor.execute(f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)")  # noqa: S608 (two names of ours)


def test_words_in_headings_are_found_though_many_more_rows_hold_them(home):
    made = [SearchEntry(kind="page", owner=f"x:{number}", title="Autre", body_words="zircon bleu", language="fr") for number in range(260)]
    headed = SearchEntry(kind="page", owner="x:headed", title="Titres", heading_words="zircon bleu", body_words="zircon", language="fr")
    SearchEntry.objects.bulk_create([*made, headed])
    for typed in ("zircon", "bleu zircon", '"zircon bleu"'):
        assert titles(typed)[0] == "Titres"
    assert titles('"bleu zircon"') == [], "a phrase does not run from a heading into the text"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL fills a column that it adds by itself")
def test_a_full_text_table_that_is_missing_is_made_from_the_rows(shelf):
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {schema.HEADS}")
    schema.install(connection)
    assert titles("zircon") == ["Zircon", "Titres", "Autre"]
    WikiPage.objects.get(slug="h").delete()
    assert titles("zircon") == ["Zircon", "Autre"]


def test_of_two_texts_the_one_that_says_the_words_more_comes_first(home):
    texts = {"Une fois": "zircon bleu " + "autre " * 30, "Souvent": "zircon bleu " * 4 + "autre " * 24, "Un seul mot": "zircon " * 9}
    SearchEntry.objects.bulk_create(
        [SearchEntry(kind="page", owner=f"x:{name}", title=name, body_words=words, language="fr") for name, words in texts.items()]
    )
    assert titles("zircon bleu") == ["Souvent", "Une fois"]
    some = find(parsed("zircon bleu absent", ("fr",)), VISITOR, first="fr", every=False).hits
    assert len(some) == 3
    assert SearchEntry.objects.get(pk=some[-1].pk).title == "Un seul mot", "where some words are enough, more of them come first"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan of SQLite")
def test_sqlite_asks_who_may_see_a_row_without_reading_its_texts(shelf):
    with CaptureQueriesContext(connection) as asked:
        titles("zircon", filters=Filters(languages=("en",), section=shelf.path))
    statement = next(one["sql"] for one in asked.captured_queries if "MATCH" in one["sql"])
    with connection.cursor() as cursor:
        plan = [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}")]
    assert sum(f"SEARCH e USING COVERING INDEX {schema.NARROW}" in step for step in plan) == 3, plan

"""What links owe to other parts: a text for all tells nothing of what is closed, imports turn red links blue, old databases catch up."""

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation
from wagtail.models import Page, PageViewRestriction

from academy.links.models import LinkKind, PageLink, PageName
from academy.links.table import read_again, read_missing
from tests.factories import courses as learn
from tests.factories.wiki import MonographPageFactory, WikiPageFactory, WikiSectionFactory
from tests.wiki.test_import_tree import bring, folder_of
from tests.wiki.test_links import html_of, is_red, text, to_page, wanted
from tests.wiki.test_reading import queries
from wiki.models import ImportSource, KeyFigure, WikiPage

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(wiki, french):
    def made(slug: str, *html: str, parent=None, **fields):
        return WikiPageFactory(parent=parent or wiki, slug=slug, locale=french, body=text(*html), **{"title": slug.title(), **fields})

    return made


# --- a link by number to a page that some readers may not open


@pytest.fixture
def closed(members, write):
    return write("zirconium-secret", parent=members, title="Contrat fermé")


@pytest.mark.parametrize("who", ["visitor", "promoter", "trainer"])
def test_a_public_text_never_says_the_address_of_a_closed_page(who, write, closed, visitor_client, client_for, request):
    public = write("droit", to_page(closed, "le contrat"))
    client = visitor_client if who == "visitor" else client_for(request.getfixturevalue(who))
    html = html_of(client, public)
    assert f'<a href="/go/page/{closed.pk}">le contrat</a>' in html
    assert "zirconium" not in html
    answer = client.get(f"/go/page/{closed.pk}")
    assert answer.status_code == 302
    assert "no-" in answer["Cache-Control"]
    if who == "visitor":
        assert answer["Location"] == f"/accounts/login/?next=%2Fgo%2Fpage%2F{closed.pk}"
    else:
        assert answer["Location"] == closed.url


def test_who_is_signed_in_without_the_right_is_told_nothing(write, closed, members, trainer, promoter, client_for):
    restriction = PageViewRestriction.objects.get(page=members)
    restriction.restriction_type = PageViewRestriction.GROUPS
    restriction.save()
    restriction.groups.set(trainer.groups.all())
    public = write("droit", to_page(closed))
    assert "zirconium" not in html_of(client_for(promoter), public)
    refused, nobody = (client_for(promoter).get(f"/go/page/{number}") for number in (closed.pk, 98765432198765))
    assert (refused.status_code, nobody.status_code) == (404, 404)
    assert "zirconium" not in refused.content.decode()
    assert client_for(trainer).get(f"/go/page/{closed.pk}")["Location"] == closed.url


def test_behind_the_same_guard_the_link_is_plain(write, closed, members, promoter, client_for):
    inside = write("dedans", to_page(closed), parent=members)
    assert f'<a href="{closed.url}">voir</a>' in html_of(client_for(promoter), inside)


def test_a_closed_translation_leaves_readers_on_the_open_page(write, members, home_en, english, visitor_client):
    wiki_en = WikiSectionFactory(parent=home_en, slug="wiki", locale=english)
    open_page = write("ouverte")
    shelf = WikiSectionFactory(parent=wiki_en, slug="closed", locale=english)
    PageViewRestriction.objects.create(page=shelf, restriction_type="login")
    WikiPageFactory(parent=shelf, slug="zirconium", locale=english, translation_key=open_page.translation_key)
    asking = WikiPageFactory(parent=wiki_en, slug="asking", locale=english, body=text(to_page(open_page)))
    with translation.override("en"):
        html = html_of(visitor_client, asking)
    assert "zirconium" not in html
    assert f'<a href="{open_page.url}">voir</a>' in html


def test_a_new_guard_takes_the_address_away_and_its_end_gives_it_back(
    write, wiki, french, visitor_client, django_capture_on_commit_callbacks
):
    shelf = WikiSectionFactory(parent=wiki, slug="rayon", title="Rayon", locale=french)
    target = write("cible", parent=shelf)
    public = write("droit", to_page(target))
    assert f'<a href="{target.url}">voir</a>' in html_of(visitor_client, public)
    with django_capture_on_commit_callbacks(execute=True):
        guard = PageViewRestriction.objects.create(page=shelf, restriction_type="login")
    assert f'<a href="/go/page/{target.pk}">voir</a>' in html_of(visitor_client, public)
    with django_capture_on_commit_callbacks(execute=True):
        guard.delete()
    assert f'<a href="{target.url}">voir</a>' in html_of(visitor_client, public)


def test_the_place_in_the_page_is_kept(write, closed, visitor_client):
    public = write("droit", f'<p><a linktype="page" id="{closed.pk}" href="#but">voir</a></p>')
    assert f'<a href="/go/page/{closed.pk}#but">voir</a>' in html_of(visitor_client, public)


def test_a_monograph_is_no_exception(wiki, french, closed, visitor_client, trainer, client_for):
    page = MonographPageFactory(parent=wiki, slug="belgique", locale=french, history=text(to_page(closed), wanted("Rien")))
    assert f'<a href="/go/page/{closed.pk}">voir</a>' in html_of(visitor_client, page)
    assert reverse("wiki_write") in html_of(client_for(trainer), page)


def test_closed_links_cost_the_same_for_one_or_three(write, members, promoter, client_for):
    targets = [write(f"t{number}", parent=members) for number in range(3)]
    client = client_for(promoter)
    one, three = write("un", to_page(targets[0])), write("trois", *map(to_page, targets))
    queries(client, one.url)
    assert len(queries(client, one.url)) == len(queries(client, three.url)) <= 12


# --- imports


def test_a_file_imported_later_turns_the_red_link_blue_without_touching_the_page_that_asks(
    wiki, tmp_path, trainer, visitor_client, client_for, django_capture_on_commit_callbacks
):
    first = folder_of({"a.md": "# Un\n\nVoir [la suite](suite/tome-deux.md) et [[Le glossaire]]."}, tmp_path / "a")
    with django_capture_on_commit_callbacks(execute=True):
        bring(wiki, first)
    asking = WikiPage.objects.get(title="Un")
    revision = asking.latest_revision_id
    assert is_red(html_of(visitor_client, asking), "la suite")
    listed = client_for(trainer).get(reverse("wiki_wanted")).context["page_obj"].object_list
    assert {one.title for one in listed} == {"Tome deux", "Le glossaire"}
    with django_capture_on_commit_callbacks(execute=True):
        bring(wiki, folder_of({"suite/tome-deux.md": "# Un tout autre titre\n\nMots.", "g.md": "# Le glossaire\n\nMots."}, tmp_path / "b"))
    born = WikiPage.objects.get(title="Un tout autre titre")
    assert f'<a href="{born.url}">la suite</a>' in html_of(visitor_client, asking)
    assert not PageLink.objects.red().exists()
    asking.refresh_from_db()
    assert asking.latest_revision_id == revision
    assert ImportSource.objects.get(page=asking).is_edited_since is False
    page = Page.objects.get(pk=born.pk).specific
    assert ("Un", asking.url) in [(one["title"], one["href"]) for one in _backlinks(visitor_client, page)]


def _backlinks(client, page) -> list[dict]:
    return client.get(page.url).context["backlinks"]


def test_two_files_of_one_name_do_not_answer_for_each_other(wiki, tmp_path, visitor_client):
    bring(wiki, folder_of({"a.md": "# Un\n\nVoir [le guide](autre/README.md)."}, tmp_path / "a"))
    bring(wiki, folder_of({"ici/README.md": "# Ici\n\nMots.", "ici/x.md": "# X\n\nMots."}, tmp_path / "b"))
    assert is_red(html_of(visitor_client, WikiPage.objects.get(title="Un")), "le guide")


def test_places_that_an_import_writes_are_read_and_reported(wiki, tmp_path, trainer, client_for):
    files = {
        "a.md": "# Un\n\nVoir [bon](b.md#le-but) et [mauvais](b.md#rien-du-tout).",
        "b.md": "# Deux\n\n## Le but\n\nMots.",
    }
    bring(wiki, folder_of(files, tmp_path / "a"))
    asking = WikiPage.objects.get(title="Un")
    links = PageLink.objects.filter(source=asking, kind=LinkKind.PAGE).order_by("words")
    assert [(link.words, link.anchor) for link in links] == [("bon", "le-but"), ("mauvais", "rien-du-tout")]
    found = client_for(trainer).get(reverse("wiki_broken")).context["inside"].object_list
    assert [(one.source.pk, one.words) for one in found] == [(asking.pk, "mauvais")]


def test_the_places_of_a_monograph_are_its_headings(wiki, french, write, trainer, client_for):
    page = MonographPageFactory(parent=wiki, slug="belgique", locale=french, history=text("<p>Mots.</p>"))
    KeyFigure.objects.create(page=page, year=2025, indicator="members", value=12)
    read_again(page)
    for key in ("history", "key_figures", "team"):
        write(key.replace("_", "-"), f'<p><a linktype="page" id="{page.pk}" href="#{key}">{key}</a></p>')
    found = client_for(trainer).get(reverse("wiki_broken")).context["inside"].object_list
    assert sorted(one.words for one in found) == ["team"]


# --- a database from before


@pytest.mark.parametrize("how", ["setup", "tick"])
def test_a_database_from_before_the_tables_catches_up_by_itself(how, write, visitor_client):
    target = write("cible")
    asking = write("droit", to_page(target), wanted("Rien"))
    rows = set(PageLink.objects.values_list("source", "target", "title")), set(PageName.objects.values_list("page", "kind", "key"))
    PageName.objects.all().delete()
    PageLink.objects.all().delete()
    call_command(how, verbosity=0)
    assert rows[0] <= set(PageLink.objects.values_list("source", "target", "title"))
    assert rows[1] <= set(PageName.objects.values_list("page", "kind", "key"))
    assert PageLink.objects.filter(source=asking).count() == 2
    assert read_missing() == 0


def test_every_live_page_has_a_name_and_knowing_so_costs_one_query(write, django_assert_num_queries):
    write("-", title="…")
    write("brouillon", live=False)
    read_missing()
    with django_assert_num_queries(1):
        assert read_missing() == 0


# --- before a page goes, and after it came back


def test_deleting_a_module_says_which_courses_lose_it(coordinator, client_for):
    module = learn.make_module("Le module partagé", language="fr")
    learn.make_course("Le parcours d’essai", (module,), language="fr")
    client = client_for(coordinator)
    for name in ("delete", "unpublish"):
        html = client.get(reverse(f"wagtailadmin_pages:{name}", args=[module.pk])).content.decode()
        assert "Le parcours d’essai" in html
    library = Page.objects.get(pk=module.pk).get_parent()
    assert "Le parcours d’essai" in client.get(reverse("wagtailadmin_pages:delete", args=[library.pk])).content.decode()
    other = learn.make_module("Seul", language="fr")
    assert "Le parcours d’essai" not in client.get(reverse("wagtailadmin_pages:delete", args=[other.pk])).content.decode()

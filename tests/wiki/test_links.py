"""Links that cannot rot: red links, what they turn into, who links here, and what a stranger may not learn from them."""

import pytest
from django.utils import translation
from wagtail.models import Page, PageViewRestriction
from wagtail.rich_text import RichText

from academy.links.backlinks import pages_touched_by
from academy.links.keys import asked, key_of, title_of
from academy.links.models import GonePage, LinkKind, PageLink, PageName
from tests.factories.wiki import WikiPageFactory, WikiSectionFactory
from tests.wiki.test_reading import queries

pytestmark = pytest.mark.django_db


def wanted(target: str, words: str = "les statuts") -> str:
    return f'<p><a linktype="wanted" target="{target}">{words}</a></p>'


def to_page(page: Page, words: str = "voir") -> str:
    return f'<p><a linktype="page" id="{page.pk}">{words}</a></p>'


def text(*html: str) -> list[dict]:
    return [{"type": "text", "value": "".join(html)}]


@pytest.fixture
def write(wiki, french):
    """A published page under the wiki."""

    def made(slug: str, *html: str, parent=None, **fields):
        return WikiPageFactory(parent=parent or wiki, slug=slug, locale=french, body=text(*html), **{"title": slug.title(), **fields})

    return made


def html_of(client, page) -> str:
    return client.get(page.url).content.decode()


def is_red(html: str, words: str) -> bool:
    return f"(page pas encore écrite) </span>{words}</a>" in html


# --- names


@pytest.mark.parametrize(
    ("target", "key", "short"),
    [
        ("L’Économie sociale", "l-economie-sociale", ""),
        ("l'économie  sociale", "l-economie-sociale", ""),
        ("l-economie-sociale", "l-economie-sociale", ""),
        ("../docs/L'économie_sociale.md#but", "docs/l-economie-sociale", "l-economie-sociale"),
        ("statuts.docx", "statuts", ""),
        ("docs/README.md", "docs", ""),
        ("Oui / non", "oui-non", ""),
        ("Œuvre ĳ ﬁn", "œuvre-ij-fin", ""),
        ("合同", "合同", ""),
        ("…", "", ""),
    ],
)
def test_names_are_compared_without_accents_case_or_signs(target, key, short):
    assert (asked(target).key, asked(target).short_key) == (key, short)


def test_a_path_gives_the_title_of_the_page_to_write():
    assert title_of("../docs/modele_de-contrat.md") == "Modele de contrat"
    assert title_of("Le  modèle") == "Le modèle"
    assert key_of("salarié·e·s") == "salarie-e-s"


# --- red, blue, red again


def test_a_page_that_appears_turns_the_words_blue_and_its_deletion_red_again(write, visitor_client, django_capture_on_commit_callbacks):
    asking = write("droit", wanted("Les statuts"))
    assert is_red(html_of(visitor_client, asking), "les statuts")
    with django_capture_on_commit_callbacks(execute=True):
        born = write("les-regles", title="Les Statuts")
    assert f'<a href="{born.url}">les statuts</a>' in html_of(visitor_client, asking)
    assert PageLink.objects.get(source=asking).target_id == born.pk
    with django_capture_on_commit_callbacks(execute=True):
        born.delete()
    assert is_red(html_of(visitor_client, asking), "les statuts")
    assert PageLink.objects.red().get().title == "Les statuts"


@pytest.mark.parametrize("target", ["statuts-types", "../juridique/statuts-types.md", "Statuts types"])
def test_title_slug_or_path_are_one_name(write, visitor_client, target):
    asking = write("droit", wanted(target))
    born = write("statuts-types", title="Modèle de statuts" if target != "Statuts types" else "Statuts types")
    assert f'<a href="{born.url}">les statuts</a>' in html_of(visitor_client, asking)


def test_a_draft_answers_to_nothing_and_unpublishing_takes_the_name_away(write, visitor_client, django_capture_on_commit_callbacks):
    asking, draft = write("droit", wanted("Secret brouillon")), write("x", title="Secret brouillon", live=False)
    assert is_red(html_of(visitor_client, asking), "les statuts")
    with django_capture_on_commit_callbacks(execute=True):
        draft.save_revision().publish()
    assert "(page pas encore" not in html_of(visitor_client, asking)
    with django_capture_on_commit_callbacks(execute=True):
        Page.objects.get(pk=draft.pk).specific.unpublish()
    assert is_red(html_of(visitor_client, asking), "les statuts")
    assert not PageName.objects.filter(page=draft).exists()


def test_a_deleted_page_leaves_its_name_and_its_successor_takes_the_links(write, visitor_client, django_capture_on_commit_callbacks):
    old = write("charte", title="La charte")
    asking = write("droit", to_page(old))
    with django_capture_on_commit_callbacks(execute=True):
        Page.objects.get(pk=old.pk).delete()
    html = html_of(visitor_client, asking)
    assert is_red(html, "voir")
    assert "La charte" not in html  # the title of what was deleted is not for readers
    assert [(link.title, link.source_id) for link in PageLink.objects.red()] == [("La charte", asking.pk)]
    with django_capture_on_commit_callbacks(execute=True):
        new = write("charte", title="La charte")
    assert f'<a href="{new.url}">voir</a>' in html_of(visitor_client, asking)
    assert PageLink.objects.get(source=asking).target_id == new.pk


def test_a_deleted_branch_turns_every_link_into_it_red(wiki, french, write):
    shelf = WikiSectionFactory(parent=wiki, slug="rayon", title="Rayon", locale=french)
    inner = write("dedans", parent=shelf)
    asking = write("dehors", to_page(shelf), to_page(inner))
    Page.objects.get(pk=shelf.pk).delete()
    assert sorted(PageLink.objects.red().filter(source=asking).values_list("title", flat=True)) == ["Dedans", "Rayon"]
    assert GonePage.objects.count() == 2


def test_the_tables_say_what_is_published_not_what_is_drafted(write):
    first, second = write("un"), write("deux")
    page = write("trois", to_page(first))
    page.body = [("text", RichText(to_page(second)))]
    revision = page.save_revision()
    assert list(PageLink.objects.filter(source=page).values_list("target", flat=True)) == [first.pk]
    revision.publish()
    assert list(PageLink.objects.filter(source=page).values_list("target", flat=True)) == [second.pk]


def test_saving_the_same_page_again_writes_no_new_rows(write):
    page = write("a", to_page(write("b")), wanted("C"), '<p><a href="https://example.org/x">x</a> <a href="#a">y</a></p>')
    rows = set(PageLink.objects.values_list("pk", flat=True))
    assert len(rows) == 4
    page.save_revision().publish()
    assert set(PageLink.objects.values_list("pk", flat=True)) == rows


def test_red_links_are_found_in_every_rich_text_of_a_body(wiki, french):
    body = [
        {"type": "callout", "value": {"kind": "note", "title": "", "text": wanted("Un")}},
        {"type": "details", "value": {"summary": "s", "text": wanted("Deux")}},
        {"type": "quote", "value": {"text": wanted("Trois"), "attribution": ""}},
        {
            "type": "table",
            "value": {
                "table": {
                    "columns": [{"type": "rich", "heading": "h"}],
                    "rows": [{"values": [wanted("Quatre")]}],
                    "caption": "",
                },
                "first_column_is_header": False,
            },
        },
    ]
    page = WikiPageFactory(parent=wiki, slug="partout", locale=french, body=body)
    assert set(PageLink.objects.filter(source=page).values_list("title", flat=True)) == {"Un", "Deux", "Trois", "Quatre"}


# --- what a stranger may not learn


def test_a_private_page_does_not_turn_a_public_link_blue(write, members, visitor_client, promoter, client_for):
    asking = write("droit", wanted("Plan zirconium"))
    secret = write("plan-zirconium", parent=members, title="Plan zirconium")
    for client in (visitor_client, client_for(promoter)):
        assert is_red(html_of(client, asking), "les statuts")
    inside = write("dedans", wanted("Plan zirconium"), parent=members)
    assert f'<a href="{secret.url}">les statuts</a>' in html_of(client_for(promoter), inside)
    assert PageLink.objects.get(source=asking).target is None
    assert PageLink.objects.get(source=inside).target_id == secret.pk


def test_a_new_guard_turns_the_link_red_and_its_end_blue(wiki, french, write, visitor_client, django_capture_on_commit_callbacks):
    shelf = WikiSectionFactory(parent=wiki, slug="rayon", title="Rayon", locale=french)
    target, asking = write("cible", parent=shelf), write("droit", wanted("Cible"))
    assert PageLink.objects.get(source=asking).target_id == target.pk
    with django_capture_on_commit_callbacks(execute=True):
        guard = PageViewRestriction.objects.create(page=shelf, restriction_type="login")
    assert PageLink.objects.get(source=asking).target_id is None
    assert is_red(html_of(visitor_client, asking), "les statuts")
    guard.delete()
    assert PageLink.objects.get(source=asking).target_id == target.pk


def test_moving_behind_a_guard_does_the_same(members, write):
    target, asking = write("cible"), write("droit", wanted("Cible"))
    Page.objects.get(pk=target.pk).move(members, pos="last-child")
    assert PageLink.objects.get(source=asking).target_id is None


# --- who links here


def test_backlinks_name_the_published_pages_that_link_here(write, visitor_client):
    target = write("cible", '<p><a href="#main">moi</a></p>')
    write("par-numero", to_page(target), title="Par numéro")
    write("par-nom", wanted("Cible"), title="Par nom")
    write("brouillon", to_page(target), title="Brouillon caché", live=False)
    html = html_of(visitor_client, target)
    part = html[html.index("backlinks-title") :]
    assert part.index("Par nom") < part.index("Par numéro")
    assert "Brouillon caché" not in html
    assert ">Cible</a></li>" not in part


def test_backlinks_never_name_what_the_reader_may_not_open(write, members, visitor_client, promoter, client_for):
    target = write("cible")
    write("z", to_page(target), parent=members, title="Contrat zirconium")
    assert "zirconium" not in html_of(visitor_client, target)
    assert "Contrat zirconium" in html_of(client_for(promoter), target)


def test_a_link_to_a_translation_counts_where_readers_meet_it(write, home_en, english, visitor_client):
    target = write("cible")
    wiki_en = WikiSectionFactory(parent=home_en, slug="wiki", locale=english)
    target_en = WikiPageFactory(parent=wiki_en, slug="target", title="Target", locale=english, translation_key=target.translation_key)
    linking = WikiPageFactory(parent=wiki_en, slug="english", title="English referrer", locale=english, body=text(to_page(target)))
    with translation.override("en"):
        assert f'<a href="{target_en.url}">voir</a>' in html_of(visitor_client, linking)
        assert "English referrer" in html_of(visitor_client, target_en)


def test_backlinks_cost_one_query_for_one_or_three(write, promoter, client_for):
    client, target = client_for(promoter), write("cible")
    write("un", to_page(target))
    queries(client, target.url)
    one = len(queries(client, target.url))
    write("deux", to_page(target))
    write("trois", to_page(target))
    assert len(queries(client, target.url)) == one <= 12


def test_red_links_cost_the_same_for_one_or_three(write, promoter, client_for):
    client = client_for(promoter)
    one, three = write("un", wanted("A")), write("trois", wanted("A"), wanted("B"), wanted("C"))
    queries(client, one.url)
    assert len(queries(client, one.url)) == len(queries(client, three.url)) <= 12


def test_a_publish_touches_those_that_link_to_it_and_those_it_links_to(write):
    target = write("cible")
    by_number, by_name, other = write("n", to_page(target)), write("m", wanted("Cible")), write("o")
    assert pages_touched_by(target) == {by_number.pk, by_name.pk}
    assert pages_touched_by(by_number) == {target.pk}
    assert pages_touched_by(other) == set()


# --- those who may write


def test_whoever_may_write_is_led_to_begin_the_page(write, trainer, promoter, client_for):
    asking = write("droit", wanted("Les &quot;statuts&quot; &amp; co"))
    assert "/cms/" not in html_of(client_for(promoter), asking).replace("/cms/login", "")
    html = html_of(client_for(trainer), asking)
    assert 'class="wanted" href="/cms/links/write/?title=Les+%22statuts%22+%26+co&amp;near=' in html


def test_kinds_of_links_are_told_apart(write):
    page = write(
        "tout",
        '<p><a linktype="document" id="7">f</a> <a href="/fr/wiki/x/#y">p</a> <a href="mailto:a@b.c">m</a>'
        ' <a href="https://example.org/a?b=1&amp;c=2">w</a></p>',
    )
    rows = {link.kind: link for link in PageLink.objects.filter(source=page).select_related("address")}
    assert set(rows) == {LinkKind.FILE, LinkKind.PATH, LinkKind.WEB}
    assert (rows[LinkKind.PATH].title, rows[LinkKind.PATH].anchor) == ("/fr/wiki/x/", "y")
    assert rows[LinkKind.WEB].address.url == "https://example.org/a?b=1&c=2"


def test_the_page_asked_for_is_begun_as_a_draft_and_turns_the_link_blue_once_published(
    write, trainer, client_for, visitor_client, django_capture_on_commit_callbacks
):
    asking, client = write("droit", wanted("../docs/statuts_types.md")), client_for(trainer)
    address = f"/cms/links/write/?title=../docs/statuts_types.md&near={asking.pk}"
    form = client.get(address).context["form"]
    section = asking.get_parent().specific
    assert (form["title"].value(), form["section"].value()) == ("Statuts types", section.pk)
    answer = client.post(address, {"title": "Nos statuts", "section": section.pk})
    page = Page.objects.get(title="Nos statuts")
    assert answer["Location"] == f"/cms/pages/{page.pk}/edit/"
    assert (page.live, page.slug, page.locale_id) == (False, "statuts-types", asking.locale_id)
    assert is_red(html_of(visitor_client, asking), "les statuts")
    assert [draft.pk for draft in client.get(address).context["drafts"]] == [page.pk]
    with django_capture_on_commit_callbacks(execute=True):
        page.specific.save_revision().publish()
    assert f'<a href="{page.url}">les statuts</a>' in html_of(visitor_client, asking)


def test_suggestions_find_titles_without_accents_and_show_where_they_are(write, members, trainer, client_for):
    near = write("ici")
    write("economie", title="L’économie sociale")
    write("brouillon", title="Economie à écrire", live=False)
    write("cachee", parent=members, title="Économie des membres")
    found = client_for(trainer).get("/cms/links/suggest/", {"q": "economie", "near": near.pk}).json()["pages"]
    assert [(one["title"], one["section"], one["draft"]) for one in found] == [
        ("Economie à écrire", "Wiki", True),
        ("Économie des membres", "Wiki › Membres", False),
        ("L’économie sociale", "Wiki", False),
    ]
    assert client_for(trainer).get("/cms/links/suggest/", {"q": "…"}).json() == {"pages": []}

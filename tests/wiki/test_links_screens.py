"""Short links, the two reports, and the warning before a page goes."""

import re

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction

from academy.links.models import ShortLink
from academy.models import AcademyDocument
from tests.factories.wiki import WikiPageFactory, WikiSectionFactory
from tests.wiki.test_links import text, to_page, wanted
from tests.wiki.test_reading import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(wiki, french):
    def made(slug: str, *html: str, parent=None, **fields):
        return WikiPageFactory(parent=parent or wiki, slug=slug, locale=french, body=text(*html), **{"title": slug.title(), **fields})

    return made


# --- short links


def test_a_short_link_leads_to_the_page_in_the_language_of_the_reader(page, home_en, english, visitor_client, promoter, client_for):
    wiki_en = WikiSectionFactory(parent=home_en, slug="wiki", locale=english)
    other = WikiPageFactory(parent=wiki_en, slug="model", locale=english, translation_key=page.translation_key)
    ShortLink.objects.create(slug="modele", page=page)
    for language, expected in (("fr", page), ("en", other), ("de", page)):
        answer = visitor_client.get("/go/modele", headers={"accept-language": language})
        assert (answer.status_code, answer["Location"]) == (302, expected.url)
        assert {"Accept-Language", "Cookie"} <= set(answer["Vary"].split(", "))
    promoter.language = "en"
    promoter.save()
    assert client_for(promoter).get("/go/MODELE/")["Location"] == other.url
    other.unpublish()
    assert client_for(promoter).get("/go/modele")["Location"] == page.url
    assert visitor_client.get("/go/rien").status_code == 404


def test_a_short_link_tells_nothing_of_what_the_reader_may_not_open(secret, visitor_client, promoter, client_for):
    ShortLink.objects.create(slug="c", page=secret)
    answer = visitor_client.get("/go/c")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=%2Fgo%2Fc")
    assert client_for(promoter).get("/go/c")["Location"] == secret.url
    rule = PageViewRestriction.objects.get()
    rule.restriction_type = PageViewRestriction.GROUPS
    rule.save()
    assert client_for(promoter).get("/go/c").status_code == 404
    Page.objects.get(pk=secret.pk).specific.unpublish()
    assert visitor_client.get("/go/c").status_code == 404


def test_the_name_of_a_private_file_is_not_told(visitor_client, promoter, client_for):
    collection = Collection.get_first_root_node().add_child(name="Members")
    CollectionViewRestriction.objects.create(collection=collection, restriction_type="login")
    file = AcademyDocument.objects.create(title="F", collection=collection, file=ContentFile(b"x", name="zirconium.txt"))
    ShortLink.objects.create(slug="f", document=file)
    answer = visitor_client.get("/go/f")
    assert "zirconium" not in answer["Location"]
    assert client_for(promoter).get("/go/f")["Location"] == file.url


@pytest.mark.parametrize("slug", ["Charte!", "é", "a--b", "-a", "a b", ""])
def test_a_short_address_is_easy_to_say(slug, page, trainer, client_for):
    answer = client_for(trainer).post(reverse("short_links:add"), {"slug": slug, "page": page.pk, "document": ""})
    assert (answer.status_code, ShortLink.objects.count()) == (200, 0)


def test_a_short_link_is_one_thing_and_taken_once(page, trainer, client_for):
    client = client_for(trainer)
    assert client.post(reverse("short_links:add"), {"slug": "charte", "page": page.pk, "document": ""}).status_code == 302
    assert str(ShortLink.objects.get()) == "/go/charte"
    again = client.post(reverse("short_links:add"), {"slug": "charte", "page": page.pk, "document": ""})
    assert "déjà prise" in again.content.decode()
    neither = client.post(reverse("short_links:add"), {"slug": "x", "page": "", "document": ""})
    assert "l’un des deux" in neither.content.decode()
    assert f'value="{page.pk}"' in client.get(reverse("short_links:add") + f"?page={page.pk}").content.decode()
    assert "/go/charte" in client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()


# --- reports


def test_wanted_pages_say_how_many_ask_and_where(write, members, trainer, client_for):
    write("un", wanted("Les statuts"))
    write("deux", wanted("../x/les-statuts.md"), wanted("La charte"))
    gone = write("parti", title="Le départ")
    write("trois", to_page(gone))
    Page.objects.get(pk=gone.pk).delete()
    write("ecrite", title="Écrite")
    write("quatre", wanted("Écrite"))
    found = client_for(trainer).get(reverse("wiki_wanted")).context["page_obj"].object_list
    assert [(one.title, one.count, one.was_deleted) for one in found] == [
        ("Les statuts", 2, False),
        ("La charte", 1, False),
        ("Le départ", 1, True),
    ]


def test_broken_links_inside_are_found_with_their_remedy(write, trainer, client_for, django_capture_on_commit_callbacks):
    draft, target = write("brouillon", live=False), write("cible")
    file = AcademyDocument.objects.create(title="F", file=ContentFile(b"x", name="f.txt"))
    with django_capture_on_commit_callbacks(execute=True):
        moved = write("ancien")
        moved.slug = "nouveau"
        moved.save_revision().publish()
    page = write(
        "fautes",
        to_page(draft, "brouillon"),
        '<p><a linktype="page" id="987654">jamais</a> <a linktype="document" id="987654">fichier</a></p>',
        '<p><a href="#nulle-part">place</a> <a href="/fr/wiki/cible/#non">place ailleurs</a> <a href="/fr/wiki/rien/">adresse</a></p>',
        '<p><a href="/fr/wiki/ancien/">ancienne</a></p>',
        to_page(target, "bon"),
        f'<p><a linktype="document" id="{file.pk}">bon fichier</a> <a href="/fr/wiki/cible">bonne</a> <a href="/fr/search/?q=x">écran</a></p>',
    )
    found = client_for(trainer).get(reverse("wiki_broken")).context["inside"].object_list
    assert {one.source.pk for one in found} == {page.pk}
    assert sorted(one.words for one in found) == ["adresse", "ancienne", "brouillon", "fichier", "jamais", "place", "place ailleurs"]
    assert all(one.problem and one.remedy for one in found)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_addresses_of_both_languages_are_judged_whatever_the_reader_speaks(language, write, home_en, trainer, client_for):
    trainer.language = language
    trainer.save()
    write("x", '<p><a href="/fr/wiki/rien/">a</a> <a href="/en/wiki/nothing/">b</a> <a href="/fr/search/">c</a> <a href="/en/">d</a></p>')
    found = client_for(trainer).get(reverse("wiki_broken")).context["inside"].object_list
    assert sorted(one.words for one in found) == ["a", "b"]


@pytest.mark.parametrize("name", ["wiki_wanted", "wiki_broken"])
def test_a_report_costs_the_same_for_one_and_for_three(name, write, trainer, client_for):
    client = client_for(trainer)

    def fault(number: int) -> None:
        write(f"x{number}", wanted(f"W {number}"), f'<p><a href="/fr/rien-{number}/">a</a> <a href="#b{number}">b</a></p>')

    fault(1)
    queries(client, reverse(name))
    one = len(queries(client, reverse(name)))
    fault(2)
    fault(3)
    assert len(queries(client, reverse(name))) == one <= 25


def test_short_links_list_costs_the_same_for_one_and_for_three(page, trainer, client_for):
    client, address = client_for(trainer), reverse("short_links:index")
    ShortLink.objects.create(slug="a", page=page)
    queries(client, address)
    one = len(queries(client, address))
    for slug in ("b", "c"):
        ShortLink.objects.create(slug=slug, page=page)
    assert len(queries(client, address)) == one


# --- before a page goes


def test_before_deleting_or_unpublishing_one_is_told_who_links_there(write, page, members, coordinator, client_for):
    write("un", to_page(page), title="Page qui mène ici")
    write("brouillon", to_page(page), title="Brouillon discret", live=False)
    ShortLink.objects.create(slug="modele", page=page)
    client = client_for(coordinator)
    for name in ("wagtailadmin_pages:delete", "wagtailadmin_pages:unpublish"):
        html = client.get(reverse(name, args=[page.pk])).content.decode()
        assert "Page qui mène ici" in html
        assert "/go/modele" in html
        assert "deviennent rouges" in html or "turn red" in html
        assert "Brouillon discret" not in html
        assert html.index("Page qui mène ici") < html.index('type="submit"')
    alone = write("seule")
    assert "help-warning" not in client.get(reverse("wagtailadmin_pages:delete", args=[alone.pk])).content.decode()


@pytest.mark.parametrize("action", ["delete", "unpublish"])
def test_in_bulk_too(action, write, page, coordinator, client_for):
    write("un", to_page(page), title="Page qui mène ici")
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    html = client_for(coordinator).get(f"{address}?id={page.pk}&next=/cms/").content.decode()
    assert "Page qui mène ici" in html


def test_the_warning_speaks_english(write, page, coordinator, client_for):
    write("un", to_page(page))
    client = client_for(coordinator)
    client.cookies["django_language"] = "en"
    html = client.get(reverse("wagtailadmin_pages:delete", args=[page.pk])).content.decode()
    assert "turn red" in html


@pytest.mark.parametrize("name", ["wiki_wanted", "wiki_broken", "wiki_write"])
def test_reports_of_links_have_a_title(name, trainer, client_for):
    html = client_for(trainer).get(reverse(name)).content.decode()
    assert re.search(r"<title>\s*\w", html)
    assert html.count("<h1") == 1

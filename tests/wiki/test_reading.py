"""What a reader sees, what it costs, and that reading writes nothing."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageLogEntry, PageViewRestriction

from academy.models import AcademyDocument
from academy.rules import RuleViolation
from tests.factories.wiki import WikiPageFactory, WikiSectionFactory
from wiki import actions
from wiki.importer import SourceFile
from wiki.models import Freshness, WikiPage, months_after

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


def queries(client, address) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(address)
    assert response.status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def without_page_cache(settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "pagecache" not in name]


@pytest.fixture
def rich(wiki, french, page):
    """Twelve links to pages in six paragraphs, one callout, a table: more than most pages hold."""
    link = f'<p><a linktype="page" id="{page.pk}">un</a> et <a linktype="page" id="{wiki.pk}">deux</a></p>'
    body = [{"type": "text", "value": link} for _number in range(5)]
    body.append({"type": "callout", "value": {"kind": "note", "title": "", "text": link}})
    return WikiPageFactory(parent=wiki, slug="riche", title="Riche", locale=french, body=body)


# --- the screens


def test_a_page_shows_where_it_stands_and_what_is_beside_it(wiki, page, french, visitor_client):
    after = WikiPageFactory(parent=wiki, slug="suite", title="La suite", locale=french)
    html = visitor_client.get(page.url).content.decode()
    assert "<h1>Le modèle</h1>" in html
    assert f'href="{wiki.url}"' in html
    assert f'href="{after.url}" rel="next"' in html
    assert '<h2 id="besoin-verifie">Besoin vérifié</h2>' in html
    assert 'data-state="never"' in html


def test_a_section_lists_its_pages_and_shelves_with_their_summaries(wiki, page, french, visitor_client):
    shelf = WikiSectionFactory(parent=wiki, slug="droit", title="Droit", summary="Les lois.", locale=french)
    WikiPageFactory(parent=shelf, slug="loi", title="Une loi", locale=french)
    WikiPageFactory(parent=wiki, slug="brouillon", title="Brouillon caché", locale=french, live=False)
    html = visitor_client.get(wiki.url).content.decode()
    for words in ("Le modèle", "What it says.", "Droit", "Les lois.", "Une loi"):
        assert words in html
    assert "Brouillon caché" not in html


def test_links_to_pages_lead_there_and_dead_ones_nowhere(wiki, french, page, visitor_client):
    body = [{"type": "text", "value": f'<p><a linktype="page" id="{page.pk}">oui</a> <a linktype="page" id="999999">non</a></p>'}]
    linking = WikiPageFactory(parent=wiki, slug="liens", locale=french, body=body)
    html = visitor_client.get(linking.url).content.decode()
    assert f'<a href="{page.url}">oui</a>' in html
    assert 'data-wanted-page="999999"><span class="visually-hidden">(page pas encore écrite) </span>non</a>' in html


# --- what it costs


def test_a_visitor_costs_nothing_the_second_time(rich, page, visitor_client):
    visitor_client.get(page.url)  # the look-ups of the process
    cold = queries(visitor_client, rich.url)
    assert len(cold) <= 12, "\n".join(cold)
    assert len(queries(visitor_client, rich.url)) == 0


def test_links_in_rich_text_cost_the_same_however_many(rich, page, visitor_client, settings):
    without_page_cache(settings)
    queries(visitor_client, page.url)  # the look-ups of the process
    none, many = len(queries(visitor_client, page.url)), len(queries(visitor_client, rich.url))
    assert many <= none + 1


@pytest.mark.parametrize("who", ["promoter", "trainer", "admin_user"])
def test_a_signed_in_read_is_cheap_whatever_the_size_of_the_wiki(who, request, rich, wiki, french, members, client_for):
    client = client_for(request.getfixturevalue(who))
    queries(client, rich.url)
    small = len(queries(client, rich.url))
    last = WikiPageFactory._meta.model.objects.child_of(wiki).count()
    for number in range(10 - last):
        WikiPageFactory(parent=wiki, slug=f"p{number}", locale=french)
    ten = queries(client, rich.url)
    for number in range(10, 60):
        WikiPageFactory(parent=wiki, slug=f"q{number}", locale=french)
    more = queries(client, rich.url)
    assert small == len(ten) == len(more) <= 12, "\n".join(more)


def test_a_signed_in_read_writes_nothing(rich, promoter, client_for):
    client = client_for(promoter)
    client.get(rich.url)
    for sql in queries(client, rich.url):
        assert not sql.lstrip().upper().startswith(WRITES), sql
        assert "BEGIN" not in sql


def test_a_section_costs_the_same_for_one_and_for_many(wiki, page, french, promoter, client_for):
    client = client_for(promoter)
    shelf = WikiSectionFactory(parent=wiki, slug="a", locale=french)
    WikiPageFactory(parent=shelf, slug="b", locale=french)
    client.get(wiki.url)
    one = len(queries(client, wiki.url))
    for number in range(3):
        shelf = WikiSectionFactory(parent=wiki, slug=f"s{number}", locale=french)
        WikiPageFactory(parent=shelf, slug="b", locale=french)
        WikiPageFactory(parent=wiki, slug=f"t{number}", locale=french)
    assert len(queries(client, wiki.url)) == one <= 12


# --- who may read


def test_a_members_page_sends_visitors_to_sign_in_and_lets_members_read(secret, visitor_client, client_for, promoter):
    response = visitor_client.get(secret.url)
    assert response.status_code == 302
    assert "/accounts/login/" in response.headers["Location"]
    response = client_for(promoter).get(secret.url)
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    assert "private" in response.headers["Cache-Control"]


def test_a_staff_page_does_not_exist_for_a_signed_in_stranger(members, secret, promoter, trainer, client_for):
    restriction = PageViewRestriction.objects.get()
    restriction.restriction_type = PageViewRestriction.GROUPS
    restriction.save()
    restriction.groups.set(Group.objects.filter(name="Trainers"))
    assert client_for(promoter).get(secret.url).status_code == 404
    assert client_for(trainer).get(secret.url).status_code == 200


def test_titles_of_closed_shelves_are_on_no_screen_of_a_visitor(wiki, page, secret, visitor_client, client_for, promoter):
    for address in (wiki.url, page.url):
        html = visitor_client.get(address).content.decode()
        assert "Membres" not in html
        assert "zirconium" not in html
    assert "Membres" in client_for(promoter).get(wiki.url).content.decode()


def test_a_signed_in_answer_is_for_nobodys_cache(page, client_for, promoter):
    assert client_for(promoter).get(page.url).headers["Cache-Control"] == "private, no-store"


# --- kept true


def test_verifying_moves_the_review_and_makes_no_revision(page, trainer):
    page.save_revision().publish()
    page.refresh_from_db()
    before = page.latest_revision_id
    assert page.freshness == Freshness.NEVER
    verified = actions.verify_page(page, by=trainer, note="lu")
    page.refresh_from_db()
    assert (page.freshness, page.verified_by, page.latest_revision_id) == (Freshness.FRESH, trainer, before)
    assert page.review_due_on == verified.review_due_on == months_after(timezone.localdate(), 12)
    assert PageLogEntry.objects.get(action="wiki.verify").user == trainer


def test_an_edit_verifies_nothing_and_an_old_draft_brings_nothing_back(page, trainer):
    draft = page.save_revision()
    actions.verify_page(page, by=trainer)
    draft.publish()
    page.refresh_from_db()
    assert page.verified_by == trainer


def test_a_review_that_is_overdue_is_said(page, trainer, visitor_client):
    actions.verify_page(page, by=trainer, at=timezone.now() - timedelta(days=500))
    page.refresh_from_db()
    assert page.freshness == Freshness.DUE
    assert list(WikiPage.objects.out_of_date()) == [page]
    assert 'data-state="due"' in visitor_client.get(page.url).content.decode()


def test_a_draft_cannot_be_verified(wiki, french, trainer):
    draft = WikiPageFactory(parent=wiki, slug="x", locale=french, live=False)
    with pytest.raises(RuleViolation):
        actions.verify_page(draft, by=trainer)


def test_the_database_keeps_date_author_and_review_together(page):
    with pytest.raises(IntegrityError), transaction.atomic():
        WikiPage.objects.filter(pk=page.pk).update(verified_at=timezone.now())
    page.verified_at = timezone.now()
    with pytest.raises(ValidationError, match="a date, an author"):
        page.validate_constraints()


def test_the_last_day_of_a_short_month():
    assert months_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_after(date(2026, 11, 22), 14) == date(2028, 1, 22)


@pytest.mark.parametrize(
    ("who", "status"), [("promoter", 302), ("reviewer", 302), ("trainer", 200), ("coordinator", 200), ("admin_user", 200)]
)
def test_who_may_verify(who, status, request, page, client_for):
    client = client_for(request.getfixturevalue(who))
    assert client.get(f"/cms/wiki/verify/{page.pk}/").status_code == status
    client.post(f"/cms/wiki/verify/{page.pk}/", {"note": "lu"})
    page.refresh_from_db()
    assert (page.verified_at is not None) == (status == 200)


@pytest.mark.parametrize("address", ["/cms/wiki_pages/", "/cms/wiki_pages/?freshness=out", "/cms/wiki_imports/"])
def test_the_listings_of_the_cms(address, page, trainer, client_for):
    response = client_for(trainer).get(address)
    assert response.status_code == 200
    if "pages" in address:
        assert "Le modèle" in response.content.decode()


def test_an_import_cannot_be_written_by_hand(admin_user, trainer, client_for, wiki):
    assert client_for(trainer).get("/cms/wiki_imports/new/").status_code in (302, 403, 404)
    assert client_for(admin_user).get("/cms/wiki_imports/new/").status_code in (302, 403, 404)


def test_the_report_of_an_import_can_be_read_by_staff(trainer, promoter, client_for, wiki):
    source = actions.import_source(wiki, source=SourceFile("a.md", "a.md", b"# Un\n\n![x](https://a.example/b.png)")).source
    address = f"/cms/wiki_imports/inspect/{source.pk}/"
    response = client_for(trainer).get(address)
    assert response.status_code == 200
    assert "b.png" in response.content.decode()
    assert client_for(promoter).get(address).status_code == 302


# --- the furniture of a page


def test_a_page_that_is_due_says_so_at_its_top(page, trainer, visitor_client):
    actions.verify_page(page, by=trainer, at=timezone.now() - timedelta(days=500))
    html = visitor_client.get(page.url).content.decode()
    assert html.index("peut-être plus à jour") < html.index('<div class="wiki-body">')


def test_tags_lead_to_what_else_has_them(page, visitor_client):
    page.tags.add("droit & travail")
    page.save()
    assert 'href="/fr/search/?q=droit%20%26%20travail"' in visitor_client.get(page.url).content.decode()


def test_files_of_a_page_are_listed_once_with_type_size_and_whether_they_are_searched(wiki, french, visitor_client):
    files = []
    for title, name, status, blank in (
        ("Contrat", "contrat.pdf", "ok", 2),
        ("Scan", "scan.pdf", "empty", 3),
        ("Neuf", "neuf.odt", "", None),
    ):
        one = AcademyDocument.objects.create(title=title, file=ContentFile(b"x" * 2048, name=name))
        one.get_file_size()
        AcademyDocument.objects.filter(pk=one.pk).update(extraction_status=status, pages_without_text=blank)
        files.append(one)
    link = f'<p><a linktype="document" id="{files[2].pk}">neuf</a> <a linktype="document" id="{files[0].pk}">encore</a></p>'
    body = [{"type": "file", "value": {"document": one.pk, "title": "", "note": ""}} for one in files[:2]] + [
        {"type": "text", "value": link}
    ]
    linking = WikiPageFactory(parent=wiki, slug="f", title="F", locale=french, body=body)
    html = visitor_client.get(linking.url).content.decode()
    section = html[html.index('class="wiki-files') : html.index("</section>", html.index('class="wiki-files'))]
    assert [section.count(f">{title}</a>") for title in ("Contrat", "Scan", "Neuf")] == [1, 1, 1]
    assert section.count("PDF, 2") == 2


def test_the_contents_list_is_a_plain_list_that_a_script_may_follow(rich, wiki, french, visitor_client):
    headings = [{"type": "heading", "value": {"level": "2", "text": words, "anchor": words}} for words in ("un", "deux")]
    html = visitor_client.get(WikiPageFactory(parent=wiki, slug="h", locale=french, body=headings).url).content.decode()
    assert "data-academy-contents" in html
    assert '<a href="#un">un</a>' in html
    assert "js/wiki.js" in html
    assert "data-academy-contents" not in visitor_client.get(rich.url).content.decode()

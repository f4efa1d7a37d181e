"""A page as PDF and as markdown, a section as a zip: whole, for who may read it, and back in as it was."""

import io
import json
import re
import zipfile

import pypdfium2
import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.text import slugify
from PIL import Image
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from academy.models import AcademyDocument, AcademyImage
from tests.factories.wiki import MonographPageFactory, WikiPageFactory, WikiSectionFactory
from tests.wiki.any_body import AnyBody
from tests.wiki.test_exporter import EVERY_KIND, as_shown, plain, rich_cells
from wiki.exports import bundle_of, zip_of
from wiki.markdown import read_pad
from wiki.models import KeyFigure, WikiPage, WikiSection
from wiki.pad import rewrite_rich_text
from wiki.printing import Printer


@pytest.fixture
def picture(db):
    drawn = io.BytesIO()
    Image.new("RGB", (600, 300), "#0b6a5b").save(drawn, "PNG")
    return AcademyImage.objects.create(title="Une carte", file=ContentFile(drawn.getvalue(), name="Carte d'été.png"))


@pytest.fixture
def contract(db):
    return AcademyDocument.objects.create(title="Contrat", file=ContentFile(b"%PDF-1.4 contrat", name="contrat.pdf"))


@pytest.fixture
def hidden_file(db):
    collection = Collection.get_first_root_node().add_child(name="Fermé")
    CollectionViewRestriction.objects.create(collection=collection, restriction_type="login")
    return AcademyDocument.objects.create(title="Fermé", collection=collection, file=ContentFile(b"zirconium", name="ferme.txt"))


def body(picture, contract, target, blocks=None) -> list[dict]:
    """Blocks whose pictures, files and links are those that are here."""
    blocks = json.loads(json.dumps(blocks or rich_cells(EVERY_KIND)))
    for block in blocks:
        if block["type"] == "image":
            block["value"]["image"]["image"] = picture.pk
        elif block["type"] == "file":
            block["value"]["document"] = contract.pk
    for kind, found in (("page", target), ("document", contract)):
        rewrite_rich_text(blocks, lambda html, kind=kind, found=found: re.sub(rf'(linktype="{kind}" id)="\d+"', rf'\1="{found.pk}"', html))
    return blocks


@pytest.fixture
def full(wiki, french, page, picture, contract):
    return WikiPageFactory(
        parent=wiki, slug="tout", title="Tout & « plus »", summary="Un peu de tout.", locale=french, body=body(picture, contract, page)
    )


def content_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(document[number].get_textpage().get_text_range() for number in range(len(document)))


# --- PDF


def test_a_page_is_a_tagged_pdf_with_all_its_words(full, visitor_client):
    response = visitor_client.get(f"/fr/wiki-export/{full.pk}.pdf")
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert "tout.pdf" in response["Content-Disposition"]
    pdf = response.content
    assert b"/StructTreeRoot" in pdf or b"/MarkInfo" in pdf or b"ObjStm" in pdf
    assert b"pdfuaid" in pdf
    assert b"<dc:title>" in pdf
    words = words_of(pdf)
    for expected in (
        "Tout & « plus »",
        "Besoin vérifié",
        "souligné",
        "Attention *ici*",
        "Parce que",
        "Nom | rôle",
        "Les *rôles*",
        "x = '```'",
        "Elle [et lui]",
    ):
        assert expected in words, expected


def test_a_typed_command_of_typst_stays_words(wiki, french, visitor_client):
    evil = '#read("/etc/passwd") $x$ \\ #import "@preview/x" ] [ = a'
    page = WikiPageFactory(
        parent=wiki, slug="evil", title=evil, locale=french, summary=evil, body=[{"type": "code", "value": {"language": "", "text": evil}}]
    )
    words = words_of(visitor_client.get(f"/fr/wiki-export/{page.pk}.pdf").content)
    assert words.count('#read("/etc/passwd")') >= 3
    assert "root:" not in words


def test_letters_that_no_font_has_do_not_stop_the_pdf(wiki, french, visitor_client):
    page = WikiPageFactory(parent=wiki, slug="x", title="Titre", locale=french, body=[{"type": "text", "value": "<p>𓀀 ok 🎉</p>"}])
    assert "ok" in words_of(visitor_client.get(f"/fr/wiki-export/{page.pk}.pdf").content)


def test_a_pdf_is_made_once_for_a_revision(full, visitor_client, monkeypatch):
    first = visitor_client.get(f"/fr/wiki-export/{full.pk}.pdf").content
    with CaptureQueriesContext(connection) as captured:
        again = visitor_client.get(f"/fr/wiki-export/{full.pk}.pdf").content
    assert first == again
    assert len(captured) <= 8


def test_levels_of_headings_are_not_skipped_on_paper():
    headings = [{"type": "heading", "value": {"level": level, "text": "x", "anchor": "x"}} for level in "4423"]
    assert [block["level"] for block in Printer(lambda kind, number: None).blocks(headings)] == [2, 3, 2, 3]


def test_an_empty_page_has_a_pdf(wiki, french, visitor_client):
    page = WikiPageFactory(parent=wiki, slug="vide", title="Vide", summary="", locale=french)
    assert visitor_client.get(f"/fr/wiki-export/{page.pk}.pdf").status_code == 200


# --- markdown


def test_markdown_of_a_page_has_its_settings_and_addresses_of_the_site(full, page, visitor_client):
    response = visitor_client.get(f"/fr/wiki-export/{full.pk}.md")
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    text = response.content.decode()
    pad = read_pad(text)
    assert (pad.title, pad.description, pad.language) == ("Tout & « plus »", "Un peu de tout.", "fr")
    assert f"http://testserver{page.url}" in text or page.get_full_url() in text
    assert "![Une \\[carte\\]](http://testserver/media/images/" in text


def test_links_to_what_a_reader_may_not_open_keep_their_words_only(wiki, french, secret, visitor_client, client_for, promoter):
    link = f'<p>voir <a linktype="page" id="{secret.pk}">la clause</a></p>'
    page = WikiPageFactory(parent=wiki, slug="x", locale=french, body=[{"type": "text", "value": link}])
    assert "voir la clause\n" in visitor_client.get(f"/fr/wiki-export/{page.pk}.md").content.decode()
    assert "contrat" in client_for(promoter).get(f"/fr/wiki-export/{page.pk}.md").content.decode()


def test_a_monograph_goes_out_with_its_chapters_and_figures(wiki, french, visitor_client):
    page = MonographPageFactory(
        parent=wiki, slug="suede", title="Suède", locale=french, history=[{"type": "text", "value": "<p>Née.</p>"}],
        stakes=[{"type": "text", "value": "<p>Grandir.</p>"}],
    )  # fmt: skip
    KeyFigure.objects.create(page=page, year=2025, indicator="turnover", value=1250000, currency="SEK")
    text = visitor_client.get(f"/fr/wiki-export/{page.pk}.md").content.decode()
    places = [
        text.index(words) for words in ("## Historique", "Née.", "## Chiffres clés", "1\u202f250\u202f000 SEK", "## Enjeux", "Grandir.")
    ]
    assert places == sorted(places)
    assert "250" in words_of(visitor_client.get(f"/fr/wiki-export/{page.pk}.pdf").content)


def test_the_pdf_of_a_monograph_has_the_charts_of_the_page_and_says_what_they_show(wiki, french, visitor_client):
    page = MonographPageFactory(parent=wiki, slug="suede", title="Suède", locale=french)
    for year, value in ((2023, 1_000_000), (2024, 1_250_000), (2025, 1_300_000)):
        KeyFigure.objects.create(page=page, year=year, indicator="turnover", value=value, currency="SEK", is_forecast=year == 2025)
    KeyFigure.objects.create(page=page, year=2025, indicator="result", value=-40_000, currency="SEK")
    for year, currency in ((2024, "SEK"), (2025, "EUR")):  # two currencies are in no chart
        KeyFigure.objects.create(page=page, year=year, indicator="shares", value=1000, currency=currency)
    pdf = visitor_client.get(f"/fr/wiki-export/{page.pk}.pdf").content
    assert b"pdfuaid" in pdf
    words = " ".join(words_of(pdf).split())
    assert words.count("Chiffre d’affaires (SEK)") == 1
    assert words.count("1 250 000 SEK") == 2  # in the table, and beside its bar
    assert words.count("Parts souscrites (") == 0
    document = pypdfium2.PdfDocument(pdf)
    bars = [one for number in range(len(document)) for one in document[number].get_objects() if one.type == pypdfium2.raw.FPDF_PAGEOBJ_PATH]
    assert len(bars) > 8
    blocks = {block["type"] for block in page.printed_body()} - {block["type"] for block in page.exported_body()}
    assert blocks == {"charts"}
    with translation.override("en"):
        [drawn] = Printer(lambda kind, number: None).blocks([block for block in page.printed_body() if block["type"] == "charts"])
    assert [chart["title"] for chart in drawn["charts"]] == ["Turnover (SEK)", "Result of the year (SEK)"]
    assert drawn["charts"][0]["alt"] == (
        "Bar chart of Turnover (SEK): 2023, 1,000,000 SEK; 2024, 1,250,000 SEK; 2025, 1,300,000 SEK (forecast)"
    )
    assert [row["bar"] is not None for row in drawn["charts"][1]["rows"]] == [False, False, True]
    assert drawn["charts"][1]["rows"][2]["bar"]["negative"] is True


# --- zip


def unzipped(response) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content_of(response))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_section_goes_out_as_a_tree_with_its_pictures_and_files(wiki, full, page, french, picture, contract, visitor_client):
    shelf = WikiSectionFactory(parent=wiki, slug="droit", title="Droit [x]", summary="Les lois.", locale=french)
    WikiPageFactory(
        parent=shelf,
        slug="loi",
        title="Une loi",
        locale=french,
        body=[{"type": "text", "value": f'<p><a linktype="page" id="{full.pk}">tout</a></p>'}],
    )
    WikiPageFactory(parent=wiki, slug="brouillon", title="Brouillon", locale=french, live=False)
    found = unzipped(visitor_client.get(f"/fr/wiki-export/{wiki.pk}.zip"))
    image, file = f"images/{picture.pk}-carte_dete.png", f"{contract.pk}-contrat.pdf"
    assert set(found) == {"SUMMARY.md", "README.md", "modele.md", "tout.md", "droit/README.md", "droit/loi.md", image, file}
    assert found[file] == b"%PDF-1.4 contrat"
    assert "](../tout.md)" in found["droit/loi.md"].decode()
    assert "](modele.md)" in found["tout.md"].decode()
    assert f"]({image}" in found["tout.md"].decode()
    assert "* [Droit \\[x\\]](droit/README.md)\n  * [Une loi](droit/loi.md)" in found["SUMMARY.md"].decode()


def test_what_a_zip_holds_is_the_same_blocks(wiki, full, page, picture, contract, visitor_client):
    found = unzipped(visitor_client.get(f"/fr/wiki-export/{wiki.pk}.zip"))
    pad = read_pad(found["tout.md"].decode(), source_key="x")
    again = [{"type": block["type"], "value": block["value"]} for block in pad.blocks]
    wanted = plain(full.body.get_prep_value())
    assert [block["type"] for block in again] == [block["type"] for block in wanted]
    different = [(one, two) for one, two in zip(again, wanted, strict=True) if one != two]
    assert {two["type"] for _one, two in different} <= {
        "image",
        "file",
        "text",
    }  # what names a picture, a file or a page has its place in the zip


def test_the_same_section_gives_the_same_zip(wiki, full, visitor_client):
    first, second = (content_of(visitor_client.get(f"/fr/wiki-export/{wiki.pk}.zip")) for _time in range(2))
    assert first == second


def test_a_zip_holds_nothing_that_a_stranger_may_not_read(wiki, secret, hidden_file, french, visitor_client, client_for, promoter):
    block = {"type": "file", "value": {"document": hidden_file.pk, "title": "", "note": ""}}
    WikiPageFactory(parent=wiki, slug="ouvert", locale=french, body=[block])
    found = unzipped(visitor_client.get(f"/fr/wiki-export/{wiki.pk}.zip"))
    assert b"zirconium" not in b"".join(found.values()) + " ".join(found).encode()
    found = unzipped(client_for(promoter).get(f"/fr/wiki-export/{wiki.pk}.zip"))
    assert b"zirconium" in b"".join(found.values())


def test_a_zip_is_given_in_pieces_and_never_held_whole(wiki, french, rf, promoter):
    large = AcademyDocument.objects.create(title="Grand", file=ContentFile(b"\0" * 3_000_000, name="grand.bin"))
    WikiPageFactory(parent=wiki, slug="g", locale=french, body=[{"type": "file", "value": {"document": large.pk, "title": "", "note": ""}}])
    request = rf.get("/")
    request.user = promoter
    pieces = [len(piece) for piece in zip_of(bundle_of(wiki, request))]
    assert sum(pieces) > 3_000_000
    assert max(pieces) < 600_000


# --- who may


@pytest.mark.parametrize("kind", ["md", "pdf"])
def test_a_closed_page_is_as_closed_on_paper(kind, secret, members, visitor_client, client_for, promoter):
    address = f"/fr/wiki-export/{secret.pk}.{kind}"
    answer = visitor_client.get(address)
    assert (answer.status_code, "/accounts/login/" in answer["Location"]) == (302, True)
    answer = client_for(promoter).get(address)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    restriction = PageViewRestriction.objects.get()
    restriction.restriction_type = PageViewRestriction.GROUPS
    restriction.save()
    assert client_for(promoter).get(address).status_code == 404


def test_drafts_and_other_kinds_of_page_are_not_given(wiki, french, page, home, visitor_client):
    draft = WikiPageFactory(parent=wiki, slug="b", locale=french, live=False)
    for number, kind in ((draft.pk, "md"), (draft.pk, "pdf"), (home.pk, "md"), (wiki.pk, "pdf"), (page.pk, "zip"), (999999, "md")):
        assert visitor_client.get(f"/fr/wiki-export/{number}.{kind}").status_code == 404
    assert visitor_client.post(f"/fr/wiki-export/{page.pk}.md").status_code == 405


def test_the_page_offers_what_can_be_taken_away(page, wiki, visitor_client):
    html = visitor_client.get(page.url).content.decode()
    assert f"/fr/wiki-export/{page.pk}.pdf" in html
    assert f"/fr/wiki-export/{page.pk}.md" in html
    assert f"/fr/wiki-export/{wiki.pk}.zip" in visitor_client.get(wiki.url).content.decode()


# --- out and in again


def test_a_section_that_comes_back_has_the_same_pages_and_the_same_blocks(
    wiki, full, page, french, picture, contract, visitor_client, tmp_path
):
    """Through the import that everybody uses, into another section: pictures, files and links lead to the copies there."""
    shelf = WikiSectionFactory(parent=wiki, slug="droit", title="Droit & loi", summary="Les lois.", locale=french)
    shelf.body = [{"type": "text", "value": "<p>À lire d’abord.</p>"}]
    shelf.save()
    law = WikiPageFactory(
        parent=shelf, slug="loi", title="Une loi", locale=french, body=[{"type": "text", "value": f'<p>Voir <a linktype="page" id="{full.pk}">tout</a>.</p>'}]
    )  # fmt: skip
    deep = WikiSectionFactory(parent=shelf, slug="belge", title="Droit belge", locale=french)
    many = [
        WikiPageFactory(
            parent=deep, slug=f"p{seed}", title=f"Page {seed}", locale=french,
            body=body(picture, contract, full, [{"type": "image", "value": EVERY_KIND[10]["value"]}, *(AnyBody(seed).block() for _number in range(3))]),
        )
        for seed in range(1000, 1006)
    ]  # fmt: skip
    archive = tmp_path / "wiki.zip"
    archive.write_bytes(content_of(visitor_client.get(f"/fr/wiki-export/{wiki.pk}.zip")))
    target = WikiSectionFactory(parent=wiki.get_parent(), slug="retour", title="Retour", locale=french)
    call_command("import_documents", archive, into="retour", language="fr")
    copies = {one.title: one for one in WikiPage.objects.descendant_of(target)}
    sections = {one.title: one for one in WikiSection.objects.descendant_of(target)}
    assert (set(copies), set(sections)) == (
        {"Le modèle", "Tout & « plus »", "Une loi", *(one.title for one in many)},
        {"Droit & loi", "Droit belge"},
    )
    assert sections["Droit & loi"].body.get_prep_value()[0]["value"] == "<p>À lire d’abord.</p>"
    twins = {str(one.pk): str(copies[one.title].pk) for one in (full, page, law, *many)}

    def without_places(blocks) -> list[dict]:
        blocks = plain(list(blocks))
        rewrite_rich_text(blocks, lambda html: re.sub(r'(linktype="page" id)="(\d+)"', lambda m: f'{m[1]}="{twins.get(m[2], m[2])}"', html))
        rewrite_rich_text(blocks, lambda html: re.sub(r'linktype="document" id="\d+"', 'linktype="document"', html))
        for block in blocks:
            if block["type"] == "heading":
                block["value"]["anchor"] = block["value"]["anchor"] or slugify(block["value"]["text"])
            elif block["type"] == "image":
                assert AcademyImage.objects.filter(pk=block["value"]["image"].pop("image")).exists()
            elif block["type"] == "file":
                assert AcademyDocument.objects.filter(pk=block["value"].pop("document")).exists()
        return blocks

    for original in (full, law, page, *many):
        again, first = (as_shown(without_places(one.body.get_prep_value())) for one in (copies[original.title], original))
        assert again == first, original.title


def test_the_pdf_draws_the_numbers_of_a_table_that_is_drawn_on_the_page(db):
    columns = [{"type": "rich", "heading": "Choix"}, {"type": "number", "heading": "Voix"}]
    table = {"columns": columns, "rows": [{"values": ["<b>Oui</b>", "3"]}, {"values": ["Non", ""]}], "caption": ""}
    value = {"table": table, "first_column_is_header": True, "drawn": True, "drawn_to": 4}
    with translation.override("en"):
        [under, drawn] = Printer(lambda kind, number: None).blocks([{"type": "table", "value": value}])
        [chart] = drawn["charts"]
    assert (under["kind"], chart["title"], chart["alt"]) == ("table", "Voix", "Bar chart of Voix: Oui, 3; Non, ")
    assert [row["bar"] and row["bar"]["length"] for row in chart["rows"]] == [75.0, None]
    assert [one["kind"] for one in Printer(lambda kind, number: None).blocks([{"type": "table", "value": {**value, "drawn": False}}])] == [
        "table"
    ]

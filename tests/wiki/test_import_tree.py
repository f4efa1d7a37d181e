"""A folder or a zip comes in as a tree: sections, order, links, pictures, files; again, nothing new."""

import io
import unicodedata
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.models import Page, PageViewRestriction, Revision

from academy.models import AcademyDocument, AcademyImage
from tests.factories.wiki import WikiSectionFactory
from tests.wiki.test_import import command
from wiki import actions
from wiki.intake import Brought, LeftOut, brought_by
from wiki.models import ImportBatch, ImportItem, ImportSource, WikiPage, WikiSection

Outcome = ImportItem.Outcome


def png(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(out, "PNG")
    return out.getvalue()


BOOK = {
    "README.md": "# Le livre\n\nBienvenue. Voir [le contrat](guides/contrat.md#les-clauses).",
    "guides/README.md": "# Les guides\n\nVoir [Accueil](../README.md) et [le plan](plan.csv).",
    "guides/contrat.md": "# Contrat\n\n## Les clauses\n\n![Schéma](images/a.png)\n\nVoir [la facture](facture.md) et [rien](absent.md).",
    "guides/facture.md": "# Facture\n\nVoir [le contrat](./contrat.md).",
    "guides/images/a.png": png(),
    "guides/plan.csv": "a,b\n1,2\n",
    "guides/plan (1).csv": "a,b\n1,2\n",
    "notes/10 - dix.md": "Dix.",
    "notes/9 - neuf.md": "Neuf.",
    ".git/config": "x",
}


def folder_of(files: dict, root):
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def zip_of(files: dict, path, prefix: str = ""):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(prefix + name, content)
    return path


def bring(section, *paths, by=None, publish=True) -> ImportBatch:
    brought = [one for path in paths for one in brought_by(path)]
    batch = actions.open_batch(section, brought=brought, by=by, publish=publish, queue=False)
    batch = actions.read_batch(batch, by=by)
    batch = actions.start_batch(batch, by=by, queue=False)
    return actions.run_batch(batch, by=by)


def outcomes(batch) -> dict:
    return {item.path: item.outcome for item in batch.items.all()}


def everything() -> tuple:
    counted = (WikiPage, WikiSection, Revision, AcademyDocument, AcademyImage, ImportSource)
    return tuple(model.objects.count() for model in counted)


@pytest.fixture
def book(wiki, tmp_path):
    return folder_of(BOOK, tmp_path / "livre")


def test_a_folder_keeps_its_tree_as_sections(wiki, book, visitor_client):
    bring(wiki, book)
    wiki.refresh_from_db()
    guides, notes = WikiSection.objects.child_of(wiki).order_by("path")
    assert (guides.title, notes.title, wiki.title) == ("Les guides", "Notes", "Wiki")
    assert [page.title for page in WikiPage.objects.child_of(guides).order_by("path")] == ["Contrat", "Facture"]
    assert [page.slug for page in WikiPage.objects.child_of(notes).order_by("path")] == ["9-neuf", "10-dix"]
    html = visitor_client.get(wiki.url).content.decode()
    assert "Bienvenue" in html
    assert visitor_client.get(guides.url).status_code == 200


def test_links_lead_to_pages_and_files_by_id_and_pictures_come_along(wiki, book):
    batch = bring(wiki, book)
    assert Outcome.REFUSED not in outcomes(batch).values()
    contract, invoice = WikiPage.objects.get(slug="contrat"), WikiPage.objects.get(slug="facture")
    guides = WikiSection.objects.get(title="Les guides")
    document = AcademyDocument.objects.get(sha256=batch.items.get(path="guides/plan.csv").sha256)
    text = str(contract.body.get_prep_value())
    assert f'<a linktype="page" id="{invoice.pk}"' in text
    assert '<a linktype="wanted" target="Absent"' in text
    assert f'id="{contract.pk}"' in str(invoice.body.get_prep_value())
    assert f'linktype="document" id="{document.pk}"' in str(guides.body.get_prep_value())
    wiki.refresh_from_db()
    assert "#les-clauses" in str(wiki.body.get_prep_value())
    image = AcademyImage.objects.get()
    assert [block["value"]["image"]["image"] for block in contract.body.raw_data if block["type"] == "image"] == [image.pk]
    lost = batch.items.get(path="guides/contrat.md").report["lost"]
    assert lost == {"links to files that are not here, kept as red links: absent.md": 1}


def test_a_link_to_a_place_in_a_page_lasts_through_the_editor(wiki, book, visitor_client):
    bring(wiki, book)
    contract = WikiPage.objects.get(slug="contrat")
    assert f'href="{contract.url}#les-clauses"' in visitor_client.get(wiki.url).content.decode()
    converter = ContentstateConverter(features=["link"])
    html = f'<p>Voir <a linktype="page" id="{contract.pk}" href="#les-clauses">là</a>.</p>'
    again = converter.to_database_format(converter.from_database_format(html))
    assert f'id="{contract.pk}"' in again
    assert 'linktype="page"' in again
    assert 'href="#les-clauses"' in again


def test_the_same_bytes_are_one_file_and_both_names_are_said(wiki, book):
    batch = bring(wiki, book)
    twin = batch.items.get(path="guides/plan (1).csv")
    assert (twin.outcome, str(twin.said)) == (Outcome.DUPLICATE, "The same as guides/plan.csv, which is imported once.")
    assert AcademyDocument.objects.filter(sha256=twin.sha256).count() == 1


def test_the_same_folder_again_writes_nothing(wiki, book, tmp_path):
    bring(wiki, book)
    before = everything()
    again = bring(wiki, book)
    assert everything() == before
    made = {Outcome.CREATED, Outcome.UPDATED, Outcome.DRAFT}
    assert made.isdisjoint(outcomes(again).values())
    zipped = zip_of(BOOK, tmp_path / "Livre.zip", prefix="livre/")
    bring(wiki, zipped)
    assert everything() == before


def test_the_order_of_names_does_not_matter_for_links(wiki, tmp_path):
    files = {"a.md": "# A\n\n[vers z](z.md)", "z.md": "# Z\n\n[vers a](a.md)"}
    bring(wiki, folder_of(files, tmp_path / "x"))
    a, z = WikiPage.objects.get(title="A"), WikiPage.objects.get(title="Z")
    assert f'id="{z.pk}"' in str(a.body.get_prep_value())
    assert f'id="{a.pk}"' in str(z.body.get_prep_value())


def test_a_summary_gives_order_and_titles(wiki, tmp_path):
    files = {
        "SUMMARY.md": "# Summary\n\n* [La fin](fin.md)\n* [Partie](partie/README.md)\n  * [Début](partie/debut.md)\n* [Le milieu](milieu.md)\n",
        "fin.md": "# Fin\n\nTexte.",
        "milieu.md": "# Milieu\n\nTexte.",
        "partie/README.md": "# Partie de texte\n\nTexte.",
        "partie/debut.md": "# Un début\n\nTexte.",
    }
    batch = bring(wiki, folder_of(files, tmp_path / "x"))
    children = Page.objects.child_of(wiki).order_by("path")
    assert [child.title for child in children] == ["La fin", "Partie", "Le milieu"]
    assert WikiPage.objects.filter(title="Début").exists()
    assert outcomes(batch)["SUMMARY.md"] == Outcome.USED


def test_a_renamed_file_is_no_twin(wiki, tmp_path):
    bring(wiki, folder_of({"avant.md": "# Titre\n\nTexte.", "b.md": "# B\n\nTexte."}, tmp_path / "un"))
    before = everything()
    batch = bring(wiki, folder_of({"apres.md": "# Titre\n\nTexte.", "b.md": "# B\n\nTexte."}, tmp_path / "deux"))
    assert everything() == before
    moved = batch.items.get(path="apres.md")
    assert (moved.outcome, str(moved.said)) == (Outcome.UNCHANGED, "Imported before as avant.md: it is the same, nothing new is made.")
    batch = bring(wiki, folder_of({"apres.md": "# Titre\n\nAutre texte."}, tmp_path / "trois"))
    assert outcomes(batch) == {"apres.md": Outcome.UPDATED}
    assert WikiPage.objects.count() == 2


def test_a_changed_file_keeps_the_ids_of_its_blocks(wiki, tmp_path):
    bring(wiki, folder_of({"a.md": "# A\n\n## Un\n\nTexte.\n\n## Deux\n\nFin."}, tmp_path / "un"))
    before = [block["id"] for block in WikiPage.objects.get().body.raw_data]
    bring(wiki, folder_of({"a.md": "# A\n\n## Un\n\nTexte changé.\n\n## Deux\n\nFin."}, tmp_path / "deux"))
    page = WikiPage.objects.get()
    assert [block["id"] for block in page.body.raw_data] == before
    assert "Texte changé" in str(page.body.raw_data[1]["value"])


def test_an_edited_page_stays_a_draft_to_compare_until_somebody_takes_it_over(wiki, tmp_path, trainer):
    bring(wiki, folder_of({"a.md": "# A\n\nUn."}, tmp_path / "un"))
    page = WikiPage.objects.get()
    page.title = "À moi"
    page.save_revision(user=trainer).publish()
    for text in ("Deux.", "Trois."):
        batch = bring(wiki, folder_of({"a.md": f"# A\n\n{text}"}, tmp_path / text))
        assert outcomes(batch) == {"a.md": Outcome.DRAFT}
    page.refresh_from_db()
    assert (page.title, page.has_unpublished_changes) == ("À moi", True)
    page.get_latest_revision().publish(user=trainer)
    batch = bring(wiki, folder_of({"a.md": "# A\n\nQuatre."}, tmp_path / "quatre"))
    assert outcomes(batch) == {"a.md": Outcome.UPDATED}


def test_the_readme_at_the_top_never_replaces_what_a_person_wrote(home, french, tmp_path):
    section = WikiSectionFactory(
        parent=home, slug="ecrit", title="Écrit", locale=french, body=[{"type": "text", "value": "<p>À nous.</p>"}]
    )
    bring(section, folder_of({"README.md": "# Lisez-moi\n\nTexte."}, tmp_path / "x"))
    section.refresh_from_db()
    assert "À nous" in str(section.body.raw_data)
    assert WikiPage.objects.get().title == "Lisez-moi"


def test_the_same_names_in_two_sections_are_two_sources(wiki, members, tmp_path):
    bring(wiki, folder_of({"a.md": "# Public\n\nTexte."}, tmp_path / "un"))
    bring(members, folder_of({"a.md": "# Membres\n\nTexte."}, tmp_path / "deux"))
    assert sorted(WikiPage.objects.values_list("title", flat=True)) == ["Membres", "Public"]


def test_files_of_a_closed_section_are_closed_and_follow_its_privacy(wiki, members, tmp_path, visitor_client, client_for, promoter):
    bring(members, folder_of({"tarif.csv": "a,b\n1,2\n"}, tmp_path / "x"))
    document = AcademyDocument.objects.get()
    assert visitor_client.get(document.url).status_code == 302
    assert client_for(promoter).get(document.url).status_code == 200
    PageViewRestriction.objects.all().delete()
    assert visitor_client.get(document.url).status_code == 200
    PageViewRestriction.objects.create(page=wiki, restriction_type=PageViewRestriction.LOGIN)
    assert visitor_client.get(document.url).status_code == 302


def test_files_are_listed_on_their_section(wiki, tmp_path, visitor_client, django_assert_num_queries):
    visitor_client.get(wiki.url)
    bring(wiki, folder_of({"tarif.csv": "a,b\n1,2\n"}, tmp_path / "un"))
    with CaptureQueriesContext(connection) as one:
        html = visitor_client.get(f"{wiki.url}?one").content.decode()
    assert AcademyDocument.objects.get().url in html
    bring(wiki, folder_of({f"{n}.csv": f"a,b\n9,{n}\n" for n in range(3)}, tmp_path / "deux"))
    with django_assert_num_queries(len(one)):
        assert visitor_client.get(f"{wiki.url}?many").content.decode().count("/documents/") == 4


def test_a_changed_document_keeps_its_address(wiki, tmp_path):
    bring(wiki, folder_of({"tarif.csv": "a,b\n1,2\n"}, tmp_path / "un"))
    before = AcademyDocument.objects.get()
    batch = bring(wiki, folder_of({"tarif.csv": "a,b\n3,4\n"}, tmp_path / "deux"))
    after = AcademyDocument.objects.get()
    assert outcomes(batch) == {"tarif.csv": Outcome.UPDATED}
    assert (after.pk, after.sha256 != before.sha256, after.file.read()) == (before.pk, True, b"a,b\n3,4\n")


def test_the_command_imports_a_tree_and_says_what_is_lost(wiki, book):
    said = command(book, into="wiki", language="fr")
    assert "9 read, 0 failed, 1 left out" in said
    assert "absent.md" in said


# --- what was brought


def paths(*sources) -> list[str]:
    return [one.path for source in sources for one in brought_by(source) if isinstance(one, Brought)]


def reasons(*sources) -> list[str]:
    return [str(one.reason) for source in sources for one in brought_by(source) if isinstance(one, LeftOut)]


def test_names_are_the_same_from_every_system(tmp_path):
    decomposed = unicodedata.normalize("NFD", "été/réponse.md")
    mac = zip_of({decomposed: "x", "__MACOSX/été/._réponse.md": "x"}, tmp_path / "mac.zip")
    windows = zip_of({"été\\réponse.md": "x"}, tmp_path / "win.zip")
    plain = folder_of({"été/réponse.md": "x"}, tmp_path / "plain")
    assert paths(mac) == paths(windows) == paths(plain) == ["été/réponse.md"]


def test_old_zips_do_not_say_how_they_write_letters(tmp_path):
    def old(name: bytes):
        path = tmp_path / "old.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x" * len(name), "x")
        path.write_bytes(path.read_bytes().replace(b"x" * len(name) + b"x", name + b"x").replace(b"x" * len(name), name))
        return path

    assert paths(old("é.md".encode())) == ["é.md"]
    assert paths(old("é.md".encode("cp850"))) == ["é.md"]


@pytest.mark.parametrize("name", ["../dehors.md", "/etc/passwd", "C:\\x.md", "a/../../b.md"])
def test_nothing_leads_outside(tmp_path, name):
    found = zip_of({name: "x", "bon.md": "x"}, tmp_path / "x.zip")
    assert paths(found) in (["bon.md"], [])
    assert reasons(found) != []


def test_links_to_other_places_are_not_followed_and_hidden_files_are_said(tmp_path):
    folder = folder_of({"a.md": "x", ".cache/b.md": "x", "~$a.docx": "x"}, tmp_path / "x")
    (tmp_path / "secret.md").write_text("x")
    (folder / "lien.md").symlink_to(tmp_path / "secret.md")
    (folder / "dossier").symlink_to(tmp_path)
    assert paths(folder) == ["a.md"]
    assert len(reasons(folder)) == 4


def test_a_zip_inside_a_zip_stays_shut(wiki, tmp_path):
    inner = zip_of({"b.md": "x"}, tmp_path / "inner.zip").read_bytes()
    batch = bring(wiki, zip_of({"a.md": "# A\n\nTexte.", "inner.zip": inner, "faux.csv": inner}, tmp_path / "outer.zip"))
    assert outcomes(batch) == {"a.md": Outcome.CREATED, "inner.zip": Outcome.REFUSED, "faux.csv": Outcome.REFUSED}

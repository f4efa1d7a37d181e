"""Importing into the database: once, again, changed, edited by a person meanwhile, refused."""

import shutil
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from wagtail.models import ModelLogEntry, PageLogEntry, Revision

from wiki import actions
from wiki.importer import RefusedFile, SourceFile
from wiki.models import ImportSource, WikiPage

PAD = Path(__file__).parent / "pad.md"


def source(text: str, name: str = "pad.md") -> SourceFile:
    return SourceFile(key=name, name=name, content=text.encode())


def bring(section, text, **options):
    return actions.import_source(section, source=source(text), **options)


def command(*arguments, **options) -> str:
    out = StringIO()
    call_command("import_documents", *map(str, arguments), stdout=out, stderr=out, **options)
    return out.getvalue()


def test_a_pad_becomes_a_page_that_reads_well(wiki, visitor_client):
    said = command(PAD, into="wiki", language="fr")
    page = WikiPage.objects.get()
    assert "CREATED" in said
    assert page.title == "[Coop des Rives] : journée d'équipe"
    assert page.live
    assert sorted(page.tags.names()) == ["budget", "équipe"]
    html = visitor_client.get(page.url).content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    assert main.count('data-kind="warning"') == 1
    assert main.count('data-kind="danger"') == 1
    for mark in (":::", "**", "++ ", "](", "=="):
        assert mark not in main.replace("C++ ", "")


def test_the_same_file_again_writes_nothing(wiki):
    command(PAD, into="wiki", language="fr")
    before = (WikiPage.objects.count(), Revision.objects.count(), ImportSource.objects.count(), PageLogEntry.objects.count())
    assert "UNCHANGED" in command(PAD, into="wiki", language="fr")
    assert (WikiPage.objects.count(), Revision.objects.count(), ImportSource.objects.count(), PageLogEntry.objects.count()) == before


def test_a_changed_file_updates_its_page_and_keeps_the_address(wiki):
    first = bring(wiki, "# Un\n\nTexte.")
    address = first.source.page.url
    again = bring(wiki, "# Deux\n\nTexte.\n\nEncore.")
    page = WikiPage.objects.get()
    assert (again.outcome, page.title, page.url) == ("updated", "Deux", address)
    assert "Encore" in str(page.body.raw_data[0]["value"])


def test_what_a_person_wrote_meanwhile_is_not_overwritten(wiki, trainer):
    page = bring(wiki, "# Un\n\nTexte.").source.page
    page.refresh_from_db()
    page.title = "Corrigé"
    page.save_revision(user=trainer).publish()
    result = bring(wiki, "# Deux\n\nNouveau.")
    live = WikiPage.objects.get()
    assert result.outcome == "draft"
    assert (live.title, live.has_unpublished_changes) == ("Corrigé", True)
    assert live.get_latest_revision_as_object().title == "Deux"


def test_a_deleted_page_comes_back_at_the_next_import(wiki):
    bring(wiki, "# Un\n\nTexte.").source.page.delete()
    assert bring(wiki, "# Un\n\nTexte.").outcome == "created"
    assert WikiPage.objects.count() == 1


def test_two_files_with_one_title_are_two_pages(wiki):
    for name in ("a.md", "b.md"):
        actions.import_source(wiki, source=source("# Titre\n\nTexte.", name))
    assert sorted(WikiPage.objects.values_list("slug", flat=True)) == ["titre", "titre-2"]


def test_the_original_is_kept_once_and_served_to_staff_only(wiki, visitor_client, client_for, promoter, trainer):
    document = bring(wiki, "# Un\n\nTexte.").source.original
    assert document.sha256 == source("# Un\n\nTexte.").sha256
    assert document.file_size > 0
    assert document.file_hash != ""
    assert visitor_client.get(document.url).status_code == 302
    assert client_for(promoter).get(document.url).status_code == 302
    response = client_for(trainer).get(document.url)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"


def test_an_import_says_who(wiki, trainer):
    result = bring(wiki, "# Un\n\nTexte.", by=trainer)
    entry = PageLogEntry.objects.get(action="wiki.import")
    assert (entry.user, entry.data["outcome"], result.source.imported_by) == (trainer, "created", trainer)
    assert not ModelLogEntry.objects.filter(action="wiki.import").exists()


def test_a_folder_and_a_zip(wiki, tmp_path):
    folder = tmp_path / "pads"
    (folder / "sub").mkdir(parents=True)
    (folder / "un.md").write_text("# Un\n\nTexte.")
    (folder / "sub" / "deux.md").write_text("Sans titre.")
    (folder / ".cache").write_text("x")
    assert "2 read, 0 failed" in command(folder, into="wiki", language="fr")
    with zipfile.ZipFile(tmp_path / "pads.zip", "w") as archive:
        archive.write(folder / "un.md", "un.md")
    assert "UNCHANGED" in command(tmp_path / "pads.zip", into="wiki", language="fr")
    assert sorted(WikiPage.objects.values_list("title", flat=True)) == ["Deux", "Un"]


def test_a_dry_run_writes_nothing(wiki):
    said = command(PAD, into="wiki", language="fr", dry_run=True)
    assert "WOULD BE" in said
    assert "dry run" in said
    assert not WikiPage.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.docx", b"PK", "not what its name says"),
        ("a.pdf", b"%PDF-1.4", "does not become a page"),
        ("a.md", b"\x81\x00\x9d\x00", "UTF-8"),
        ("a.md", b"  \n", "is empty"),
        ("a.md", b"x" * 600_000, "too long"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(wiki, name, content, sentence):
    with pytest.raises(RefusedFile, match=sentence):
        actions.import_source(wiki, source=SourceFile(key=name, name=name, content=content))
    assert not WikiPage.objects.exists()


def test_one_bad_file_fails_the_command_but_not_the_others(wiki, tmp_path):
    shutil.copy(PAD, tmp_path / "bon.md")
    (tmp_path / "mauvais.docx").write_bytes(b"PK")
    with pytest.raises(CommandError, match="1 of 2 files"):
        command(tmp_path, into="wiki", language="fr")
    assert WikiPage.objects.count() == 1


@pytest.mark.parametrize(("into", "language"), [("nulle-part", "fr"), ("wiki", "de")])
def test_an_unknown_section_or_language_is_said(wiki, into, language):
    with pytest.raises(CommandError):
        command(PAD, into=into, language=language)


def test_a_missing_path_is_said(wiki, tmp_path):
    with pytest.raises(CommandError):
        command(tmp_path / "rien.md", into="wiki", language="fr")


def test_a_zip_that_grows_too_much_is_refused(wiki, tmp_path):
    with zipfile.ZipFile(tmp_path / "bombe.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.md", "x" * 4_000_000)
    with pytest.raises(CommandError):
        command(tmp_path / "bombe.zip", into="wiki", language="fr")

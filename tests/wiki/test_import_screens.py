"""Bringing documents in through the CMS: the form, the preview, the choices, the import, its report; and who may."""

import uuid

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import GroupPagePermission

from tests.factories.wiki import WikiSectionFactory
from tests.wiki.test_import_tree import BOOK, bring, folder_of, zip_of
from wiki import actions, staging
from wiki.intake import brought_by
from wiki.models import ImportBatch, ImportItem, ImportSource, WikiPage

State, Outcome = ImportBatch.State, ImportItem.Outcome
BOLD = "# Règlement\n\n**Premier titre**\n\nTexte un.\n\n**Second titre**\n\nTexte deux.\n"


def look(section, folder, *, by) -> ImportBatch:
    """An import that waits for its owner."""
    return actions.read_batch(actions.open_batch(section, brought=brought_by(folder), by=by, queue=False), by=by)


def send(client, section, *files, **data):
    upload = [SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode()) for name, content in files]
    return client.post(reverse("wiki_import"), {"section": section.pk, "publish": "on", "files": upload, **data})


def choose(client, batch, **chosen):
    """The form of the preview, sent back with nothing ticked but what is named."""
    data = {"section": batch.section_id, "publish": "on", **chosen}
    return client.post(reverse("wiki_import_begin", args=[batch.pk]), data)


@pytest.fixture
def now(django_capture_on_commit_callbacks):
    """What waits for the end of a transaction happens: the tasks, at once."""

    def run(act):
        with django_capture_on_commit_callbacks(execute=True):
            answer = act()
        return answer

    return run


@pytest.fixture
def client(client_for, trainer):
    trainer.language = "en"
    trainer.save()
    client = client_for(trainer)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def test_a_file_is_looked_at_then_imported(wiki, client, now):
    answer = now(lambda: send(client, wiki, ("reglement.md", BOLD), ("vieux.doc", b"\xd0\xcf\x11\xe0")))
    batch = ImportBatch.objects.get()
    address = reverse("wiki_import_batch", args=[batch.pk])
    assert answer["Location"] == address
    assert not WikiPage.objects.exists()
    html = client.get(address).content.decode()
    assert "2 bold lines look like headings" in html
    assert "Premier titre" in html
    assert "old Office format" in html
    item = batch.items.get(path="reglement.md")
    now(lambda: choose(client, batch, **{f"wanted-{item.pk}": "on", f"promote-{item.pk}": "on"}))
    batch.refresh_from_db()
    page = WikiPage.objects.get()
    assert batch.state == State.DONE
    assert [block.block_type for block in page.body] == ["heading", "text", "heading", "text"]
    assert ImportSource.objects.get().options == {"promote_bold_headings": True}
    assert not staging.folder_of(batch.pk).exists()
    html = client.get(address).content.decode()
    assert reverse("wagtailadmin_pages:edit", args=[page.pk]) in html
    assert "Report for a spreadsheet" in html


def test_the_same_choice_is_remembered_and_writes_nothing(wiki, client, now):
    for _time in range(2):
        now(lambda: send(client, wiki, ("reglement.md", BOLD)))
        batch = ImportBatch.objects.latest("created_at")
        item = batch.items.get()
        now(lambda: choose(client, batch, **{f"wanted-{item.pk}": "on", f"promote-{item.pk}": "on"}))  # noqa: B023
    assert batch.items.get().outcome == Outcome.UNCHANGED
    assert WikiPage.objects.get().revisions.count() == 1


def test_the_choice_of_the_last_time_is_proposed_and_kept(wiki, client, now):
    now(lambda: send(client, wiki, ("reglement.md", BOLD)))
    batch = ImportBatch.objects.get()
    item = batch.items.get()
    now(lambda: choose(client, batch, **{f"wanted-{item.pk}": "on", f"promote-{item.pk}": "on"}))
    now(lambda: send(client, wiki, ("reglement.md", BOLD)))
    again = ImportBatch.objects.latest("created_at")
    item = again.items.get()
    assert (item.options, item.expected) == ({"promote_bold_headings": True}, Outcome.UNCHANGED)
    assert f'name="promote-{item.pk}" checked' in client.get(reverse("wiki_import_batch", args=[again.pk])).content.decode()


def test_what_is_not_wanted_is_left_out(wiki, client, now):
    now(lambda: send(client, wiki, ("a.md", "# A\n\nTexte."), ("b.md", "# B\n\nTexte.")))
    batch = ImportBatch.objects.get()
    wanted = batch.items.get(path="b.md")
    now(lambda: choose(client, batch, **{f"wanted-{wanted.pk}": "on"}))
    assert [page.title for page in WikiPage.objects.all()] == ["B"]
    assert batch.items.get(path="a.md").outcome == Outcome.LEFT_OUT


def test_a_folder_chosen_without_script_keeps_its_tree(wiki, client, now):
    boundary = "frontier"
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="section"\r\n\r\n{wiki.pk}\r\n']
    for path, text in (("livre/README.md", "# Livre\n\nTexte."), ("livre/guides/a.md", "# A\n\nTexte."), ("livre/.DS_Store", "x")):
        head = f'Content-Disposition: form-data; name="folder"; filename="{path}"\r\nContent-Type: text/markdown'
        parts.append(f"--{boundary}\r\n{head}\r\n\r\n{text}\r\n")
    body = "".join([*parts, f"--{boundary}--\r\n"]).encode()
    now(lambda: client.post(reverse("wiki_import"), body, content_type=f"multipart/form-data; boundary={boundary}"))
    batch = ImportBatch.objects.get()
    assert {item.path: item.becomes for item in batch.items.all()} == {
        "README.md": "text",
        "guides/": "section",
        "guides/a.md": "page",
        ".DS_Store": "nothing",
    }


def test_a_zip_that_comes_with_the_form_keeps_its_tree(wiki, client, now, tmp_path):
    content = zip_of(BOOK, tmp_path / "livre.zip", prefix="livre/").read_bytes()
    now(lambda: send(client, wiki, ("livre.zip", content)))
    assert ImportBatch.objects.get().items.filter(path="guides/contrat.md", becomes="page").exists()


def test_nothing_chosen_is_said(wiki, client):
    answer = client.post(reverse("wiki_import"), {"section": wiki.pk})
    assert "Choose at least one file" in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_a_form_from_elsewhere_is_refused(wiki, trainer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(trainer)
    assert send(client, wiki, ("a.md", "# A")).status_code == 403
    assert not ImportBatch.objects.exists()


# --- who may


def test_nobody_imports_where_they_may_not_add_pages(home, wiki, french, trainer, client, now):
    GroupPagePermission.objects.filter(group__name="Trainers").update(page=wiki)
    elsewhere = WikiSectionFactory(parent=home, slug="ailleurs", title="Ailleurs", locale=french)
    assert "Ailleurs" not in client.get(reverse("wiki_import")).content.decode()
    assert send(client, elsewhere, ("a.md", "# A")).status_code == 200
    assert not ImportBatch.objects.exists()
    batch = ImportBatch.objects.create(section=elsewhere, state=State.PREPARED)
    for name in ("batch", "report"):
        assert client.get(reverse(f"wiki_import_{name}", args=[batch.pk])).status_code == 404
    for name in ("begin", "stop"):
        assert client.post(reverse(f"wiki_import_{name}", args=[batch.pk])).status_code == 404
    batch.refresh_from_db()
    assert batch.state == State.PREPARED


@pytest.mark.parametrize("who", ["promoter", "reviewer"])
def test_the_import_is_closed_to_others(request, client_for, wiki, who):
    client = client_for(request.getfixturevalue(who))
    batch = ImportBatch.objects.create(section=wiki, state=State.PREPARED)
    for address in (reverse("wiki_import"), reverse("wiki_import_batch", args=[batch.pk]), reverse("wiki_import_report", args=[batch.pk])):
        assert client.get(address).status_code in (302, 403, 404)
    client.post(reverse("wiki_import_begin", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.state == State.PREPARED


def test_who_may_not_publish_brings_drafts(wiki, trainer, client, now):
    GroupPagePermission.objects.filter(group__name="Trainers", permission__codename="publish_page").delete()
    now(lambda: send(client, wiki, ("a.md", "# A\n\nTexte.")))
    batch = ImportBatch.objects.get()
    item = batch.items.get()
    now(lambda: choose(client, batch, **{f"wanted-{item.pk}": "on"}))
    page = WikiPage.objects.get()
    assert (page.live, page.has_unpublished_changes) == (False, True)


# --- the pages


def queries_of(client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("act", [bring, look])
def test_pages_cost_the_same_for_one_file_and_for_many(wiki, trainer, client, tmp_path, act):
    few = act(wiki, folder_of({"a.md": "# A\n\nTexte."}, tmp_path / "few"), by=trainer)
    many = act(wiki, folder_of({f"{n}.md": f"# N{n}\n\nTexte." for n in range(12)}, tmp_path / "many"), by=trainer)
    client.get(reverse("wiki_import"))
    counts = [queries_of(client, reverse("wiki_import_batch", args=[batch.pk])) for batch in (few, many)]
    assert counts[0] == counts[1] <= 40


@pytest.mark.parametrize("name", ["wiki_import", "wiki_imports:index"])
def test_lists_of_imports_cost_the_same_for_one_and_for_three(wiki, trainer, client, tmp_path, name):
    bring(wiki, folder_of({"0.md": "# Zéro\n\nTexte."}, tmp_path / "0"), by=trainer)
    client.get(reverse(name))
    before = queries_of(client, reverse(name))
    for number in (1, 2):
        bring(wiki, folder_of({f"{number}.md": f"# N{number}\n\nTexte."}, tmp_path / str(number)), by=trainer)
    assert queries_of(client, reverse(name)) == before


def test_the_report_stays_with_the_page(wiki, trainer, client, tmp_path):
    bring(wiki, folder_of({"a.md": "# A\n\nTexte [absent](b.md)."}, tmp_path / "x"), by=trainer)
    page = WikiPage.objects.get()
    source = ImportSource.objects.get()
    address = reverse("wiki_import_source", args=[source.pk])
    assert address in client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert address in client.get(reverse("wiki_imports:index")).content.decode()
    html = client.get(address).content.decode()
    assert "links to files that are not here, kept as red links: b.md" in html
    assert source.original.url in html


def test_the_report_is_a_table_too(wiki, trainer, client, tmp_path):
    batch = bring(wiki, folder_of({"a.md": "# =SUM(A1)\n\nTexte."}, tmp_path / "x"), by=trainer)
    answer = client.get(reverse("wiki_import_report", args=[batch.pk]))
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert rows[1].startswith("a.md,page,'=SUM(A1),new")


def test_a_draft_to_compare_leads_to_the_comparison(wiki, trainer, client, tmp_path):
    bring(wiki, folder_of({"a.md": "# A\n\nUn."}, tmp_path / "un"), by=trainer)
    page = WikiPage.objects.get()
    page.title = "À moi"
    page.save_revision(user=trainer).publish()
    batch = bring(wiki, folder_of({"a.md": "# A\n\nDeux."}, tmp_path / "deux"), by=trainer)
    compare = reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, "live", "latest"])
    assert compare in client.get(reverse("wiki_import_batch", args=[batch.pk])).content.decode()
    assert client.get(compare).status_code == 200


def test_the_script_gets_the_part_that_changes(wiki, client):
    batch = ImportBatch.objects.create(section=wiki, state=State.RUNNING, token=uuid.uuid4(), beat_at="2999-01-01T00:00Z")
    ImportItem.objects.create(batch=batch, path="a.md", outcome=Outcome.CREATED)
    ImportItem.objects.create(batch=batch, path="b.md")
    html = client.get(reverse("wiki_import_batch", args=[batch.pk]), headers={"x-requested-with": "XMLHttpRequest"}).content.decode()
    assert 'data-import-percent="50"' in html
    assert "<html" not in html

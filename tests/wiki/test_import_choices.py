"""The preview of an import and its choices: another title, headings, a file left out, another place; looked at again before anything is written."""

import pytest
import typst
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import translation

from academy import sandbox
from academy.models import AcademyDocument
from academy.search.files import read_document
from academy.sentences import Sentence
from tests.factories import files
from tests.factories.wiki import WikiSectionFactory
from tests.wiki.test_import_screens import BOLD, choose, client, now, send  # noqa: F401
from tests.wiki.test_import_tree import everything
from wiki import actions
from wiki.models import ImportBatch, ImportItem, WikiPage, WikiSection
from wiki.pad import Pad

State, Outcome = ImportBatch.State, ImportItem.Outcome


def form_of(batch, **changed) -> dict:
    """Every field of the preview as it is shown, and what a person changes in it; None takes a tick away."""
    data = {}
    for item in batch.items.filter(outcome=""):
        data[f"title-{item.path}"] = item.title
        if item.becomes != "section" and item.wanted:
            data[f"wanted-{item.path}"] = "on"
        if item.options.get("promote_bold_headings"):
            data[f"promote-{item.path}"] = "on"
    numbers = {item.path: item.pk for item in batch.items.all()}
    merged = {name: value for name, value in {**data, **changed}.items() if value is not None}
    return {f"{name.partition('-')[0]}-{numbers[name.partition('-')[2]]}" if "-" in name else name: value for name, value in merged.items()}


def files_of_readers():
    return AcademyDocument.objects.exclude(collection__name="Imports")


@pytest.fixture
def looked(now, wiki, client):  # noqa: F811
    """Files are brought; each further call sends the form of the preview back."""

    def bring(*files) -> ImportBatch:
        now(lambda: send(client, wiki, *files))
        return ImportBatch.objects.latest("created_at")

    return bring


@pytest.fixture
def answer(now, client):  # noqa: F811
    def send_back(batch, **changed) -> ImportBatch:
        now(lambda: choose(client, batch, **form_of(batch, **changed)))
        batch.refresh_from_db()
        return batch

    return send_back


def shown(client, batch) -> str:  # noqa: F811
    return client.get(reverse("wiki_import_batch", args=[batch.pk])).content.decode()


def test_looking_again_shows_what_a_choice_changes_and_writes_nothing(wiki, client, looked, answer):  # noqa: F811
    batch = looked(("reglement.md", BOLD))
    assert "headings ×2" not in shown(client, batch)
    batch = answer(batch, look="1", **{"promote-reglement.md": "on", "title-reglement.md": "Notre règlement"})
    html = shown(client, batch)
    assert batch.state == State.PREPARED
    assert "headings ×2" in html
    assert f'name="promote-{batch.items.get().pk}" checked' in html
    assert 'value="Notre règlement"' in html
    assert not WikiPage.objects.exists()
    batch = answer(batch)
    page = WikiPage.objects.get()
    assert (batch.state, page.title) == (State.DONE, "Notre règlement")
    assert [block.block_type for block in page.body] == ["heading", "text", "heading", "text"]


def test_a_choice_can_be_taken_back(wiki, looked, answer):
    answer(looked(("reglement.md", BOLD)), **{"promote-reglement.md": "on", "title-reglement.md": "Notre règlement"})
    batch = looked(("reglement.md", BOLD))
    assert (batch.items.get().title, batch.items.get().expected) == ("Notre règlement", Outcome.UNCHANGED)
    batch = answer(batch, look="1", **{"promote-reglement.md": None, "title-reglement.md": ""})
    item = batch.items.get()
    assert (item.title, item.expected, item.options["promote_bold_headings"]) == ("Règlement", Outcome.UPDATED, False)
    answer(batch)
    assert WikiPage.objects.get().title == "Règlement"


@pytest.mark.parametrize("looks", [0, 1])
def test_another_title_is_a_choice_that_lasts_and_is_not_written_twice(wiki, looked, answer, looks):
    for _time in range(2):
        batch = looked(("a.md", "# A\n\nTexte."))
        for _look in range(looks):
            batch = answer(batch, look="1", **{"title-a.md": "  Autre   nom "})
        batch = answer(batch, **{"title-a.md": "Autre nom"})
    assert batch.items.get().outcome == Outcome.UNCHANGED
    page = WikiPage.objects.get()
    assert (page.title, page.revisions.count()) == ("Autre nom", 1)
    answer(looked(("a.md", "# A\n\nTexte changé.")))
    page.refresh_from_db()
    assert (page.title, page.revisions.count()) == ("Autre nom", 2)


BOOK = [("livre/README.md", "# Livre\n\nTexte."), ("livre/a.md", "# A\n\nTexte."), ("seul/b.md", "# B\n\nTexte.")]


def zipped() -> bytes:
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in BOOK:
            archive.writestr(name, text)
    return out.getvalue()


def test_a_section_takes_the_title_that_was_chosen(wiki, looked, answer):
    batch = answer(looked(("x.zip", zipped())), look="1", **{"title-livre/": "Notre livre"})
    assert {item.path: item.title for item in batch.items.filter(path__startswith="livre/")} == {
        "livre/": "Notre livre",
        "livre/README.md": "Notre livre",
        "livre/a.md": "A",
    }
    answer(batch)
    before = everything()
    assert WikiSection.objects.filter(title="Notre livre").exists()
    answer(looked(("x.zip", zipped())))
    assert everything() == before
    assert WikiSection.objects.filter(title="Notre livre").exists()


@pytest.mark.parametrize("looks", [0, 1])
def test_a_folder_of_which_nothing_is_wanted_makes_no_section(wiki, looked, answer, looks):
    batch = looked(("x.zip", zipped()))
    for _look in range(looks):
        batch = answer(batch, look="1", **{"wanted-seul/b.md": None})
        assert batch.items.get(path="seul/b.md").expected == Outcome.LEFT_OUT
        assert not batch.items.filter(path="seul/").exists()
    answer(batch, **{"wanted-seul/b.md": None})
    assert not WikiSection.objects.filter(title="Seul").exists()
    assert WikiPage.objects.get().title == "A"


def test_what_was_left_out_can_be_taken_in_again(wiki, looked, answer):
    batch = answer(looked(("a.md", "# A\n\nTexte."), ("b.md", "# B\n\nTexte.")), look="1", **{"wanted-b.md": None})
    answer(batch, **{"wanted-b.md": "on"})
    assert WikiPage.objects.count() == 2


@pytest.mark.parametrize("looks", ["1", None])
def test_another_place_is_looked_at_before_anything_is_written(wiki, home, french, client, looked, answer, looks):  # noqa: F811
    other = WikiSectionFactory(parent=home, slug="ailleurs", title="Ailleurs", locale=french)
    answer(looked(("a.md", "# A\n\nTexte.")))
    batch = looked(("a.md", "# A\n\nTexte."))
    assert batch.items.get().expected == Outcome.UNCHANGED
    batch = answer(batch, section=other.pk, publish="", look=looks)
    assert (batch.state, batch.section_id, batch.publish, batch.items.get().expected) == (State.PREPARED, other.pk, False, Outcome.CREATED)
    assert WikiPage.objects.count() == 1
    answer(batch, publish="")
    assert WikiPage.objects.child_of(other).get().live is False


def test_a_place_where_one_may_not_add_pages_is_refused(wiki, looked, answer):
    batch = answer(looked(("a.md", "# A\n\nTexte.")), section=999_999)
    assert (batch.state, batch.section_id) == (State.PREPARED, wiki.pk)
    assert not WikiPage.objects.exists()


def test_a_refused_form_keeps_every_choice_that_was_made(wiki, home, french, client, looked):  # noqa: F811
    batch = looked(("reglement.md", BOLD), ("b.md", "# B\n\nTexte."), ("c.csv", "a,b\n1,2\n"))
    batch = looked(("x.zip", zipped()), ("reglement.md", BOLD), ("b.md", "# B\n\nTexte."), ("c.csv", "a,b\n1,2\n"))
    before = list(batch.items.values())
    changed = {"title-reglement.md": "  <Notre> règlement", "promote-reglement.md": "on", "title-b.md": "", "wanted-b.md": None}
    changed |= {"title-c.csv": "Les tarifs", "title-livre/": "Notre livre", "wanted-livre/a.md": None, "section": "", "publish": ""}
    answer = client.post(reverse("wiki_import_begin", args=[batch.pk]), {"section": "", **form_of(batch, **changed)})
    assert answer.status_code == 200
    html = BeautifulSoup(answer.content, "html.parser")
    numbers = {item.path: item.pk for item in batch.items.all()}

    def value(name: str) -> str:
        kind, _dash, path = name.partition("-")
        field = html.find("input", {"name": f"{kind}-{numbers[path]}"})
        return "on" if field.has_attr("checked") else field.get("value", "") if field["type"] == "text" else ""

    names = [name for name in changed if "-" in name]
    assert {name: value(name) for name in names} == {name: changed[name] or "" for name in names}
    assert (value("wanted-reglement.md"), value("wanted-c.csv"), value("title-livre/a.md")) == ("on", "on", "A")
    assert not html.find("input", {"name": "publish"}).has_attr("checked")
    assert html.find(attrs={"name": "section"}).find("option", selected=True)["value"] == ""
    assert "Choose a section where you may add pages" in html.get_text()
    assert html.select_one(".w-field__errors").get_text(strip=True)
    assert list(batch.items.values()) == before


def test_a_form_of_an_import_that_has_gone_on_meanwhile_leads_to_it(wiki, client, looked, answer):  # noqa: F811
    batch = answer(looked(("a.md", "# A\n\nTexte.")))
    sent = choose(client, batch, section="")
    assert (sent.status_code, sent["Location"]) == (302, reverse("wiki_import_batch", args=[batch.pk]))


@pytest.mark.parametrize("looks", [0, 1])
def test_a_file_that_stays_a_file_is_called_as_was_chosen(wiki, client, looked, answer, looks):  # noqa: F811
    for _time in range(2):
        batch = looked(("tarifs_2024.csv", "a,b\n1,2\n"))
        assert f'name="title-{batch.items.get().pk}"' in shown(client, batch)
        for _look in range(looks):
            batch = answer(batch, look="1", **{"title-tarifs_2024.csv": " Les   tarifs "})
        batch = answer(batch, **{"title-tarifs_2024.csv": "Les tarifs"})
    assert batch.items.get().outcome == Outcome.UNCHANGED
    file = files_of_readers().get()
    assert file.title == "Les tarifs"
    answer(looked(("tarifs_2024.csv", "a,b\n1,3\n")))
    assert [(one.pk, one.title) for one in files_of_readers()] == [(file.pk, "Les tarifs")]
    batch = answer(looked(("tarifs_2024.csv", "a,b\n1,3\n")), **{"title-tarifs_2024.csv": "Tarifs"})
    assert batch.items.get().outcome == Outcome.UPDATED
    batch = answer(looked(("tarifs_2024.csv", "a,b\n1,3\n")), **{"title-tarifs_2024.csv": ""})
    assert [(one.pk, one.title) for one in files_of_readers()] == [(file.pk, "tarifs_2024.csv")]


def test_the_title_that_somebody_gave_a_file_later_is_not_taken_back(wiki, looked, answer):
    answer(looked(("tarifs.csv", "a,b\n1,2\n")))
    files_of_readers().update(title="À moi")
    answer(looked(("tarifs.csv", "a,b\n1,3\n")))
    assert files_of_readers().get().title == "À moi"


def test_a_locked_file_is_kept_and_said_to_be_out_of_reach_of_the_search(wiki, client, now, looked, answer):  # noqa: F811
    batch = looked(("secret.pdf", files.locked_pdf()), ("ouvert.pdf", typst.compile(b"Des mots, assez pour une page de texte.")))
    said = "secret.pdf is protected by a password: it is kept as a file, but the words in it cannot be searched."
    assert shown(client, batch).count(said) == 1
    batch = answer(batch)
    assert {item.path: item.outcome for item in batch.items.all()} == {"secret.pdf": Outcome.CREATED, "ouvert.pdf": Outcome.CREATED}
    for document in AcademyDocument.objects.all():
        read_document(document)
    assert dict(files_of_readers().values_list("title", "extraction_status")) == {"secret.pdf": "locked", "ouvert.pdf": "ok"}
    assert shown(client, batch).count(said) == 1
    assert said in client.get(reverse("wiki_import_report", args=[batch.pk])).content.decode()


def test_the_report_says_which_files_have_no_words(wiki, client, looked, answer):  # noqa: F811
    batch = answer(looked(("scan.pdf", typst.compile(b"#page[]\n#page[]"))))
    for document in AcademyDocument.objects.all():
        read_document(document)
    assert "no text inside: not searchable" in shown(client, batch)
    AcademyDocument.objects.update(extraction_status="ok", pages_without_text=2)
    assert "2 pages are pictures without text: not searchable" in shown(client, batch)


def test_a_file_is_read_once_for_the_same_choices(wiki, looked, answer, monkeypatch):
    batch = looked(("reglement.md", BOLD))

    def forbidden(*_arguments, **_options):
        raise AssertionError("read again")

    with monkeypatch.context() as patched:
        patched.setattr(sandbox, "run", forbidden)
        batch = answer(batch, look="1")
        assert batch.items.get().expected == Outcome.CREATED
        answer(batch)
    assert WikiPage.objects.get().title == "Règlement"


def test_what_was_read_is_kept_with_its_pictures():
    pad = Pad(title="É\n", images={"a": b"\n\x00", "b": None, "c": b""})
    pad.report.at(3)
    pad.report.lost["x"] += 1
    assert Pad.unpacked(pad.packed()) == pad
    assert Pad.unpacked(pad.packed()).report.lost.places == {"x": [3]}


def test_a_cut_reading_begins_anew_with_the_order_and_the_choices(wiki, looked, answer):
    summary = "# Summary\n\n* [La fin](z.md)\n* [Le début](a.md)\n"
    batch = looked(("SUMMARY.md", summary), ("a.md", "# A\n\nTexte."), ("z.md", "# Z\n\nTexte."))
    batch.items.filter(path="a.md").update(title="", report={}, expected="")
    ImportBatch.objects.update(state=State.READING)
    actions.read_batch(ImportBatch.objects.get(), by=None)
    assert [(item.path, item.title) for item in batch.items.filter(becomes="page")] == [("z.md", "La fin"), ("a.md", "Le début")]


def test_a_refusal_is_said_in_the_language_of_who_reads_it(wiki, client, looked, answer):  # noqa: F811
    batch = looked(("vieux.doc", b"\xd0\xcf\x11\xe0"), ("trop.md", "x" * 600_000), ("bon.md", "# A\n\nTexte."))
    item = batch.items.get(path="vieux.doc")
    with translation.override("fr"):
        assert "ancien format" in str(item.said)
        assert "trop.md\u00a0: Ce texte est trop long" in str(batch.items.get(path="trop.md").said)
    with translation.override("en"):
        assert "old Office format" in str(item.said)
    assert "old Office format" in shown(client, batch)


def test_a_sentence_from_elsewhere_only_gets_its_names_filled_in():
    said = Sentence.from_json({"said": "%(a)s %(b)999999999s 100%% %(c)d", "with": {"a": "%(c)d", "c": 3}})
    assert str(said) == "%(c)d %(b)999999999s 100% 3"
    assert str(Sentence()) == ""

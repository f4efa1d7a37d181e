"""The words of files, page by page, and what is refused before or while they are read."""

import io
from contextlib import suppress

import openpyxl
import pytest
import typst
from django.utils import translation

from academy import sandbox
from academy.extraction import Extraction, ExtractionStatus, Passage, RefusedFile, extract, is_locked
from academy.files import LockedFile
from academy.passages.pdf import with_cut_words
from tests.factories import files

LEGACY_TEMPLATE = ("attachedTemplate", "https://evil.example/t.dotm")


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def workbook() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "Budget"
    book.active.append(["Loyer", 1200, None, True])
    book.create_sheet("Équipe").append(["Chloé"])
    book.save(out)
    return out.getvalue()


def pdf(*pages: str) -> bytes:
    return typst.compile(("#set page(width: 120mm, height: 120mm)\n" + "\n#pagebreak()\n".join(pages)).encode())


@pytest.mark.parametrize(
    ("name", "content", "passages"),
    [
        ("a.txt", "Déjà vu".encode("cp1252"), [(0, "Déjà vu")]),
        ("a.md", b"# Titre\n\nTexte", [(0, "# Titre\nTexte")]),
        ("a.csv", b"a;b\n1;2", [(0, "a;b\n1;2")]),
        ("a.html", b"<html><title>T</title><script>no</script><p>Un <b>mot</b>", [(0, "T\nUn mot")]),
        ("a.docx", files.docx(files.paragraph("Un"), files.table(["a", "b"])), [(0, "Un\na\nb")]),
        ("a.pptx", files.pptx(("Un", "dire bonjour"), ("Deux", "")), [(1, "Un\ndire bonjour"), (2, "Deux")]),
        ("a.xlsx", workbook(), [(1, "Budget\nLoyer 1200 True"), (2, "Équipe\nChloé")]),
        ("a.odt", files.opendocument("text", "<text:p>Un <text:span>mot</text:span> ici<text:s/>là</text:p>"), [(0, "Un mot ici là")]),
        ("a.odp", files.opendocument("presentation", "<draw:page><text:p>Un</text:p></draw:page>" * 2), [(1, "Un"), (2, "Un")]),
        (
            "a.ods",
            files.opendocument("spreadsheet", '<table:table table:name="F"><table:table-row><table:table-cell><text:p>Un</text:p></table:table-cell></table:table-row></table:table>'),
            [(1, "F\nUn")],
        ),
    ],
)  # fmt: skip
def test_the_words_of_each_kind(name, content, passages):
    assert extract(content, name) == Extraction(ExtractionStatus.OK, [Passage(*one) for one in passages])


def test_a_pdf_has_a_passage_for_each_page_that_has_words():
    found = extract(pdf("Première page, avec assez de mots.", "", "Troisième page, avec des mots."), "a.pdf")
    assert [passage.number for passage in found.passages] == [1, 3]
    assert found.passages[1].text == "Troisième page, avec des mots."
    assert found.pages_without_text == 1


def test_a_scan_is_empty_and_says_how_many_pages():
    assert extract(pdf("", ""), "a.pdf") == Extraction(ExtractionStatus.EMPTY, [], 2)


def test_a_word_cut_at_the_end_of_a_line_is_found_whole_and_with_its_hyphen():
    assert (
        with_cut_words("un accord\ufffecadre et la mutua\ufffelisation") == "un accordcadre accord-cadre et la mutualisation mutua-lisation"
    )


def test_a_picture_and_a_zip_hold_no_words():
    assert extract(files.png(), "a.png").status == ExtractionStatus.UNSUPPORTED
    assert extract(files.zipped({"a.txt": "x"}), "a.zip").status == ExtractionStatus.UNSUPPORTED


def test_what_a_password_protects_is_told_apart_from_what_is_broken():
    with pytest.raises(LockedFile, match="password"):
        extract(files.locked_pdf(), "a.pdf")
    assert (is_locked(files.locked_pdf(), "a.pdf"), is_locked(pdf("Des mots."), "a.pdf")) == (True, False)
    assert not is_locked(b"%PDF-1.7 /Encrypt nothing", "a.pdf")


BOMB = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]>'


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.pdf", b"%PDF-1.7 nothing", "broken"),
        ("a.docx", files.docx(extra={"word/document.xml": "<w:document"}), "broken"),
        ("a.docx", files.docx(extra={"word/document.xml": f"{BOMB}<w:document/>"}), "declarations"),
        ("a.docx", files.docx(extra={"word/document.xml": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><w:document/>'}), "declarations"),
        ("a.docx", files.docx(extra={"word/document.xml": f"{BOMB}<w:document/>".encode("utf-16")}), "declarations"),
        ("a.odt", files.opendocument("text", "", extra={"content.xml": f"{BOMB}<a/>"}), "declarations"),
        ("a.docx", files.docx(relations={"rId9": ("image", "https://evil.example/a.png")}), "outside itself"),
        ("a.docx", files.docx(relations={"rId9": ("oleObject", "file:///etc/passwd")}), "outside itself"),
        ("a.docx", files.docx(relations={"rId9": LEGACY_TEMPLATE}), "outside itself"),
        ("a.xlsx", files.zipped({"xl/workbook.xml": "<workbook/>"}), "broken"),
        ("a.docx", files.docx(extra={"word/document.xml": b"x" * 20_000_000}), "grows too much"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
def test_what_is_dangerous_or_broken_is_refused_with_a_sentence(name, content, sentence):
    with pytest.raises(RefusedFile, match=sentence):
        extract(content, name)


def test_absurd_nesting_has_an_answer():
    deep = files.opendocument("text", "<text:span>" * 200_000 + "</text:span>" * 200_000)
    with suppress(RefusedFile):
        assert extract(deep, "a.odt").status == ExtractionStatus.EMPTY


def test_a_template_on_the_writers_own_disk_is_harmless():
    content = files.docx(files.paragraph("Mot"), relations={"rId9": ("attachedTemplate", "file:///C:\\Users\\x\\Normal.dotm")})
    assert extract(content, "a.docx").passages == [Passage(0, "Mot")]


def test_values_from_another_workbook_are_not_fetched_and_refuse_nothing():
    sheet = files.docx(files.paragraph("Mot"), relations={"rId9": ("externalLinkPath", "file:///C:\\budget.xlsx")})
    assert extract(sheet, "a.docx").passages == [Passage(0, "Mot")]


def test_a_reader_that_takes_too_long_is_stopped_and_the_next_file_is_read():
    slow = b"<p>" * 2_000_000 + b"x"
    with pytest.raises(RefusedFile, match="too long"):
        sandbox.run("academy.passages:passages", slow, name="slow.html", seconds=1)
    assert extract(b"mot", "a.txt").passages == [Passage(0, "mot")]


def test_the_worker_knows_nothing_of_the_site_and_runs_nothing_else():
    with pytest.raises(RefusedFile, match="broken"):
        sandbox.run("os:system", b"", name="a")
    sandbox.run("academy.passages:passages", b"mot", name="a.txt")
    worker = sandbox._idle[-1]
    with open(f"/proc/{worker.process.pid}/environ", "rb") as stream:
        names = {line.split(b"=")[0] for line in stream.read().split(b"\x00") if line}
    assert names == {b"PATH", b"LANG", b"PYTHONUTF8", b"PYTHONDONTWRITEBYTECODE", b"MALLOC_ARENA_MAX"}
    sandbox.close_idle()
    assert worker.process.poll() is not None


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_worker_that_dies_while_a_file_is_handed_to_it_is_put_away_quietly(size):
    """What could not be written is still in the pipe when it is closed: that is no second error, which would end a whole import."""
    worker = sandbox._Worker()
    worker.process.kill()
    worker.process.wait()
    with pytest.raises(sandbox._WorkerDied):
        worker.ask("wiki.reading:read", b"x" * size, {"name": "x.md"}, 5)
    worker.close()
    assert worker.process.stdin.closed

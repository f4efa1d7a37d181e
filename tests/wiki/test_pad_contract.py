"""What the readers promise to whoever imports: pictures to place, links to resolve, ids that stay, places in the report."""

import io
import zipfile

import pytest
from django.utils import translation

from academy.html import clean
from wiki.importer import ReadOptions, RefusedFile, SourceFile, keep_ids, kind_of, place_images, read_source, resolve_links, summary_of
from wiki.markdown import read_pad
from wiki.pad import Report, in_words, place_in_words


def ids(text: str) -> list[str]:
    return [block["id"] for block in read_pad(text, source_key="k").blocks]


def test_an_edited_paragraph_keeps_its_id():
    before, after = "## A\n\nUn.\n\n## B\n\nDeux.", "## A\n\nUn, corrigé.\n\n## B\n\nDeux."
    assert ids(before) == ids(after)


def test_ids_follow_the_words_when_a_block_is_inserted():
    old = read_pad("## A\n\n> Un.\n\n> Deux.", source_key="k").blocks
    new = read_pad("## A\n\n> Zéro.\n\n> Un.\n\n> Deux, corrigé.", source_key="k").blocks
    keep_ids(new, old)
    assert [block["id"] for block in new[:1] + new[2:]] == [block["id"] for block in old]
    assert len({block["id"] for block in new}) == 4


def test_links_are_resolved_in_every_rich_text():
    text = "[a](../b.md#x)\n\n:::info\n[[Autre page|ici]]\n:::\n\n| A | B |\n|---|---|\n| [f](doc.pdf) | **x** |\n\n> [loin](https://a.example/)"
    pad = read_pad(text)
    asked = []

    def resolve(address):
        asked.append(address)
        return {"../b.md#x": {"linktype": "page", "id": "3"}, "doc.pdf": {"linktype": "document", "id": "4"}, "https://a.example/": {}}.get(
            address
        )

    resolve_links(pad, resolve)
    assert asked == ["../b.md#x", "[[Autre page]]", "doc.pdf", "https://a.example/"]
    text, callout, table, quote = [block["value"] for block in pad.blocks]
    assert text == '<p><a linktype="page" id="3" rel="noopener noreferrer">a</a></p>'
    assert callout["text"] == '<p><a linktype="wanted" target="Autre page">ici</a></p>'
    assert table["table"]["rows"][0]["values"][0] == '<a linktype="document" id="4" rel="noopener noreferrer">f</a>'
    assert quote["text"] == "<p>loin</p>"


def test_a_named_window_is_not_a_wanted_page():
    assert clean('<a href="/x" target="evil">x</a>') == '<a href="/x" rel="noopener noreferrer">x</a>'
    assert 'target="Titre"' in clean('<a linktype="wanted" target="Titre">x</a>')
    assert "target" not in clean('<a linktype="wanted" target="_blank">x</a>')


def test_files_of_a_book_become_file_blocks_or_links():
    text = '{% file src="f/a.pdf" title="Le modèle" %}\nÀ signer.\n{% endfile %}\n\nSuite'
    pad = read_pad(text)
    place_images(pad, {}, {"f/a.pdf": 9})
    assert [block["value"] for block in pad.blocks] == [{"document": 9, "title": "Le modèle", "note": "À signer."}, "<p>Suite</p>"]
    pad = read_pad(text)
    place_images(pad, {})
    assert pad.blocks[0]["value"] == '<p><a href="f/a.pdf" rel="noopener noreferrer">Le modèle — À signer.</a></p>'


def test_the_report_says_where():
    pad = read_pad("---\ntitle: T\n---\nUn\n\n[lien\n](https://a.example/)\n\n<marquee>x</marquee>\n\n- a\n  ```\n  c\n  ```\n- b")
    places = pad.report.as_json()["places"]
    assert places["changed"]["links written over two lines"] == [6]
    assert places["changed"]["lists cut by a block that a list cannot hold"] == [12]
    assert Report.from_json(pad.report.as_json()) == pad.report
    assert Report.from_json({"kept": {"text": 1}, "changed": {}, "lost": {}, "missing_images": []}).kept == {"text": 1}


def test_bold_lines_are_offered_as_headings_and_promoted_on_request():
    source = SourceFile("a.md", "a.md", "# T\n\n**Premier**\n\nTexte **gras**.\n\n++Second++\n\n**Une phrase entière.**".encode())
    pad = read_source(source)
    assert [(one.kind, one.count, one.examples) for one in pad.suggestions] == [("bold_headings", 2, ["Premier", "Second"])]
    assert [block["type"] for block in pad.blocks] == ["text"]
    promoted = read_source(source, options=ReadOptions(promote_bold_headings=True))
    assert [block["value"]["text"] for block in promoted.blocks if block["type"] == "heading"] == ["Premier", "Second"]


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.md", b"# A", "page"),
        ("a", b"A word", "page"),
        ("a.txt", "Déjà".encode("cp1252"), "page"),
        ("a.htm", b"<p>A", "page"),
        ("a.pdf", b"%PDF-1.7", "document"),
        ("a.docx", b"%PDF-1.7", "document"),
        ("a.csv", b"a;b", "document"),
        ("a.zip", zipped(**{"word__document.xml": b"<w/>"}), "page"),
        ("a.zip", zipped(**{"a.md": b"x"}), "zip"),
        ("a.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x05\x00\x00\x00\x05", "image"),
    ],
)
def test_the_kind_is_the_content_not_the_name(name, content, kind):
    assert kind_of(SourceFile(name, name, content)) == kind


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.png", b"<html><script>alert(1)</script>", "not what its name says"),
        ("a.pdf", b"words", "not what its name says"),
        ("a.exe", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00", "not a document"),
        ("a.py", b"import os", "not taken"),
        ("a.svg", b"<svg onload='alert(1)'/>", "SVG"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office format"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("a.rtf", b"{\\rtf1 x}", "RTF"),
        ("a.docx", zipped(**{"x": b"1"}), "broken"),
        ("a.zip", b"PK\x03\x04 nothing", "broken"),
        ("a.zip", zipped(**{"..__..__etc__passwd": b"x"}), "leads out"),
        ("a.docm", zipped(**{"word__document.xml": b"<w/>"}), "macros"),
        ("a.docx", zipped(**{"word__document.xml": b"<w/>", "word__vbaProject.bin": b"x"}), "macros"),
        (
            "a.odt",
            zipped(mimetype=b"application/vnd.oasis.opendocument.text", **{"META-INF__manifest.xml": b"<encryption-data/>"}),
            "password",
        ),
        ("a.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\xff\xff\x00\x00\xff\xff", "65535 × 65535"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "broken"),
        ("a.md", b"\x00", "is empty"),
    ],
)
def test_each_refusal_says_why(name, content, sentence):
    with pytest.raises(RefusedFile, match=sentence):
        kind_of(SourceFile(name, name, content))


def test_a_zip_that_grows_too_much_is_not_opened():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 20_000_000)
    with pytest.raises(RefusedFile, match="grows too much"):
        kind_of(SourceFile("a.docx", "a.docx", buffer.getvalue()))


def test_the_order_of_a_book():
    text = "# Summary\n\n* [Un](README.md)\n  * [Deux](a/b.md#x)\n* [Trois](<c.md>)\n\n## Partie\n\n* [Quatre](d.md)\n* [loin](https://a.example)"
    assert summary_of(text) == [
        (0, "Un", "README.md"),
        (1, "Deux", "a/b.md"),
        (0, "Trois", "c.md"),
        (0, "Partie", ""),
        (1, "Quatre", "d.md"),
    ]


def test_a_sentence_of_the_report_is_said_in_the_language_of_the_reader():
    with translation.override("fr"):
        assert in_words("footnotes, listed at the end") == "notes de bas de page, placées à la fin"
        assert in_words("HTML: <marquee>") == "HTML\u00a0: <marquee>"
        assert place_in_words(12) == "ligne 12"

"""Hostile and broken files: each is refused with a sentence that says why and what to do, and the good file beside it comes in."""

import base64
import io
import stat
import struct
import zipfile

import pytest

from academy import sandbox
from academy.files import MOST_MEMBERS
from academy.rules import RuleViolation
from tests.factories import files
from tests.wiki.test_import_tree import bring, folder_of, outcomes, png
from wiki import actions
from wiki.importer import MOST_SECONDS
from wiki.intake import MOST_FILES, Brought, brought_by
from wiki.models import ImportBatch, ImportItem, WikiPage

Outcome = ImportItem.Outcome
GOOD = {"bon.md": "# Bon\n\nTexte."}
ADVICE = ("Save", "Export", "Cut", "Make", "Put", "Give", "take it out", "leave it out", "Pages are read from", "open it")


def packed(*members: tuple[str | zipfile.ZipInfo, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def locked(content: bytes) -> bytes:
    """The same zip with the flag of a password on its first member."""
    content = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(mark) + offset
        content[at : at + 2] = struct.pack("<H", struct.unpack("<H", content[at : at + 2])[0] | 1)
    return bytes(content)


def broken_inside(name: str) -> bytes:
    """A zip whose member says another checksum than it has."""
    content = bytearray(packed((name, "x" * 200), compression=zipfile.ZIP_STORED))
    at = content.index(b"x" * 200)
    content[at] = ord("y")
    return bytes(content)


def link_to(place: str) -> tuple[zipfile.ZipInfo, str]:
    member = zipfile.ZipInfo("lien.md")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member, place


MACRO_TYPES = '<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>'
ENTITY = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
HUGE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\xff\xff\x00\x00\xff\xff"
HOSTILE = {
    "bombe.docx": (files.docx(extra={"word/media/a.bin": b"0" * 20_000_000}), "grows too much"),
    "macro.docm": (files.docx(), "macros"),
    "macro.xlsx": (packed(("xl/workbook.xml", "<workbook/>"), ("[Content_Types].xml", MACRO_TYPES)), "macros"),
    "macro.odt": (files.opendocument("text", "", extra={"Basic/Standard/Module1.xml": "<x/>"}), "macros"),
    "verrou.docx": (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
    "verrou.odt": (files.opendocument("text", "", extra={"META-INF/manifest.xml": "<m:encryption-data/>"}), "password"),
    "membre.docx": (locked(files.docx(files.paragraph("Un"))), "password"),
    "entite.docx": (files.docx(extra={"word/document.xml": f"{ENTITY}<w:document/>"}), "declarations"),
    "entite.odt": (files.opendocument("text", "", extra={"content.xml": f"{ENTITY}<a/>"}), "declarations"),
    "dehors.docx": (files.docx(relations={"rId9": ("image", "http://evil.example/a.png")}), "outside itself"),
    "chemin.docx": (files.docx(extra={"../../etc/cron.d/x": "x"}), "leads out"),
    "dessin.svg": (f"{ENTITY}<svg onload='alert(1)'/>".encode(), "SVG"),
    "entete.svg": (b"<?xml version='1.0'?><svg/>", "SVG"),
    "immense.png": (HUGE, "65535 × 65535"),
    "faux.png": (b"<html><script>alert(1)</script>", "not what its name says"),
    "faux.pdf": (b"des mots", "not what its name says"),
    "double.html": (b"<html><!-- %PDF-1.4 --><script>alert(1)</script>", "not what its name says"),
    "coupe.docx": (files.docx(files.paragraph("Un"))[:200], "broken"),
    "programme.exe": (b"MZ\x90\x00" + b"\x00\x01\x02" * 200, "not a document"),
    "vieux.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office format"),
    "texte.rtf": (b"{\\rtf1 x}", "RTF"),
    "rien.md": (b" \n", "is empty"),
    "long.md": (b"x" * 600_000, "too long"),
    "dedans.csv": (packed(("a.md", "x")), "zip inside a zip"),
}


def test_hostile_files_are_refused_one_by_one_and_the_good_one_comes_in(wiki, tmp_path):
    folder = folder_of(GOOD | {name: content for name, (content, _why) in HOSTILE.items()}, tmp_path / "x")
    batch = bring(wiki, folder)
    said = {item.path: (item.outcome, str(item.said)) for item in batch.items.all()}
    assert said.pop("bon.md") == (Outcome.CREATED, "")
    wrong = [
        (name, said[name])
        for name, (_content, why) in HOSTILE.items()
        if said[name][0] != Outcome.REFUSED or why not in said[name][1] or not any(advice in said[name][1] for advice in ADVICE)
    ]
    assert wrong == []


ZIPS = {
    "bombe": (packed(("a.md", "x" * 4_000_000)), "grows too much"),
    "foule": (packed(*((f"{number}.md", "") for number in range(MOST_MEMBERS + 1))), "too many files"),
    "verrou": (locked(packed(("a.md", "x"))), "password"),
    "rare": (packed(("a.md", "x" * 100), compression=zipfile.ZIP_LZMA), "unusual way"),
    "dehors": (packed(("../a.md", "x")), "leads out"),
    "racine": (packed(("/etc/a.md", "x")), "leads out"),
    "disque": (packed(("C:\\a.md", "x")), "leads out"),
    "lien": (packed(link_to("/etc/passwd")), "link to another place"),
    "casse": (broken_inside("a.md"), "broken inside its zip"),
    "poupee": (packed(("dedans.zip", packed(("a.md", "x")))), "zip inside a zip"),
    "profond": (packed(("a/" * 20 + "a.md", "x")), "lies too deep"),
    "bavard": (packed(("é" * 450 + ".md", "x")), "too long"),
    "faux": (b"PK\x03\x04 rien", "not a zip"),
}


@pytest.mark.parametrize("name", ZIPS)
def test_a_hostile_zip_says_why_and_what_to_do(wiki, tmp_path, name):
    content, why = ZIPS[name]
    (tmp_path / f"{name}.zip").write_bytes(content)
    batch = actions.open_batch(wiki, brought=brought_by(tmp_path / f"{name}.zip"), queue=False)
    [item] = batch.items.all()
    assert item.outcome == Outcome.REFUSED
    assert why in str(item.said)
    assert any(advice in str(item.said) for advice in ADVICE)


def test_strange_names_come_in_as_pages(wiki, tmp_path):
    names = [
        "CON.md",
        "aux.txt",
        "a?b*c.md",
        "=formule.md",
        "e\u0301te\u0301.md",
        "\u202etxt.md",
        "point..md",
        "👍.md",
        "a" * 200 + ".md",
        "espace .md",
    ]
    content = packed(*((name, f"# Titre {number}\n\nTexte.") for number, name in enumerate(names)))
    (tmp_path / "noms.zip").write_bytes(content)
    batch = bring(wiki, tmp_path / "noms.zip")
    assert set(outcomes(batch).values()) == {Outcome.CREATED}
    assert WikiPage.objects.count() == len(names)
    assert "été.md" in outcomes(batch)
    assert "txt.md" in outcomes(batch)


def test_two_ways_to_write_one_name_are_said(wiki, tmp_path):
    (tmp_path / "deux.zip").write_bytes(packed(("été.md", "# Un\n\nTexte."), ("e\u0301te\u0301.md", "# Deux\n\nTexte.")))
    batch = bring(wiki, tmp_path / "deux.zip")
    assert sorted(outcomes(batch).values()) == [Outcome.CREATED, Outcome.REFUSED]
    assert "Two files are called été.md" in str(batch.items.get(outcome=Outcome.REFUSED).said)


def test_too_many_files_at_once_are_refused_and_leave_nothing(wiki, settings):
    brought = (Brought(f"{number}.md", lambda: [b"x"]) for number in range(MOST_FILES + 1))
    with pytest.raises(RuleViolation, match="too much at once"):
        actions.open_batch(wiki, brought=brought, queue=False)
    assert not ImportBatch.objects.exists()


def test_a_file_that_takes_too_long_is_refused_and_the_next_is_read(wiki, tmp_path, monkeypatch):
    asked, run = [], sandbox.run

    def impatient(job, content, *, seconds, **options):
        asked.append(seconds)
        return run(job, content, seconds=0 if b"lent" in content else seconds, **options)

    monkeypatch.setattr(sandbox, "run", impatient)
    batch = bring(wiki, folder_of(GOOD | {"lent.md": "# lent\n\n" + "[" * 100_000}, tmp_path / "x"))
    assert outcomes(batch) == {"bon.md": Outcome.CREATED, "lent.md": Outcome.REFUSED}
    assert "took too long" in str(batch.items.get(path="lent.md").said)
    assert set(asked) == {MOST_SECONDS}


def test_a_picture_of_enormous_dimensions_inside_a_document_is_left_out_and_said(wiki, tmp_path):
    page = f"# A\n\n![Plan](data:image/png;base64,{base64.b64encode(HUGE).decode()})\n\nTexte.\n"
    batch = bring(wiki, folder_of({"a.md": page, "b.png": png()}, tmp_path / "x"))
    assert batch.items.get(path="a.md").report["lost"] == {"pictures that are broken or too large": 1}

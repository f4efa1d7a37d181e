"""A file is what its content says; what is no file of questions is refused with the reason."""

import time
from contextlib import suppress

import pytest

from academy.files import RefusedFile
from courses.exchange import csv_table, gift_writer, stream
from courses.exchange.plain import WhatWasRead
from courses.exchange.reading import LARGEST, LARGEST_WORDS, read
from tests.courses.exchange.plainly import read_as
from tests.factories.courses import long_text, one_of_each_kind
from tests.factories.files import png, zipped

XML = '<quiz><question type="essay"><questiontext><text>É?</text></questiontext></question></quiz>'


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"Q? {T}", "gift"),
        ("\ufeffÉté? {T}".encode(), "gift"),
        ("Été? {T}".encode("cp1252"), "gift"),
        ("Été? {T}".encode("utf-16"), "gift"),
        (b"// a comment\n\nQ? {T}", "gift"),
        (b"[html]<p>Q?</p>{T}", "gift"),
        (b"<p>Q?</p>{T}", "gift"),
        (XML.encode(), "moodle_xml"),
        (("<?xml version='1.0' encoding='UTF-8'?>\n" + XML).encode(), "moodle_xml"),
        (("<?xml version='1.0' encoding='ISO-8859-1'?>\n" + XML).encode("cp1252"), "moodle_xml"),
        (b"question;right;wrong\nA {x}?;a;b", "csv"),
        ("Énoncé;Bonnes réponses\nA?;vrai".encode("cp1252"), "csv"),
        (csv_table.template("fr").encode("utf-8-sig"), "csv"),
    ],
)
def test_format_is_told_by_the_content(content, kind):
    found, what = read(content, "a file")
    assert found == kind
    assert len(what.questions) >= 1
    assert not what.notes
    assert not set("\ufffdÃ") & set(str(what))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "a.xml is empty: there is no question in it."),
        (b"\xef\xbb\xbf \n", "a.xml is empty: there is no question in it."),
        (zipped({"quiz.xml": XML}), "is packed (a zip, a spreadsheet or a backup of Moodle)"),
        (b"\x1f\x8b\x08\x00rest", "is packed (a zip, a spreadsheet or a backup of Moodle)"),
        (png(), "a.xml is not text"),
        (bytes(range(256)) * 10, "a.xml is not text"),
        (b"<!DOCTYPE html><html><body>Q? {T}</body></html>", "a.xml is a web page"),
        (b"Q?\nA. one\nB. two\nANSWER: A\n", "a.xml looks like Aiken"),
        (b"Only words.", "a.xml holds no question"),
        (b"Q \\{T\\}", "a.xml holds no question"),
        (b"x" * (LARGEST + 1), "a.xml is too large: 5 MB is the most."),
        (b"Q? {T}\n\n" * (LARGEST_WORDS // 8 + 1), "a.xml holds too much text"),
        (b"Q? {T}\n\n" * 501, "a.xml has more than 500 questions."),
    ],
)
def test_refusal_says_why(content, said):
    with pytest.raises(RefusedFile) as refusal:
        read(content, "a.xml")
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    "content",
    [
        b"<!-- -->" * 2000 + b"<p>x",
        b"x {T}\n" + b"<img" * 200_000,
        b"Q? {T}\n" * 140_000,
        b"a\n\n" * 300_000 + b"b {T}",
        b"[html]" + b"<script" * 140_000 + b"{T}",
        b"{" * 1_000_000 + b"}",
        b"question,right," + b"," * 1_000_000,
        b"question,right\n" + b",\n" * 300_000,
        b"<quiz>" + b"<question type='x'/>" * 45_000 + b"</quiz>",
        b"<quiz>" + b"&nbsp" * 200_000,
        b"%50%" * 250_000 + b"{=a}",
        b"x {" + b"=%" * 400_000 + b"}",
    ],
)
def test_nothing_takes_long(content):
    """Ten times less than where a slow way to read would begin to hurt: a list or a search begun anew at each sign takes minutes."""
    begun = time.process_time()
    with suppress(RefusedFile):
        read(content, "a file")
    assert time.process_time() - begun < 10


def test_what_was_read_waits_as_plain_data():
    for content in (b"::n::Q? {=a ~%50%b}\n\nno question", csv_table.template("fr").encode(), XML.encode()):
        _kind, found = read(content, "a file")
        assert WhatWasRead.from_json(found.as_json()) == found


def test_what_is_written_is_read_again_from_bytes():
    questions = stream.plain_of([*one_of_each_kind(), long_text()])
    kind, found = read(gift_writer.write(questions, title="Été").text.encode(), "a file")
    assert kind == "gift"
    assert [one[0] for one in read_as(found)] == ["single", "multiple", "true_false", "numeric", "short", "match", "match", "long"]

"""One file, whatever it is: recognised by its content, refused with the reason, or read by who knows its format."""

import re
from collections.abc import Callable
from dataclasses import replace

from django.utils.translation import gettext_noop as _

from academy.files import PICTURE_TYPES, RefusedFile, check_picture, decoded, picture_type
from courses.exchange import csv_table, gift, moodle_xml
from courses.exchange.plain import MOST_NOTES, MOST_QUESTIONS, Note, PlainQuestion, WhatWasRead

LARGEST = 5 * 1024 * 1024
LARGEST_WORDS = 1024 * 1024  # without the pictures inside: what has to be cleaned, word by word
READERS: dict[str, Callable[[str], WhatWasRead]] = {"gift": gift.read, "moodle_xml": moodle_xml.read, "csv": csv_table.read}

_PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh")
_PAGE = re.compile(r"^(?:\s|<!--(?:(?!-->).)*-->)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_AIKEN = re.compile(r"^ANSWER:\s*[A-Z]\s*$", re.MULTILINE)
_INSIDE = re.compile(r'(?<=encoding="base64">)[A-Za-z0-9+/=\s]+')


def read(content: bytes, name: str) -> tuple[str, WhatWasRead]:
    """The format, `gift`, `moodle_xml` or `csv`, and what was read. Raises RefusedFile: not text, too large, of no such format, too many."""
    if len(content) > LARGEST:
        raise RefusedFile(_("%(name)s is too large: %(most)d MB is the most. Cut it into several."), name=name, most=LARGEST // 1024**2)
    if content.startswith(_PACKED):
        raise RefusedFile(
            _(
                "%(name)s is packed (a zip, a spreadsheet or a backup of Moodle). Export the questions as GIFT, Moodle XML or CSV, and bring that."
            ),
            name=name,
        )
    if not content.strip(b"\x00\t\r\n \xef\xbb\xbf"):
        raise RefusedFile(_("%(name)s is empty: there is no question in it."), name=name)
    try:
        text = decoded(content, name)
    except RefusedFile:
        raise RefusedFile(_("%(name)s is not text: export the questions as GIFT, Moodle XML or CSV, and bring that."), name=name) from None
    if len(_INSIDE.sub("", text)) > LARGEST_WORDS:
        raise RefusedFile(
            _("%(name)s holds too much text: %(most)d MB without its pictures is the most. Cut it into several."),
            name=name,
            most=LARGEST_WORDS // 1024**2,
        )
    kind = recognised(text, name)
    found = READERS[kind](text)
    if len(found.questions) > MOST_QUESTIONS:
        raise RefusedFile(_("%(name)s has more than %(most)d questions. Cut it into several."), name=name, most=MOST_QUESTIONS)
    if found.is_too_much:
        raise RefusedFile(
            _("%(name)s has more than %(most)d places that are not understood: is it of another format?"), name=name, most=MOST_NOTES
        )
    return kind, replace(found, questions=tuple(_with_checked_picture(question) for question in found.questions))


def _with_checked_picture(question: PlainQuestion) -> PlainQuestion:
    """A picture is what its content is; one that would be refused by itself is left out of its question, and why is noted."""
    if question.picture is None:
        return question
    try:
        if picture_type(question.picture.content) not in PICTURE_TYPES:
            raise RefusedFile(_("%(name)s is no picture: it has to be PNG, JPEG, GIF, WebP or AVIF."), name=question.picture.name)
        check_picture(question.picture.content, question.picture.name)
    except RefusedFile as refusal:
        return replace(question, picture=None, notes=(*question.notes, Note(question.line, "lost", refusal.sentence)))
    return question


def recognised(text: str, name: str) -> str:
    """The format of a text. Raises RefusedFile for what is none of them."""
    start = text.removeprefix("\ufeff").lstrip()
    if _PAGE.match(start[:20_000]):
        raise RefusedFile(_("%(name)s is a web page, not a file of questions. Export the questions as GIFT, Moodle XML or CSV."), name=name)
    if start.startswith(("<?xml", "<quiz", "<!DOCTYPE", "<!--")) or re.match(r"<[a-zA-Z][\w:.-]*(?:\s[^<>]*)?>\s*<", start[:2000]):
        return "moodle_xml"
    if csv_table.is_like(text):
        return "csv"
    if gift.is_like(text):
        return "gift"
    if _AIKEN.search(text):
        raise RefusedFile(_("%(name)s looks like Aiken, which is not read. Bring it as GIFT, Moodle XML or CSV."), name=name)
    raise RefusedFile(
        _("%(name)s holds no question: in GIFT the answers stand in braces, a table begins with its headings. Look at the examples below."),
        name=name,
    )

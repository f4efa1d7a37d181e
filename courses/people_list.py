"""A list of people as staff bring it: CSV with headings, or one address a line. Plain values: text in, rows and errors out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.csv_rows import SIGNS, CsvRow, lines_of, opening
from courses.csv_rows import rows as csv_rows
from courses.kinds import folded

MOST_ROWS, LARGEST = 2000, 1_000_000
HEADINGS = {
    "email": {
        "email",
        "mail",
        "mel",
        "courriel",
        "address",
        "email address",
        "mail address",
        "adresse",
        "adresse email",
        "adresse mail",
        "adresse courriel",
        "adresse de courriel",
        "adresse electronique",
    },
    "name": {"name", "full name", "nom", "nom complet", "prenom nom", "nom prenom", "prenom et nom", "nom et prenom"},
    "language": {"language", "langue", "lang"},
    "cohort": {"cohort", "cohorte"},
}


class UnreadableList(ValueError):
    """The file is no list of people; the message says why."""


@dataclass
class Row:
    """One line of the file as people count them, empty ones too, the heading being line 1. `error` in words; empty: good."""

    number: int
    email: str = ""
    name: str = ""
    language: str = ""
    cohort: str = ""
    cohort_key: str = ""
    error: str = ""


def text_of(content: bytes) -> str:
    """UTF-8 with or without its mark, else the letters of old spreadsheets. Raises UnreadableList for what is no text."""
    if b"\0" in content or content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise UnreadableList(_("This is no CSV file. In your spreadsheet, choose ‘save as’, then CSV."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read(text: str, *, languages: set[str], cohorts: Mapping[str, str]) -> list[Row]:
    """Every row with its error, if it has one. `cohorts`: names by key. Raises UnreadableList when nothing can be read at all."""
    table = _table(lines_of(text))
    if not table:
        raise UnreadableList(_("The list is empty."))
    if table[0].is_open:
        raise UnreadableList(_open_mark(table[0]))
    columns = _columns(table[0].cells)
    people = table[1:] if columns else table
    columns = columns or {"email": 0}
    if len(people) > MOST_ROWS:
        raise UnreadableList(_("No more than %(most)d people at a time.") % {"most": MOST_ROWS})
    by_name = {name.casefold().strip(): key for key, name in cohorts.items()} | {key: key for key in cohorts}
    seen: dict[str, int] = {}
    rows = []
    for brought in people:
        if brought.is_open:
            rows.append(Row(brought.number, error=_open_mark(brought)))
            continue
        cells, number = brought.cells, brought.number
        found = {name: cells[place].strip() for name, place in columns.items() if place < len(cells)}
        row = Row(number, **found)
        row.email, row.language = row.email.lower(), row.language.lower()[:2]
        row.cohort_key = by_name.get(row.cohort.casefold(), "")
        row.error = _error_of(row, languages, seen)
        seen.setdefault(row.email, number)
        rows.append(row)
    if not rows:
        raise UnreadableList(_("The list has headings and nobody under them."))
    return rows


def _table(text: str) -> list[CsvRow]:
    """The rows that hold something. Excel may say first which sign stands between the cells."""
    said, heading = opening(text)
    return list(csv_rows(text, said or max(SIGNS, key=heading.count)))


def _same(heading: str) -> str:
    """One heading however it is written: `Adresse e‑mail :`, `ADRESSE EMAIL`, `adresse_email`."""
    return " ".join(re.sub("[-\u2010\u2011]", "", folded(heading, case=False, accents=False)).replace("_", " ").strip(" :*").split())


def _columns(heading: list[str]) -> dict[str, int]:
    """Where each column is; nothing when the first line is no heading but an address already."""
    names = [_same(cell) for cell in heading]
    found = {name: place for name, words in HEADINGS.items() for place, cell in enumerate(names) if cell in words}
    if "email" in found:
        return found
    if any("@" in cell for cell in names):
        if len(names) > 1 and names[1]:
            raise UnreadableList(_("The first line names the columns: email, and if you have them name, language, cohort."))
        return {}
    raise UnreadableList(_("There is no column ‘email’. The first line names the columns: email, name, language, cohort."))


def _open_mark(row: CsvRow) -> str:
    """What it holds is nobody's address and nobody's name: the lines after it are in it."""
    lost = row.swallowed or 0
    if not lost:
        return _("A quotation mark is opened in line %(line)d and never closed.") % {"line": row.line}
    return ngettext(
        "A quotation mark is opened in line %(line)d and never closed: %(lost)d line after it is not read. Close it, or take it away.",
        "A quotation mark is opened in line %(line)d and never closed: %(lost)d lines after it are not read. Close it, or take it away.",
        lost,
    ) % {"line": row.line, "lost": lost}


def _error_of(row: Row, languages: set[str], seen: dict[str, int]) -> str:
    if not row.email:
        return _("The address is missing.")
    try:
        validate_email(row.email)
    except ValidationError:
        return _("‘%(email)s’ is no e-mail address.") % {"email": row.email}
    if "\n" in row.name:
        return _("The name goes over several lines.")
    if "@" in row.name:
        return _("The name holds an address.")
    if len(row.email) > 254 or len(row.name) > 150:
        return _("The address or the name is too long.")
    if row.email in seen:
        return _("The same address as in line %(line)d.") % {"line": seen[row.email]}
    if row.language and row.language not in languages:
        return _("The language is one of: %(codes)s.") % {"codes": ", ".join(sorted(languages))}
    if row.cohort and not row.cohort_key:
        return _("There is no cohort ‘%(cohort)s’.") % {"cohort": row.cohort}
    return ""

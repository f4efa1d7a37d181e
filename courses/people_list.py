"""A list of people as staff bring it: CSV with headings, or one address a line. Plain values: text in, rows and errors out."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

MOST_ROWS, LARGEST = 2000, 1_000_000
HEADINGS = {
    "email": {"email", "e-mail", "mail", "adresse", "adresse e-mail", "courriel", "address"},
    "name": {"name", "nom", "prénom nom", "full name"},
    "language": {"language", "langue", "lang"},
    "cohort": {"cohort", "cohorte"},
}


class UnreadableList(ValueError):
    """The file is no list of people; the message says why."""


@dataclass
class Row:
    """One line of the file as people count them, the heading being line 1. `error` in words; empty: good."""

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
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise UnreadableList(_("The list is empty."))
    delimiter = max(",;\t", key=lines[0].count)
    try:
        table = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(cell.strip() for cell in row)]
    except csv.Error as problem:
        raise UnreadableList(_("The list cannot be read: %(problem)s.") % {"problem": problem}) from None
    columns = _columns(table[0])
    first = 2 if columns else 1
    columns = columns or {"email": 0}
    if len(table) - first + 1 > MOST_ROWS:
        raise UnreadableList(_("No more than %(most)d people at a time.") % {"most": MOST_ROWS})
    by_name = {name.casefold().strip(): key for key, name in cohorts.items()} | {key: key for key in cohorts}
    seen: dict[str, int] = {}
    rows = []
    for number, cells in enumerate(table[first - 1 :], first):
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


def _columns(heading: list[str]) -> dict[str, int]:
    """Where each column is; nothing when the first line is no heading but an address already."""
    names = [cell.strip().casefold() for cell in heading]
    found = {name: place for name, words in HEADINGS.items() for place, cell in enumerate(names) if cell in words}
    if "email" in found:
        return found
    if any("@" in cell for cell in names):
        if len(names) > 1 and names[1]:
            raise UnreadableList(_("The first line names the columns: email, and if you have them name, language, cohort."))
        return {}
    raise UnreadableList(_("There is no column ‘email’. The first line names the columns: email, name, language, cohort."))


def _error_of(row: Row, languages: set[str], seen: dict[str, int]) -> str:
    if not row.email:
        return _("The address is missing.")
    try:
        validate_email(row.email)
    except ValidationError:
        return _("‘%(email)s’ is no e-mail address.") % {"email": row.email}
    if len(row.email) > 254 or len(row.name) > 150:
        return _("The address or the name is too long.")
    if row.email in seen:
        return _("The same address as in line %(line)d.") % {"line": seen[row.email]}
    if row.language and row.language not in languages:
        return _("The language is one of: %(codes)s.") % {"codes": ", ".join(sorted(languages))}
    if row.cohort and not row.cohort_key:
        return _("There is no cohort ‘%(cohort)s’.") % {"cohort": row.cohort}
    return ""

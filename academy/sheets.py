"""Tables that leave the Academy as files: CSV for every program, XLSX for those who only have a spreadsheet.

What people typed is never a formula where the file is opened. A cell of an XLSX file says that it is a text; CSV cannot, so there a text that
a spreadsheet would calculate gets an apostrophe before it.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from io import BytesIO, StringIO
from tempfile import TemporaryFile
from typing import IO, Any

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.text import slugify
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

FORMATS = ("csv", "xlsx")
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
BREAKS = ("\t", "\r", "\n")  # a program may begin the cell after them
UNSEEN = "\ufeff\u200b\u200e\u200f\u2060"
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def printable(text: str) -> str:
    """Control characters, which Word leaves in what is pasted, become spaces: no spreadsheet can hold them."""
    return ILLEGAL_CHARACTERS_RE.sub(" ", text)


def plain(value: Any) -> Any:
    """What a cell holds. Moments lose their time zone (the reader's counts), as spreadsheets know none."""
    if isinstance(value, datetime):
        return timezone.make_naive(value) if timezone.is_aware(value) else value
    if value is None or isinstance(value, int | float | Decimal):
        return value
    return printable(str(value))


def harmless(value: Any) -> Any:
    """The same, only ever read, where a cell cannot say that it is a text."""
    text = plain(value)
    if not isinstance(text, str):
        return text
    seen = text.translate(dict.fromkeys(map(ord, UNSEEN))).lstrip()
    return f"'{text}" if seen.startswith(FORMULA) or text.startswith(BREAKS) else text


MARK = "\ufeff"  # tells old spreadsheets that accents are UTF-8
LINES = 200  # of a file that leaves while it is written


def _lines(rows: Iterable[Sequence]) -> Iterator[str]:
    """Parcels of lines, none of them empty."""
    out = StringIO()
    writer = csv.writer(out)
    for number, row in enumerate(rows, start=1):
        writer.writerow([value.strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else value for value in map(harmless, row)])
        if number % LINES == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _csv(rows: Iterable[Sequence]) -> bytes:
    return (MARK + "".join(_lines(rows))).encode()


def _write_xlsx(rows: Iterable[Sequence], out: IO[bytes]) -> None:
    """Row by row: openpyxl keeps what it has written on the disk."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        cells = [WriteOnlyCell(sheet, plain(value)) for value in row]
        for cell in cells:
            if isinstance(cell.value, str):  # nor a formula when somebody edits the cell
                cell.data_type, cell.quotePrefix = "s", harmless(cell.value) != cell.value
            elif cell.is_date:
                cell.number_format = "yyyy-mm-dd hh:mm"
        sheet.append(cells)
    book.save(out)


def _xlsx(rows: Iterable[Sequence]) -> bytes:
    out = BytesIO()
    _write_xlsx(rows, out)
    return out.getvalue()


def _heads(kind: str, name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{slugify(name) or "table"}.{kind}"',
        "Cache-Control": "private, no-store",
    }


def sheet(kind: str, name: str, rows: Iterable[Sequence]) -> HttpResponse:
    """The rows (the first are the headings) as a file to keep, called after `name`."""
    return HttpResponse(_xlsx(rows) if kind == "xlsx" else _csv(rows), content_type=TYPES[kind], headers=_heads(kind, name))


def stream(kind: str, name: str, rows: Iterator[Sequence]) -> HttpResponse | StreamingHttpResponse:
    """The same of any number of rows in the memory of a few: CSV leaves while the rows are read, XLSX is written to the disk first."""
    if kind == "xlsx":
        out = TemporaryFile()  # noqa: SIM115 (closed by the response)
        _write_xlsx(rows, out)
        out.seek(0)
        return FileResponse(out, content_type=TYPES[kind], headers=_heads(kind, name))
    return StreamingHttpResponse(_encoded(rows), content_type=TYPES[kind], headers=_heads(kind, name))


def _encoded(rows: Iterator[Sequence]) -> Iterator[bytes]:
    """Written after the view has answered, in the language and the time zone of who asked."""
    return _in_words_of(translation.get_language(), timezone.get_current_timezone(), _lines(rows))


def _in_words_of(language: str | None, zone: Any, lines: Iterator[str]) -> Iterator[bytes]:
    yield MARK.encode()
    while True:
        with _reader(language, zone):
            parcel = next(lines, None)
        if parcel is None:
            return
        yield parcel.encode()


@contextmanager
def _reader(language: str | None, zone: Any) -> Iterator[None]:
    with translation.override(language), timezone.override(zone):
        yield

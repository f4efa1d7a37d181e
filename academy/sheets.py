"""Tables that leave the Academy as files: CSV for every program, XLSX for those who only have a spreadsheet.

What people typed is never a formula where the file is opened: a text that a spreadsheet would calculate gets an apostrophe before it.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.text import slugify
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

FORMATS = ("csv", "xlsx")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def harmless(value: Any) -> Any:
    """A cell that is only ever read. Moments lose their time zone (the reader's counts), as spreadsheets know none."""
    if isinstance(value, datetime):
        return timezone.make_naive(value) if timezone.is_aware(value) else value
    if value is None or isinstance(value, int | float):
        return value
    text = str(value)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) else text


def _csv(rows: Iterable[Sequence]) -> bytes:
    out = StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([value.strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else value for value in map(harmless, row)])
    return ("\ufeff" + out.getvalue()).encode()  # the mark tells old spreadsheets that accents are UTF-8


def _xlsx(rows: Iterable[Sequence]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        cells = [WriteOnlyCell(sheet, harmless(value)) for value in row]
        for cell in cells:
            if cell.data_type == "f":
                cell.data_type = "s"
            elif cell.is_date:
                cell.number_format = "yyyy-mm-dd hh:mm"
        sheet.append(cells)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def sheet(kind: str, name: str, rows: Iterable[Sequence]) -> HttpResponse:
    """The rows (the first are the headings) as a file to keep, called after `name`."""
    content, content_type = (_xlsx(rows), XLSX) if kind == "xlsx" else (_csv(rows), "text/csv; charset=utf-8")
    disposition = f'attachment; filename="{slugify(name) or "table"}.{kind}"'
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    )

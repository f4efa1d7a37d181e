"""The rows of a CSV file that somebody brings, whatever their spreadsheet did to it. Text in, rows out; nothing is raised.

A quotation mark that nothing closes takes the lines after it into its cell: such a row is told apart, so that nobody uses what it holds.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

SIGNS = ",;\t"
_SEPARATOR = re.compile(r"sep=([,;\t])", re.IGNORECASE)


@dataclass(frozen=True)
class CsvRow:
    """`number` as the spreadsheet counts rows, `line` as an editor counts lines. `swallowed`: how many lines a quotation mark that is left
    open has taken after its own; None: all are closed, and the cells are what was meant."""

    number: int
    line: int
    cells: list[str]
    swallowed: int | None = None

    @property
    def is_open(self) -> bool:
        return self.swallowed is not None

    @property
    def is_empty(self) -> bool:
        return not self.is_open and not any(cell.strip() for cell in self.cells)


def lines_of(text: str) -> str:
    """The text without its mark, its lines ended in one way."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def opening(text: str) -> tuple[str, str]:
    """The sign between the cells if Excel's first line says it, `sep=;`, else nothing; and the line of the headings."""
    written = (line for line in io.StringIO(text) if line.strip())
    first = next(written, "")
    if said := _SEPARATOR.fullmatch(first.strip(" \n")):
        return said[1], next(written, "").rstrip("\n")
    return "", first.rstrip("\n")


def rows(text: str, sign: str) -> Iterator[CsvRow]:
    """Every row that holds something, but for the one that only says the sign."""
    lines = io.StringIO(text).readlines()
    reader, number, is_first = csv.reader(lines, delimiter=sign), 0, True
    while True:
        start, number = reader.line_num, number + 1
        try:
            cells = next(reader, None)
        except csv.Error:  # a cell without end
            yield CsvRow(number, start + 1, [], reader.line_num - start - 1)
            continue
        if cells is None:
            return
        taken = lines[start : reader.line_num]
        row = CsvRow(number, start + 1, cells, len(taken) - 1 if _is_open(taken, sign) else None)
        if row.is_empty:
            continue
        if not is_first or not _SEPARATOR.fullmatch("".join(taken).strip(" \n")):
            yield row
        is_first = False


def _is_open(lines: list[str], sign: str) -> bool:
    """A row of several lines in which the mark that ends its cell has something behind it was opened by one that should have been closed."""
    if '"' not in "".join(lines):
        return False
    if len(list(csv.reader([*lines, "."], delimiter=sign))) == 1:
        return True
    try:
        list(csv.reader(lines, delimiter=sign, strict=True))
    except csv.Error:
        return len(lines) > 1
    return False

"""The grid of an HTML table: rows of cells, merged cells taken apart, which of them are headings. Pure."""

from dataclasses import dataclass

from bs4.element import Tag
from django.utils.translation import gettext_noop

from wiki.pad import Report

MOST_CELLS = 20_000
MOST_COLUMNS = 60


@dataclass
class Grid:
    """None stands for the rest of a merged cell."""

    cells: list[list[Tag | None]]
    headed: bool
    first_column_is_header: bool


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name, "1"))
    return min(max(int(value), 1), MOST_COLUMNS) if value.isascii() and value.isdigit() and len(value) < 6 else 1


def table_rows(table: Tag, report: Report) -> Grid | None:
    """The grid of this table, without those nested in it; None when it has no cell."""
    lines = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    rows: list[list[Tag | None]] = []
    hanging: dict[int, int] = {}
    merged, headings = 0, []
    for line in lines:
        row: list[Tag | None] = []
        own = line.find_all(["td", "th"], recursive=False)
        for cell in own:
            while hanging.get(len(row), 0):
                hanging[len(row)] -= 1
                row.append(None)
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
            merged += across > 1 or down > 1
            for offset in range(across):
                hanging[len(row)] = down - 1
                row.append(None if offset else cell)
        if own:
            rows.append(row[:MOST_COLUMNS])
            headings.append((line.find_parent("thead") is not None or all(cell.name == "th" for cell in own), own[0].name == "th"))
        if len(rows) * max(len(row), 1) > MOST_CELLS:
            report.lost[gettext_noop("the end of a table of more than 20 000 cells")] += 1
            break
    if not rows:
        return None
    if merged:
        report.changed[gettext_noop("merged cells of tables, taken apart")] += merged
    body = headings[1:] if headings[0][0] else headings
    return Grid(rows, headings[0][0], bool(body) and all(first for _all, first in body))

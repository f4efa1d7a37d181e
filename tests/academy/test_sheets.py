"""Tables as files: numbers stay numbers, and what people typed is never a formula."""

from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from academy.sheets import sheet, stream

ROWS = [["Amount", "Words"], [Decimal("-1200.50"), "-1200.50"], [7, "=SUM(A1)"]]


@pytest.mark.parametrize(
    "made", [lambda kind: sheet(kind, "Rows", ROWS), lambda kind: stream(kind, "Rows", iter(ROWS))], ids=["sheet", "stream"]
)
def test_decimals_are_numbers(made):
    xlsx = made("xlsx")
    assert xlsx.headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    cells = list(load_workbook(BytesIO(b"".join(xlsx))).active.values)
    assert cells == [("Amount", "Words"), (-1200.5, "'-1200.50"), (7, "'=SUM(A1)")]
    csv = made("csv")
    text = b"".join(csv).decode()
    assert text.splitlines()[1:] == ["-1200.50,'-1200.50", "7,'=SUM(A1)"]


def test_what_is_pasted_from_word_does_not_stop_the_file():
    xlsx = sheet("xlsx", "Rows", [["Word\x0bpaste", "a\x00b", "two\nlines"]])
    assert list(load_workbook(BytesIO(b"".join(xlsx))).active.values) == [("Word paste", "a b", "two\nlines")]

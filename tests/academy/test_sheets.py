"""Tables as files: numbers stay numbers, and what people typed is never a formula."""

from csv import reader
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from academy.sheets import harmless, sheet, stream

ROWS = [["Amount", "Words"], [Decimal("-1200.50"), "-1200.50"], [7, "=SUM(A1)"]]


@pytest.mark.parametrize(
    "made", [lambda kind: sheet(kind, "Rows", ROWS), lambda kind: stream(kind, "Rows", iter(ROWS))], ids=["sheet", "stream"]
)
def test_decimals_are_numbers(made):
    xlsx = made("xlsx")
    assert xlsx.headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    cells = list(load_workbook(BytesIO(b"".join(xlsx))).active.values)
    assert cells == [("Amount", "Words"), (-1200.5, "-1200.50"), (7, "=SUM(A1)")]
    csv = made("csv")
    text = b"".join(csv).decode()
    assert text.splitlines()[1:] == ["-1200.50,'-1200.50", "7,'=SUM(A1)"]


@pytest.mark.parametrize(
    "typed",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(1)",
        " =1",
        "\u00a0=1",
        "\u202f=1",
        "\u200b=1",
        "\ufeff=1",
        " \u200e =1",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠A1",
    ],
)
def test_nothing_that_was_typed_calculates(typed):
    csv = sheet("csv", "Rows", [["Words"], [typed]]).content.decode()
    assert next(iter(list(reader(StringIO(csv, newline="")))[1])) == f"'{typed}"
    (_head, cell) = load_workbook(BytesIO(sheet("xlsx", "Rows", [["Words"], [typed]]).content)).active["A"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (typed.replace("\r", "\n"), "s", True)


@pytest.mark.parametrize("typed", ["a=b", "2 + 2", "e-mail", "two\n=lines", "", "« = »"])
def test_other_words_stay_as_they_are(typed):
    assert harmless(typed) == typed


def test_what_is_pasted_from_word_does_not_stop_the_file():
    xlsx = sheet("xlsx", "Rows", [["Word\x0bpaste", "a\x00b", "two\nlines"]])
    assert list(load_workbook(BytesIO(b"".join(xlsx))).active.values) == [("Word paste", "a b", "two\nlines")]

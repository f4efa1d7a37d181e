"""A matrix of a hundred columns on paper: every column and every row can be read, and the screen is afterwards as it was."""

import re

import pypdfium2

from tests.browser.waiting import follow

# As many columns as a pathway may have: the last stage grows, each row by cells like its last one.
WIDEN = """(n) => {
  const table = document.querySelector("table[data-bands]"), [stages, names] = table.tHead.rows;
  const last = [...stages.querySelectorAll("th[scope=colgroup]")].pop(), name = names.lastElementChild;
  last.colSpan += n;
  for (let i = 1; i <= n; i++) { const one = name.cloneNode(true); one.textContent = `Column${i}x`; names.append(one); }
  for (const row of [...table.tBodies[0].rows, ...table.tFoot.rows]) {
    const end = row.lastElementChild, cell = end.previousElementSibling;
    for (let i = 0; i < n; i++) end.before(cell.cloneNode(true));
  }
  return [...table.tBodies[0].rows].map((row) => row.querySelector("th a").textContent);
}"""


def test_every_column_of_a_wide_matrix_is_on_paper_beside_the_names_of_its_rows(page_for):
    page = page_for("coordinator", locale="en-GB")
    page.goto("/cms/cohorts/")
    follow(page.get_by_role("link", name=re.compile("^(Cohorte de cette année|This year’s cohort)")).first)
    projects = page.evaluate(WIDEN, 85)
    before = page.locator("table.matrix").evaluate("table => table.outerHTML")
    printed = pypdfium2.PdfDocument(page.pdf(format="A4", prefer_css_page_size=True))
    assert {tuple(round(side) for side in sheet.get_size()) for sheet in printed} == {(842, 595)}  # landscape
    words = ["".join(sheet.get_textpage().get_text_range().split()) for sheet in printed]
    whole = "".join(words)
    assert [n for n in range(1, 86) if f"Column{n}x" not in whole] == []
    bands = [text for text in words if "Column" in text]
    assert len(bands) == 5
    assert [(project, text) for text in bands for project in projects if "".join(project.split()) not in text] == []
    assert page.locator("table.matrix").evaluate_all("tables => tables.map((table) => table.outerHTML)") == [before]
    assert page.refused() == []

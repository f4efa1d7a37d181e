"""The import screen in a real browser, under the content security policy: a zip, its preview, its choices, the report, the page."""

import io
import re
import secrets
import zipfile
from collections import Counter

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import follow

RUN = secrets.token_hex(3)  # the same file again changes nothing, and the tests may run twice on one server
FOLDER = f"import du navigateur {RUN}"
WORD = f"# Règlement du test\n\nEssai {RUN}.\n\n**Qui décide**\n\nTous.\n\n**Qui paie**\n\nChacun. Voir [l’annexe](annexe.md) et [rien](absent.md).\n"


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"{FOLDER}/reglement.md", WORD)
        archive.writestr(f"{FOLDER}/annexe.md", f"# Annexe du test\n\nTexte {RUN}.")
        archive.writestr(f"{FOLDER}/vieux.doc", b"\xd0\xcf\x11\xe0" + RUN.encode())
    return out.getvalue()


def top_of_the_wiki(page) -> str:
    """The first section of the French ones."""
    return page.locator("[name=section] optgroup[label^=Fr] option").first.get_attribute("value")


def test_a_zip_is_looked_at_promoted_imported_and_read(page_for, axe):
    page = page_for("trainer", locale="en-GB")
    page.goto("/cms/import/")
    assert axe(page) == []
    page.set_input_files("#import-files", {"name": "essai.zip", "mimeType": "application/zip", "buffer": a_zip()})
    page.get_by_text("1 file chosen").wait_for()
    page.select_option("[name=section]", value=top_of_the_wiki(page))
    page.get_by_role("button", name="See what they become").click()
    page.get_by_text("2 bold lines look like headings").wait_for(timeout=60_000)
    expect(page.get_by_text("old Office format")).to_have_count(1)
    assert axe(page) == []
    page.locator("input[name^=promote-]").check()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("Report for a spreadsheet").wait_for(timeout=60_000)
    assert axe(page) == []
    expect(page.locator(".import-item[data-outcome=created]")).to_have_count(3)
    follow(page.get_by_role("link", name="Règlement du test"))
    page.get_by_role("button", name="Actions", exact=True).click()
    follow(page.get_by_role("link", name="Import report"))
    expect(page.get_by_text("absent.md")).to_have_count(1)
    assert axe(page) == []
    assert (page.refused(), page.errors) == ([], [])
    page.goto(f"/fr/wiki/import-du-navigateur-{RUN}/reglement-du-test/")
    expect(page.locator("main h2", has_text="Qui décide").first).to_be_visible()
    there = re.compile(f"/fr/wiki/import-du-navigateur-{RUN}/annexe-du-test/$")
    expect(page.get_by_role("link", name="l’annexe")).to_have_attribute("href", there)


@pytest.mark.parametrize(("width", "script"), [(1280, False), (320, True)])
def test_it_works_without_script_and_on_a_phone(page_for, width, script):
    page = page_for("trainer", width=width, script=script)
    page.goto("/cms/import/")
    text = f"# Petit essai {width} {RUN}\n\nTexte.".encode()
    page.set_input_files("#import-files", {"name": f"petit-{width}-{RUN}.md", "mimeType": "text/markdown", "buffer": text})
    page.select_option("[name=section]", value=top_of_the_wiki(page))
    page.locator(".import-form button[type=submit]").click()
    page.locator("input[name^=wanted-]").wait_for(timeout=60_000)  # the page asks again by itself
    page.locator(".import-go button").first.click()
    page.locator(".import-item[data-outcome=created]").wait_for(timeout=60_000)
    assert page.locator(".import-page").bounding_box()["width"] <= width
    if script:
        assert page.evaluate("document.documentElement.scrollWidth") <= width


COUNT = 400  # on a quick machine fewer are done before anybody has looked


def a_long_zip() -> bytes:
    """Long enough to be watched, and stopped before its end."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(COUNT):
            rows = "".join(f"| {row} | mot {row} {RUN} |\n" for row in range(80))
            text = (
                f"# Fiche {number} {RUN}\n\n## Tableau\n\n| n | mot |\n|---|---|\n{rows}\nVoir [la suite](f{(number + 1) % COUNT:02}.md)."
            )
            archive.writestr(f"long {RUN}/f{number:02}.md", text)
    return out.getvalue()


def bring(page, content: bytes) -> None:
    """In whatever language the CMS speaks: it follows the pages that were read last."""
    page.goto("/cms/import/")
    page.set_input_files("#import-files", {"name": "long.zip", "mimeType": "application/zip", "buffer": content})
    page.select_option("[name=section]", value=top_of_the_wiki(page))
    page.locator(".import-form button[type=submit]").click()
    page.locator("input[name^=wanted-]").nth(COUNT - 1).wait_for(timeout=120_000)
    page.locator(".import-go button").first.click()


def outcomes(page) -> dict[str, int]:
    """How many pages of the report became what; the report has a line for each, and is long enough to be read while it still arrives."""
    lines = page.locator(".import-item", has_text=".md")
    expect(lines).to_have_count(COUNT, timeout=30_000)
    return dict(Counter(lines.evaluate_all("lines => lines.map(line => line.dataset.outcome)")))


def test_a_long_import_is_watched_stopped_and_brought_again_without_twins(page_for, axe):
    page, content = page_for("trainer", locale="en-GB"), a_long_zip()
    bring(page, content)
    progress = page.locator("progress")
    progress.wait_for()
    assert axe(page) == []
    expect(page.locator("[data-import-words]")).to_have_text(re.compile(rf"^[1-9]\d* of {COUNT + 1}$"))
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("Stopped. What was imported before stays.").wait_for(timeout=60_000)
    page.wait_for_timeout(2000)  # the file that the worker had in hand may still come in
    page.reload()
    expect(page.locator(".cms-facts")).to_contain_text("stopped")
    first = outcomes(page)
    assert set(first) == {"created", "left_out"}
    assert first["created"] + first["left_out"] == COUNT
    assert axe(page) == []
    section = f"/fr/wiki/long-{RUN}/"
    pages = page.locator(f"main a[href*='{section}fiche-']")
    page.goto(section)
    assert pages.count() == first["created"]

    bring(page, content)
    page.locator("a[href$='report.csv']").wait_for(timeout=120_000)
    # the last one that came in led to one that did not: it is written anew, to lead there
    assert outcomes(page) == {"unchanged": first["created"] - 1, "updated": 1, "created": first["left_out"]}
    page.goto(section)
    names = pages.evaluate_all("links => links.map(link => link.pathname)")
    assert len(names) == len(set(names)) == COUNT
    assert (page.refused(), page.errors) == ([], [])

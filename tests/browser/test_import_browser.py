"""The import screen in a real browser, under the content security policy: a zip, its preview, its choices, the report, the page."""

import io
import re
import secrets
import zipfile

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

"""The import screen in a real browser, under the content security policy: a zip, its preview, its choices, the report, the page."""

import io
import zipfile

import pytest

WORD = "# Règlement du test\n\n**Qui décide**\n\nTous.\n\n**Qui paie**\n\nChacun. Voir [l’annexe](annexe.md) et [rien](absent.md).\n"


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("import du navigateur/reglement.md", WORD)
        archive.writestr("import du navigateur/annexe.md", "# Annexe du test\n\nTexte.")
        archive.writestr("import du navigateur/vieux.doc", b"\xd0\xcf\x11\xe0")
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
    assert page.get_by_text("old Office format").count() == 1
    assert axe(page) == []
    page.locator("input[name^=promote-]").check()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("Report for a spreadsheet").wait_for(timeout=60_000)
    assert axe(page) == []
    assert page.locator(".import-item[data-outcome=created]").count() == 3
    page.get_by_role("link", name="Règlement du test").click()
    page.get_by_role("button", name="Actions", exact=True).click()
    page.get_by_role("link", name="Import report").click()
    assert page.get_by_text("absent.md").count() == 1
    assert axe(page) == []
    assert (page.refused(), page.errors) == ([], [])
    page.goto("/fr/wiki/import-du-navigateur/reglement-du-test/")
    assert page.locator("main h2", has_text="Qui décide").count() >= 1
    assert page.get_by_role("link", name="l’annexe").get_attribute("href").endswith("/fr/wiki/import-du-navigateur/annexe-du-test/")


@pytest.mark.parametrize(("width", "script"), [(1280, False), (320, True)])
def test_it_works_without_script_and_on_a_phone(page_for, width, script):
    page = page_for("trainer", width=width, script=script)
    page.goto("/cms/import/")
    text = f"# Petit essai {width}\n\nTexte.".encode()
    page.set_input_files("#import-files", {"name": f"petit-{width}.md", "mimeType": "text/markdown", "buffer": text})
    page.select_option("[name=section]", value=top_of_the_wiki(page))
    page.locator(".import-form button[type=submit]").click()
    page.locator("input[name^=wanted-]").wait_for(timeout=60_000)  # the page asks again by itself
    page.locator(".import-go button").first.click()
    page.locator(".import-item[data-outcome=created]").wait_for(timeout=60_000)
    assert page.locator(".import-page").bounding_box()["width"] <= width
    if script:
        assert page.evaluate("document.documentElement.scrollWidth") <= width

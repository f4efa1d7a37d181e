"""The import and the link reports at 320 pixels, with and without script: nothing covers them, nothing is cut off."""

import pytest
from playwright.sync_api import expect

TEXT = "# Essai du téléphone\n\n**Qui décide**\n\nTous. Voir [rien](absent-du-telephone.md).\n"


@pytest.mark.parametrize("script", [False, True])
def test_a_file_is_looked_at_twice_and_its_red_link_reported_on_a_phone(page_for, script):
    page = page_for("trainer", width=320, script=script, locale="en-GB")
    page.goto("/cms/import/")
    page.set_input_files(
        "#import-files", {"name": f"tel-{script}.md", "mimeType": "text/markdown", "buffer": f"{TEXT}\nScript : {script}.\n".encode()}
    )
    section = page.locator("[name=section]")
    section.click(trial=True)  # nothing lies over it
    box = section.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    section.select_option(value=page.locator("[name=section] optgroup[label^=Fr] option").first.get_attribute("value"))
    page.locator(".import-form button[type=submit]").click()
    title = page.locator("input[name^=title-]")
    expect(title).to_have_value("Essai du téléphone", timeout=60_000)
    title.fill(f"Téléphone {script}")
    page.locator("input[name^=promote-]").check()
    page.get_by_role("button", name="Look again").click()
    expect(page.locator(".import-kept")).to_contain_text("headings", timeout=60_000)
    expect(title).to_have_value(f"Téléphone {script}")
    expect(page.locator("input[name^=promote-]")).to_be_checked()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator(".import-item[data-outcome=created]")).to_be_visible(timeout=60_000)
    page.goto("/cms/links/wanted/")
    cells = page.locator("table.stacked tr", has_text="Absent du telephone").locator("th, td").all()
    assert len(cells) == 4
    for cell in cells:
        box = cell.bounding_box()
        assert box["x"] + box["width"] <= 320

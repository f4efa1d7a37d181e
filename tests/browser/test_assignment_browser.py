"""A project's work in a real browser: kept while it is typed, no window overwrites another, handed in, answered in the CMS, improved."""

from playwright.sync_api import expect

from tests.browser.test_cms_browser import refused_scripts
from tests.browser.waiting import follow

PAGE = "/en/modules/preparing-your-project/ten-conversations/"
NOTES = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Ten conversations"}


def test_work_is_written_handed_in_answered_and_improved(page_for, axe):
    first = page_for("promoter", locale="en-GB", width=320, dark=True)
    first.goto(PAGE)
    text = first.locator("textarea[name=text]")
    text.fill("Ten talks")
    expect(first.locator("[data-academy-count]")).to_have_text("2")
    expect(first.locator("[data-academy-status]")).to_contain_text("Saved")
    first.context.set_offline(True)
    text.fill("Ten talks, told without a network")
    first.get_by_role("button", name="Save the draft").click()
    expect(first.locator("[data-academy-status]")).to_contain_text("Kept on this device")
    first.context.set_offline(False)
    expect(first.locator("[data-academy-outbox]")).to_be_hidden()
    first.reload()
    expect(text).to_have_value("Ten talks, told without a network")
    text.fill("Ten talks, told in full")
    first.set_input_files("input[name=file]", files=[NOTES])
    follow(first.get_by_role("button", name="Add this file"))
    expect(first.locator(".work-file-list")).to_contain_text("notes.txt")
    expect(text).to_have_value("Ten talks, told in full")

    second = page_for("promoter", locale="en-GB", script=False)
    second.goto(PAGE)
    second.fill("textarea[name=text]", "From another window")
    follow(second.get_by_role("button", name="Save the draft"))
    text.fill("Ten talks, and more")
    expect(first.locator("[data-academy-status]")).to_contain_text("Somebody has changed this work")
    follow(first.get_by_role("button", name="Save the draft"))
    expect(first.locator(".work-now")).to_contain_text("From another window")
    expect(text).to_have_value("Ten talks, and more")
    follow(first.get_by_role("button", name="Check and hand in"))
    assert axe(first) == []
    follow(first.get_by_role("button", name="Hand in", exact=True))
    expect(first.locator("#work")).to_contain_text("Handed in: a trainer reads it")

    cms = page_for("trainer", locale="en-GB")
    cms.goto("/cms/work-to-read/")
    follow(cms.locator("main table").get_by_role("link", name="Yedd").first)
    cms.locator("[name='level-1'][value='2']").check()
    cms.fill("[name=comment]", "Count the invoices.")
    cms.locator("[name=verdict][value=to_improve]").check()
    follow(cms.locator("form.cms-answer button:not([name])"))
    assert (refused_scripts(cms), cms.errors) == ([], [])

    first.reload()
    expect(first.locator("#work")).to_contain_text("Count the invoices.")
    assert axe(first) == []
    assert (first.refused(), first.errors) == ([], [])

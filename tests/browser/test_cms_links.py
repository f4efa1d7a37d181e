"""`[[` in the editor of the CMS, by keyboard, under its policy: a page by its id, a page to write, a word of the glossary."""

import uuid

from playwright.sync_api import expect

from tests.browser.waiting import follow

EDITOR = "[data-draftail-editor] [contenteditable=true]"


def last_text(page):
    editors = page.locator(EDITOR)
    return editors.nth(editors.count() - 1)


def test_two_brackets_propose_pages_and_the_draft_keeps_both_kinds_of_links(page_for):
    unwritten = f"Rules of {uuid.uuid4().hex[:8]}"  # the test may run twice on one server
    page = page_for("trainer", locale="en-GB")
    page.goto("/cms/pages/search/?q=What+Smart+is")
    follow(page.locator("a[href$='/edit/']", has_text="What Smart is").first)
    page.wait_for_load_state("networkidle")
    text = last_text(page)
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" See [[understanding")
    page.locator(".academy-pages-option", has_text="Understanding Smart").first.wait_for()
    chosen = page.locator(".academy-pages-option[aria-selected=true]").get_attribute("id")
    expect(text).to_have_attribute("aria-activedescendant", chosen)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.type(f" or [[{unwritten}]] and [[nothing")
    page.locator(".academy-pages").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator(".academy-pages")).to_have_count(0)
    expect(text.locator("a.TooltipEntity[href]", has_text="Understanding Smart").first).to_be_visible()
    expect(text.locator(".academy-wanted").last).to_have_text(unwritten)
    # the editor hands its text to the form a moment after the last key
    page.wait_for_function(
        "words => [...document.querySelectorAll('input[name]')].some((field) => field.value.includes(words))", arg=unwritten
    )
    follow(page.locator("button.action-save").first)
    page.wait_for_load_state("networkidle")
    expect(last_text(page).locator(".academy-wanted").last).to_have_text(unwritten)
    refused = [refusal for refusal in page.refused() if refusal.startswith(("script", "default"))]
    assert (refused, page.errors) == ([], [])


def test_two_brackets_propose_words_of_the_glossary_and_the_draft_keeps_them(page_for):
    page = page_for("trainer", locale="en-GB")
    page.goto("/cms/pages/search/?q=What+Smart+is")
    follow(page.locator("a[href$='/edit/']", has_text="What Smart is").first)
    page.wait_for_load_state("networkidle")
    text = last_text(page)
    before = text.locator(".academy-term").count()
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" A [[shared enter")
    option = page.locator(".academy-pages-option", has_text="Shared enterprise").first
    option.wait_for()
    option.click()
    expect(text.locator(".academy-term")).to_have_count(before + 1)
    expect(text.locator(".academy-term").last).to_have_text("Shared enterprise")
    page.keyboard.type(" is.")
    page.wait_for_function(
        "words => [...document.querySelectorAll('input[name]')].some((field) => field.value.includes(words))", arg="Shared enterprise is."
    )
    follow(page.locator("button.action-save").first)
    page.wait_for_load_state("networkidle")
    expect(last_text(page).locator(".academy-term").last).to_have_text("Shared enterprise")
    refused = [refusal for refusal in page.refused() if refusal.startswith(("script", "default"))]
    assert (refused, page.errors) == ([], [])

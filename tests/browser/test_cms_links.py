"""`[[` in the editor of the CMS, by keyboard, under its policy: a page by its id, and a page to write."""

EDITOR = "[data-draftail-editor] [contenteditable=true]"


def last_text(page):
    editors = page.locator(EDITOR)
    return editors.nth(editors.count() - 1)


def test_two_brackets_propose_pages_and_the_draft_keeps_both_kinds_of_links(page_for):
    page = page_for("trainer", locale="en-GB")
    page.goto("/cms/pages/search/?q=What+Smart+is")
    page.locator("a[href$='/edit/']", has_text="What Smart is").first.click()
    page.wait_for_load_state("networkidle")
    text = last_text(page)
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" See [[understanding")
    page.locator(".academy-pages-option", has_text="Understanding Smart").first.wait_for()
    assert text.get_attribute("aria-activedescendant") == page.locator(".academy-pages-option[aria-selected=true]").get_attribute("id")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.type(" or [[Rules of the zebra]] and [[nothing")
    page.locator(".academy-pages").wait_for()
    page.keyboard.press("Escape")
    assert page.locator(".academy-pages").count() == 0
    assert text.locator("a.TooltipEntity[href]", has_text="Understanding Smart").count() >= 1
    assert text.locator(".academy-wanted").inner_text() == "Rules of the zebra"
    # the editor hands its text to the form a moment after the last key
    page.wait_for_function("""() => [...document.querySelectorAll("input[name]")].some((field) => field.value.includes('"WANTED"'))""")
    with page.expect_response(lambda answer: answer.request.method == "POST" and "/edit/" in answer.url):
        page.locator("button.action-save").first.click()
    page.wait_for_load_state("networkidle")
    page.goto(page.url)
    page.wait_for_load_state("networkidle")
    assert last_text(page).locator(".academy-wanted").inner_text() == "Rules of the zebra"
    refused = [refusal for refusal in page.refused() if refusal.startswith(("script", "default"))]
    assert (refused, page.errors) == ([], [])

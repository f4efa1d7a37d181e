"""A page from its first words to its readers, under the policy of the CMS: drafts kept by themselves, the preview beside, publishing."""

import re
import uuid

from playwright.sync_api import expect

from tests.browser.waiting import follow

# Wagtail looks at the form as it came two seconds after it came, and keeps only what differs from that.
READY = """() => {
  const form = document.querySelector("[data-controller~=w-unsaved]");
  return !!form && !!window.wagtail.app.getControllerForElementAndIdentifier(form, "w-unsaved")?.initialFormData;
}"""

SAVED = ".w-autosave-indicator__state--saved:visible"


def test_a_page_is_drafted_by_itself_previewed_and_published(page_for):
    word = uuid.uuid4().hex[:8]  # the test may run twice on one server
    page = page_for("trainer", locale="en-GB")
    refused = []  # the browser says it aloud, for the preview inside the page as well
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto("/cms/pages/search/?q=Academy&content_type=wiki.wikisection")
    follow(page.locator("a[href$='/edit/']").first)
    section = page.url.rstrip("/").split("/")[-2]
    page.goto(f"/cms/pages/add/wiki/wikipage/{section}/")
    page.wait_for_function(READY)

    with page.expect_response(lambda answer: "_w_hydrate_create_view" in answer.url):  # the draft has made the page
        page.fill("[name=title]", f"How we share {word}")
        page.press("[name=title]", "Tab")
    page.wait_for_url(re.compile(r"/cms/pages/\d+/edit/"))
    page.locator(SAVED).wait_for()

    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith("/edit/")) as kept:
        page.fill("[name=summary]", f"What is common {word}, and what stays with each of us.")
        page.press("[name=summary]", "Tab")
    assert kept.value.json()["success"] is True

    with page.expect_response(lambda answer: "/preview/" in answer.url and answer.request.method == "GET"):
        page.locator("button[aria-label='Toggle preview']").first.click()
    page.frame_locator("iframe").last.locator("h1", has_text=f"How we share {word}").wait_for()

    page.reload()
    expect(page.locator("[name=summary]")).to_have_value(re.compile(f"^What is common {word}"))
    page.locator("footer button.w-dropdown__toggle").last.click()
    follow(page.locator("button[name=action-publish]"))
    live = page.locator("a", has_text="View live").first.get_attribute("href")
    assert (refused, page.errors) == ([], [])

    reader = page_for("", locale="en-GB")
    reader.goto(live)
    expect(reader.locator("h1")).to_have_text(f"How we share {word}")
    assert (reader.refused(), reader.errors) == ([], [])

"""The loop in a real browser: ask, be shown what exists, send; answer in the CMS; the letter; the page; the next one finds it."""

import re
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.test_cms_browser import refused_scripts
from tests.browser.waiting import follow, until


@pytest.fixture
def words() -> str:
    """A word that nobody has used, so that the test may run twice on one server."""
    return "zq" + uuid.uuid4().hex[:8]


def letters(folder: Path) -> list[str]:
    return [path.read_text(errors="replace") for path in folder.rglob("*.log")]


def test_a_question_becomes_a_page_that_the_next_one_finds(page_for, server_folder, axe, words):
    asking = page_for("promoter", locale="en-GB", script=False, width=360)
    asking.goto("/en/questions/")
    follow(asking.get_by_role("link", name="Ask a question"))
    asking.fill("main input[name=q]", f"Who insures a {words} abroad?")
    follow(asking.get_by_role("button", name="Continue"))
    asking.fill("textarea[name=detail]", "We play in three countries.")
    follow(asking.get_by_role("button", name="Send my question"))
    expect(asking.locator("h1")).to_have_text(f"Who insures a {words} abroad?")
    address = re.search(r"/questions/([0-9a-f-]{36})/", asking.url)[1]

    cms = page_for("trainer", locale="en-GB")
    cms.goto("/cms/questions/?waiting=all")
    follow(cms.get_by_role("link", name=f"Who insures a {words} abroad?"))
    editor = cms.locator("form[action$='/answer/'] .public-DraftEditor-content")
    editor.click()
    editor.type(f"The enterprise insures every {words}, in each country of the network.")
    # at once: the editor would keep what is typed a quarter of a second later
    cms.evaluate("document.querySelector('form[action$=\"/answer/\"]').requestSubmit()")
    expect(cms.get_by_text("in each country of the network").first).to_be_visible()
    expect(cms.get_by_role("button", name="Send the answer")).to_have_count(0)
    assert (refused_scripts(cms), cms.errors) == ([], [])

    until(lambda: any(words in letter and f"/questions/{address}/" in letter for letter in letters(server_folder)))

    asking.reload()
    expect(asking.locator("article")).to_contain_text(f"insures every {words}")
    follow(asking.get_by_role("button", name="Yes, thank you"))
    expect(asking.get_by_text("You said that this answered you")).to_have_count(1)

    form = cms.locator("details.cms-verb", has=cms.locator("[name=page-title]"))
    form.locator("summary").click()
    form.locator("[data-chooser-action-choose]").first.click()
    modal = cms.locator(".modal-body")
    modal.locator("input[name=q]").fill("Understanding Smart")
    modal.locator("a", has_text="Understanding Smart").first.click()
    follow(form.locator("button[type=submit]").first)
    assert re.search(r"/cms/pages/\d+/edit/", cms.url)
    cms.locator("button[aria-label*=More], footer button.w-dropdown__toggle").last.click()
    follow(cms.locator("button[name=action-publish]"))
    assert (refused_scripts(cms), cms.errors) == ([], [])

    asking.reload()
    expect(asking.get_by_text("This question became a page")).to_have_count(1)
    next_one = page_for("", locale="en-GB")

    def is_proposed() -> bool:
        next_one.goto(f"/en/questions/ask/?q=Is+a+{words}+insured")
        return next_one.get_by_text("Is one of these your answer?").count() > 0

    until(is_proposed)  # the index is written by the worker beside the server
    link = next_one.locator(".similar li").first.locator("h3 a")
    expect(link).to_have_text(f"Who insures a {words} abroad?")
    expect(link).to_have_attribute("href", re.compile("/wiki/"))
    assert axe(next_one) == []


@pytest.mark.parametrize("address", ["/en/glossary/", "/fr/glossary/", "/en/questions/", "/fr/questions/ask/?q=Combien"])
@pytest.mark.parametrize("dark", [False, True])
def test_screens_are_for_everybody(page_for, axe, address, dark):
    page = page_for("", dark=dark, width=320)
    page.goto(address)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

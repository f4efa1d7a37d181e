"""The loop in a real browser: ask, be shown what exists, send; answer in the CMS; the letter; the page; the next one finds it."""

import re
import uuid

import pytest


@pytest.fixture
def words() -> str:
    """A word that nobody has used, so that the test may run twice on one server."""
    return "zq" + uuid.uuid4().hex[:8]


def refused_scripts(page) -> list[str]:
    return [refusal for refusal in page.refused() if refusal.startswith(("script", "default"))]


def test_a_question_becomes_a_page_that_the_next_one_finds(page_for, server_folder, axe, words):
    asking = page_for("promoter", locale="en-GB", script=False, width=360)
    asking.goto("/en/questions/")
    asking.get_by_role("link", name="Ask a question").click()
    asking.fill("input[name=q]", f"Who insures a {words} abroad?")
    asking.get_by_role("button", name="Continue").click()
    asking.fill("textarea[name=detail]", "We play in three countries.")
    asking.get_by_role("button", name="Send my question").click()
    assert asking.locator("h1").inner_text() == f"Who insures a {words} abroad?"
    address = re.search(r"/questions/([0-9a-f-]{36})/", asking.url)[1]

    cms = page_for("trainer", locale="en-GB")
    cms.goto("/cms/questions/?waiting=all")
    cms.get_by_role("link", name=f"Who insures a {words} abroad?").click()
    editor = cms.locator("form[action$='/answer/'] .public-DraftEditor-content")
    editor.click()
    editor.type(f"The enterprise insures every {words}, in each country of the network.")
    cms.wait_for_timeout(800)  # the editor keeps what is typed a moment later
    assert "of the network" in cms.locator("[name=answer-html]").input_value()
    cms.get_by_role("button", name="Send the answer").click()
    cms.get_by_text("in each country of the network").first.wait_for()
    assert (refused_scripts(cms), cms.errors) == ([], [])

    letters = [path.read_text(errors="replace") for path in server_folder.rglob("*.log") if words in path.read_text(errors="replace")]
    assert any(f"/questions/{address}/" in letter for letter in letters)

    asking.reload()
    assert f"insures every {words}" in asking.inner_text("article")
    asking.get_by_role("button", name="Yes, thank you").click()
    assert asking.get_by_text("You said that this answered you").count() == 1

    form = cms.locator("details.cms-verb", has=cms.locator("[name=page-title]"))
    form.locator("summary").click()
    form.locator("[data-chooser-action-choose]").first.click()
    modal = cms.locator(".modal-body")
    modal.locator("input[name=q]").fill("Understanding Smart")
    modal.locator("a", has_text="Understanding Smart").first.click()
    form.locator("button[type=submit]").click()
    cms.wait_for_url(re.compile(r"/cms/pages/\d+/edit/"))
    cms.locator("button[aria-label*=More], footer button.w-dropdown__toggle").last.click()
    cms.locator("button[name=action-publish]").click()
    cms.wait_for_load_state()
    assert (refused_scripts(cms), cms.errors) == ([], [])

    asking.reload()
    assert asking.get_by_text("This question became a page").count() == 1
    next_one = page_for("", locale="en-GB")
    for _attempt in range(20):  # the index is written by the worker beside the server
        next_one.goto(f"/en/questions/ask/?q=Is+a+{words}+insured")
        if next_one.get_by_text("Is one of these your answer?").count():
            break
        next_one.wait_for_timeout(500)
    first = next_one.locator(".similar li").first
    assert first.locator("h3 a").inner_text() == f"Who insures a {words} abroad?"
    assert "/wiki/" in first.locator("h3 a").get_attribute("href")
    assert axe(next_one) == []


@pytest.mark.parametrize("address", ["/en/glossary/", "/fr/glossary/", "/en/questions/", "/fr/questions/ask/?q=Combien"])
@pytest.mark.parametrize("dark", [False, True])
def test_screens_are_for_everybody(page_for, axe, address, dark):
    page = page_for("", dark=dark, width=320)
    page.goto(address)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

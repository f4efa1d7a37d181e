"""A project assesses itself part by part: kept while one answers, window after window, and nobody’s answer is overwritten."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import SECONDS, follow


@pytest.fixture
def part(page_for) -> str:
    """The address of the first part of the assessment at midway, begun by whoever comes first."""
    page = page_for("promoter", locale="en-GB")
    page.goto("/en/my/pathway/")
    link = page.locator("main a[href*='/my/steps/']").filter(has_text=re.compile("assess", re.IGNORECASE)).first
    page.goto(link.get_attribute("href"))
    begin = page.get_by_role("button", name="Begin")
    if begin.count():
        follow(begin)
    return page.locator(".part-list a").first.get_attribute("href")


@pytest.fixture
def window(page_for, part):
    def opened():
        page = page_for("promoter", locale="en-GB")
        page.goto(part)
        return page

    return opened


def answer(page, level: int) -> int:
    """Chooses a level of the first criterion and waits for the page to send it; what the server said of it."""
    with page.expect_response(lambda one: one.request.method == "POST", timeout=SECONDS * 1000) as heard:
        page.locator("fieldset.criterion").first.locator(f"input[type=radio][value='{level}']").check()
    return heard.value.status


def kept(page) -> str:
    """Empty while nothing is chosen."""
    chosen = page.locator("fieldset.criterion").first.locator("input[type=radio]:checked")
    return chosen.first.get_attribute("value") if chosen.count() else ""


def test_what_one_keeps_is_where_one_goes_on_from(window):
    """The marks of the page follow what it has kept: the second answer is no conflict with the first. Another window is told."""
    one, two = window(), window()
    *mine, theirs = [level for level in range(5) if str(level) != kept(one)][:4]
    for level in mine:
        assert answer(one, level) == 200
        expect(one.locator("[data-academy-saved]")).to_contain_text("Saved at")
    assert answer(two, theirs) == 409
    expect(two.locator("[data-academy-saved]")).to_contain_text("Somebody else, or another window of yours, has answered here meanwhile")
    one.reload()
    assert kept(one) == str(mine[-1])
    follow(two.locator("button[value=stop]").first)
    expect(two.locator("main")).to_contain_text("Both are kept in sight: choose what stands, and save again.")
    assert one.errors + two.errors + one.refused() + two.refused() == []

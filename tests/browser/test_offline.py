"""A module kept on a device: read and answered without a network, and everything there once when it is back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import follow, until

MODULE = "/en/modules/preparing-your-project/"


@pytest.fixture
def learner(page_for):
    page = page_for("promoter", width=360, locale="en-GB")
    page.goto(MODULE)
    page.get_by_role("button", name="Keep on this device").click()
    expect(page.get_by_text("Kept on this device:")).to_be_visible()
    yield page
    page.context.set_offline(False)


def facts(page, path: str) -> str:
    """What the server shows of it, asked for past what is kept here."""
    return page.request.get(path).text()


def quiz_address(page) -> str:
    return page.locator("a.course-activity-title", has_text=re.compile("Quiz")).get_attribute("href")


def test_offline_in_the_middle_of_a_lesson_and_everything_is_there_once(learner, page_for):
    lesson = learner.locator("a.course-activity-title").first.get_attribute("href")
    quiz = quiz_address(learner)
    learner.goto(lesson)
    learner.context.set_offline(True)
    expect(learner.get_by_text("No network.")).to_be_visible()
    learner.mouse.wheel(0, 4000)
    learner.goto(quiz)
    expect(learner.locator("h1")).to_contain_text("Quiz")
    follow(learner.get_by_role("link", name="Go on with your attempt"))
    attempt = learner.url
    first = learner.locator("input[type=radio], input[type=checkbox]").first
    first.check()
    expect(learner.locator("[data-academy-status]")).to_contain_text("Kept on this device")
    learner.reload()
    expect(learner.locator("input[type=radio], input[type=checkbox]").first).to_be_checked()
    learner.context.set_offline(False)
    expect(learner.locator("[data-academy-outbox]")).to_be_hidden()
    name, value = first.get_attribute("name"), first.get_attribute("value")
    elsewhere = page_for("promoter", locale="en-GB")
    elsewhere.goto(attempt)
    expect(elsewhere.locator(f"input[name='{name}'][value='{value}']")).to_be_checked()
    learner.context.set_offline(True)
    learner.get_by_role("button", name="Hand in", exact=True).click()
    expect(learner.locator("[data-academy-status]")).to_contain_text("Handed in on this device")
    learner.context.set_offline(False)
    expect(learner.locator("[data-academy-outbox]")).to_be_hidden()
    until(lambda: "Handed in" in facts(learner, attempt) or "%" in facts(learner, attempt))
    elsewhere.goto(attempt)
    expect(elsewhere.locator("form[data-academy-autosave]")).to_have_count(0)
    assert (learner.errors, learner.refused()) == ([], [])


def test_page_that_is_not_kept_says_so_and_lists_what_is(learner):
    learner.context.set_offline(True)
    learner.goto("/en/wiki/")
    expect(learner.get_by_role("heading", name="On this device")).to_be_visible()
    follow(learner.get_by_role("link", name="Preparing your project"))
    expect(learner.locator("h1")).to_have_text("Preparing your project")


def test_copy_is_taken_off_again(learner):
    assert len(learner.evaluate("caches.keys()")) == 1
    learner.get_by_role("button", name="Take it off this device").click()
    expect(learner.get_by_role("button", name="Keep on this device")).to_be_visible()
    assert learner.evaluate("caches.keys()") == []

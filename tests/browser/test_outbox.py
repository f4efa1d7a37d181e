"""The box of a device: what leaves with a page is sent once, and what was done in a lesson that is taken off meanwhile is kept."""

from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import until

MODULE = "/en/modules/preparing-your-project/"
BOX = "JSON.parse(localStorage['academy-outbox'] || '[]')"


@pytest.fixture
def learner(page_for):
    page = page_for("promoter", locale="en-GB")
    page.goto(MODULE)
    yield page
    page.context.set_offline(False)


def sent_from(learner) -> list[dict[str, str]]:
    """Every event of a lesson that leaves, with what it says."""
    sent = []
    learner.context.on("request", lambda one: sent.append(dict(parse_qsl(one.post_data or ""))) if "/progress" in one.url else None)
    return sent


def waits(learner) -> int:
    return learner.evaluate(f"{BOX}.length")


def test_what_left_with_a_page_is_not_sent_again_by_the_next_one(learner):
    """The answer comes when nobody is there to hear it: the next page finds it in a cookie."""
    sent = sent_from(learner)
    learner.goto(learner.locator("a.course-activity-title").first.get_attribute("href"))
    learner.mouse.wheel(0, 600)
    learner.wait_for_timeout(500)
    learner.goto(MODULE)
    until(lambda: not waits(learner))
    learner.wait_for_timeout(1000)
    events = [(one["client"], one["sequence"]) for one in sent]
    assert len(events) == len(set(events))
    assert learner.errors == []


def test_what_was_never_heard_is_sent_again_some_seconds_later(learner):
    """An event that left with a page, and of which no cookie says that it came: not at once, then once."""
    learner.goto(learner.locator("a.course-activity-title").first.get_attribute("href"))
    address = learner.locator("[data-academy-progress]").get_attribute("data-academy-progress")
    learner.goto(MODULE)
    until(lambda: not waits(learner))
    sent = sent_from(learner)
    said = {"client": "never-heard", "sequence": "1", "progress": "0.100", "position": "", "seconds": "1"}
    entry = {"key": "progress:again", "address": address, "fields": list(said.items()), "label": ""}
    learner.evaluate("entry => { window.academyOutbox.put({ ...entry, left: Date.now() }); }", entry)
    learner.reload()
    learner.wait_for_timeout(2000)
    assert (waits(learner), sent) == (1, [])
    until(lambda: not waits(learner))
    assert [one["client"] for one in sent] == ["never-heard"]
    expect(learner.locator("[data-academy-outbox]")).to_be_hidden()

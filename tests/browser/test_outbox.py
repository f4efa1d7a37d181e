"""The box of a device: what leaves with a page is sent once, and what was done in a lesson that is taken off meanwhile is kept."""

import re

import pytest
from playwright.sync_api import expect

MODULE = "/en/modules/preparing-your-project/"
BOX = "JSON.parse(localStorage['academy-outbox'] || '[]')"


@pytest.fixture
def learner(page_for):
    page = page_for("promoter", locale="en-GB")
    page.goto(MODULE)
    yield page
    page.context.set_offline(False)


def test_what_left_with_a_page_is_not_sent_again_by_the_next_one(learner):
    """The answer comes when nobody is there to hear it: the next page finds it in a cookie."""
    sent = []
    learner.context.on("request", lambda request: sent.append(request.post_data) if "/progress" in request.url else None)
    learner.goto(learner.locator("a.course-activity-title").first.get_attribute("href"))
    learner.mouse.wheel(0, 600)
    learner.goto(MODULE)
    learner.wait_for_function(f"{BOX}.length === 0", timeout=20_000)
    learner.wait_for_timeout(1000)
    events = [tuple(re.findall(r"(?:client|sequence)=([^&]+)", event)) for event in sent]
    assert events
    assert len(events) == len(set(events))
    assert learner.errors == []


def test_what_was_never_heard_is_sent_again_some_seconds_later(learner):
    lesson = learner.locator("a.course-activity-title").first.get_attribute("href")
    learner.context.route("**/progress*", lambda route: route.abort())
    learner.goto(lesson)
    learner.mouse.wheel(0, 600)
    learner.goto(MODULE)
    assert learner.evaluate(f"{BOX}.length") == 1
    learner.context.unroute("**/progress*")
    learner.wait_for_function(f"{BOX}.length === 0", timeout=40_000)
    expect(learner.locator("[data-academy-outbox]")).to_be_hidden()

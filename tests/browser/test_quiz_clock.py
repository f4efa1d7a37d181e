"""The clock of a timed quiz, with the script alone: the server's answers are given by the test, so that nobody waits for minutes."""

from pathlib import Path

import pytest

from tests.browser.waiting import until

JS = Path(__file__).parents[2] / "static" / "js" / "courses.js"
PAGE = """<!doctype html><html lang="en"><h1>Quiz</h1><form action="/submit" data-academy-autosave="/save" data-academy-saved="Saved" data-academy-keep="submit">
<input type="hidden" name="edition" value=""><p data-academy-deadline="{end}" data-academy-now="{now}" data-academy-left="Left:" data-academy-soon="Soon">
<strong data-academy-clock></strong></p><input name="q-1"><p data-academy-status></p></form>"""
OUTBOX = """window.posts = []; window.academyOutbox = {find: () => null, drop: () => {}, put: () => true, leave: () => {},
  post: async (entry) => { posts.push(entry.address); return {state: "sent", said: window.said}; },
  ask: async (entry) => { posts.push(entry.address); return {state: "refused", words: "stop"}; }};"""


@pytest.fixture
def timed(browser):
    page = browser.new_page()

    def timed(said):
        page.set_content(PAGE.format(end="2026-01-01T10:00:02Z", now="2026-01-01T10:00:00Z"))
        page.evaluate(OUTBOX)
        page.evaluate("(said) => { window.said = said; }", said)
        page.add_script_tag(path=str(JS))
        return page

    yield timed
    page.close()


def test_the_end_is_asked_of_the_server_before_anything_is_handed_in(timed):
    page = timed({"deadline": "2026-01-01T10:05:02Z", "now": "2026-01-01T10:00:02Z"})
    until(lambda: page.inner_text("[data-academy-clock]").startswith(("Left: 4:", "Left: 5:")))
    assert page.evaluate("posts") == ["/save"]


def test_at_the_end_what_is_written_is_handed_in(timed):
    page = timed({"deadline": "2026-01-01T10:00:02Z", "now": "2026-01-01T10:00:02Z"})
    until(lambda: len(page.evaluate("posts")) == 2)
    assert page.evaluate("posts") == ["/save", "/submit"]
    assert page.locator("input[name=anyway]").count() == 1

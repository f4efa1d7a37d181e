"""A lesson counts what somebody sees: nothing of a tab behind another one, and one event when they turn away."""

from urllib.parse import parse_qs

import pytest

from tests.browser.waiting import until

LESSON = "/en/modules/understanding-smart/shared-enterprise/"
SIGHT = """(() => {
  let hidden = %s;
  Object.defineProperty(document, "hidden", { get: () => hidden });
  Object.defineProperty(document, "visibilityState", { get: () => (hidden ? "hidden" : "visible") });
  window.turn = (away) => { hidden = away; document.dispatchEvent(new Event("visibilitychange")); };
})();"""


@pytest.fixture
def heard(page_for):
    """A page of a learner and the events that left it, in order."""

    def make(*, hidden):
        page = page_for("admin", locale="en-GB")
        events = []

        def note(request):
            if request.url.split("?")[0].endswith("/progress"):
                said = parse_qs(request.post_data)
                events.append((said["client"][0], int(said["sequence"][0])))

        page.add_init_script(SIGHT % ("true" if hidden else "false"))
        page.on("request", note)
        page.goto(LESSON)
        return page, events

    return make


def test_a_tab_behind_another_one_reads_nothing(heard):
    page, events = heard(hidden=True)
    page.wait_for_timeout(3000)  # the page sends after two seconds
    assert events == []
    page.evaluate("turn(false)")
    assert until(lambda: page.wait_for_timeout(100) or events)[0][1] == 1


def test_who_turns_away_sends_one_event(heard):
    page, events = heard(hidden=False)
    until(lambda: page.wait_for_timeout(100) or events)
    page.wait_for_timeout(1000)
    before = len(events)
    page.evaluate("() => { dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })); turn(true); }")
    page.wait_for_timeout(3000)
    assert [sequence for _client, sequence in events[before:]] == [before + 1]
    page.evaluate("turn(false)")
    page.mouse.wheel(0, 600)
    page.evaluate("turn(true)")
    page.wait_for_timeout(1000)
    assert [sequence for _client, sequence in events[before:]] == [before + 1, before + 2]


def test_who_goes_on_to_another_page_sends_one_event(heard):
    page, events = heard(hidden=False)
    client, last = until(lambda: page.wait_for_timeout(100) or events)[-1]
    page.wait_for_load_state("networkidle")
    page.goto("/en/courses/")

    def kept_or_unheard():
        """The server says in a cookie that it has the event that left; then the box lets go of it."""
        heard = any(cookie["name"] == "academy-heard" for cookie in page.context.cookies())
        return not heard or page.evaluate("localStorage.getItem('academy-outbox')") not in (None, "[]")

    until(lambda: not kept_or_unheard())
    assert {sequence for other, sequence in events if other == client and sequence > last} <= {last + 1}

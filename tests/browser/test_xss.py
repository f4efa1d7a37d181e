"""Published vectors through every door, shown in a real browser on a page without any policy: no script runs, no request leaves."""

import pytest

from tests.wiki.xss import DOORS, VECTORS, through

TRAP = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"])
  window[name] = (...words) => { window.ran.push(name + " " + words.join(" ")); };
document.addEventListener("click", (event) => event.preventDefault(), true);
document.addEventListener("submit", (event) => event.preventDefault(), true);
"""
# Whatever a hand could set off: every event on every element, every link as the browser itself understands it.
PROVOKE = """() => {
  const wrong = [];
  for (const element of document.body.querySelectorAll("*")) {
    for (const { name } of element.attributes)
      if (name.startsWith("on") || name === "style" || name === "srcdoc" || name === "formaction") wrong.push(element.outerHTML.slice(0, 200));
    if (["SCRIPT", "STYLE", "IFRAME", "OBJECT", "EMBED", "IMG", "FORM", "INPUT", "BASE", "META", "LINK", "VIDEO", "AUDIO"].includes(element.tagName))
      wrong.push(element.outerHTML.slice(0, 200));
    if (element.tagName === "A" && element.href && !["http:", "https:", "mailto:", "tel:", ":"].includes(element.protocol))
      wrong.push(element.outerHTML.slice(0, 200));
    for (const name of ["click", "mouseover", "mouseenter", "focus", "error", "load", "toggle", "animationstart", "pointerdown", "keydown"])
      element.dispatchEvent(new Event(name, { bubbles: true, cancelable: true }));
  }
  return { wrong: wrong.slice(0, 20), ran: window.ran };
}"""


def test_the_trap_works(browser):
    """The page would notice: without the sanitiser, scripts run and requests leave."""
    found, asked = _visit(
        browser, "".join(f"<div>{vector}</div>" for vector in VECTORS if vector.startswith("<img") or vector.startswith("<IMG"))
    )
    assert found["ran"] != []
    assert found["wrong"] != []
    assert asked != []


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_no_script_runs_and_no_request_leaves(browser, door):
    found, asked = _visit(browser, "".join(f"<div>{piece}</div>" for piece in through(door)))
    assert found == {"wrong": [], "ran": []}
    assert asked == []


def _visit(browser, html: str) -> tuple[dict, list[str]]:
    context = browser.new_context(service_workers="block")
    context.add_init_script(TRAP)
    page = context.new_page()
    asked: list[str] = []

    def answer(route):
        if route.request.url == "http://sanitised.example/":
            route.fulfill(content_type="text/html; charset=utf-8", body=f"<!doctype html><title>x</title><body>{html}")
            return
        asked.append(route.request.url[:200])
        route.abort()

    context.route("**/*", answer)
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.goto("http://sanitised.example/", wait_until="load")
    found = page.evaluate(PROVOKE)
    page.wait_for_timeout(300)
    found["ran"] = page.evaluate("() => window.ran")
    context.close()
    return found, asked

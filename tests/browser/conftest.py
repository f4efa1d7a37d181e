"""The real server, once for all browser tests: production settings, its own SQLite file, starter content and demo data.

The tests see only what a person sees; they do not touch the database of the test process.
"""

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.browser.waiting import SECONDS, follow, until
from tests.prepared import OURS, ROOT, copy_demo

PASSWORD = "a-demo-password-for-tests"
CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]


LATE = "TimeoutError|with timeout"  # Playwright waited in vain: for a click, for what it expects


def pytest_collection_modifyitems(items):
    """Where a browser is late on a loaded machine, a test is tried once more, and said to be (R); what is wrong fails at once."""
    if connection.vendor != "sqlite":  # asked of the same server twice, they would answer the same
        mark = pytest.mark.skip(reason="the server of the browser tests has an SQLite file of its own: they run in the pass on SQLite")
    elif CHROMIUM:
        mark = pytest.mark.flaky(reruns=1, only_rerun=[LATE])
    elif os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.exit("REQUIRE_BROWSER=1, but no Chromium was found: install it (on Debian: apt install chromium).", returncode=3)
    else:
        mark = pytest.mark.skip(reason="no Chromium here: install it to run the browser tests (on Debian: apt install chromium)")
    here = Path(__file__).parent
    for item in items:
        if here in Path(item.fspath).parents:
            item.add_marker(mark)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(base: str) -> bool:
    try:
        return urllib.request.urlopen(f"{base}/healthz", timeout=5).status == 200  # noqa: S310 (our own server)
    except OSError:
        return False


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory) -> Path:
    """Where the server keeps its database and writes its mails."""
    given = os.environ.get("BROWSER_TEST_FOLDER")
    return Path(given) if given else tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def server(server_folder) -> Iterator[str]:
    given = os.environ.get("BROWSER_TEST_SERVER")  # a running demo, while a test is being written
    if given:
        yield given
        return
    folder, port = server_folder, free_port()
    base = f"http://127.0.0.1:{port}"
    copy_demo(folder, password=PASSWORD, port=port)
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    env = {**inherited, "DATA_DIR": str(folder), "BASE_URL": base, "PORT": str(port), "DEMO_PASSWORD": PASSWORD, "WORKERS": "1"}
    log = (folder / "server.log").open("w")
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "academy/gunicorn.py", "academy.wsgi:application"]
    process = subprocess.Popen(gunicorn, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        until(lambda: answers(base) or process.poll() is not None)
        assert process.poll() is None, (folder / "server.log").read_text()
        yield base
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)


@pytest.fixture(scope="package")
def browser():
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=SECONDS * 1000)

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread; these tests use no ORM
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


WATCH = """
window.__refused = [];
document.addEventListener("securitypolicyviolation", (e) => window.__refused.push(e.violatedDirective + " " + (e.blockedURI || "") + " " + (e.sample || "")));
"""


@pytest.fixture(scope="package")
def signed_in(browser, server) -> Callable[[str], dict]:
    """The browser state of a demo person who has signed in through the ordinary page. Once per role: sign-in is rate limited."""
    states: dict[str, dict] = {}

    def state_of(role: str) -> dict:
        if role not in states:
            context = browser.new_context(locale="en-GB")
            page = context.new_page()
            page.set_default_timeout(SECONDS * 1000)
            page.goto(f"{server}/accounts/login/")
            page.fill("input[name=login]", f"{role}@demo.example")
            page.fill("input[name=password]", PASSWORD)
            follow(page.locator("input[name=password]"), "Enter")
            assert "/login" not in page.url, page.inner_text("main")
            states[role] = context.storage_state()
            context.close()
        return states[role]

    return state_of


@pytest.fixture
def page_for(browser, server, signed_in) -> Iterator[Callable]:
    """`page_for("trainer", width=360, dark=True, locale="fr-FR")`; the role "" is a visitor. Refused scripts end up in `page.refused()`."""
    contexts = []

    def make(role: str = "", *, width: int = 1280, dark: bool = False, locale: str = "fr-FR", script: bool = True):
        context = browser.new_context(
            base_url=server,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            locale=locale,
            storage_state=signed_in(role) if role else None,
            java_script_enabled=script,
        )
        if script:
            context.add_init_script(WATCH)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.refused = lambda: page.evaluate("window.__refused")
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    import axe_playwright_python  # ships axe.min.js

    return next(Path(axe_playwright_python.__file__).parent.rglob("axe*.js")).read_text(encoding="utf-8")


@pytest.fixture
def axe(axe_source) -> Callable:
    """WCAG 2.0 to 2.2, A and AA: what axe-core finds wrong on the page, in words. `within`: in this part of it (of a page of the CMS, ours)."""

    def violations(page, within: str = "html") -> list[str]:
        page.wait_for_load_state()
        page.evaluate(axe_source + ";0")
        found = page.evaluate(
            "within => axe.run(within, {runOnly: {type: 'tag', values: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa']}, resultTypes: ['violations']})"
            ".then(r => r.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(' | ')}`))",
            within,
        )
        return found

    return violations

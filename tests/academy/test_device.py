"""What stays on a device is named for who writes the privacy page."""

import re
from pathlib import Path

from django.conf import settings

from academy.http import HEARD
from cohorts.views.polls import COOKIE

ROOT = Path(settings.PROJECT_DIR)


def test_every_cookie_is_named():
    """A new one makes the number of places grow: name it in README.md, then count it here."""
    code = "".join(path.read_text() for app in ("academy", "wiki", "courses", "cohorts") for path in (ROOT / app).rglob("*.py"))
    names = [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages", settings.LANGUAGE_COOKIE_NAME, HEARD, COOKIE]
    readme = (ROOT / "README.md").read_text()
    assert ([name for name in names if f"`{name}`" not in readme], len(re.findall(r"\.set_(?:signed_)?cookie\(", code))) == ([], 5)


def test_everything_in_local_storage_is_named():
    readme = (ROOT / "README.md").read_text()
    scripts = {path.name: path.read_text() for path in (ROOT / "static" / "js").glob("*.js")}
    kept = {
        name: re.findall(r"\b(?:BOX|NOTES|MODULES|KEY) = [\"`]([a-z-]+)", text) for name, text in scripts.items() if "localStorage" in text
    }
    assert kept == {
        "application.js": ["academy-draft"],
        "outbox.js": ["academy-outbox", "academy-outbox-notes"],
        "offline.js": ["academy-modules"],
    }
    assert [key for keys in kept.values() for key in keys if f"`{key}" not in readme] == []

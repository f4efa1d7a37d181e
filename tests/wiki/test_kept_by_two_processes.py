"""Two processes with one cache: what one of them changes, the other no longer serves."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import RequestFactory

from academy import kept, remembered

OTHER = """
import django
django.setup()
from academy import pagecache, remembered
{what}
"""


@pytest.fixture
def shared(tmp_path, settings):
    """A cache of files, that another process can open too."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(tmp_path / "cache")}}
    caches["default"].clear()
    return tmp_path


@pytest.fixture
def other(shared):
    def run(what: str) -> None:
        own = {**os.environ, "DJANGO_SETTINGS_MODULE": "academy.settings", "DATA_DIR": str(shared), "CACHE_URL": f"file://{shared}/cache"}
        subprocess.run([sys.executable, "-c", OTHER.format(what=what)], cwd=settings.PROJECT_DIR, env=own, check=True)

    return run


def request():
    return RequestFactory().get("/fr/", headers={"host": "127.0.0.1"})


def a_page(words: bytes, now: kept.State, marks: str) -> dict:
    return {"name": now.name, "seen": len(now.changes), "marks": marks, "content": words, "headers": {}, "until": float("inf")}


def test_a_part_that_another_process_forgot_is_made_anew(other):
    words = iter(["first", "second"])
    assert [remembered.remembered(request(), ("two processes",), lambda: next(words)) for _reading in range(2)] == ["first", "first"]
    other("remembered.forget_now()")
    assert remembered.remembered(request(), ("two processes",), lambda: next(words)) == "second"


def test_a_page_that_another_process_forgot_is_served_no_more(other):
    now, key, neighbour = kept.state(), ("http", "127.0.0.1", "/fr/wiki/", ""), ("http", "127.0.0.1", "/fr/", "")
    kept.keep_page(key, a_page(b"old", now, "at /fr/wiki/"), 60)
    kept.keep_page(neighbour, a_page(b"home", now, "at /fr/"), 60)
    other('pagecache._clear_now(("at /fr/wiki/",))')
    assert kept.page(key, kept.state()) is None
    assert kept.page(neighbour, kept.state())["content"] == b"home"
    other("pagecache._clear_now()")
    assert kept.page(neighbour, kept.state()) is None

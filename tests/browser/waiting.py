"""Waiting for what an act leads to. What is read right after a click is read from the page before: the new one is not there yet."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
SECONDS = 30  # on a loaded machine; nothing waits longer than it must


def press(locator, key: str = "Enter") -> None:
    """As somebody without a mouse: the focus goes there, then the key."""
    locator.focus()
    locator.press(key)


def follow(locator, key: str = "") -> None:
    """Clicks (or presses the key) on what opens a page, and waits until that page is loaded."""
    with locator.page.expect_navigation():
        if key:
            press(locator, key)
        else:
            locator.click()


def until(read: Callable[[], T]) -> T:
    """What is not on a page, a mail for one: reads until there is something."""
    ends = time.monotonic() + SECONDS
    while not (found := read()):
        assert time.monotonic() < ends, f"Nothing after {SECONDS} seconds"
        time.sleep(0.2)
    return found

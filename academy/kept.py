"""Which kept pages still hold: what has changed since each was made, told to every process through the cache (decision 0015).

One value in the cache, the *state*, holds a name and a list of changes. Something that shapes the site (a title, an address, a menu, who may
read, the brand) takes a new name: everything kept before is out of reach. A publish that only changes a page's words adds one change: the
marks of the pages that show something of it. A kept page remembers the name, how many changes it has seen, and its own marks: where it is
(`at`), what it links to (`to`), and what its menus link to (`nav`). They are read from its HTML, so that whatever a template shows of
another page, beside a link to it, is known without anybody saying so.

A page rendered before a change and stored after it has seen too few changes: it is not served. A state that a full cache has dropped is
made anew, under a new name.

A process also keeps the pages that it has served lately: the shared cache is then asked for the state alone, which says whether they hold.
"""

import fcntl
import hashlib
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from urllib.parse import unquote

from django.core.cache import cache

STATE = "pagecache:state"
LOCK = "pagecache:lock"
MOST_CHANGES = 100
MOST_HERE, LARGEST_HERE = 200, 100_000  # pages, and bytes of one: twenty megabytes at most
LOCK_SECONDS = 10

_NAV = re.compile(r"<nav\b.*?</nav>", re.DOTALL | re.IGNORECASE)
_HREF = re.compile(r'href="(?:https?://[^/"]+)?(/[^"?#]*)')
_here: dict[tuple[str, ...], dict] = {}


@dataclass(frozen=True, slots=True)
class State:
    name: str
    changes: tuple[tuple[str, ...], ...] = ()


def marks(path: str, content: bytes) -> frozenset[str]:
    """Where a page stands, and where its links and those of its menus lead."""
    html = content.decode(errors="replace")
    found = {f"at {unquote(path)}"}
    found |= {f"to {unquote(href)}" for href in _HREF.findall(_NAV.sub("", html))}
    found |= {f"nav {unquote(href)}" for menu in _NAV.findall(html) for href in _HREF.findall(menu)}
    return frozenset(found)


def state() -> State:
    """What holds now: one look into the cache."""
    found = cache.get(STATE)
    return found if isinstance(found, State) else _change(lambda known: known)


def holds(kept: dict, now: State) -> bool:
    """Nothing that this kept page shows has changed since it was made. Its marks are one text, read only when something did."""
    if kept["name"] != now.name or kept["seen"] > len(now.changes):
        return False
    later = now.changes[kept["seen"] :]
    return not later or frozenset(kept["marks"].split("\n")).isdisjoint(chain(*later))


def page(key: tuple[str, ...], now: State) -> dict | None:
    """The kept page of this address, if it still holds."""
    found = _here.get(key)
    if found is None or found["until"] < time.time() or not holds(found, now):
        found = cache.get(_name(key))
        if found is None or not holds(found, now):
            return None
        _keep_here(key, found)
    found["seen"] = len(now.changes)  # it holds after all of them: they need not be looked through again
    return found


def keep_page(key: tuple[str, ...], kept: dict, seconds: int) -> None:
    cache.set(_name(key), kept, seconds)
    _keep_here(key, kept)


def _keep_here(key: tuple[str, ...], kept: dict) -> None:
    if len(kept["content"]) > LARGEST_HERE:
        return
    if len(_here) >= MOST_HERE:
        _here.clear()
    _here[key] = kept


def _name(key: tuple[str, ...]) -> str:
    return f"keptpage:{hashlib.sha256('|'.join(key).encode()).hexdigest()}"


def change_words(changed: tuple[str, ...]) -> None:
    """The pages with one of these marks no longer hold."""

    def add(known: State) -> State:
        return State(known.name, (*known.changes, changed)) if len(known.changes) < MOST_CHANGES else _named_anew()

    _change(add)


def change_everything() -> None:
    _change(lambda _known: _named_anew())


def _named_anew() -> State:
    return State(uuid.uuid4().hex)


def _change(how: Callable[[State], State]) -> State:
    """Reads, changes and writes the state, one process at a time: a change that overwrote another would leave old words in place."""
    with _alone():
        found = cache.get(STATE)
        made = how(found if isinstance(found, State) else _named_anew())
        cache.set(STATE, made, None)
        return made


@contextmanager
def _alone() -> Iterator[None]:
    """A lock that all processes of this cache share: a file beside a cache of files, else a key that only one can add."""
    folder = getattr(cache, "_dir", None)
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with (Path(folder) / "pagecache.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # let go when the file closes, or its process dies
            yield
        return
    until = time.monotonic() + LOCK_SECONDS
    # whoever held it for so long has died: what is done under it takes a millisecond
    while not cache.add(LOCK, 1, LOCK_SECONDS) and time.monotonic() < until:
        time.sleep(0.005)
    try:
        yield
    finally:
        cache.delete(LOCK)

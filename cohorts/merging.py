"""Two people write one application at once: what each page may write, what both changed, what the other one changed. Pure.

A page sends each answer with the mark of the one it started from. An answer that the page did not change is never written; one that
somebody else changed meanwhile is not overwritten: both are shown and a person chooses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

MINE, THEIRS, BOTH = "mine", "theirs", "both"


def mark_of(value: Any) -> str:
    """Short, the same for the same words whatever the line ends and the spaces around."""
    words = "\n".join(str(value).splitlines()).strip()
    return hashlib.sha256(words.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Choice:
    """What a person chose between two answers, and the mark of the other one as they saw it."""

    take: str
    seen: str


def marks_in(data: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Of each answer of a page, the mark of what the page started from."""
    return {name: data[f"from_{name}"] for name in names if f"from_{name}" in data}


def choices_in(data: Mapping[str, str], names: Iterable[str]) -> dict[str, Choice]:
    return {name: Choice(data[f"take_{name}"], data.get(f"seen_{name}", "")) for name in names if f"take_{name}" in data}


@dataclass
class Merge:
    """`written` is kept now. `others` were changed elsewhere and this page did not touch them. `both` wait for a choice; of them are
    `too_long` those that were to follow one another and are longer together than such an answer may be."""

    written: dict[str, Any] = field(default_factory=dict)
    others: dict[str, Any] = field(default_factory=dict)
    both: dict[str, Any] = field(default_factory=dict)
    too_long: dict[str, int] = field(default_factory=dict)


def merge(
    mine: Mapping[str, Any],
    kept: Mapping[str, Any],
    *,
    since: Mapping[str, str],
    choices: Mapping[str, Choice] | None = None,
    texts: Mapping[str, int],
) -> Merge:
    """`mine`: what the page sends. `kept`: what is saved now. `since`: marks of what the page started from; without one, it is written.
    `texts`: the answers of which two may follow one another, and how long each may be.
    """
    found = Merge()
    for name, value in mine.items():
        sent, now = mark_of(value), mark_of(kept[name])
        start = since.get(name, now)
        if sent == now:
            continue
        if sent == start:
            found.others[name] = kept[name]
        elif start == now:
            found.written[name] = value
        else:
            _choose(found, name, value, kept[name], (choices or {}).get(name), texts.get(name))
    return found


def _choose(found: Merge, name: str, mine: Any, theirs: Any, choice: Choice | None, most: int | None) -> None:
    if choice is None or choice.seen != mark_of(theirs) or choice.take not in (MINE, THEIRS, BOTH):
        found.both[name] = theirs  # not chosen yet, or changed again since
    elif choice.take == THEIRS:
        found.others[name] = theirs
    elif choice.take == BOTH:
        _join(found, name, mine, theirs, most)
    else:
        found.written[name] = mine


def _join(found: Merge, name: str, mine: Any, theirs: Any, most: int | None) -> None:
    together = f"{theirs}\n\n{mine}"
    if most is None or len(together) > most:  # two countries cannot follow one another, nor two texts that no page could save again
        found.both[name] = theirs
        found.too_long |= {} if most is None else {name: most}
    else:
        found.written[name] = found.others[name] = together


# --- said to whoever has to choose


def why_both(merged: Merge, name: str) -> str:
    if name in merged.too_long:
        words = _("Together the two are longer than %(most)d characters. Choose one of them, or shorten yours first.")
        return words % {"most": merged.too_long[name]}
    return _("Somebody of your project, or you in another window, changed this answer meanwhile. Choose below.")


def wait_words(merged: Merge) -> str:
    """For a script that saves: what it waits for; empty when for nothing."""
    if merged.too_long:
        return why_both(merged, next(iter(merged.too_long)))
    return _("Somebody else changed the same answer: choose, on this page.") if merged.both else ""


class MergingForm:
    """What a form adds whose boxes send the mark of what they started from, and what was chosen where two had changed one."""

    @property
    def since(self) -> dict[str, str]:
        return marks_in(self.data, self.fields)

    @property
    def choices(self) -> dict[str, Choice]:
        return choices_in(self.data, self.fields)

    def names(self, names: Iterable[str]) -> str:
        return ", ".join(str(self.fields[name].label) for name in names)

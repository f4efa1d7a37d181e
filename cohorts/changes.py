"""What changed between two versions of what a project sent, word by word, ready to read. No ORM."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, NamedTuple

SAME, OLD, NEW, SKIPPED = "same", "old", "new", "skipped"
BETWEEN = 1  # words that stay between two changes are read with them
AROUND = 12  # words that stay as they are, shown on either side of a change
MUCH = 250_000  # pairs of words: more are compared line by line, or a page would take seconds


class Piece(NamedTuple):
    """Some words that stayed, went or came; `skipped` stands for many words that stayed."""

    kind: str
    words: str


@dataclass(frozen=True)
class Change:
    """One answer that is not what it was, in its words or in its attachments."""

    section: str
    question: str
    pieces: list[Piece]
    files: list[Piece] = field(default_factory=list)


def _tokens(text: str) -> list[str]:
    """Words with the space that follows them, so that joining them again gives the text."""
    return re.findall(r"\s*\S+\s*?(?=\s|$)|\s+$", text)


def _same_ends(old: list[str], new: list[str]) -> tuple[int, int]:
    """How many are the same at the beginning, and at the end."""
    shorter = min(len(old), len(new))
    first = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    last = next((place for place in range(shorter - first) if old[-1 - place] != new[-1 - place]), shorter - first)
    return first, last


def _is_much(old: list[str], new: list[str]) -> bool:
    """Whether comparing them would take long, whatever they say: what they share at both ends costs nothing."""
    first, last = _same_ends(old, new)
    return (len(old) - first - last) * (len(new) - first - last) > MUCH


def _opcodes(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    """As difflib gives them. Too much to compare is one change: difflib's worst case grows with the cube of what it reads."""
    first, last = _same_ends(old, new)
    a, b, c, d = first, len(old) - last, first, len(new) - last
    if _is_much(old, new):
        middle = [("replace", a, b, c, d)]
    else:
        middle = [(tag, a + i, a + j, c + k, c + m) for tag, i, j, k, m in SequenceMatcher(None, old[a:b], new[c:d]).get_opcodes()]
    ends = [("equal", 0, first, 0, first)] if first else []
    return ends + middle + ([("equal", b, len(old), d, len(new))] if last else [])


def _groups(old: list[str], new: list[str]) -> list[tuple[list[str], list[str]]]:
    """Stretches of both texts in order: the same in both, or what went and what came. A word between two changes is part of them."""
    found: list[tuple[list[str], list[str]]] = []
    codes = _opcodes(old, new)
    glued = False
    for place, (tag, a, b, c, d) in enumerate(codes):
        is_between = tag == "equal" and 0 < place < len(codes) - 1 and b - a <= BETWEEN
        if found and (glued or is_between):
            found[-1] = (found[-1][0] + old[a:b], found[-1][1] + new[c:d])
        else:
            found.append((old[a:b], new[c:d]))
        glued = is_between
    return found


def compare_words(before: str, after: str) -> list[Piece]:
    """The pieces of both texts in order. What stayed is shortened to what stands around a change.

    A browser ends its lines in two characters, a programme in one: the word behind is the same.
    """
    pieces: list[Piece] = []
    before, after = (text.replace("\r\n", "\n") for text in (before, after))
    old, new = _tokens(before), _tokens(after)
    if _is_much(old, new):
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for went, came in _groups(old, new):
        if went == came:
            pieces.append(Piece(SAME, "".join(came)))
        else:
            pieces += [*_changed(OLD, "".join(went)), *_changed(NEW, "".join(came))]
    last = len(pieces) - 1
    return [short for place, piece in enumerate(pieces) for short in _shorten(piece, first=place == 0, last=place == last)]


def _changed(kind: str, text: str) -> list[Piece]:
    """The space before the words is not part of what is marked."""
    words = text.lstrip()
    space = text[: len(text) - len(words)]
    return [*([Piece(SAME, space)] if space else []), *([Piece(kind, words)] if words else [])]


def _shorten(piece: Piece, *, first: bool, last: bool) -> Iterable[Piece]:
    words = _tokens(piece.words)
    if piece.kind != SAME or len(words) <= AROUND * 3:
        yield piece
        return
    if not first:
        yield Piece(SAME, "".join(words[:AROUND]))
    yield Piece(SKIPPED, "")
    if not last:
        yield Piece(SAME, "".join(words[-AROUND:]))


def _files(answer: Any) -> dict[Any, str]:
    return {one["id"]: one["name"] for one in (answer.files if answer else ())}


def _compare_files(before: dict[Any, str], after: dict[Any, str]) -> list[Piece]:
    """Attachments that went and came, by name. The same file under another name is the same."""
    went = [Piece(OLD, name) for pk, name in before.items() if pk not in after]
    return [*went, *(Piece(NEW, name) for pk, name in after.items() if pk not in before)]


def changes(before: Sequence, after: Sequence) -> list[Change]:
    """`before` and `after` are sections with their answers in words (`cohorts.answers.in_words`); in the order of `after`."""
    was = {(section.key, answer.name): (section, answer) for section, answers in before for answer in answers}
    now = {(section.key, answer.name): (section, answer) for section, answers in after for answer in answers}
    found = []
    for key, (section, answer) in {**now, **{key: row for key, row in was.items() if key not in now}}.items():
        old, new = (rows[key][1] if key in rows else None for rows in (was, now))
        words = (old.words if old else "", new.words if new else "")
        pieces = compare_words(*words) if words[0].split() != words[1].split() else []
        files = _compare_files(_files(old), _files(new))
        if pieces or files:
            found.append(Change(str(section.title), answer.question, pieces, files))
    return found

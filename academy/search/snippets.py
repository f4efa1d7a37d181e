"""The sentence that was found, marked: cut from the original text, escaped, then marked. Pure.

A word is marked when one of its forms was asked for, whatever its accents or its ending. Candidates are found by the first letters
with one expression, and only those are compared form by form: a long text costs little.
"""

import re
from functools import lru_cache

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from academy.search.words import forms, tokens

LENGTH = 220
MOST_READ = 60_000  # characters of one text
MOST_MARKS = 30
_ACCENTED = {
    "a": "aàáâãäå", "c": "cç", "e": "eèéêë", "i": "iìíîïyý", "n": "nñ", "o": "oòóôõöø", "u": "uùúûü", "y": "yýÿ", "s": "sš", "z": "zž", "l": "lł", "d": "dđ",
}  # fmt: skip
_LIGATURES = (("oe", "(?:oe|œ)"), ("ae", "(?:ae|æ)"), ("ss", "(?:ss|ß)"))


@lru_cache(maxsize=512)
def _finder(marks: frozenset[str]) -> re.Pattern[str] | None:
    """Finds the words that begin like one that is looked for."""
    beginnings = sorted({mark[:3] for mark in marks if mark})
    if not beginnings:
        return None
    patterns = []
    for beginning in beginnings:
        pattern = "".join(f"[{_ACCENTED[letter]}]" if letter in _ACCENTED else re.escape(letter) for letter in beginning)
        for plain, either in _LIGATURES:
            if plain in beginning:
                pattern = pattern.replace("".join(f"[{_ACCENTED[letter]}]" if letter in _ACCENTED else letter for letter in plain), either)
        patterns.append(pattern)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(patterns)})[^\W_]*", re.IGNORECASE)


def _is_wanted(word: str, variants: tuple[str, ...], marks: frozenset[str], languages: tuple[str, ...]) -> bool:
    return any(form in marks for spelled in (word, *variants) for language in languages for form in forms(spelled, language))


def places(text: str, marks: frozenset[str], languages: tuple[str, ...], *, most: int = MOST_MARKS) -> list[tuple[int, int]]:
    """Where the words stand that are to be marked."""
    finder = _finder(marks)
    found: list[tuple[int, int]] = []
    if finder is None:
        return found
    for match in finder.finditer(text, 0, MOST_READ):
        start = match.start()
        if found and start < found[-1][1]:
            continue
        # with what follows it, for an inclusive spelling is one word: salarié·e·s
        token = next(tokens(text[start : match.end() + 12]), None)
        if token is not None and token.start == 0 and _is_wanted(token.word, token.variants, marks, languages):
            found.append((start, start + token.end))
            if len(found) >= most:
                break
    return found


def marked(text: str, marks: frozenset[str], languages: tuple[str, ...]) -> SafeString:
    """The whole text, escaped, with its words marked: for a title."""
    return _with_marks(text, 0, len(text), places(text, marks, languages))


def snippet(text: str, marks: frozenset[str], languages: tuple[str, ...], *, length: int = LENGTH) -> SafeString:
    """The part of the text that says most of what was asked, or its beginning."""
    found = places(text, marks, languages)
    start, end = _window(text, found, length)
    return _with_marks(text, start, end, found)


def _window(text: str, found: list[tuple[int, int]], length: int) -> tuple[int, int]:
    """From a little before the first of the densest group of words, at the edges of words."""
    best, most = 0, -1
    for first, (start, _end) in enumerate(found):
        inside = {text[a:b].lower() for a, b in found[first:] if b - start <= length - 60}
        if len(inside) > most:
            best, most = start, len(inside)
    start = max(0, best - 60) if found else 0
    if start:
        sentence = max(text.rfind(mark, start, best) for mark in (". ", "! ", "? ", "\n"))
        if sentence >= 0:
            start = sentence + 1
        else:
            space = text.find(" ", start, best)
            start = space + 1 if space >= 0 else start
    end = min(len(text), start + length)
    if end < len(text):
        space = text.rfind(" ", start, end)
        end = space if space > best else end
        end = max([end, *(b for a, b in found if a < end < b)])
    return start, end


def _with_marks(text: str, start: int, end: int, found: list[tuple[int, int]]) -> SafeString:
    parts, at = [], start
    for a, b in found:
        if a < start or b > end:
            continue
        parts += [_escaped(text[at:a]), "<mark>", _escaped(text[a:b]), "</mark>"]
        at = b
    parts.append(_escaped(text[at:end]))
    whole = "".join(parts).strip()
    return mark_safe(f"{'… ' if start else ''}{whole}{' …' if end < len(text) else ''}")  # noqa: S308 (every piece is escaped)


def _escaped(text: str) -> str:
    return conditional_escape(re.sub(r"\s+", " ", text))

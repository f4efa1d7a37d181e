"""Numbers as people type them: with the marks of their country, and with a unit when the question has one. Plain values only."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

LONGEST = 400  # nobody means a number by more, and it is not read
MARK = re.compile(r"[\u0300-\u036f]")
_GAP = r"[ ']"
_GROUPED = re.compile(rf"\d{{1,3}}(?:{_GAP}\d{{3}})+(?:[.,]\d*)?|\d*(?:[.,]\d*)?", re.A)  # `1 200,50`: gaps stand before three figures
_WHOLE = re.compile(r"([+-]?)(?=[.,' ]*\d)([\d.,' ]++)(?:[eE]([+-]?\d{1,3}))?", re.A)  # one way to match: no text takes long
_THOUSANDS = {
    mark: re.compile(rf"[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{2,3}})*{re.escape(mark)}\d{{3}}", re.A) for mark in ",."
}  # 12,00,000 too
_PLAIN = str.maketrans({"’": "'", "ʼ": "'", "`": "'", "−": "-", "–": "-", "\u2011": "-"})
_NAMES = (
    ("€", "eur", "euro", "euros"),
    ("$", "usd", "dollar", "dollars"),
    ("£", "gbp", "pound", "pounds", "livre", "livres"),
    ("%", "percent", "per cent", "pour cent", "pourcent"),
)


class UnreadableAnswer(ValueError):
    """What was typed is kept, but it is not what the question asks for (a number without figures)."""


def _tidy(text: str) -> str:
    """One kind of space, of apostrophe and of minus."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_PLAIN).split())


def _unit(text: str) -> str:
    """A unit with what nobody means by it taken away: capitals, accents, a point at its end."""
    return MARK.sub("", unicodedata.normalize("NFD", _tidy(text).casefold())).strip(" .")


def _names_of(unit: str) -> set[str]:
    """The unit, its other names, and of a word its plural or singular: `day` for `days`."""
    unit = _unit(unit)
    names = {unit, *next((names for names in _NAMES if unit in names), ())}
    words = {name for name in names if name.isalpha() and len(name) > 2}
    return names | {f"{name}s" for name in words} | {name[:-1] for name in words if name.endswith("s")}


def _reach(signs: Iterable[str], names: set[str], *, backwards: bool = False) -> int:
    """How many signs from this end on are one of the names, the longest; 0 for none. Looks no further than the longest name."""
    longest, words, found = max(map(len, names)), "", 0
    for count, sign in enumerate(signs, 1):
        bare = MARK.sub("", unicodedata.normalize("NFD", sign.casefold()))
        words = bare + words if backwards else words + bare
        if len(words) > longest:
            break
        if words in names:
            found = count
    return found


def _without_unit(text: str, unit: str) -> str:
    """`12 Days`, `12€` and `€ 12` without the unit; anything else after or before the number stays, and makes it unreadable."""
    names = _names_of(unit) - {""} if unit else set()
    if not names:
        return text
    end = text.rstrip(" .")
    if after := _reach(reversed(end), names, backwards=True):
        return end[:-after].rstrip(" .")
    sign, bare = (text[0], text[1:].lstrip()) if text[:1] in ("+", "-") else ("", text)
    if before := _reach(bare, names):
        return sign + bare[before:].lstrip(" ").removeprefix(". ")
    return text


def readings(text: str, *, unit: str = "", decimal: str = ",") -> list[Decimal]:
    """The numbers that somebody may have meant, the likeliest first. Raises UnreadableAnswer.

    There are two for `1,200` and `1.200` alone, one and a fifth or twelve hundred: the sign before three figures stands for decimals or
    for thousands, by the language (`decimal` is its sign) and by the habit of who types. Everything else is one number: `1 200`,
    `1’200`, `1,200,000`, `1.200,5`, `0,125`, `1,5`. What is longer than LONGEST is not even looked at.
    """
    found = _WHOLE.fullmatch(_without_unit(_tidy(text), unit)) if len(text) <= LONGEST else None
    if not found:
        raise UnreadableAnswer(text)
    sign, figures, exponent = found[1], found[2], found[3]
    ten = f"e{exponent}" if exponent else ""
    try:
        return [Decimal(f"{sign}{number}{ten}") for number in _plain(figures.strip(), decimal, bool(exponent))]
    except InvalidOperation:
        raise UnreadableAnswer(text) from None


def _plain(figures: str, decimal: str, has_exponent: bool) -> list[str]:
    """The same with nothing but figures and a point; nothing where the marks make no sense."""
    marks = [sign for sign in figures if sign in ",."]
    last = marks[-1] if marks else ""
    if len(set(marks)) == 2:  # the last one is for decimals, the others group thousands
        head, _mark, tail = figures.rpartition(last)
        grouped = _THOUSANDS[marks[0]].fullmatch(head)
        return [head.replace(marks[0], "") + "." + tail] if grouped and re.fullmatch(r"\d*", tail, re.A) else [""]
    if len(marks) > 1:
        return [figures.replace(last, "") if _THOUSANDS[last].fullmatch(figures) else ""]
    if not _GROUPED.fullmatch(figures):
        return [""]
    bare = re.sub(_GAP, "", figures)
    fraction, whole = bare.replace(",", "."), bare.replace(last, "") if last else bare
    if not last or has_exponent or bare != figures or not _THOUSANDS[last].fullmatch(figures):
        return [fraction]
    return [fraction, whole] if last == decimal else [whole, fraction]


def as_typed(number: Decimal, decimal: str) -> str:
    """A number as the language writes it, without marks of thousands: there is one way to read it."""
    words = f"{number.normalize():f}" if number else "0"
    return words.replace(".", decimal)

"""The languages that a project may say it speaks: those of the network and the largest of the world, named by CLDR."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale

from academy.cldr import by_name, reader_language

CODES = (
    "am ar bg bn ca cs da de el en es et eu fa fi fr ga gl ha he hi hr hu id it ja ko lt lv mg ms mt my nb ne nl pl ps pt ro ru rw si sk sl "
    "so sq sr sv sw ta te th tl tr uk ur uz vi wo xh yo zh zu"
)
SPOKEN = tuple(CODES.split())


@lru_cache
def _names(language: str) -> dict[str, str]:
    known = Locale.parse(language, sep="-").languages
    return {code: known.get(code, code) for code in SPOKEN}


def spoken_name(code: str) -> str:
    """In the reader's language, as it stands in a sentence of theirs."""
    return _names(reader_language()).get(code, code)


def spoken_choices() -> list[tuple[str, str]]:
    return by_name(_names(reader_language()))

"""What CLDR (Babel) is asked in: the reader's language; and the order in which names are read in it."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import get_language

from academy.search.words import folded


def reader_language() -> str:
    """`fr`, `en`: the language that is active, without its region."""
    return (get_language() or settings.LANGUAGE_CODE).split("-")[0]


def by_name(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """For a form or a list: each key with its name, in the order in which names are read."""
    return sorted(names.items(), key=lambda row: folded(row[1]))

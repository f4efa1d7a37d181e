"""Countries by their ISO 3166-1 code, named in the reader's language by CLDR (Babel)."""

from functools import lru_cache

from babel import Locale

from academy.cldr import by_name, reader_language

# Territories of CLDR that are not countries, or not to be chosen as the home of a project.
NOT_COUNTRIES = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "AC", "CP", "DG", "EA", "IC", "TA", "CQ"}


@lru_cache
def _names(language: str) -> dict[str, str]:
    territories = Locale.parse(language, sep="-").territories
    return {code: name for code, name in territories.items() if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES}


def country_name(code: str, language: str | None = None) -> str:
    """The name in the language asked, else in the active one; the code itself when it is unknown."""
    return _names((language or reader_language()).split("-")[0]).get(code, code)


def country_names(language: str) -> list[str]:
    """Of every country, in one language."""
    return list(_names(language).values())


def country_choices() -> list[tuple[str, object]]:
    """For a model field or a form: sorted by name in the active language."""
    return by_name(_names(reader_language()))

"""Dates and places as they are written: the first of a month in French, the city of a time zone in the reader's language (CLDR)."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from babel.dates import get_timezone_location
from django.utils import dateformat
from django.utils.translation import get_language


def _language() -> str:
    return (get_language() or "fr").split("-")[0]


@lru_cache(maxsize=1000)
def _city(zone: str, language: str) -> str:
    try:
        return get_timezone_location(zone, locale=language, return_city=True)
    except LookupError:
        return zone.rpartition("/")[2].replace("_", " ")


def city(zone: str) -> str:
    """`Europe/Brussels` is Bruxelles for who reads French."""
    return _city(zone, _language())


def zone_choices(zones: Iterable[str]) -> list[tuple[str, str]]:
    """For a form: each zone by its city, in the order of their names."""
    return sorted(((zone, city(zone)) for zone in zones), key=lambda choice: unicodedata.normalize("NFD", choice[1]).casefold())


_day_of_the_month = dateformat.DateFormat.j


def _day(self):
    """Day of the month. French says “1er décembre”, and “2 décembre”."""
    number = _day_of_the_month(self)
    return "1er" if number == 1 and _language() == "fr" else number


def install() -> None:
    """Called once, by AcademyConfig.ready: every format of Django's passes there (pages, mails, certificates, the CMS)."""
    dateformat.DateFormat.j = _day

"""Dates, places and sums as they are written: the first of a month in French, a stay of several days, the city of a time zone (CLDR)."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import get_timezone_location
from babel.numbers import format_currency
from django.conf import settings
from django.utils import dateformat, formats, timezone
from django.utils.translation import gettext as _

from academy.cldr import by_name, reader_language

_stopped: ContextVar[datetime | None] = ContextVar("stopped", default=None)


def now() -> datetime:
    """The moment of a verb whose letters name a deadline: that of the page on which they were read, else this one (`stopped_at`)."""
    return _stopped.get() or timezone.now()


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """What is done inside it happens at this moment: a letter that was shown says the same minute when it leaves."""
    token = _stopped.set(moment)
    try:
        yield
    finally:
        _stopped.reset(token)


@lru_cache(maxsize=1000)
def _city(zone: str, language: str) -> str:
    try:
        return get_timezone_location(zone, locale=language, return_city=True)
    except LookupError:
        return zone.rpartition("/")[2].replace("_", " ")


def city(zone: str) -> str:
    """`Europe/Brussels` is Bruxelles for who reads French."""
    return _city(zone, reader_language())


def zone_choices(zones: Iterable[str]) -> list[tuple[str, str]]:
    """For a form: each zone by its city, in the order of their names."""
    return by_name({zone: city(zone) for zone in zones})


def moment_in(moment: datetime, zone: str) -> str:
    """A moment on the clock of a place, which is named: a reader may live in another."""
    local = timezone.localtime(moment, ZoneInfo(zone))
    words = {"day": formats.date_format(local, "DATE_FORMAT"), "time": formats.date_format(local, "TIME_FORMAT"), "city": city(zone)}
    return _("%(day)s, %(time)s (%(city)s)") % words


def academy_day(moment: datetime) -> date:
    """The day in Brussels, wherever the reader is: what is printed says one day to everybody."""
    return timezone.localdate(moment, ZoneInfo(settings.TIME_ZONE))


def date_range(first: date, last: date) -> str:
    """A stay: what both days share (the year, the month) is written once."""
    if first == last:
        return formats.date_format(first)
    french = reader_language() == "fr"
    if first.year != last.year:
        return f"{formats.date_format(first)} – {formats.date_format(last)}"
    if first.month != last.month:
        return f"{dateformat.format(first, 'j F' if french else 'N j')} – {formats.date_format(last)}"
    if french:
        return f"{dateformat.format(first, 'j')}–{formats.date_format(last)}"
    return f"{dateformat.format(first, 'N j')}–{dateformat.format(last, 'j, Y')}"


def money(amount: Decimal | int, currency: str) -> str:
    """`1 250 €`, `€1,250`, `350 000 SEK`: with cents only where there are some."""
    pattern = Locale(reader_language()).currency_formats["standard"].pattern
    whole = amount == int(amount)
    words = format_currency(
        amount, currency, format=pattern.replace("0.00", "0") if whole else None, locale=reader_language(), currency_digits=not whole
    )
    return re.sub(r"(?<=[^\W\d_])(?=\d)", "\u00a0", words)


_day_of_the_month = dateformat.DateFormat.j


def _day(self):
    """Day of the month. French says “1er décembre”, and “2 décembre”."""
    number = _day_of_the_month(self)
    return "1er" if number == 1 and reader_language() == "fr" else number


_half = dateformat.TimeFormat.a


def _half_of_the_day(self):
    """“7 pm”, without the full stops of “p.m.”: a sentence that ends with a time has one full stop."""
    return _half(self).replace(".", "")


def install() -> None:
    """Called once, by AcademyConfig.ready: every format of Django's passes there (pages, mails, certificates, the CMS)."""
    dateformat.DateFormat.j = _day
    dateformat.TimeFormat.a = _half_of_the_day

"""The comparison of monographs: one query, what this reader may read, each monograph once."""

from dataclasses import dataclass

from django.http import HttpRequest
from wagtail.models import Locale, Page

from academy.countries import country_name
from academy.privacy import hidden_for
from wiki.figures import Source
from wiki.models import KeyFigure

COLUMNS = (
    "page__translation_key",
    "page__locale__language_code",
    "page__title",
    "page__url_path",
    "page__country",
    "page__organisation",
    "year",
    "value",
    "currency",
    "is_forecast",
    "source",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of a monograph as the database gives it."""

    key: object
    language: str
    title: str
    url_path: str
    country: str
    organisation: str
    year: int
    value: object
    currency: str
    is_forecast: bool
    source: str


def sources_of(indicator: str, request: HttpRequest) -> list[Source]:
    """Every readable monograph that gives this indicator. One in several languages is taken in the reader's, else in the one it has."""
    figures = KeyFigure.objects.of_readable_monographs(hidden_for(request)).filter(indicator=indicator)
    rows = [Row(*row) for row in figures.order_by("page__title", "year").values_list(*COLUMNS)]
    here = Locale.get_active().language_code
    chosen: dict[object, str] = {}
    for row in rows:
        if row.key not in chosen or row.language == here:
            chosen[row.key] = row.language
    found: dict[object, Source] = {}
    for row in rows:
        if chosen[row.key] != row.language:
            continue
        if row.key not in found:
            place = " · ".join(filter(None, [country_name(row.country) if row.country else "", row.organisation]))
            href = Page(url_path=row.url_path).get_url(request) or ""
            found[row.key] = Source(row.title, href, place, "" if row.language == here else row.language)
        found[row.key].figures[row.year] = row
    return list(found.values())

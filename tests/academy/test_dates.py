"""The first of a month, and the city of a time zone, as they are said in each language."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.template import engines
from django.utils import formats, translation

from academy.dates import city, date_range, money
from academy.forms import ProfileForm
from tests.factories.academy import UserFactory

FIRST, SECOND = date(2026, 12, 1), date(2026, 12, 2)


@pytest.mark.parametrize(
    ("language", "day", "words"),
    [
        ("fr", FIRST, "1er décembre 2026"),
        ("fr", SECOND, "2 décembre 2026"),
        ("fr", date(2026, 12, 11), "11 décembre 2026"),
        ("en", FIRST, "Dec. 1, 2026"),
    ],
)
def test_first_of_the_month(language, day, words):
    with translation.override(language):
        assert formats.date_format(day) == words
        assert engines["django"].from_string("{{ day|date:'DATE_FORMAT' }}").render({"day": day}) == words
        assert words in engines["django"].from_string("{% load ui %}{% day day %}").render({"day": day})


@pytest.mark.parametrize(
    ("first", "last", "french", "english"),
    [
        ((2026, 12, 15), (2026, 12, 15), "15 décembre 2026", "Dec. 15, 2026"),
        ((2026, 12, 15), (2026, 12, 18), "15–18 décembre 2026", "Dec. 15–18, 2026"),
        ((2026, 12, 1), (2026, 12, 4), "1er–4 décembre 2026", "Dec. 1–4, 2026"),
        ((2026, 11, 29), (2026, 12, 1), "29 novembre – 1er décembre 2026", "Nov. 29 – Dec. 1, 2026"),
        ((2026, 12, 30), (2027, 1, 2), "30 décembre 2026 – 2 janvier 2027", "Dec. 30, 2026 – Jan. 2, 2027"),
    ],
)
def test_stay_of_several_days(first, last, french, english):
    for language, words in (("fr", french), ("en", english)):
        with translation.override(language):
            assert date_range(date(*first), date(*last)) == words


def test_stay_is_told_in_the_days_of_its_place():
    begins, ends = datetime(2026, 11, 30, 23, 0, tzinfo=UTC), datetime(2026, 12, 2, 22, 0, tzinfo=UTC)
    with translation.override("fr"):
        page = engines["django"].from_string("{% load ui %}{% days begins ends zone='Europe/Brussels' %}")
        shown = page.render({"begins": begins, "ends": ends})
    assert shown == '<time datetime="2026-12-01">1er–2 décembre 2026</time>'


@pytest.mark.parametrize(
    ("amount", "currency", "french", "english"),
    [
        ("750.00", "EUR", "750\xa0€", "€750"),
        ("1250.50", "EUR", "1\u202f250,50\xa0€", "€1,250.50"),
        ("350000", "SEK", "350\u202f000\xa0SEK", "SEK\xa0350,000"),
    ],
)
def test_sum_of_money(amount, currency, french, english):
    for language, words in (("fr", french), ("en", english)):
        with translation.override(language):
            assert money(Decimal(amount), currency) == words


def test_moment_of_a_place_names_its_city():
    moment = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    with translation.override("fr"):
        shown = engines["django"].from_string("{% load ui %}{% when moment zone='Europe/Brussels' %}").render({"moment": moment})
    assert "1er décembre 2026" in shown
    assert "(Bruxelles)" in shown


@pytest.mark.parametrize(
    ("zone", "french", "english"),
    [
        ("Europe/London", "Londres", "London"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires", "Buenos Aires"),
        ("UTC", "UTC", "UTC"),
        ("No/Such_Place", "Such Place", "Such Place"),
    ],
)
def test_city_of_a_zone(zone, french, english):
    for language, name in (("fr", french), ("en", english)):
        with translation.override(language):
            assert city(zone) == name


@pytest.mark.django_db
def test_profile_lists_cities_in_order_and_keeps_an_unusual_one():
    with translation.override("fr"):
        choices = ProfileForm(instance=UserFactory(time_zone="Asia/Ulaanbaatar")).fields["time_zone"].choices
        names = [name for _zone, name in choices]
    assert ("Asia/Ulaanbaatar", "Oulan-Bator") in choices
    assert names.index("Athènes") < names.index("Bruxelles") < names.index("Séoul") < names.index("Sydney")


@pytest.mark.parametrize(("hour", "words"), [(19, "7 pm"), (7, "7 am"), (0, "midnight"), (12, "noon")])
def test_a_sentence_that_ends_with_a_time_has_one_full_stop(hour, words):
    with translation.override("en"):
        local = datetime(2026, 12, 1, hour, tzinfo=ZoneInfo("Europe/Brussels"))
        said = [formats.date_format(local, name) for name in ("TIME_FORMAT", "DATETIME_FORMAT", "SHORT_DATETIME_FORMAT")]
    assert said == [words, f"Dec. 1, 2026, {words}", f"Dec. 1, 2026, {words}"]

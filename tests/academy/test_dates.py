"""The first of a month, and the city of a time zone, as they are said in each language."""

from datetime import UTC, date, datetime

import pytest
from django.template import engines
from django.utils import formats, translation

from academy.dates import city
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

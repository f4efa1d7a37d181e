"""Whoever lives anywhere finds their clocks: each place once, by its name in their language."""

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import translation

from academy.dates import zone_choices


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_place_is_named_once(language):
    with translation.override(language):
        choices = zone_choices(settings.WAGTAIL_USER_TIME_ZONES)
    assert [words for words, times in Counter(words for _zone, words in choices).items() if times > 1] == []
    assert all(datetime.now(UTC).astimezone(ZoneInfo(zone)) for zone, _words in choices)


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Honolulu", "Asia/Kathmandu", "Africa/Abidjan", "America/Montreal"])
def test_anybody_chooses_the_clocks_of_where_they_live(zone, client_for, promoter):
    said = {"name": promoter.name, "language": "fr", "country": promoter.country, "time_zone": zone}
    assert client_for(promoter).post("/accounts/profile/", said).status_code == 302
    promoter.refresh_from_db()
    assert promoter.time_zone == zone

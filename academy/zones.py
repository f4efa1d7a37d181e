"""The time zones that one may choose: every place that has clocks of its own. No Django: the settings read it."""

from zoneinfo import available_timezones

from babel.core import get_global

USUAL = ("America/Montreal", "Asia/Kathmandu", "Asia/Kolkata", "UTC")  # by the names that people here have kept; CLDR writes others


def everywhere() -> list[str]:
    """One name for each place: those of CLDR, which knows what they are called in every language, without the names of old."""
    others = get_global("zone_aliases")
    known = {zone for zone in get_global("zone_territories") if "/" in zone and not zone.startswith("Etc/")}
    renamed = {others[zone] for zone in USUAL if zone in others}
    return sorted((known & available_timezones()) - renamed | set(USUAL))

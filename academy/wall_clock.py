"""A moment typed as the wall clock of a place shows it, whatever the time zone of whoever types it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.dates import city, zone_choices
from academy.models import validate_time_zone


class WallClockField(forms.DateTimeField):
    """`zone` is set by its form, which asks for the place in another field. An hour that the clocks skip or repeat is refused in words."""

    zone = settings.TIME_ZONE

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and timezone.is_aware(value):
            return timezone.make_naive(value, ZoneInfo(self.zone))
        return value

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(ZoneInfo(self.zone)):
            try:
                return super().to_python(value)
            except ValidationError as refusal:
                if getattr(refusal, "code", "") != "ambiguous_timezone":
                    raise
        words = _("At this hour the clocks change in %(city)s: it is skipped, or comes twice. Choose one an hour earlier or later.")
        raise ValidationError(words % {"city": city(self.zone)}, code="ambiguous_timezone")


def set_clocks(form: forms.BaseForm, zone: str) -> None:
    """Every moment that the form asks is an hour of this place, and says so under what else it says."""
    for field in form.fields.values():
        if isinstance(field, WallClockField):
            field.zone = zone
            field.help_text = " ".join(str(part) for part in (field.help_text, _("Hour of %(city)s.") % {"city": city(zone)}) if part)


class WallClockForm(forms.BaseForm):
    """For the form of a row with a `time_zone`, which the same form asks: its moments are typed on the clock of that place."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = zone_choices({*settings.WAGTAIL_USER_TIME_ZONES, self.instance.time_zone} - {""})
        set_clocks(self, self._zone())

    def _zone(self) -> str:
        typed = self.data.get(self.add_prefix("time_zone"), "") if self.is_bound else ""
        try:
            validate_time_zone(typed)
            return str(ZoneInfo(typed))
        except (ValidationError, ValueError):
            return self.instance.time_zone

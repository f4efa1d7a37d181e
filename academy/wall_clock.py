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

from academy.dates import city


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

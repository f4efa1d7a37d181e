"""The programme of a session, by half-day."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey

from academy.fields import LocalizedTextField

from .session import Session


class HalfDay(models.Model):
    """What happens on one morning, afternoon or evening: rows of the session's form, in any order there, by the clock on its page. A
    half-day may have several."""

    class Half(models.IntegerChoices):
        MORNING = 1, _("Morning")
        AFTERNOON = 2, _("Afternoon")
        EVENING = 3, _("Evening")

    session = ParentalKey(Session, on_delete=models.CASCADE, related_name="programme", verbose_name=_("session"))
    day = models.DateField(_("day"))
    half = models.PositiveSmallIntegerField(_("part of the day"), choices=Half, default=Half.MORNING)
    title = LocalizedTextField(_("title"))
    text = LocalizedTextField(_("what, with whom, at what time"), blank=True)

    class Meta:
        verbose_name = _("half-day")
        verbose_name_plural = _("half-days")
        ordering = ["day", "half", "pk"]

    def __str__(self):
        return f"{self.day} · {self.get_half_display()}"

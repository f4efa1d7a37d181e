"""Rows that are written once. What may still change afterwards is named, column by column."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from academy.rules import RuleViolation

REFUSAL = _("This is kept as it was written. To correct it, add a new one that replaces it.")


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **values):
        if not set(values) <= self.model.may_change:
            raise RuleViolation(REFUSAL)
        return super().update(**values)

    def delete(self):
        raise RuleViolation(REFUSAL)


class AppendOnlyModel(models.Model):
    """Nothing is updated except the columns in `may_change`; nothing is deleted.

    Database triggers (migration 0003) say the same to raw SQL and to `bulk_update`.
    """

    may_change: frozenset[str] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs):
        if not self._state.adding and (update_fields is None or not set(update_fields) <= self.may_change):
            raise RuleViolation(REFUSAL)
        return super().save(*args, update_fields=update_fields, **kwargs)

    def delete(self, *args, **kwargs):
        raise RuleViolation(REFUSAL)

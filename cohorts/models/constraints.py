"""Constraints that several models share: pairs that travel together."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def date_with_author(stem: str, *, name: str) -> models.CheckConstraint:
    """`<stem>_at` and `<stem>_by` are both set or both empty."""
    neither = Q(**{f"{stem}_at__isnull": True, f"{stem}_by__isnull": True})
    both = Q(**{f"{stem}_at__isnull": False, f"{stem}_by__isnull": False})
    return models.CheckConstraint(
        condition=neither | both,
        name=name,
        violation_error_message=_("A date needs its author, and an author needs a date."),
    )

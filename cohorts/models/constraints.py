"""Constraints that several models share: pairs that travel together, words of one shape.

No regular expressions: SQLite has none of its own, so that a copy could not be checked outside Django (`academy.backup`).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Length, Lower, Replace, Upper
from django.db.models.lookups import Exact
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


def is_colour(field: str, *, name: str) -> models.CheckConstraint:
    """Empty, or `#` and six hexadecimal figures: without these nothing but the `#` is left."""
    left = Lower(F(field))
    for sign in "0123456789abcdef":
        left = Replace(left, Value(sign), Value(""))
    colour = Q(Exact(Length(field), 7)) & Q(**{f"{field}__startswith": "#"}) & Q(Exact(left, Value("#")))
    return models.CheckConstraint(condition=Q(**{field: ""}) | colour, name=name)


def is_currency(field: str, *, name: str) -> models.CheckConstraint:
    """Empty, or three capitals (ISO 4217)."""
    code = Q(Exact(Length(field), 3)) & Q(Exact(Upper(F(field)), F(field)))
    return models.CheckConstraint(condition=Q(**{field: ""}) | code, name=name)

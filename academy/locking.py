"""Locking a root row, and moving it along its machine: the two things that every verb does first."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TypeVar

from django.db import models
from django.utils.translation import gettext as _

from academy.rules import RuleViolation

Row = TypeVar("Row", bound=models.Model)


def lock(row: Row) -> Row:
    """Waits for the row, holds it until the end of the transaction, and reads it again in place.

    `no_key` leaves inserts of rows that point here alone. SQLite has no row locks: there IMMEDIATE transactions queue up.
    """
    row.refresh_from_db(from_queryset=type(row)._base_manager.select_for_update(no_key=True))
    return row


def check_move(row: models.Model, *, to: str, moves: Mapping[str, Set[str]], field: str = "state") -> None:
    """Refuses a move that the machine does not have, in words that say where the row stands."""
    here = getattr(row, field)
    if to not in moves.get(here, frozenset()):
        state = getattr(row, f"get_{field}_display")()
        raise RuleViolation(_("This cannot be done now: it stands at “%(state)s”.") % {"state": state}, code="wrong_state")


def move(row: Row, *, to: str, moves: Mapping[str, Set[str]], field: str = "state", **values) -> Row:
    """Checks the move, writes the state and the values that go with it, and nothing else."""
    check_move(row, to=to, moves=moves, field=field)
    setattr(row, field, to)
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=[field, *values])
    return row


def wanted(reason: str, sentence: str) -> str:
    """A reason that must be written."""
    if not reason.strip():
        raise RuleViolation(sentence, code="reason_wanted")
    return reason.strip()

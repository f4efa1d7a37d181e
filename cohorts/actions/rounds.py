"""The rounds of reading of a cohort: planned, changed until somebody has submitted in them, closed by the clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from academy.audit import record
from academy.locking import lock
from academy.models import User
from academy.rules import RuleViolation
from cohorts.models import Cohort, CohortState, ReviewRound

RULES = ("opens_at", "closes_at", "min_reviews", "is_blind", "others")
OUT_OF_TURN = (CohortState.PLANNED, CohortState.CLOSED)


def _check_dates(opens_at: datetime, closes_at: datetime) -> None:
    if opens_at >= closes_at:
        raise RuleViolation(_("The reading opens before it closes."), code="dates")


def _check_order(round: ReviewRound) -> None:
    """The current round is the last that has opened: rounds open in the order of their numbers."""
    others = ReviewRound.objects.filter(cohort=round.cohort_id)
    if others.filter(number__lt=round.number, opens_at__gte=round.opens_at).exists():
        raise RuleViolation(_("A new round opens after the one before."), code="dates")
    if others.filter(number__gt=round.number, opens_at__lte=round.opens_at).exists():
        raise RuleViolation(_("A round opens before the one that follows it."), code="dates")


@transaction.atomic
def plan_round(cohort: Cohort, *, by: User, opens_at: datetime, closes_at: datetime, **rules: Any) -> ReviewRound:
    """One more round. It is the current one from the hour when it opens: who is asked from then on reads in it."""
    lock(cohort)
    if cohort.state in OUT_OF_TURN:
        raise RuleViolation(_("The first round comes with the opening of the call; a closed cohort has no more."), code="wrong_state")
    _check_dates(opens_at, closes_at)
    last = ReviewRound.objects.filter(cohort=cohort).aggregate(number=Max("number"), opens=Max("opens_at"))
    if last["opens"] and opens_at <= last["opens"]:
        raise RuleViolation(_("A new round opens after the one before."), code="dates")
    row = ReviewRound.objects.create(cohort=cohort, number=(last["number"] or 0) + 1, opens_at=opens_at, closes_at=closes_at, **rules)
    record(row, "cohorts.plan_round", by=by)
    return row


@transaction.atomic
def change_round(round: ReviewRound, *, by: User, **rules: Any) -> ReviewRound:
    """Changes its rules. Once a review is submitted in it only the closing moves: nobody is judged under other rules than they read."""
    lock(round.cohort)
    lock(round)
    unknown = set(rules) - set(RULES)
    if unknown:
        raise ValueError(f"not rules of a round: {sorted(unknown)}")
    changed = [name for name, value in rules.items() if getattr(round, name) != value]
    if set(changed) - {"closes_at"} and round.is_frozen:
        raise RuleViolation(_("A review is submitted in this round: its rules stay. You may still move its closing."), code="frozen")
    for name in changed:
        setattr(round, name, rules[name])
    _check_dates(round.opens_at, round.closes_at)
    if "opens_at" in changed:
        _check_order(round)
    if changed:
        round.save(update_fields=changed)
        record(round, "cohorts.change_round", by=by, data={"changed": changed})
    return round

"""What a person says of a minimum condition of a typology: confirmed with a note, waived with a reason, or taken back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.audit import record
from academy.locking import lock, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.interests import check_decides_freely
from cohorts.models import ConditionRecord, Participation, ParticipationState, TypologyCondition

CONFIRMED = TypologyCondition.Rule.CONFIRMED


def _record(participation: Participation, *, by: User, condition: TypologyCondition, outcome: str, note: str) -> ConditionRecord:
    if participation.state not in (ParticipationState.ACTIVE, ParticipationState.ELIGIBLE):
        raise RuleViolation(_("Conditions are answered while a project is on its way to graduation."), code="wrong_state")
    if participation.condition_records.filter(condition=condition, annulled_at__isnull=True).exists():
        raise RuleViolation(_("This is recorded already."), code="twice")
    row = ConditionRecord.objects.create(
        participation=participation,
        condition=condition,
        words=condition.sentence,
        outcome=outcome,
        note=note,
        recorded_at=timezone.now(),
        recorded_by=by,
    )
    record(participation, f"cohorts.condition_{outcome}", by=by, data={"condition": condition.pk, "reason": note})
    return row


@transaction.atomic
def confirm_condition(participation: Participation, *, by: User, condition: TypologyCondition, note: str) -> ConditionRecord:
    """Says that a condition which no rule can check is met, and what shows it."""
    lock(participation)
    check_decides_freely(participation.project, by=by)
    if condition.rule != CONFIRMED:
        raise RuleViolation(_("A rule checks this condition: it is met when it is so. Waive it if it does not apply."), code="kind")
    note = wanted(note, _("Say what shows it."))
    return _record(participation, by=by, condition=condition, outcome=ConditionRecord.Outcome.CONFIRMED, note=note)


@transaction.atomic
def waive_condition(participation: Participation, *, by: User, condition: TypologyCondition, reason: str) -> ConditionRecord:
    """Frees one project from a condition. Author and reason stay."""
    lock(participation)
    check_decides_freely(participation.project, by=by)
    reason = wanted(reason, _("Say why this condition is waived."))
    return _record(participation, by=by, condition=condition, outcome=ConditionRecord.Outcome.WAIVED, note=reason)


@transaction.atomic
def take_back_condition(row: ConditionRecord, *, by: User, reason: str) -> ConditionRecord:
    """Takes back what was confirmed or waived, before graduation. The row stays, with the reason."""
    lock(row.participation)
    lock(row)
    check_decides_freely(row.participation.project, by=by)
    if row.annulled_at:
        raise RuleViolation(_("This is annulled already."), code="twice")
    if row.participation.graduated_at:
        raise RuleViolation(_("The project has graduated: what led there is kept."), code="graduated")
    row.annulled_at, row.annulled_by, row.annulled_reason = timezone.now(), by, wanted(reason, _("Say why."))
    row.save(update_fields=["annulled_at", "annulled_by", "annulled_reason"])
    record(row.participation, "cohorts.take_back_condition", by=by, data={"condition": row.condition_id, "reason": reason})
    return row

"""Who may write through the directory now: not who misused it, not before a report is settled, and so many messages a day."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.models import User
from academy.rules import RuleViolation
from cohorts.models import NetworkMessage

MOST_A_DAY = 10
BARRED = gettext_lazy("You cannot write to projects here any more. Ask the team if you think that it is a mistake.")


def why_not_write(by: User) -> RuleViolation | None:
    """What keeps this person from writing to anybody now: a page says it before they type."""
    sent = NetworkMessage.objects.sent_by(by)
    if sent.filter(verdict=NetworkMessage.Verdict.BARRED).exists():
        return RuleViolation(BARRED, code="barred")
    if sent.reported().filter(settled_at=None).exists():
        return RuleViolation(
            _("A message of yours was reported. You can write again when a coordinator has looked at it."), code="reported"
        )
    if of_today(by).count() >= MOST_A_DAY:
        words = _("You have written %(most)s messages in one day, which is the most. Send the next one tomorrow.")
        return RuleViolation(words % {"most": MOST_A_DAY}, code="later")
    return None


def of_today(by: User) -> QuerySet[NetworkMessage]:
    return NetworkMessage.objects.sent_by(by).since(timezone.now() - timedelta(days=1))

"""Keeping what a project said in “Am I ready?”, once it applies."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from academy.audit import record
from academy.locking import lock
from academy.models import User
from academy.rules import RuleViolation
from cohorts.models import Application, SelfCheck


@transaction.atomic
def keep_self_check(application: Application, *, by: User, answers: Mapping[str, int]) -> SelfCheck:
    """Keeps the answers with a draft, as a reminder for its own people. The last ones said are those that stay."""
    lock(application)
    if not application.is_editable:
        raise RuleViolation(_("This application is submitted, so its answers are kept as they are."), code="submitted")
    kept, _made = SelfCheck.objects.update_or_create(application=application, defaults={"answers": dict(answers)})
    record(application, "cohorts.keep_self_check", by=by)
    return kept

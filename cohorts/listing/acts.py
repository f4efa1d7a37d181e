"""What can be done to many applications of the list at once, by the name of its button: the verbs of one, and a letter to their projects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput

from academy.cms_verbs import words
from academy.locking import lock
from academy.models import User
from academy.permissions import COORDINATORS, REVIEWERS
from academy.rules import RuleViolation
from academy.wall_clock import WallClockField
from cohorts import actions
from cohorts.cms_acts import APPLICATION_VERBS
from cohorts.cms_verbs import OutcomeForm
from cohorts.models import Application
from courses.cms_selection import LetterForm


class AnyReviewerForm(forms.Form):
    """One person for all of them: who has an interest in one of the projects is refused there."""

    reviewer = forms.ModelChoiceField(label=gettext_lazy("Who reads them"), queryset=User.objects.none())
    due_on = forms.DateField(label=gettext_lazy("Wanted by (optional)"), required=False, widget=AdminDateInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True, groups__name__in=[REVIEWERS, COORDINATORS])
        self.fields["reviewer"].queryset = people.distinct().order_by("name", "email")


class MoreTimeForm(forms.Form):
    until = WallClockField(label=gettext_lazy("May send it until"), widget=AdminDateTimeInput)
    reason = forms.CharField(label=gettext_lazy("Why they have more time"), widget=words(), max_length=2000)


@dataclass(frozen=True)
class Act:
    """`do(row, by, **answers)` is one action."""

    label: Any
    do: Callable[..., Any]
    form: type[forms.Form]
    is_grave: bool = False
    is_letter: bool = False
    writes: bool = False  # what it writes is shown before it leaves


def _write(row: Application, *, by: User, subject: str, text: str, letter: UUID) -> None:
    actions.write_to_project(row, by=by, subject=subject, text=text, letter=letter)


def _extend(row: Application, *, by: User, until: datetime, reason: str) -> None:
    actions.extend_application(row, by=by, until=until, reason=reason)


@transaction.atomic
def _decide(row: Application, *, by: User, **said: Any) -> None:
    """What is prepared for one of them has its own reasons, that nobody sees here: it is not replaced."""
    lock(row)
    if row.determinations.pending().exists():
        raise RuleViolation(_("A decision is prepared already. Change it on the page of the application."), code="pending")
    actions.decide_admission(row, by=by, **said)


def _of_one(name: str, form: type[forms.Form] | None = None) -> Act:
    verb = APPLICATION_VERBS[name]
    return Act(verb.label, verb.act, form or verb.form, verb.is_grave, writes=verb.writes)


ACTS = {
    "write": Act(gettext_lazy("Write to the projects"), _write, LetterForm, is_letter=True),
    "assign": _of_one("assign", AnyReviewerForm),
    "start-review": _of_one("start-review"),
    "return": _of_one("return"),
    "take-up": _of_one("take-up"),
    "extend": Act(gettext_lazy("Give more time"), _extend, MoreTimeForm),
    "deliberate": _of_one("deliberate"),
    "decide": Act(APPLICATION_VERBS["decide"].label, _decide, OutcomeForm),
    "ineligible": _of_one("ineligible"),
}

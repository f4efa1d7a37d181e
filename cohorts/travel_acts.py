"""The verbs of a registration inside the CMS, and of each of those who pay for its trip."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateTimeInput

from academy.cms_verbs import Verb, in_state, words
from academy.models import User
from academy.wall_clock import WallClockField, set_clocks
from cohorts import actions
from cohorts.models import FundingSource, Registration, Visa
from cohorts.models.session import LIVE_REGISTRATION


class PersonReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason, said to the person"), widget=words(), max_length=2000)


class LetterReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason, read by the person on the page, never sent by mail"), widget=words(), max_length=2000)


class EnoughForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it is enough, where what is checked does not cover the estimate"), widget=words(2), required=False, max_length=2000
    )


class WasThereForm(forms.Form):
    reason = forms.CharField(label=_("How you know, kept with the file"), widget=words(2), max_length=2000)


class LeaveForm(forms.Form):
    reason = forms.CharField(label=_("Reason, said to the person (optional)"), widget=words(2), required=False, max_length=2000)


class MoreTimeForm(forms.Form):
    until = WallClockField(label=_("To say who pays, until"), widget=AdminDateTimeInput)

    def __init__(self, *args, row: Registration, **kwargs):
        super().__init__(*args, **kwargs)
        set_clocks(self, row.session.time_zone)


def _unsettled(row: Registration, user: User) -> bool:
    return row.status == Registration.Status.CONFIRMED and row.funding_verified_at is None


def _may_cancel(row: Registration, user: User) -> bool:
    return row.status in LIVE_REGISTRATION - {"requested", "attended"} and not row.is_unnoted


REGISTRATION_VERBS = {
    verb.name: verb
    for verb in (
        Verb("approve", _("Approve"), actions.approve_registration, in_state("awaiting_approval", field="status"), writes=True),
        Verb(
            "refuse",
            _("Refuse"),
            actions.refuse_registration,
            in_state("awaiting_approval", field="status"),
            form=PersonReasonForm,
            is_grave=True,
            writes=True,
        ),
        Verb(
            "verify-funding",
            _("Funding checked"),
            actions.verify_funding,
            _unsettled,
            form=EnoughForm,
            explanation=_("All that waits is checked with it, and the person is told."),
            writes=True,
        ),
        Verb(
            "more-time",
            _("More time to find the money"),
            actions.give_time_to_fund,
            lambda row, user: _unsettled(row, user) and row.session.funding_lead_days > 0,
            form=MoreTimeForm,
            explanation=_("The place is not released before then, and the person is told."),
            takes_row=True,
            writes=True,
        ),
        Verb(
            "settle-visa",
            _("The visa is settled"),
            actions.settle_visa,
            lambda row, user: row.is_live and row.visa == Visa.NEEDED,
            explanation=_("They have their visa, or need no letter of ours for it."),
        ),
        Verb("check-in", _("Check in"), actions.check_in, in_state("ready", field="status")),
        Verb(
            "was-there",
            _("They were there all the same"),
            actions.correct_absence,
            in_state("no_show", field="status"),
            form=WasThereForm,
            explanation=_("Corrects the list: the session counts for their pathway, and they get their certificate. Nothing is sent."),
        ),
        Verb(
            "cancel",
            _("Cancel"),
            actions.cancel_registration,
            _may_cancel,
            form=LeaveForm,
            is_grave=True,
            writes=True,
        ),
    )
}
IN_THE_LIST = ("approve", "verify-funding", "check-in")  # a button is enough for these; the others are on the page of the registration


def for_the_list(row: Registration, user: User) -> list[Verb]:
    """Buttons beside a row of the session's list. What needs words is done on its own page."""
    found = [REGISTRATION_VERBS[name] for name in IN_THE_LIST if REGISTRATION_VERBS[name].is_open(row, user)]
    return [verb for verb in found if verb.name != "verify-funding" or not row.travel.is_missing]


def _open_source(row: FundingSource) -> bool:
    return row.registration.is_live and row.registration.funding_verified_at is None


def _can_check(row: FundingSource, user: User) -> bool:
    return _open_source(row) and row.is_waiting


def _can_refuse(row: FundingSource, user: User) -> bool:
    return _open_source(row) and row.refused_at is None


SOURCE_VERBS: dict[str, Any] = {
    verb.name: verb
    for verb in (
        Verb("check", _("It is fine"), actions.check_source, _can_check, writes=True),
        Verb("refuse", _("It is not enough"), actions.refuse_source, _can_refuse, form=PersonReasonForm, writes=True),
    )
}

LETTER_VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb(
            "issue",
            _("Issue the letter"),
            actions.issue_letter,
            in_state("asked"),
            explanation=_("The words are frozen as they stand. The person is told, and opens the letter on the site."),
            writes=True,
        ),
        Verb("refuse", _("It cannot be written like this"), actions.refuse_letter, in_state("asked"), form=LetterReasonForm, writes=True),
    )
}

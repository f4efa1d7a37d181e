"""The verbs of the graduation file: conditions confirmed, waived or taken back; ready; the decision prepared, signed, released."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from academy.cms_verbs import Verb, in_state, words
from academy.models import User
from cohorts import actions
from cohorts.cms_acts import RELEASE, SIGN, has_pending
from cohorts.cms_verbs import GraduationForm, NoteForm, RevocationForm
from cohorts.models import ConditionRecord, Determination, Participation, TypologyCondition
from cohorts.monographs import READY, language_of, monograph_of
from wiki.models import MonographPage, WikiSection
from wiki.permissions import sections_for

WALKING = ("active", "eligible")


def unanswered(row: Participation):
    """Conditions of every typology about which nobody has said anything for this project."""
    answered = row.condition_records.filter(annulled_at__isnull=True, condition__isnull=False).values("condition")
    rows = TypologyCondition.objects.exclude(pk__in=answered).select_related("typology")
    return rows.order_by("typology__sort_order", "typology", "sort_order", "pk")


class ConfirmConditionForm(forms.Form):
    condition = forms.ModelChoiceField(label=_("Condition"), queryset=TypologyCondition.objects.none())
    note = forms.CharField(label=_("What shows it"), widget=words(2), max_length=4000)

    def __init__(self, *args, row: Participation, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["condition"].queryset = unanswered(row).filter(rule=TypologyCondition.Rule.CONFIRMED)
        self.fields["condition"].label_from_instance = lambda one: f"{one.typology}: {one.sentence}"


class WaiveConditionForm(forms.Form):
    condition = forms.ModelChoiceField(label=_("Condition"), queryset=TypologyCondition.objects.none())
    reason = forms.CharField(label=_("Why it does not apply to this project"), widget=words(), max_length=4000)

    def __init__(self, *args, row: Participation, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["condition"].queryset = unanswered(row)
        self.fields["condition"].label_from_instance = lambda one: f"{one.typology}: {one.sentence}"


class TakeBackConditionForm(forms.Form):
    record = forms.ModelChoiceField(label=_("What was said"), queryset=ConditionRecord.objects.none())
    reason = forms.CharField(label=_("Why it is taken back"), widget=words(), max_length=4000)

    def __init__(self, *args, row: Participation, **kwargs):
        super().__init__(*args, **kwargs)
        said = row.condition_records.filter(annulled_at__isnull=True)
        self.fields["record"].queryset = said.select_related("condition__typology")
        self.fields["record"].label_from_instance = _in_words


def _in_words(record: ConditionRecord) -> str:
    typology = f"{record.condition.typology}: " if record.condition else ""
    return f"{typology}{record.words} ({record.get_outcome_display()})"


def _take_back(row, *, by, record, reason):
    return actions.take_back_condition(record, by=by, reason=reason)


def has_open_conditions(row: Participation, user: User) -> bool:
    return row.state in WALKING and unanswered(row).exists()


def has_answers(row: Participation, user: User) -> bool:
    return row.state in WALKING and row.condition_records.filter(annulled_at__isnull=True).exists()


class MonographForm(forms.Form):
    """Only sections in the language of the dossier; first, where monographs are."""

    section = forms.ModelChoiceField(label=_("Section of the wiki"), queryset=WikiSection.objects.none(), empty_label=None)

    def __init__(self, *args, row: Participation, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        language = language_of(row)
        sections = sections_for(user).filter(locale__language_code=language).defer("body").order_by("path")
        self.fields["section"].queryset = sections
        self.fields["section"].label_from_instance = lambda one: f"{'— ' * max(0, one.depth - 3)}{one.title}"
        shelves = Counter(
            path[: -Page.steplen] for path in MonographPage.objects.filter(locale__language_code=language).values_list("path", flat=True)
        )
        self.initial["section"] = sections.filter(path__in=[path for path, _n in shelves.most_common(1)]).first()


def _revoke(row, *, by, reasons, seen):
    return actions.decide_graduation(row, by=by, outcome=Determination.Outcome.REVOKED, reasons=reasons, seen=seen)


MONOGRAPH = Verb(
    "monograph",
    _("Draft its monograph"),
    actions.draft_monograph,
    lambda row, user: row.state in READY and monograph_of(row) is None,
    form=MonographForm,
    explanation=_(
        "A draft in the wiki, word for word from the dossier. Nobody reads it before a trainer publishes it; the project is told."
    ),
    takes_row=True,
    takes_user=True,
    writes=True,
)

GRADUATION_VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "confirm-condition",
            _("Confirm a condition of a status"),
            actions.confirm_condition,
            lambda row, user: row.state in WALKING and unanswered(row).filter(rule=TypologyCondition.Rule.CONFIRMED).exists(),
            form=ConfirmConditionForm,
            takes_row=True,
        ),
        Verb(
            "waive-condition",
            _("Waive a condition of a status"),
            actions.waive_condition,
            has_open_conditions,
            form=WaiveConditionForm,
            takes_row=True,
        ),
        Verb(
            "take-back-condition",
            _("Take back an answer to a condition"),
            _take_back,
            has_answers,
            form=TakeBackConditionForm,
            takes_row=True,
        ),
        Verb(
            "eligible",
            _("Ready to graduate"),
            actions.mark_eligible,
            in_state("active"),
            explanation=_("Possible once every mandatory requirement is settled and a session was attended, or waived."),
        ),
        Verb(
            "reopen",
            _("Not ready any more"),
            actions.reopen_pathway,
            in_state("eligible"),
            explanation=_("When something mandatory is open again: the project walks on, and a graduation that was prepared is set aside."),
        ),
        Verb(
            "decide",
            _("Prepare the graduation"),
            actions.decide_graduation,
            in_state("eligible"),
            form=GraduationForm,
            takes_row=True,
            explanation=_("Two people sign it, neither of them the project's mentor. The project learns of it on release."),
        ),
        Verb(
            "revoke",
            _("Prepare the revocation of the graduation"),
            _revoke,
            in_state("graduated", "alumnus"),
            form=RevocationForm,
            takes_row=True,
            explanation=_(
                "Two people sign it, as they signed the graduation. On release the project reads the reasons, its certificates hold no more, "
                "and its partnership ends; its seats at sessions to come go to whoever waits."
            ),
            is_grave=True,
        ),
        SIGN,
        replace(
            RELEASE,
            explanation=_(
                "The letter above leaves at once. A graduation gives the certificates, a revocation takes them back. Only another decision "
                "replaces this one."
            ),
        ),
        Verb(
            "set-aside",
            _("Set the prepared decision aside"),
            actions.set_graduation_aside,
            has_pending,
            form=NoteForm,
            explanation=_("Nobody signs or releases it any more. The project never learns of it."),
        ),
        MONOGRAPH,
    )
}


# Trainers without an interest, who are not its mentor, may put their name under it; the rest is for coordinators.
SIGNING = {SIGN.name: SIGN}
DRAFTING = {MONOGRAPH.name: MONOGRAPH}  # trainers keep the wiki

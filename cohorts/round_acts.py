"""The verbs of a round's page inside the CMS, and their questions."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput

from academy.cms_verbs import Verb, words
from cohorts import actions
from cohorts.coverage import languages, pillars
from cohorts.models import Cohort, CohortState, ReviewerProfile, ReviewRound

RULES = ("opens_at", "closes_at", "min_reviews", "is_blind", "others")


class RoundForm(forms.ModelForm):
    """The rules of a round; of a frozen one only the closing."""

    class Meta:
        model = ReviewRound
        fields = RULES
        widgets = {"opens_at": AdminDateTimeInput, "closes_at": AdminDateTimeInput, "others": forms.RadioSelect}
        help_texts = {
            "is_blind": _(
                "Readers see a code instead of the project, its country but not its town, and answers without the names that we know. "
                "Attached files get neutral names; what stands inside them is not changed."
            )
        }

    def __init__(self, *args, row: ReviewRound, **kwargs):
        super().__init__(*args, instance=ReviewRound.objects.get(pk=row.pk), **kwargs)
        if row.is_frozen:
            for name in set(RULES) - {"closes_at"}:
                del self.fields[name]


class NewRoundForm(forms.ModelForm):
    class Meta(RoundForm.Meta):
        pass

    def __init__(self, *args, row: Cohort, **kwargs):
        super().__init__(*args, instance=ReviewRound(cohort=row, number=0), **kwargs)

    def _get_validation_exclusions(self):
        return {*super()._get_validation_exclusions(), "cohort", "number"}


class MessageForm(forms.Form):
    subject = forms.CharField(label=_("Subject"), max_length=200)
    words = forms.CharField(label=_("Message"), widget=words(6), max_length=8000)


class ProfileForm(forms.ModelForm):
    """What a reader can take. Nothing ticked means all of them."""

    use_required_attribute = False
    languages = forms.MultipleChoiceField(
        label=_("Reads in"), choices=languages, required=False, widget=forms.CheckboxSelectMultiple, help_text=_("Nothing ticked: in any.")
    )
    pillars = forms.MultipleChoiceField(
        label=_("Knows about"),
        choices=pillars,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Projects are given readers who know different pillars."),
    )

    class Meta:
        model = ReviewerProfile
        fields = ("languages", "pillars", "capacity", "away_until")
        labels = {"capacity": _("How many assessments at a time"), "away_until": _("Away until")}
        help_texts = {"away_until": _("Until that day you are not asked for anything new.")}
        widgets = {"away_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    @property
    def said(self) -> dict:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class AdminProfileForm(ProfileForm):
    class Meta(ProfileForm.Meta):
        widgets = {"away_until": AdminDateInput}
        help_texts = {"away_until": _("Until that day they are not asked for anything new.")}


def _change(row, *, by, **rules):
    return actions.change_round(row, by=by, **rules)


def _message(row, *, by, subject, words):
    return actions.message_readers(row, by=by, subject=subject, words=words)


ROUND_VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "message",
            _("Write to the readers"),
            _message,
            lambda row, user: row.assignments.live().exists(),
            form=MessageForm,
            explanation=_("One letter to each person who reads in this round. Nobody sees who else receives it."),
        ),
        Verb(
            "change",
            _("Change the round"),
            _change,
            lambda row, user: True,
            form=RoundForm,
            takes_row=True,
            explanation=_("Once a review is submitted, only the closing can be moved."),
        ),
    )
}

PLAN_ROUND = Verb(
    "plan-round",
    _("Plan another round of reading"),
    actions.plan_round,
    lambda row, user: row.state not in (CohortState.PLANNED, CohortState.CLOSED),
    form=NewRoundForm,
    takes_row=True,
    explanation=_("It becomes the current round when it opens. Who is asked from then on reads in it."),
)

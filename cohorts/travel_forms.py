"""What somebody says of their trip: who pays for it."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from academy.rules import RuleViolation
from cohorts.models import FundingSource, Project, Registration
from courses.uploads import TAKEN, Brought, taken


class ProofField(forms.FileField):
    """A file that is looked at before it is taken (`courses.uploads`): gives what it really is, or the reason why not."""

    widget = forms.FileInput(attrs={"accept": ",".join(f".{kind}" for kind in sorted(TAKEN))})

    def clean(self, data, initial=None) -> Brought | None:
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return taken(upload)
        except RuleViolation as refusal:
            raise ValidationError(str(refusal)) from None


def prefix_of(source: FundingSource) -> str:
    """Each form of a page has questions of its own name."""
    return f"source-{source.pk.hex[:8]}"


class FundingForm(forms.Form):
    """One of those who pay for the trip."""

    use_required_attribute = False

    funding_payer = forms.ChoiceField(label=_("Who pays for your trip?"), choices=[("", _("Choose")), *Registration.Payer.choices])
    funding_detail = forms.CharField(
        label=_("Name of whoever pays"),
        required=False,
        max_length=200,
        help_text=_("For example the name of the employer or of the fund."),
    )
    funding_amount = forms.DecimalField(
        label=_("Amount"),
        required=False,
        min_value=Decimal("0.01"),
        error_messages={"min_value": _("Write an amount above nought, or leave it empty.")},
        max_digits=10,
        decimal_places=2,
        help_text=_("An estimate is enough. Leave it empty if they pay whatever is left."),
    )
    funding_proof = ProofField(
        label=_("What shows it"),
        required=False,
        help_text=_("A letter, a decision, a statement: PDF, picture or document, 20 MB at most. Only you and the coordinators read it."),
    )

    def __init__(self, *args, source: FundingSource | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        if source is not None:
            found = {"funding_payer": source.payer, "funding_detail": source.name, "funding_amount": source.amount}
            self.initial = {**found, **self.initial}
        if source is not None and source.proof_name:
            self.fields["funding_proof"].label = _("Another proof, in place of the one that is there")

    @property
    def said(self) -> dict:
        """What the verbs take."""
        found = self.cleaned_data
        return {
            "payer": found["funding_payer"],
            "amount": found["funding_amount"],
            "detail": found["funding_detail"],
            "brought": found["funding_proof"],
        }


class RegisterForm(FundingForm):
    """A place for oneself, for one of one's projects. Who pays may be said now or when the place is accepted."""

    project = forms.ModelChoiceField(Project.objects.none(), label=_("For which project?"))

    field_order = ["project", "funding_payer", "funding_detail", "funding_amount", "funding_proof"]

    def __init__(self, *args, projects, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = Project.objects.filter(pk__in=[row.pk for row in projects])
        if len(projects) == 1:
            self.fields["project"].initial = projects[0].pk
            self.fields["project"].widget = forms.HiddenInput()
        payer = self.fields["funding_payer"]
        payer.required = False
        payer.choices = [("", _("I do not know yet")), *Registration.Payer.choices]
        payer.help_text = _("If you do not know yet, a place is kept for you for a few days while you find out.")

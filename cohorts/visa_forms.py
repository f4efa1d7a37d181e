"""What a consulate wants to know, and nothing else."""

from __future__ import annotations

from datetime import date

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.countries import country_choices


class DayField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class LetterForm(forms.Form):
    """Sealed as soon as it is sent."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("Full name, as it stands in the passport"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    nationality = forms.ChoiceField(label=_("Nationality"), choices=lambda: [("", _("Choose a country")), *country_choices()])
    born = DayField(label=_("Date of birth"))
    passport = forms.CharField(
        label=_("Passport number"), max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )
    expires = DayField(label=_("The passport is valid until"), help_text=_("Many consulates want three months more than the stay."))
    consulate = forms.CharField(
        label=_("Consulate to which the letter goes"),
        help_text=_("Its name and its address, one line each, or at least its town and country."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    language = forms.ChoiceField(label=_("Language of the letter"), choices=settings.LANGUAGES)

    def clean_passport(self) -> str:
        return self.cleaned_data["passport"].replace(" ", "").upper()

    def clean_born(self) -> date:
        born = self.cleaned_data["born"]
        if born >= timezone.localdate():
            raise forms.ValidationError(_("This day is not over yet."))
        return born

    @property
    def facts(self) -> dict[str, str]:
        """What is sealed."""
        found = self.cleaned_data
        days = {name: found[name].isoformat() for name in ("born", "expires")}
        return {**{name: found[name].strip() for name in ("name", "nationality", "passport", "consulate")}, **days}

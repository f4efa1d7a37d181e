"""What a consulate wants to know, and nothing else."""

from __future__ import annotations

import unicodedata
from datetime import date

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.countries import country_choices


def _in_latin_letters(text: str) -> str:
    """A passport has them too, and the paper has no others."""
    text = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(one)[0] in "LM" and not unicodedata.name(one, "").startswith("LATIN") for one in text):
        raise forms.ValidationError(
            _("Write it in Latin letters, as in the part of the passport that machines read: a consulate abroad reads no others.")
        )
    return text


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

    def clean_name(self) -> str:
        return _in_latin_letters(self.cleaned_data["name"])

    def clean_passport(self) -> str:
        return _in_latin_letters(self.cleaned_data["passport"].replace(" ", "").upper())

    def clean_consulate(self) -> str:
        return _in_latin_letters(self.cleaned_data["consulate"])

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

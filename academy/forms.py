"""Forms of the floor."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from academy.countries import country_choices
from academy.dates import zone_choices
from academy.models import User


class ErasureForm(forms.Form):
    """Erasing is for ever, so it asks for the address of whoever is erased to be typed, and of somebody else for a reason."""

    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("The history keeps it."))
    address = forms.CharField(
        label=_("Type the e-mail address of the account to confirm"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args, person: User, own: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        if own:
            del self.fields["reason"]

    def clean_address(self) -> str:
        typed = self.cleaned_data["address"].strip()
        if typed.lower() != self.person.email.lower():
            raise forms.ValidationError(
                _("This is not the address of the account. Type %(address)s."), params={"address": self.person.email}
            )
        return typed


class ProfileForm(forms.ModelForm):
    """How we name and reach a person. The address and the password have their own screens."""

    country = forms.ChoiceField(label=_("Country"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Dates and hours are shown in it."))

    class Meta:
        model = User
        fields = ["name", "language", "country", "time_zone", "weekly_letter"]
        labels = {"name": _("Your name"), "language": _("Your language")}
        help_texts = {
            "name": _("As it should stand on letters and certificates."),
            "language": _("For our messages. Every page can be read in the other language too."),
        }
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", "—"), *country_choices()]
        self.fields["time_zone"].choices = zone_choices({*settings.WAGTAIL_USER_TIME_ZONES, self.instance.time_zone} - {""})


class DraftForm(forms.Form):
    """Kept with whatever is there: nothing is required of a draft, though the page says what will be."""

    use_required_attribute = False

    def full_clean(self) -> None:
        wanted = [field for field in self.fields.values() if field.required]
        for one in wanted:
            one.required = False
        super().full_clean()
        for one in wanted:
            one.required = True

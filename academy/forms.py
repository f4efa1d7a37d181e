"""Forms of the floor."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from academy.countries import country_choices
from academy.dates import zone_choices
from academy.models import User


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

"""What a lead types about the directory, and what somebody writes to a project."""

from __future__ import annotations

from io import BytesIO

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from PIL import Image

from academy.camera import bare
from academy.fields import LocalizedTextFormField
from academy.files import RefusedFile, true_type
from academy.models import User, hex_colour
from academy.ui import PILLARS
from cohorts.models import DirectoryEntry, Project
from cohorts.spoken import spoken_choices
from cohorts.world_map import lies_in, middle_of, towns_of

LOGO_TYPES = ("png", "jpg", "webp")
LOGO_SIZE = (640, 192)
LARGEST_LOGO = 2 * 1024 * 1024


def as_logo(content: bytes, name: str) -> bytes:
    """The picture as a small PNG without what the camera or the program wrote beside it. Raises ValidationError with the reason."""
    try:
        kind = true_type(content, name)
    except RefusedFile as refusal:
        raise forms.ValidationError(str(refusal)) from None
    if kind not in LOGO_TYPES:
        raise forms.ValidationError(gettext("A logo is a PNG, JPEG or WebP picture."))
    try:
        with Image.open(BytesIO(bare(content, name=name)), formats=["PNG", "JPEG", "WEBP"]) as picture:
            picture = picture.convert("RGBA")
            picture.thumbnail(LOGO_SIZE)
            out = BytesIO()
            picture.save(out, "PNG", optimize=True)
    except RefusedFile as refusal:
        raise forms.ValidationError(str(refusal)) from None
    except (OSError, ValueError, Image.DecompressionBombError):
        raise forms.ValidationError(gettext("This picture cannot be read. Save it again as PNG.")) from None
    return out.getvalue()


class EntryForm(forms.Form):
    """Everything that an entry shows. Nothing is chosen beforehand."""

    use_required_attribute = False

    audience = forms.ChoiceField(label=_("Who finds us in the directory"), choices=DirectoryEntry.Audience, widget=forms.RadioSelect)
    shown = forms.MultipleChoiceField(
        label=_("What is shown beside our name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What you do not choose is shown to nobody, and no filter finds you by it."),
    )
    text = LocalizedTextFormField(
        label=_("Short text"), required=False, max_length=600, help_text=_("Who you are, what you can give, what you look for.")
    )
    pillars = forms.MultipleChoiceField(
        label=_("On which pillars can you help others?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(pillar.key, pillar.label) for pillar in PILLARS.values()],
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages that you speak"), required=False, choices=spoken_choices, widget=forms.CheckboxSelectMultiple
    )
    position = forms.ChoiceField(label=_("On the map"), choices=DirectoryEntry.Position, widget=forms.RadioSelect)
    town = forms.ChoiceField(label=_("The larger town that is nearest to you"), required=False)
    contact = forms.ModelChoiceField(
        label=_("Who receives messages"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Nobody: people cannot write to us"),
        help_text=_("Messages come by mail. Nobody sees the address; whoever answers shows theirs."),
    )
    shows_contact = forms.BooleanField(label=_("Show my name, as I receive the messages"), required=False)
    logo = forms.FileField(label=_("Your logo"), required=False, help_text=_("PNG, JPEG or WebP, 2 MB at most. It stands on your page."))
    takes_logo_away = forms.BooleanField(label=_("Take the logo away"), required=False)
    accent = forms.CharField(
        label=_("Your colour"),
        required=False,
        max_length=7,
        validators=[hex_colour],
        help_text=_("Such as #b3321b. Where it could not be read as text, a darker or lighter one takes its place."),
    )
    BRAND = ("logo", "takes_logo_away", "accent")

    def __init__(self, *args, project: Project, entry: DirectoryEntry, by: User, is_partner: bool, **kwargs):
        super().__init__(*args, initial=_initial(entry), **kwargs)
        self.project, self.entry, self.by = project, entry, by
        self.fields["shown"].choices = [
            (name, DirectoryEntry._meta.get_field(f"shows_{name}").verbose_name) for name in DirectoryEntry.FIELDS
        ]
        speaking = project.memberships.speaking().values("person")
        self.fields["contact"].queryset = User.objects.filter(pk__in=speaking, is_active=True)
        self._places()
        if not by.name:
            del self.fields["shows_contact"]
        if not is_partner:
            for name in self.BRAND:
                del self.fields[name]
        elif not entry.logo:
            del self.fields["takes_logo_away"]

    def _places(self) -> None:
        """Only what there is for the country: its towns, its middle."""
        towns = sorted(towns_of(self.project.country))
        known = lies_in(self.project.country, self.entry.north, self.entry.east)
        options = [choice for choice in DirectoryEntry.Position.choices if choice[0] != "area" or towns or known]
        if middle_of(self.project.country) is None:
            options = [choice for choice in options if choice[0] != "country"]
        self.fields["position"].choices = options
        if towns:
            first = gettext("The place that is there stays") if known else gettext("Choose a town")
            self.fields["town"].choices = [("", first), *((name, name) for name in towns)]
            self.fields["town"].help_text = gettext(
                "Only the half-degree around it is kept, some 50 km wide: neither the town nor an address. Towns by GeoNames (CC BY 4.0)."
            )
        else:
            del self.fields["town"]

    def clean_logo(self) -> bytes | None:
        upload = self.cleaned_data["logo"]
        if not upload:
            return None
        if upload.size > LARGEST_LOGO:
            raise forms.ValidationError(gettext("This picture is too large: 2 MB is the most."))
        return as_logo(upload.read(), upload.name)

    def clean(self):
        data = super().clean()
        if data.get("audience") != DirectoryEntry.Audience.NOBODY:
            shown = data.get("shown") or []
            for name in ("text", "pillars", "languages"):
                if name in shown and not data.get(name):
                    self.add_error(name, gettext("You chose to show this: fill it in, or do not choose it."))
        return data

    @property
    def chosen(self) -> dict:
        """For the action: what is shown, the town, the logo."""
        data = self.cleaned_data
        shown = {f"shows_{name}": name in data["shown"] for name in DirectoryEntry.FIELDS}
        shown |= {name: data[name] for name in ("audience", "position", "text", "contact")}
        shown |= {"pillars": " ".join(data["pillars"]), "languages": " ".join(data["languages"])}
        shown |= {"accent": data.get("accent", ""), "shows_contact": bool(data.get("shows_contact"))}
        logo = data.get("logo") or (b"" if data.get("takes_logo_away") else None)
        return {"shown": shown, "town": data.get("town", ""), "logo": logo}


def _initial(entry: DirectoryEntry) -> dict:
    return {
        "audience": entry.audience,
        "shown": [name for name in DirectoryEntry.FIELDS if getattr(entry, f"shows_{name}")],
        "text": entry.text,
        "pillars": entry.pillar_keys,
        "languages": entry.language_codes,
        "position": entry.position,
        "contact": entry.contact_id,
        "shows_contact": entry.shows_contact,
        "accent": entry.accent,
    }


class WriteForm(forms.Form):
    use_required_attribute = False

    words = forms.CharField(label=_("Your message"), max_length=3000, widget=forms.Textarea(attrs={"rows": 8}))


class ReportForm(forms.Form):
    use_required_attribute = False

    report = forms.CharField(label=_("What is wrong with it?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

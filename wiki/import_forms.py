"""The questions of the import screen."""

from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wiki.permissions import sections_for


class ImportForm(forms.Form):
    """Where the files go. A section belongs to one language, so that choosing it says the language of the documents."""

    section = forms.ModelChoiceField(
        label=_("Section and language"),
        queryset=None,
        help_text=_("The files, and the folders they are in, are placed under this section. Their language is that of the section."),
    )
    publish = forms.BooleanField(
        label=_("Publish at once"),
        required=False,
        initial=True,
        help_text=_(
            "Without it, new pages are drafts that you publish one by one. What somebody has edited meanwhile is never overwritten."
        ),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sections = sections_for(user).select_related("locale").order_by("locale__language_code", "path")
        self.fields["section"].queryset = sections
        self.fields["section"].choices = [("", _("Choose a section")), *self._grouped(sections)]

    def _grouped(self, sections) -> list[tuple[str, list[tuple[int, str]]]]:
        found = []
        for locale, inside in groupby(sections, key=lambda section: section.locale):
            rows = list(inside)
            top = min(section.depth for section in rows)
            found.append((str(locale), [(section.pk, f"{'— ' * (section.depth - top)}{section.title}") for section in rows]))
        return found

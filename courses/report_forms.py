"""What staff ask of the report of a course."""

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.reports import SILENT_DAYS, STANDINGS, Wanted

SIZES = (50, 200)


class ReportForm(forms.Form):
    """Which people are listed. What cannot be read is said beside its field, and left out."""

    standing = forms.ChoiceField(label=_("Who"), required=False, choices=[("", _("Everybody")), *STANDINGS.items()])
    cohort = forms.ChoiceField(label=_("Cohort"), required=False)
    days = forms.IntegerField(label=_("Silent for how many days"), required=False, min_value=1, max_value=365)
    q = forms.CharField(label=_("Name or e-mail"), required=False, max_length=100, strip=True)
    size = forms.TypedChoiceField(
        label=_("People on a page"), required=False, coerce=int, empty_value=SIZES[0], choices=[(size, size) for size in SIZES]
    )

    def __init__(self, data, *, cohorts: dict[str, str]):
        asked = data.copy()
        asked.setdefault("days", str(SILENT_DAYS))
        asked.setdefault("size", str(SIZES[0]))
        super().__init__(asked, auto_id="filter_%s")
        self.fields["cohort"].choices = [("", _("Every cohort")), *cohorts.items()]

    def wanted(self) -> Wanted:
        self.is_valid()
        said = self.cleaned_data
        return Wanted(said.get("cohort") or "", said.get("standing") or "", said.get("days") or SILENT_DAYS, said.get("q") or "")

    @property
    def page_size(self) -> int:
        return self.cleaned_data.get("size") or SIZES[0]

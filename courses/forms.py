"""What comes in by HTTP about learning; everything after this is plain values."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

PREFIX = "q-"


class ProgressForm(forms.Form):
    """One event of one open tab."""

    client = forms.RegexField(r"^[A-Za-z0-9-]{1,40}$")
    sequence = forms.IntegerField(min_value=0, max_value=10_000_000)
    progress = forms.FloatField(required=False, min_value=0, max_value=1)
    position = forms.CharField(required=False, max_length=100)
    seconds = forms.IntegerField(required=False, min_value=0, max_value=10_000_000)

    def event(self) -> dict:
        data = self.cleaned_data
        return {**data, "progress": data["progress"] or 0, "seconds": data["seconds"] or 0}


class SaveForm(forms.Form):
    """Which tab saves answers, and for the how-manieth time; both empty without script."""

    client = forms.RegexField(r"^[A-Za-z0-9-]{1,40}$", required=False)
    sequence = forms.IntegerField(required=False, min_value=0, max_value=10_000_000)

    def order(self) -> dict:
        return {"client": self.cleaned_data["client"] or "", "sequence": self.cleaned_data["sequence"] or 0}


class ReasonForm(forms.Form):
    """Why staff do what they do."""

    reason = forms.CharField(label=_("Why? It is kept in the history."), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class AllowanceForm(ReasonForm):
    """What one person is allowed at one quiz, on top of its rules."""

    field_order = ["attempts", "minutes", "without_waiting", "reason"]

    attempts = forms.IntegerField(label=_("More attempts"), required=False, min_value=0, max_value=20, initial=1)
    minutes = forms.IntegerField(label=_("More minutes in each attempt"), required=False, min_value=0, max_value=600, initial=0)
    without_waiting = forms.BooleanField(label=_("Need not wait between attempts"), required=False)

    def clean(self) -> dict:
        data = super().clean()
        return {**data, "attempts": data.get("attempts") or 0, "minutes": data.get("minutes") or 0}


class MarkForm(forms.Form):
    """One long text of an attempt: what it is worth and what to tell. Empty: marked later."""

    percent = forms.IntegerField(label=_("Worth, from 0 to 100 %"), required=False, min_value=0, max_value=100)
    comment = forms.CharField(
        label=_("What you tell the learner"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def clean(self) -> dict:
        data = super().clean()
        if data.get("comment") and data.get("percent") is None and not self.errors:
            self.add_error("percent", _("Say what the text is worth too: the comment is sent with it."))
        return data


def answers_in(post: QueryDict) -> dict[str, list[str]]:
    """`q-<question>` → the answers chosen. Whether they belong to the attempt is for grading to say."""
    return {name.removeprefix(PREFIX): post.getlist(name) for name in post if name.startswith(PREFIX)}

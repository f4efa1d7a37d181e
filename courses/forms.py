"""What comes in by HTTP about learning; everything after this is plain values."""

from django import forms
from django.http import QueryDict

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

    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


def answers_in(post: QueryDict) -> dict[str, list[str]]:
    """`q-<question>` → the answers chosen. Whether they belong to the attempt is for grading to say."""
    return {name.removeprefix(PREFIX): post.getlist(name) for name in post if name.startswith(PREFIX)}

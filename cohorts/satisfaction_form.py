"""The form that takes two minutes: plain buttons and one box, made to work without a script."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from cohorts.models import SatisfactionAnswer
from cohorts.models.satisfaction import MOST_CHARACTERS
from cohorts.satisfaction import LEVELS, QUESTIONS

SCORES = [(level, words) for level, words in LEVELS.items()] + [("", _("I cannot say"))]


class SatisfactionForm(forms.Form):
    """Begins with what this person answered before."""

    use_required_attribute = False

    def __init__(self, data=None, *, answer: SatisfactionAnswer | None = None):
        super().__init__(data)
        self.answer = answer
        for name, label in QUESTIONS.items():
            given = getattr(answer, name, None)
            self.fields[name] = forms.TypedChoiceField(
                label=label,
                choices=SCORES,
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
                initial=given if given is not None else "",
            )
        self.fields["words"] = forms.CharField(
            label=_("What should we change next time?"),
            help_text=_("Read by the team as you write it: leave names out, yours too."),
            required=False,
            max_length=MOST_CHARACTERS,
            widget=forms.Textarea(attrs={"rows": 4}),
            initial=answer.words if answer else "",
        )

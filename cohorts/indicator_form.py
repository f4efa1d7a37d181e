"""The form of one year of indicators: a box for each, what was said before beside it, and what somebody else changed meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django import forms
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.rules import RuleViolation
from academy.ui import Pillar
from cohorts.application_form import NumberField, currencies
from cohorts.indicator_answers import CURRENCY, LONGEST_NOTE, NOTE, Kept
from cohorts.indicator_figures import by_pillar
from cohorts.merging import Merge, MergingForm, mark_of
from cohorts.models import IndicatorDefinition
from courses.numbers import as_typed


def typed(text: str) -> str:
    """A number as the reader would type it, without noughts after the mark; words stay."""
    try:
        return as_typed(Decimal(text), formats.get_format("DECIMAL_SEPARATOR")) if text else ""
    except InvalidOperation:
        return text


class PercentField(NumberField):
    """With or without its sign: `45`, `45 %`."""

    def to_python(self, value):
        return super().to_python(str(value).strip().removesuffix("%").strip() if value else value)


@dataclass(frozen=True)
class Box:
    """One box of the page. `mark` is of what the page starts from; `theirs` waits for a choice; `words` were said before, in `year`."""

    name: str
    field: forms.BoundField
    mark: str
    indicator: IndicatorDefinition | None = None
    words: str = ""
    year: str = ""
    theirs: str = ""
    theirs_mark: str = ""

    @property
    def is_both(self) -> bool:
        return bool(self.theirs_mark)

    @property
    def may_join(self) -> bool:
        """Two notes can follow one another; two numbers cannot."""
        return self.name == NOTE


class IndicatorForm(MergingForm, forms.Form):
    """What is not known stays empty. Each box sends the mark of what it started from, as an application does."""

    use_required_attribute = False

    def __init__(self, *args, kept: Kept, **kwargs):
        initial = {name: typed(text) if name in kept.indicators else text for name, text in kept.texts.items()}
        super().__init__(*args, initial=initial, **kwargs)
        self.kept = kept
        for name, row in kept.indicators.items():
            field = PercentField if row.kind == IndicatorDefinition.Kind.PERCENT else NumberField
            self.fields[name] = field(label=row.label, help_text=row.help, required=False)
        if CURRENCY in kept.texts:
            self.fields[CURRENCY] = forms.ChoiceField(label=gettext_lazy("Currency of your amounts"), choices=currencies, required=False)
        self.fields[NOTE] = forms.CharField(
            label=gettext_lazy("What one should know to read these numbers"),
            required=False,
            max_length=LONGEST_NOTE,
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def clean(self):
        data = super().clean()
        for name, row in self.kept.indicators.items():
            if value := data.get(name):
                self._check(name, row, Decimal(value), data.get(CURRENCY) or "")
        self._say_what_is_not_asked_any_more()
        return data

    def _check(self, name: str, row: IndicatorDefinition, value: Decimal, currency: str) -> None:
        try:
            row.check_value(value, currency if self.kept.is_money(name) else "")
        except RuleViolation as refusal:
            if refusal.code != "currency":
                self.add_error(name, str(refusal))
            elif CURRENCY not in self.errors:
                self.add_error(CURRENCY, str(refusal))

    def _say_what_is_not_asked_any_more(self) -> None:
        """An indicator may be turned off while one fills in: what was typed there does not vanish without a word."""
        for row in IndicatorDefinition.objects.filter(is_on=False):
            if self.data.get(f"i{row.pk}", "").strip():
                words = _("“%(indicator)s” is not asked any more: what you typed there is not kept. Send the others again.")
                self.add_error(None, words % {"indicator": row.label})

    @property
    def answers(self) -> dict[str, str]:
        """What is valid, whatever else is wrong. An amount waits for its currency."""
        sent = {name: value for name, value in self.cleaned_data.items() if name in self.data}
        if CURRENCY in self.errors:
            sent = {name: value for name, value in sent.items() if not self.kept.is_money(name)}
        return sent

    def marks(self, merged: Merge) -> dict[str, str]:
        """Of the boxes whose content is kept now, or is what somebody else wrote."""
        texts, mine = self.kept.texts, self.answers
        mine = {name: text for name, text in mine.items() if name in texts}
        kept = [name for name, text in mine.items() if mark_of(text) == mark_of(texts[name]) or name in merged.others]
        return {name: mark_of(texts[name]) for name in kept if name not in merged.both}

    def said(self, name: str, text: str) -> str:
        """A value as it stands in its box."""
        return typed(text) if name in self.kept.indicators else text

    def show_others(self, merged: Merge) -> None:
        """What somebody else wrote meanwhile takes its place in the page."""
        self.data = self.data.copy()
        for name, text in merged.others.items():
            self.data[name] = self.said(name, text)

    def box(self, name: str, merged: Merge | None = None, **beside) -> Box:
        theirs = merged.both.get(name) if merged else None
        mark = self.since.get(name, "") if self.is_bound else ""
        if not self.is_bound or name in self.marks(merged or Merge()):
            mark = mark_of(self.kept.texts[name])
        if theirs is None:
            return Box(name, self[name], mark, **beside)
        return Box(name, self[name], mark, theirs=self.said(name, theirs), theirs_mark=mark_of(theirs), **beside)

    def lines(self, before: dict, merged: Merge | None = None) -> list[tuple[Pillar, list[Box]]]:
        """By pillar: each indicator with its box, and in words what was said before."""
        boxes = []
        for name, row in self.kept.indicators.items():
            if name not in self.fields:  # asked since the page was opened: it comes with the next one
                continue
            words, year = before.get(row.pk, ("", ""))
            boxes.append(self.box(name, merged, indicator=row, words=words, year=year))
        return by_pillar(boxes)

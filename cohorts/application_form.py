"""The form of an application: one field for each question of `cohorts.answers`, those of the call included."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies
from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from academy.countries import country_choices
from academy.fields import LocalizedText
from cohorts.answers import SECTIONS, Missing, Question, Section, answers_of, call_section
from cohorts.call_answers import CALL
from cohorts.models import Application, CallQuestion, Dossier, Project

_K = CallQuestion.Kind


def currencies() -> list[tuple[str, str]]:
    """The moneys of today's countries, by name."""
    codes = {code for country in get_global("territory_currencies") for code in get_territory_currencies(country)}
    names = Locale(get_language()[:2]).currencies
    return [("", "–"), *sorted(((code, f"{code} · {names.get(code, code)}") for code in codes), key=lambda row: row[0])]


def countries() -> list[tuple[str, object]]:
    return [("", _("Choose a country")), *country_choices()]


class NumberField(forms.DecimalField):
    def __init__(self, **kwargs):
        super().__init__(max_digits=16, decimal_places=2, localize=True, **kwargs)

    def clean(self, value):
        found = super().clean(str(value).replace("\u202f", "").replace("\xa0", "").replace(" ", "") if value else value)
        return "" if found is None else f"{found.quantize(Decimal('0.01'))}"


class MoneyWidget(forms.MultiWidget):
    """The amount, then its currency. The first box keeps the name of the question, so that a link to it finds it."""

    template_name = "cohorts/_money_widget.html"
    use_fieldset = True

    def __init__(self, attrs=None):
        amount = forms.TextInput(attrs={"inputmode": "decimal", "aria-label": _("Amount")})
        super().__init__({"": amount, "currency": forms.Select(choices=currencies, attrs={"aria-label": _("Currency")})}, attrs)

    def decompress(self, value):
        amount, _space, currency = (value or "").partition(" ")
        return [amount, currency]

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        if "id" in context["widget"]["attrs"]:
            context["widget"]["subwidgets"][0]["attrs"]["id"] = context["widget"]["attrs"]["id"]
        return context


class MoneyField(forms.MultiValueField):
    widget = MoneyWidget

    def __init__(self, **kwargs):
        self.amount, self.currency = NumberField(required=False), forms.ChoiceField(choices=currencies, required=False)
        super().__init__([self.amount, self.currency], require_all_fields=False, **kwargs)

    def compress(self, parts):
        amount, currency = parts or ("", "")
        if amount and not currency:
            raise forms.ValidationError(_("Say in which currency the amount is."), code="currency")
        return f"{amount} {currency}" if amount else ""


def _text(question: Question, most: int) -> forms.Field:
    return forms.CharField(max_length=most, widget=forms.Textarea(attrs={"rows": 6}))


def call_field(question: Question) -> forms.Field | None:
    """None for a file: it is attached, not typed."""
    asked = question.asked
    if asked["kind"] == _K.CHOICE:
        lines = [line.strip() for line in str(LocalizedText(asked["choices"])).splitlines() if line.strip()]
        return forms.ChoiceField(choices=[("", _("Choose")), *((str(n), line) for n, line in enumerate(lines, start=1))])
    kinds = {_K.NUMBER: NumberField, _K.MONEY: MoneyField}
    if asked["kind"] in kinds:
        return kinds[asked["kind"]]()
    if asked["kind"] == _K.COUNTRY:
        return forms.ChoiceField(choices=countries)
    return None if asked["kind"] == _K.FILE else _text(question, 8000)


def field_for(question: Question) -> forms.Field | None:
    name = question.name
    if question.asked:
        return call_field(question)
    if name == "website":
        return forms.URLField(max_length=200, assume_scheme="https")
    model = next(one for one in (Project, Dossier, Application) if name in {row.name for row in one._meta.concrete_fields})
    field = forms.fields_for_model(model, [name])[name]
    if name == "country":
        field.choices = countries
    if question.most_words:
        field.widget.attrs |= {"rows": 6}
    return field


class ApplicationForm(forms.Form):
    """A draft may be as empty as it likes; what submission still wants is `answers.missing`, shown by `mark_missing`.

    `seen` is the moment of the version that this page shows, so that a stale page does not overwrite a newer one.
    """

    use_required_attribute = False
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, application: Application, **kwargs):
        self.application = application
        answers = answers_of(application)
        self.parts: list[Section] = [*SECTIONS, *call_section(answers[CALL])]
        super().__init__(*args, initial={**answers, "seen": version_of(application)}, **kwargs)
        for question in (one for section in self.parts for one in section.questions):
            field = field_for(question)
            if field is not None:
                field.label, field.help_text, field.required = question.words, question.help, question.is_required
                self.fields[question.name] = field

    def full_clean(self) -> None:
        """A draft is saved with whatever is there: nothing is required of it, though the page says what will be."""
        wanted = [field for field in self.fields.values() if field.required]
        for one in wanted:
            one.required = False
        super().full_clean()
        for one in wanted:
            one.required = True

    @property
    def sections(self) -> list[tuple[Section, list]]:
        return [(section, [self[name] for name in section.names if name in self.fields]) for section in self.parts]

    @property
    def answers(self) -> dict:
        """What is valid, whatever else is wrong: a wrong web address must not cost somebody a page of text."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    @property
    def is_stale(self) -> bool:
        seen = self.data.get(self.add_prefix("seen"), "")
        return bool(seen) and seen != version_of(self.application)

    def mark_missing(self, missing: Iterable[Missing]) -> None:
        for one in missing:
            if one.field in self.fields and one.field not in self.errors:
                self.add_error(one.field, one.words)


def version_of(application: Application) -> str:
    return application.saved_at.isoformat()

"""The form of an application: one field for each question of `cohorts.answers`, those of the call included."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from babel import Locale
from babel.core import get_global
from babel.numbers import get_currency_symbol, get_territory_currencies
from django import forms
from django.utils.translation import gettext_lazy as _

from academy.cldr import reader_language
from academy.countries import country_choices
from academy.forms import DraftForm
from academy.sheets import printable
from cohorts.answers import DOSSIER, SECTIONS, Missing, Question, Section, answer_in_words, answers_of, call_section, count_words
from cohorts.call_answers import CALL, FILES, choices_of
from cohorts.carried import carried_into, file_name_of
from cohorts.forms import NameField
from cohorts.identity import IDENTITY, being_read, why_kept
from cohorts.merging import Merge, MergingForm, mark_of
from cohorts.models import Application, CallQuestion, Dossier, Project

_K = CallQuestion.Kind


def currencies() -> list[tuple[str, str]]:
    """The moneys of today's countries, by name."""
    codes = {code for country in get_global("territory_currencies") for code in get_territory_currencies(country)}
    names = Locale(reader_language()).currencies
    return [("", "–"), *sorted(((code, f"{code} · {names.get(code, code)}") for code in codes), key=lambda row: row[0])]


def countries() -> list[tuple[str, object]]:
    return [("", _("Choose a country")), *country_choices()]


class NumberField(forms.DecimalField):
    """Typed as one writes it: `12 000`, `12,000` and `12 000,50`. Its value is the text of `cohorts.call_answers`."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def __init__(self, **kwargs):
        super().__init__(max_digits=16, decimal_places=2, **kwargs)

    def prepare_value(self, value):
        return value.removesuffix(".00") if isinstance(value, str) else value

    def to_python(self, value):
        return super().to_python(plain_number(value)) if value else None

    def clean(self, value):
        found = super().clean(value)
        return "" if found is None else f"{found.quantize(Decimal('0.01'))}"


def plain_number(typed: str) -> str:
    """The last comma or point before one or two figures is the decimal one, and so is one after nothing or a single 0, or after others that
    are not like it; all the others, and spaces, part thousands (in India two figures too). What is grouped in no way is left, to be refused.
    """
    typed = re.sub(r"[\s\u202f\xa0'’٬]|[.,][-–—]+$", "", str(typed)).replace("٫", ".")
    typed = re.sub(r"^[−–‑](?=[\d.,])", "-", typed)  # the minus of a word processor
    if found := re.fullmatch(r"(-?)0*[.,](\d+)", typed):
        return f"{found[1]}0.{found[2]}"
    if found := re.fullmatch(r"(-?\d{1,3}(?:[.,]\d{2,3})*[.,]\d{3}|-?\d+)[.,](\d{1,2})", typed):
        return f"{re.sub('[.,]', '', found[1])}.{found[2]}"
    if re.fullmatch(r"-?\d{1,3}(?:,\d{2,3})*,\d{3}|-?\d{1,3}(?:\.\d{2,3})*\.\d{3}", typed):
        return re.sub("[.,]", "", typed)
    if found := re.fullmatch(r"(-?\d{1,3}(?:,\d{3})+\.|-?\d{1,3}(?:\.\d{3})+,)(\d+)", typed):
        return f"{re.sub('[.,]', '', found[1])}.{found[2]}"
    return typed


class MoneyWidget(forms.MultiWidget):
    """The amount, then its currency. The first box keeps the name of the question, so that a link to it finds it."""

    template_name = "cohorts/_money_widget.html"
    use_fieldset = True

    def __init__(self, attrs=None):
        amount = forms.TextInput(attrs={"inputmode": "decimal", "aria-label": _("Amount")})
        super().__init__({"": amount, "currency": forms.Select(choices=currencies, attrs={"aria-label": _("Currency")})}, attrs)

    def decompress(self, value):
        amount, _space, currency = (value or "").partition(" ")
        return [amount.removesuffix(".00"), currency]

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

    def clean(self, value):
        """The sign or the code of its own currency may stand beside the amount."""
        amount, currency = value or ("", "")
        if amount and currency:
            signs = {currency, *("".join(get_currency_symbol(currency, code).split()) for code in ("fr", "en"))}
            sign = "|".join(map(re.escape, sorted(signs, key=len, reverse=True)))
            amount = re.sub(rf"^(?:{sign})|(?:{sign})$", "", "".join(amount.split()), flags=re.IGNORECASE)
        return super().clean([amount, currency])

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
        return forms.ChoiceField(choices=[("", _("Choose")), *((str(n), line) for n, line in enumerate(choices_of(asked), start=1))])
    kinds = {_K.NUMBER: NumberField, _K.MONEY: MoneyField}
    if asked["kind"] in kinds:
        return kinds[asked["kind"]]()
    if asked["kind"] == _K.COUNTRY:
        return forms.ChoiceField(choices=countries)
    return None if asked["kind"] == _K.FILE else _text(question, CallQuestion.MOST_CHARACTERS)


def field_for(question: Question) -> forms.Field | None:
    name = question.name
    if question.asked:
        return call_field(question)
    if name == "name":
        return NameField(max_length=Project._meta.get_field("name").max_length)
    if name == "website":
        return forms.URLField(max_length=200, assume_scheme="https")
    model = next(one for one in (Project, Dossier, Application) if name in {row.name for row in one._meta.concrete_fields})
    field = forms.fields_for_model(model, [name])[name]
    if name == "country":
        field.choices = countries
    if question.most_words:
        field.widget.attrs |= {"rows": 6}
    return field


@dataclass(frozen=True)
class Row:
    """One question as the page shows it. `mark` is of the answer that the page starts from; `theirs` waits for a choice; `carried` says
    from where it comes, where nobody has touched it."""

    question: Question
    bound: forms.BoundField | None
    mark: str
    files: list[dict]
    theirs: str = ""
    theirs_mark: str = ""
    carried: str = ""

    @property
    def name(self) -> str:
        return self.question.name

    @property
    def is_both(self) -> bool:
        return bool(self.theirs_mark)

    @property
    def words(self) -> int:
        return count_words(str(self.bound.value() or "")) if self.bound else 0

    @property
    def is_too_long(self) -> bool:
        return bool(self.question.most_words) and self.words > self.question.most_words

    @property
    def may_join(self) -> bool:
        """Two texts can follow one another; two countries cannot."""
        return bool(self.bound) and isinstance(self.bound.field.widget, forms.Textarea)


class AnswersForm(MergingForm, DraftForm):
    """A draft may be as empty as it likes; what submission still wants is `answers.missing`, shown by `mark_missing`.

    Beside each answer the page sends `from_…`, the mark of what it started from, and after a choice between two answers `take_…` and
    `seen_…` (see `cohorts.merging`). An answer that is not in the page at all is not touched.
    """

    def __init__(self, *args, stored: dict, parts: Iterable[Section], **kwargs):
        self.stored = stored
        self.carried: dict[str, str] = {}
        self.parts: list[Section] = list(parts)
        super().__init__(*args, initial=self.stored, **kwargs)
        for question in self.questions:
            field = field_for(question)
            if field is not None:
                field.label, field.help_text, field.required = question.words, question.help, question.is_required
                self.fields[question.name] = field

    @property
    def questions(self) -> Iterator[Question]:
        return (one for section in self.parts for one in section.questions)

    @property
    def answers(self) -> dict:
        """What is valid, whatever else is wrong: a wrong web address must not cost somebody a page of text."""
        typed = {name: value for name, value in self.cleaned_data.items() if not self.fields[name].disabled}
        sent = {name: value for name, value in typed.items() if name in self.data or f"from_{name}" in self.data}
        return {name: printable(value) if isinstance(value, str) else value for name, value in sent.items()}

    def sections(self, merged: Merge | None = None) -> list[tuple[Section, list[Row]]]:
        """The page. After a `merge` its marks are those of what is kept now, but for the answers that wait for a choice."""
        return [(section, [self.row(one, merged) for one in section.questions]) for section in self.parts]

    def row(self, question: Question, merged: Merge | None = None) -> Row:
        name, kept = question.name, self.stored.get(question.name, "")
        bound = self[name] if name in self.fields else None
        files = [one for one in self.stored[FILES] if question.asked and one["question"] == question.asked["question"]]
        if merged and name in merged.both:
            theirs = answer_in_words(question, merged.both[name])
            return Row(question, bound, self.since.get(name, ""), files, theirs, mark_of(merged.both[name]))
        kept = merged.written.get(name, kept) if merged else kept
        started = self.since.get(name, mark_of(kept)) if name in self.errors else mark_of(kept)
        return Row(question, bound, started, files, carried=self.carried.get(name, ""))

    def show_others(self, merged: Merge) -> None:
        """What somebody else wrote meanwhile takes its place in the page."""
        self.data = self.data.copy()
        for name, value in merged.others.items():
            field = self.fields[name]
            if isinstance(field, MoneyField):
                self.data[name], self.data[f"{name}_currency"] = field.widget.decompress(value)
            elif isinstance(value, bool):
                self.data.pop(name, None)
                if value:
                    self.data[name] = "on"
            else:
                self.data[name] = value

    def mark_missing(self, missing: Iterable[Missing]) -> None:
        for one in missing:
            if one.field in self.fields and one.field not in self.errors:
                self.add_error(one.field, one.words)


class ApplicationForm(AnswersForm):
    """Everything that a call asks of a project. Its name, country and place are shown and not changed while another application is read."""

    def __init__(self, *args, application: Application, **kwargs):
        self.application = application
        stored = answers_of(application)
        super().__init__(*args, stored=stored, parts=[*SECTIONS, *call_section(stored[CALL])], **kwargs)
        self._mark_carried()
        self.read = being_read(application)
        for name in IDENTITY if self.read else ():
            self.fields[name].disabled = True
            self.fields[name].help_text = (
                why_kept(self.read) if name == "name" else _("Not to be changed for now: see under the name of the project.")
            )

    def look_again(self) -> None:
        """At what is kept now."""
        self.stored = answers_of(self.application)
        self._mark_carried()

    def _mark_carried(self) -> None:
        self.carried = carried_into(self.application)
        for one in self.stored[FILES]:
            one["carried"] = self.carried.get(file_name_of(one["id"]), "")

    def clean(self):
        """What a page sends that was opened before: the rest of it is kept, and it is told."""
        for name in IDENTITY if self.read else ():
            if name in self.data and mark_of(self.data[name]) != mark_of(self.stored[name] or ""):
                self.add_error(name, why_kept(self.read))


class DossierForm(AnswersForm):
    """The ten headings alone, by a project that takes part. They grow: no number of words is the most, only the room that there is."""

    def __init__(self, *args, dossier: Dossier, **kwargs):
        super().__init__(*args, stored=dossier_answers(dossier), parts=DOSSIER, **kwargs)
        for field in self.fields.values():
            field.required = False


def dossier_answers(dossier: Dossier) -> dict:
    return {key: getattr(dossier, key) for key in Dossier.KEYS} | {FILES: []}

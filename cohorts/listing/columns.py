"""What the list can show of an application. A column says how it is headed, what it needs, and how it reads on the page and in a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from academy.countries import country_name
from academy.dates import academy_day, money
from academy.ui import PILLARS
from cohorts.listing.facts import Facts, key_of
from cohorts.listing.rows import Row
from cohorts.models import Application, CallQuestion, Determination

ALWAYS = "project"
STATES = dict(Application.State.choices)
OUTCOMES = dict(Determination.Outcome.choices)
LANGUAGES = dict(Application._meta.get_field("language").choices)


@dataclass(frozen=True)
class Column:
    """`needs` names what `rows` reads for it. `value` is what a file holds; `html` what the page shows, else the value, escaped.

    `order` is what the rows are put in order by; empty where there is no order. `file`: a file has these columns instead, heading and value.
    """

    name: str
    label: Any
    value: Callable[[Row], Any]
    needs: tuple[str, ...] = ()
    order: str = ""
    is_default: bool = False
    html: Callable[[Row], str] | None = None
    is_number: bool = False
    file: tuple[tuple[Any, Callable[[Row], Any]], ...] = ()

    @property
    def in_file(self) -> tuple[tuple[Any, Callable[[Row], Any]], ...]:
        return self.file or ((self.label, self.value),)

    def cell(self, row: Row) -> str:
        if self.html is not None:
            return self.html(row)
        value = self.value(row)
        if value is None or value == "":
            return "–" if self.is_number else ""
        if isinstance(value, datetime):
            return moment(value)
        return escape(str(formats.localize(value) if self.is_number else value))


def moment(value: datetime | None) -> str:
    """The day in Brussels, for every reader: what the list is narrowed by."""
    return _day(academy_day(value), formats.get_format("SHORT_DATE_FORMAT")) if value else ""


@cache
def _day(value: Any, pattern: str) -> str:
    return f'<time datetime="{value.isoformat()}">{escape(str(formats.date_format(value, pattern)))}</time>'


def level(value: float | None) -> str:
    return "–" if value is None else formats.number_format(round(value, 1) + 0.0, 1)  # no “-0.0”


def _country(row: Row) -> str:
    return country_name(row["project__country"]) if row["project__country"] else ""


@cache
def _words(label: Any, _language: str) -> str:
    """A label in the language that is spoken now: a list says the same few in each of its rows."""
    return str(label)


def _due(row: Row) -> datetime | None:
    """The last moment to complete it, as its project reads it (`Application.due_at`)."""
    return max(row["return_due_at"], row["extended_until"] or row["return_due_at"]) if row["return_due_at"] else None


def _overdue(row: Row) -> str:
    due = _due(row)
    return _("overdue") if row["state"] == Application.State.RETURNED and due and due < timezone.now() else ""


def _state_words(row: Row) -> str:
    said, overdue = _words(STATES[row["state"]], get_language()), _overdue(row)
    return f"{said} ({overdue})" if overdue else said


def _state(row: Row) -> str:
    said, overdue = escape(_words(STATES[row["state"]], get_language())), _overdue(row)
    return f'{said} <small class="late">({escape(overdue)})</small>' if overdue else said


def _reviews(row: Row) -> str:
    return f"{row['x_arrived']} / {row['x_asked']}"


def decision_words(row: Row) -> str:
    """What is prepared, else what was told."""
    outcome = row["x_pending"] or row["x_told"]
    if not outcome:
        return ""
    said = _words(OUTCOMES[outcome], get_language())
    return _("%(outcome)s (prepared)") % {"outcome": said} if row["x_pending"] else said


def _discussed(row: Row) -> str:
    return _("to discuss") if row.voices.to_discuss else ""


def _late(row: Row) -> str:
    found = [_("late")] if row["late_reason"] else []
    return ", ".join([*found, *([_("more time")] if row["extended_until"] else [])])


def _mean_of(part: str) -> Callable[[Row], Any]:
    return lambda row: row.voices.mean(part)


def _marked(words: Callable[[Row], str]) -> Callable[[Row], str]:
    return lambda row: f'<span class="late">{escape(said)}</span>' if (said := words(row)) else ""


def _number(value: Callable[[Row], float | None]) -> dict:
    return {"value": value, "html": lambda row: level(value(row)), "is_number": True, "needs": ("voices",)}


def _columns() -> list[Column]:
    return [
        Column(ALWAYS, gettext_lazy("Project"), lambda row: row["project__name"], order="project__name", is_default=True),
        Column("country", gettext_lazy("Country"), _country, order="project__country", is_default=True),
        Column("place", gettext_lazy("Place"), lambda row: row["project__place"], order="project__place"),
        Column("cohort", gettext_lazy("Cohort"), lambda row: row.cohort, order="cohort__starts_at", is_default=True),
        Column("state", gettext_lazy("State"), _state_words, order="state", is_default=True, html=_state),
        Column(
            "reviews",
            gettext_lazy("Assessments in"),
            _reviews,
            needs=("reviews",),
            order="x_arrived",
            is_default=True,
            is_number=True,
            file=(
                (gettext_lazy("Assessments in"), lambda row: row["x_arrived"]),
                (gettext_lazy("Assessments asked for"), lambda row: row["x_asked"]),
            ),
        ),
        Column("decision", gettext_lazy("Decision"), decision_words, needs=("decision",), is_default=True),
        Column("submitted", gettext_lazy("Submitted"), lambda row: row["submitted_at"], order="submitted_at", is_default=True),
        Column("saved", gettext_lazy("Last saved"), lambda row: row["saved_at"], order="saved_at"),
        Column("lead", gettext_lazy("Lead"), lambda row: row["x_lead"] or "", needs=("lead",)),
        Column("email", gettext_lazy("E-mail of the lead"), lambda row: row["x_lead_email"] or "", needs=("lead",)),
        Column("language", gettext_lazy("Language"), lambda row: str(LANGUAGES.get(row["language"], row["language"])), order="language"),
        Column("late", gettext_lazy("Late"), _late),
        Column("due", gettext_lazy("To complete before"), _due, order="x_due"),
        Column("files", gettext_lazy("Attachments"), lambda row: row["x_files"], needs=("files",), is_number=True),
        Column("mean", gettext_lazy("Reviewers’ mean"), **_number(lambda row: row.voices.overall(own=False))),
        Column("own", gettext_lazy("Its own mean"), **_number(lambda row: row.voices.overall(own=True))),
        Column("gap", gettext_lazy("Gap"), **_number(lambda row: row.voices.gap)),
        Column("discuss", gettext_lazy("To discuss"), _discussed, needs=("voices",), html=_marked(_discussed)),
    ]


BUILT_IN = _columns()


def columns_of(facts: Facts) -> dict[str, Column]:
    """Every column that can be chosen, by name: ours, the means of the pillars, then the questions of the calls under their public name."""
    found = {one.name: one for one in BUILT_IN}
    for key, pillar in PILLARS.items():
        found[f"mean-{key}"] = Column(f"mean-{key}", pillar.label, **_number(_mean_of(key)))
    for question in facts.questions:
        found[key_of(question)] = _of_question(question)
    return found


def _of_question(question: CallQuestion) -> Column:
    kind, options, key = question.kind, dict(question.options), question.pk

    def said(row: Row) -> tuple[str, Any, str]:
        return row.answers.get(key, ("", None, ""))

    def value(row: Row) -> Any:
        text, amount, currency = said(row)
        if kind == CallQuestion.Kind.NUMBER:
            return amount
        if kind == CallQuestion.Kind.MONEY:
            return "" if amount is None else money(amount, currency)
        if kind == CallQuestion.Kind.CHOICE:
            return options.get(text, text)
        if kind == CallQuestion.Kind.COUNTRY:
            return country_name(text) if text else ""
        if kind == CallQuestion.Kind.FILE:
            return ", ".join(row.files.get(key, ()))
        return text

    def html(row: Row) -> str:
        found = value(row)
        if found is None or found == "":
            return ""
        words = formats.localize(found) if kind == CallQuestion.Kind.NUMBER else str(found)
        return escape(f"{words[:120]}…" if len(words) > 120 else words)

    needs = ("attached",) if kind == CallQuestion.Kind.FILE else ("answers",)
    label = str(question.public_name) or str(question.label)
    file = ()
    if kind == CallQuestion.Kind.MONEY:  # a spreadsheet adds up numbers, not words
        file = ((label, lambda row: said(row)[1]), (_("%(name)s: currency") % {"name": label}, lambda row: said(row)[2]))
    return Column(key_of(question), label, value, needs=needs, html=html, is_number=kind in ("number", "money"), file=file)

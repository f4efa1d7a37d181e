"""What only one call asks: its questions as kept with a submission, the answers as values of a form, and the files attached.

A value is text: of a text itself, of a number its figures, of a choice the number of its line, of a country its code, of money the
amount and the currency (`1200.00 EUR`). So two values are compared without knowing their kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.formats import number_format

from academy.countries import country_name
from academy.dates import money
from academy.fields import LocalizedText
from cohorts.models import Application, ApplicationFile, CallAnswer, CallQuestion, Cohort
from cohorts.models.question import lines_of

CALL, FILES = "call", "files"
_K = CallQuestion.Kind


def name_of(question: UUID | str) -> str:
    """The field of the form."""
    return f"call_{UUID(str(question)).hex}"


def as_asked(question: CallQuestion) -> dict[str, Any]:
    """A question as a snapshot keeps it, in both languages."""
    return {
        "question": str(question.pk),
        "kind": question.kind,
        "label": dict(question.label),
        "public_name": dict(question.public_name),
        "help": dict(question.help),
        "choices": dict(question.choices),
        "most_words": question.most_words,
        "is_required": question.is_required,
    }


def asked_by(cohort: Cohort) -> list[dict[str, Any]]:
    return [as_asked(question) for question in cohort.questions.all()]


def value_of(answer: CallAnswer) -> str:
    if answer.number is None:
        return answer.text
    return f"{answer.number} {answer.currency}" if answer.currency else f"{answer.number}"


def columns_of_value(kind: str, value: str) -> dict[str, Any]:
    """The value in the columns of a `CallAnswer`. Raises ArithmeticError for a number that is none."""
    if kind not in (_K.NUMBER, _K.MONEY) or not value:
        return {"text": value, "number": None, "currency": ""}
    amount, _space, currency = value.partition(" ")
    return {"text": "", "number": Decimal(amount), "currency": currency}


def choices_of(asked: Mapping[str, Any]) -> list[str]:
    """The choices of a question as kept with a submission, in the reader's language; an answer is the number of one, from 1."""
    return lines_of(str(LocalizedText(asked.get("choices") or {})))


def words_of(asked: Mapping[str, Any], value: str) -> str:
    """A value as one reads it, in the reader's language."""
    kind = asked["kind"]
    if not value or kind == _K.FILE:
        return ""
    if kind == _K.CHOICE:
        lines = choices_of(asked)
        return lines[int(value) - 1] if value.isdecimal() and 0 < int(value) <= len(lines) else value
    if kind == _K.COUNTRY:
        return country_name(value)
    if kind in (_K.NUMBER, _K.MONEY):
        amount, _space, currency = value.partition(" ")
        number = Decimal(amount)
        whole = number == int(number)
        return money(number, currency) if currency else number_format(number, 0 if whole else 2, use_l10n=True, force_grouping=True)
    return value


def call_answers_of(application: Application) -> dict[str, Any]:
    """The questions under `call`, and each answer under the name of its field. Two queries, one where the call asks nothing more."""
    asked = asked_by(application.cohort)
    given = {str(row.question_id): value_of(row) for row in application.call_answers.all()} if asked else {}
    return {CALL: asked} | {name_of(one["question"]): given.get(one["question"], "") for one in asked}


def as_attached(row: ApplicationFile) -> dict[str, Any]:
    question = str(row.question_id) if row.question_id else ""
    return {"id": str(row.pk), "name": row.name, "kind": row.kind, "size": row.size, "question": question}


def files_of(application: Application) -> list[dict[str, Any]]:
    """What is attached to the draft now."""
    return [as_attached(row) for row in application.files.filter(in_draft=True)]

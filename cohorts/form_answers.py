"""A form of the pathway as one project meets it: its questions, the draft, what was sent. Reads only.

Questions and values are those of a call (`cohorts.call_answers`); so a form is written, compared and read as an application is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cohorts.answers import Answer, Missing, Section, asked_section, missing_in, said_in
from cohorts.call_answers import FILES, as_asked, as_attached, name_of, words_of
from cohorts.models import Cohort, FormQuestion, FormReply, FormSending, Participation, Project, Requirement
from cohorts.models.participation import ENDED_PARTICIPATION

ANSWERS = "answers"
_K = FormQuestion.Kind


@dataclass(frozen=True)
class Sheet:
    """The questions of a form. `answers`: by name of the field, with the files under `files`."""

    requirement: Requirement
    asked: list[dict[str, Any]]
    answers: dict[str, Any]

    @property
    def parts(self) -> list[Section]:
        return asked_section("form", self.requirement.title, "", self.asked)

    @property
    def missing(self) -> list[Missing]:
        return missing_in(self.parts, self.answers)

    @property
    def texts(self) -> dict[str, int]:
        """The answers that are written in sentences, and how many characters each may have."""
        return {name_of(one["question"]): FormQuestion.MOST_CHARACTERS for one in self.asked if one["kind"] == _K.TEXT}

    @property
    def names(self) -> set[str]:
        """What is typed. A file is attached."""
        return {name_of(one["question"]) for one in self.asked if one["kind"] != _K.FILE}

    @property
    def content(self) -> dict[str, Any]:
        """What a sending keeps: nothing in it needs another row to be read later."""
        asked = [{**one, "value": self.answers[name_of(one["question"])]} for one in self.asked]
        return {ANSWERS: asked, FILES: self.answers[FILES]}


def sheet_of(requirement: Requirement, reply: FormReply | None) -> Sheet:
    """As it stands in the draft. Two queries; one where nothing is written yet."""
    questions = FormQuestion.objects.filter(requirement=requirement).order_by("sort_order", "pk")
    asked = [as_asked(one) for one in questions]
    kept = reply.answers if reply else {}
    answers: dict[str, Any] = {name_of(one["question"]): kept.get(name_of(one["question"]), "") for one in asked}
    answers[FILES] = [as_attached(row) for row in reply.files.filter(in_draft=True)] if reply else []
    return Sheet(requirement, asked, answers)


def reply_of(project: Project, requirement: Requirement) -> FormReply | None:
    return FormReply.objects.filter(project=project, requirement=requirement).first()


def place_for(project: Project, requirement: Requirement) -> Participation | None:
    """Where this project is asked for this form: the place on the way that it holds in a cohort of this pathway."""
    rows = project.participations.on_the_way().filter(cohort__pathway=requirement.stage.pathway_id)
    return rows.select_related("cohort__coordinator").order_by("-invited_at").first()


def answers_sent(content: Mapping[str, Any]) -> list[Answer]:
    """What a sending says, question by question, in the reader's language."""
    asked = content.get(ANSWERS, [])
    values = {name_of(one["question"]): one["value"] for one in asked} | {FILES: content.get(FILES, [])}
    return [answer for _section, answers in said_in(asked_section("form", "", "", asked), values) for answer in answers]


def sendings_of(reply: FormReply | None, cohort: Cohort | None = None) -> list[FormSending]:
    """The last one first: all, or those that count in a cohort. One query."""
    if reply is None:
        return []
    rows = reply.sendings.counting_in(cohort) if cohort else reply.sendings
    return list(rows.select_related("sent_by").order_by("-number"))


@dataclass(frozen=True)
class CohortReply:
    """What one project of a cohort has sent, if it has."""

    participation: Participation
    sending: FormSending | None

    @property
    def answers(self) -> list[Answer]:
        return answers_sent(self.sending.content) if self.sending else []


def replies_in(cohort: Cohort, requirement: Requirement, closed: Iterable) -> list[CohortReply]:
    """Of each project that is in the cohort or was to its end, the last that it sent; without those that are closed to the reader. Two queries."""
    rows = cohort.participations.exclude(state__in=ENDED_PARTICIPATION).exclude(project__in=closed)
    rows = list(rows.select_related("project").order_by("project__name", "pk"))
    sent = FormSending.objects.filter(reply__requirement=requirement, reply__project__in=[row.project_id for row in rows]).counting_in(
        cohort
    )
    last = {row.reply.project_id: row for row in sent.select_related("reply", "sent_by").order_by("number")}
    return [CohortReply(row, last.get(row.project_id)) for row in rows]


def cells_of(asked: Mapping[str, Any], value: str, files: list[Mapping[str, Any]]) -> list[Any]:
    """An answer in the columns of a table: an amount has two, the number and its currency."""
    kind = asked["kind"]
    if kind == _K.FILE:
        return [", ".join(one["name"] for one in files if one["question"] == asked["question"])]
    if kind in (_K.NUMBER, _K.MONEY):
        amount, _space, currency = value.partition(" ")
        number = Decimal(amount) if amount else None
        return [number, currency] if kind == _K.MONEY else [number]
    return [words_of(asked, value)]

"""The questions of an application: one list for the form, for whoever reads the answers, and for visitors who want to see first.

The core is the project's dossier, the ten headings of every monograph; five of them carry the ingredients (decision 0028). Beside it
stand the project's own facts, what it expects, and what only this call asks (`cohorts.call_answers`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import TextField
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from academy.countries import country_name
from academy.fields import LocalizedText
from cohorts.call_answers import CALL, FILES, asked_by, call_answers_of, files_of, name_of, words_of
from cohorts.models import Application, CallQuestion, Cohort, Dossier, Project, dossier_of
from wiki.headings import HEADINGS

Words = str | Promise | LocalizedText


@dataclass(frozen=True)
class Question:
    """`name` is the field of the form. `wanted` is said while a required answer is missing. `asked` is set for a question of the call."""

    name: str
    words: Words
    help: Words = ""
    wanted: Words = ""
    most_words: int | None = None
    asked: Mapping[str, Any] | None = None

    @property
    def is_required(self) -> bool:
        return bool(self.wanted)


@dataclass(frozen=True)
class Section:
    """A part of the application: its place in the page, its title, what it is about, its questions."""

    key: str
    title: Words
    lead: Words
    questions: tuple[Question, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.questions)


IN_A_CHAPTER = 500
GROWS = _("It may stay empty today: it grows along the pathway.")

PROJECT = Section(
    "project",
    _("Your project"),
    _("In a few lines, for somebody who has never heard of it."),
    (
        Question("name", _("Name of the project"), wanted=_("Give your project a name.")),
        Question("country", _("Country where it acts"), wanted=_("Say in which country the project is.")),
        Question("place", _("Town or region")),
        Question("status", _("Where does the project stand today?"), wanted=_("Say where the project stands today.")),
        Question("website", _("Web site")),
        Question(
            "summary",
            _("What is the project?"),
            _("For whom, where, and what would change for them. A few sentences are enough."),
            _("Describe the project in a few sentences."),
            most_words=150,
        ),
    ),
)

# heading → what the chapter is about, the question, help, what is said while it is missing (empty: it may be)
CHAPTERS: dict[str, tuple[Words, Words, Words, Words]] = {
    "history": (
        GROWS,
        _("How did the project begin, and why with you?"),
        _("Who had the idea, when, and what has happened since. A few dates are enough."),
        "",
    ),
    "regulatory_context": (
        GROWS,
        _("Which rules decide how people work in your country?"),
        _("Employee or self-employed, social protection, law of cooperatives. What you do not know yet is worth saying."),
        "",
    ),
    "competition": (
        _("Two ingredients: a local network, and similar enterprises that bring experience, contacts and business."),
        _("Who does something similar near you, and who stands with you?"),
        _(
            "Enterprises that do something alike: do you work together? Unions, towns, places of work, federations: who knows you, and who "
            "has said yes to something? If you know of nobody, say so: it is an answer."
        ),
        _("Say who does something similar and who stands with you, or that you know of nobody."),
    ),
    "legal_organisation": (
        GROWS,
        _("Which legal form do you have, or think of?"),
        _("Cooperative, association, company; who decides, and what members own. An idea has none yet."),
        "",
    ),
    "publics": (
        _("An ingredient: a verified need. Somebody needs it, and said so."),
        _("Who needs this, and how do you know?"),
        _("Whom did you ask, how many, what did they say? A small number that you counted is worth more than a big one that you read."),
        _("Say who needs this, and how you know."),
    ),
    "services": (
        _("What people would come to you for."),
        _("What do you offer, or want to offer?"),
        _("What is paid for, by whom, and what is free."),
        _("Say what you offer, or want to offer."),
    ),
    "processes": (
        GROWS,
        _("How does a job go, from the request to the payment?"),
        _("The steps, who does them, with which software."),
        "",
    ),
    "team": (
        _("An ingredient: an entrepreneur. Somebody carries it, and has the time."),
        _("Who carries the project, and with what experience?"),
        _("Names, trades, what you have run before, how much time you have each week, who is missing."),
        _("Say who carries the project."),
    ),
    "key_figures": (
        _("An ingredient: investors. The first years cost more than they bring."),
        _("Which figures do you have, and where could the money come from?"),
        _("What you earn and spend today, what you need. Whom have you asked, what did they answer? If you do not know yet, say so."),
        _("Say where the money could come from, or that you do not know yet."),
    ),
    "stakes": (
        GROWS,
        _("What has to be decided in the next two years?"),
        _("What you hesitate about is more useful to us than a plan without a doubt."),
        "",
    ),
}

DOSSIER = tuple(
    Section(heading.key, heading.label, lead, (Question(heading.key, words, helps, wanted, IN_A_CHAPTER),))
    for heading in HEADINGS
    for lead, words, helps, wanted in (CHAPTERS[heading.key],)
)

ACADEMY = Section(
    "academy",
    _("You and the Academy"),
    _("What you hope for, and what we ask in return."),
    (
        Question(
            "language",
            _("In which language do you write?"),
            _("Those who read this language are asked to read your application. Write in the one that you prefer."),
            _("Say in which language you write."),
        ),
        Question(
            "expectations",
            _("What do you hope to receive from Smart?"),
            _("Knowledge, contacts, tools, time of people, money: be as precise as you can."),
            _("Say what you hope to receive from Smart."),
            most_words=300,
        ),
        Question(
            "funds_own_travel",
            _("We will find the money for our own travel to the sessions"),
            _("There are two sessions in person each year. Coming is your first mark of interest; Smart does not pay for it."),
            _("Confirm that you will find the money for your own travel to the sessions."),
        ),
    ),
)

SECTIONS = (PROJECT, *DOSSIER, ACADEMY)
CORE = frozenset(name for section in SECTIONS for name in section.names)

# What applications said before the dossier was their core, and where it is read now. Snapshots are never written again.
BEFORE = {"need": "publics", "profile": "team", "network": "competition", "similar_enterprises": "competition", "investors": "key_figures"}


@dataclass(frozen=True)
class Missing:
    """One thing to do before an application can be submitted. `field` is the form's field, for a link to it."""

    field: str
    words: str

    def __str__(self) -> str:
        return str(self.words)


@dataclass(frozen=True)
class Answer:
    """One question with what was answered, in words. `files` are the attachments to it: `id`, `name`, `kind`, `size`."""

    name: str
    question: str
    words: str
    files: list[dict] = field(default_factory=list)


def asked_section(key: str, title: Words, lead: Words, asked: Iterable[Mapping[str, Any]]) -> list[Section]:
    """Questions that are data, as one section; none when there are none."""
    questions = tuple(
        Question(
            name_of(one["question"]),
            LocalizedText(one["label"]),
            LocalizedText(one["help"]),
            _("An answer is missing.") if one["is_required"] else "",
            one["most_words"],
            one,
        )
        for one in asked
    )
    return [Section(key, title, lead, questions)] if questions else []


def call_section(asked: Iterable[Mapping[str, Any]]) -> list[Section]:
    """What only this call asks, as one more section; none when it asks nothing more."""
    return asked_section("call", _("This call"), _("Asked by this call only."), asked)


def sections_of(cohort: Cohort) -> list[Section]:
    """Every question that this call asks, for a form, a visitor or a printer. One query."""
    return [*SECTIONS, *call_section(asked_by(cohort))]


def answers_of(application: Application) -> dict[str, Any]:
    """The answers as they stand, by name; under `call` what the call asks beside, under `files` what is attached."""
    project, dossier = application.project, dossier_of(application.project)
    found = {name: getattr(project, name) for name in PROJECT.names}
    found |= {section.key: getattr(dossier, section.key) for section in DOSSIER}
    found |= {name: getattr(application, name) for name in ACADEMY.names}
    return {**found, **call_answers_of(application), FILES: files_of(application)}


def texts_of(application: Application) -> dict[str, int]:
    """The answers that are written in sentences, and how many characters each may have."""
    core = [row for model in (Project, Dossier, Application) for row in model._meta.concrete_fields if row.name in CORE]
    found = {row.name: row.max_length for row in core if isinstance(row, TextField)}
    asked = application.cohort.questions.filter(kind=CallQuestion.Kind.TEXT)
    return found | {name_of(pk): CallQuestion.MOST_CHARACTERS for pk in asked.values_list("pk", flat=True)}


def as_submitted(application: Application) -> dict[str, Any]:
    """What a snapshot keeps: nothing in it needs another row to be read later."""
    answers = answers_of(application)
    call = [{**one, "value": answers[name_of(one["question"])]} for one in answers[CALL]]
    parts = {"project": PROJECT.names, "dossier": [section.key for section in DOSSIER], "answers": ACADEMY.names}
    return {key: {name: answers[name] for name in names} for key, names in parts.items()} | {CALL: call, FILES: answers[FILES]}


def submitted_answers(application: Application) -> dict[str, Any]:
    """The answers of the last submitted version: what reviewers read. Empty when nothing was submitted."""
    snapshot = application.snapshots.order_by("number").last()
    return answers_in(snapshot.content) if snapshot else {}


def answers_in(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a snapshot says, by name, as `answers_of` does for a draft."""
    found = {**content.get("project", {}), **content.get("answers", {}), **content.get("dossier", {})}
    for before, now in BEFORE.items():
        if said := found.pop(before, ""):
            found[now] = f"{found[now]}\n\n{said}" if found.get(now) else said
    call = content.get(CALL, [])
    return {**found, **{name_of(one["question"]): one["value"] for one in call}, CALL: call, FILES: content.get(FILES, [])}


def in_words(answers: Mapping[str, Any]) -> list[tuple[Section, list[Answer]]]:
    """Each section with its questions and what was answered, ready to read. Files that belong to no question come last."""
    files = answers.get(FILES, [])
    found = said_in([*SECTIONS, *call_section(answers.get(CALL, []))], answers)
    if others := [one for one in files if not one["question"]]:
        section = Section(FILES, _("Attachments"), "", ())
        found.append((section, [Answer(FILES, gettext("Files"), "", others)]))
    return found


def said_in(sections: Iterable[Section], answers: Mapping[str, Any]) -> list[tuple[Section, list[Answer]]]:
    """The questions of these sections and what was answered to each."""
    files = answers.get(FILES, [])
    return [
        (
            section,
            [
                Answer(one.name, str(one.words), answer_in_words(one, answers.get(one.name)), _files(one, files))
                for one in section.questions
                if one.name != "language" or one.name in answers  # what was sent before this was asked does not say it
            ],
        )
        for section in sections
    ]


def _files(question: Question, files: list[dict]) -> list[dict]:
    return [one for one in files if question.asked and one["question"] == question.asked["question"]]


def answer_in_words(question: Question, value: Any) -> str:
    if question.asked:
        return words_of(question.asked, value or "")
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("Not confirmed yet")
    if question.name == "country":
        return country_name(value) if value else ""
    if question.name == "language":
        return str(dict(settings.LANGUAGES).get(value, value or ""))
    if question.name == "status":
        return str(dict(Project.Status.choices).get(value, value or ""))
    return str(value or "")


WORDY = re.compile(r"\w")


def count_words(text: str) -> int:
    """As the form counts them while one types: what has a letter or a figure in it is a word."""
    return sum(1 for one in text.split() if WORDY.search(one))


def missing(answers: Mapping[str, Any]) -> list[Missing]:
    """What is still to do before submission, in words, in the order of the form. `answers` as `answers_of` gives them."""
    return missing_in([*SECTIONS, *call_section(answers.get(CALL, []))], answers)


def missing_in(sections: Iterable[Section], answers: Mapping[str, Any]) -> list[Missing]:
    """The same of these sections."""
    found = []
    for section in sections:
        for one in section.questions:
            words = _too_long(one, answers.get(one.name)) or _not_there(one, answers)
            if words:
                found.append(Missing(one.name, words))
    return found


def _not_there(question: Question, answers: Mapping[str, Any]) -> str:
    if not question.is_required:
        return ""
    value = answers.get(question.name)
    if question.asked and question.asked["kind"] == CallQuestion.Kind.FILE:
        value = _files(question, answers.get(FILES, []))
    if value.strip() if isinstance(value, str) else value:
        return ""
    return gettext("Answer: %(question)s") % {"question": question.words} if question.asked else str(question.wanted)


def _too_long(question: Question, value: Any) -> str:
    if not question.most_words or not isinstance(value, str):
        return ""
    over = count_words(value) - question.most_words
    if over <= 0:
        return ""
    sentence = ngettext("Shorten by %(count)s word: %(question)s", "Shorten by %(count)s words: %(question)s", over)
    return sentence % {"count": over, "question": question.words}

"""The questions of an application: one list for the form, for whoever reads the answers, and for visitors who want to see first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from academy.countries import country_name
from cohorts.models import Application, Project


@dataclass(frozen=True)
class Section:
    """A part of the application form: its place in the page, its title, what it is about, its questions."""

    key: str
    title: str
    lead: str
    names: tuple[str, ...]


SECTIONS = (
    Section(
        "project",
        _("Your project"),
        _("In a few lines, for somebody who has never heard of it."),
        ("name", "country", "place", "status", "website", "summary"),
    ),
    Section("need", _("A verified need"), _("The first ingredient: somebody needs it, and said so."), ("need",)),
    Section("entrepreneur", _("An entrepreneur"), _("The second ingredient: somebody carries it, and has the time."), ("profile",)),
    Section("network", _("A local network"), _("The third ingredient: people and organisations near you who want it too."), ("network",)),
    Section(
        "similar",
        _("Similar enterprises"),
        _("The fourth ingredient: those who do something alike bring experience, contacts and business."),
        ("similar_enterprises",),
    ),
    Section("investors", _("Investors"), _("The fifth ingredient: the first years cost more than they bring."), ("investors",)),
    Section(
        "academy",
        _("You and the Academy"),
        _("What you hope for, and what we ask in return."),
        ("expectations", "funds_own_travel"),
    ),
)

LABELS = {
    "name": _("Name of the project"),
    "country": _("Country where it acts"),
    "place": _("Town or region"),
    "status": _("Where does the project stand today?"),
    "website": _("Web site"),
    "summary": _("What is the project?"),
    "need": _("Who needs this, and how do you know?"),
    "profile": _("Who carries the project, and with what experience?"),
    "network": _("Which local people and organisations stand with you?"),
    "similar_enterprises": _("Who does something similar near you?"),
    "investors": _("Where could the money come from?"),
    "expectations": _("What do you hope to receive from Smart?"),
    "funds_own_travel": _("We will find the money for our own travel to the sessions"),
}
HELP = {
    "summary": _("For whom, where, and what would change for them. A few sentences are enough."),
    "need": _("Whom did you ask, how many, what did they say? A small number that you counted is worth more than a big one that you read."),
    "profile": _("Names, trades, what you have run before, how much time you have each week."),
    "network": _("Unions, towns, places of work, federations, other cooperatives: who knows you, and who has said yes to something."),
    "similar_enterprises": _("Do you work together? If you know of nobody, say so: it is an answer."),
    "investors": _("Whom have you asked, what did they answer? If you do not know yet, say so."),
    "expectations": _("Knowledge, contacts, tools, time of people, money: be as precise as you can."),
    "funds_own_travel": _("There are two sessions in person each year. Coming is your first mark of interest; Smart does not pay for it."),
}
OPTIONAL = frozenset({"place", "website"})


@dataclass(frozen=True)
class Answer:
    name: str
    question: str
    words: str


def answers_of(application: Application) -> dict[str, Any]:
    """The answers as they stand, by name."""
    project = {name: getattr(application.project, name) for name in SECTIONS[0].names}
    return {**project, **{name: getattr(application, name) for section in SECTIONS[1:] for name in section.names}}


def submitted_answers(application: Application) -> dict[str, Any]:
    """The answers of the last submitted version: what reviewers read. Empty when nothing was submitted."""
    snapshot = application.snapshots.order_by("number").last()
    return {**snapshot.content["project"], **snapshot.content["answers"]} if snapshot else {}


def in_words(answers: Mapping[str, Any]) -> list[tuple[Section, list[Answer]]]:
    """Each section with its questions and what was answered, ready to read."""
    return [(section, [Answer(name, str(LABELS[name]), _words(name, answers.get(name))) for name in section.names]) for section in SECTIONS]


def _words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("Not confirmed yet")
    if name == "country":
        return country_name(value) if value else ""
    if name == "status":
        return str(dict(Project.Status.choices).get(value, value or ""))
    return str(value or "")

"""What a list of applications can be narrowed by. Each filter reads the address, says itself in words, and is one condition.

Filters combine: each narrows what the others leave; of one filter, any of the values chosen will do. What cannot be read is left out and
said (`Said.trouble`); what was typed stays in the address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from cohorts.gap import DISAGREEMENT
from cohorts.listing.facts import Facts, key_of
from cohorts.models import (
    Application,
    ApplicationFile,
    ApplicationSnapshot,
    Assessment,
    CallAnswer,
    CallQuestion,
    Determination,
    ProjectMember,
    ReviewAssignment,
    ReviewRound,
    Score,
)
from cohorts.models.application import AS_SENT, LIVE_ASSIGNMENT_STATES

MOST_TYPED = 100
FIRST_YEAR, LAST_YEAR = 1900, 2200
LETTERS = {"a": "aàáâãäå", "c": "cç", "e": "eèéêë", "i": "iìíîï", "n": "nñ", "o": "oòóôõö", "u": "uùúûü", "y": "yýÿ", "'": "'’"}
PLAIN = {letter: f"[{alike}]" for plain, alike in LETTERS.items() for letter in alike}


def as_typed(value: str) -> str:
    """What of a value in the address is read."""
    return value.replace("\x00", "").strip()[:MOST_TYPED]


@dataclass(frozen=True)
class Said:
    """What the address says of one filter: the values, each in words, and what could not be read."""

    filter: Filter
    values: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    trouble: str = ""


@dataclass(frozen=True)
class Filter:
    """`name` is its name in the address. `condition(values, reader)` is what it asks of a row. `kind` is how it is drawn."""

    name: str
    label: str
    condition: Callable[[list[str], Any], Q]
    kind = "text"
    several = True

    def read(self, query: QueryDict) -> Said:
        typed = [value for value in map(as_typed, query.getlist(self.name)) if value]
        typed = typed if self.several else typed[:1]  # what is not asked is not said
        good, words, bad = [], [], []
        for value in dict.fromkeys(typed):
            try:
                words.append(self.in_words(value))
            except ValueError:
                bad.append(value)
            else:
                good.append(value)
        trouble = self.trouble(bad) if bad else ""
        return Said(self, good, words, trouble)

    def in_words(self, value: str) -> str:
        """Raises ValueError for what cannot be read."""
        return f"« {value} »" if formats.get_format("DECIMAL_SEPARATOR") == "," else f"“{value}”"

    def trouble(self, bad: list[str]) -> str:
        return _("%(label)s: “%(value)s” is not among the choices, and is left out.") % {"label": self.label, "value": ", ".join(bad)}


@dataclass(frozen=True)
class Choices(Filter):
    """Any of the values chosen. `options` are all that can be chosen, in order."""

    options: Mapping[str, str] = field(default_factory=dict)
    several: bool = True
    kind = "choices"

    def in_words(self, value: str) -> str:
        if value not in self.options:
            raise ValueError(value)
        return str(self.options[value])


@dataclass(frozen=True)
class Day(Filter):
    """On the clock of the Academy: an address leaves the same rows whoever opens it, wherever they are."""

    kind = "day"
    several = False

    def in_words(self, value: str) -> str:
        return formats.date_format(day(value), "SHORT_DATE_FORMAT")

    def trouble(self, bad: list[str]) -> str:
        return _("%(label)s: “%(value)s” is not a date, and is left out. Write it as 2027-01-31.") % {"label": self.label, "value": bad[0]}


@dataclass(frozen=True)
class Amount(Filter):
    kind = "number"
    several = False

    def in_words(self, value: str) -> str:
        return formats.number_format(number(value))

    def trouble(self, bad: list[str]) -> str:
        return _("%(label)s: “%(value)s” is not a number, and is left out.") % {"label": self.label, "value": bad[0]}


def number(value: str) -> Decimal:
    """Raises ValueError for what is none; a comma is read as a point, spaces as nothing."""
    try:
        found = Decimal(re.sub(r"[\s\u202f\u00a0]", "", value).replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(value) from error
    if not found.is_finite() or abs(found) >= Decimal(10) ** 14:
        raise ValueError(value)
    return found


def day(value: str) -> date:
    """Raises ValueError for what is none, and for days that no application can have: the first and the last have no midnight everywhere."""
    found = date.fromisoformat(value)
    if not FIRST_YEAR <= found.year < LAST_YEAR:
        raise ValueError(value)
    return found


def midnight(value: str, days: int = 0) -> datetime:
    """The beginning of that day in Brussels, as the column of days shows it (`academy.dates.academy_day`)."""
    return datetime.combine(day(value) + timedelta(days), time.min, tzinfo=ZoneInfo(settings.TIME_ZONE))


def alike(word: str) -> str:
    """A pattern that finds the word with or without its accents, on every database."""
    return "".join(PLAIN.get(letter, re.escape(letter)) for letter in word.lower())


def holds(value: str, *columns: str) -> Q:
    """Each word of what was typed is in one of the columns."""
    found = Q()
    for word in value.split():
        pattern = alike(word)
        found &= Q(*[(f"{column}__iregex", pattern) for column in columns], _connector=Q.OR)
    return found


# --- conditions


def any_of(column: str) -> Callable[[list[str], Any], Q]:
    return lambda values, reader: Q((f"{column}__in", values))


def yes_or_no(yes: Callable[[Any], Q]) -> Callable[[list[str], Any], Q]:
    return lambda values, reader: yes(reader) if values[0] == "yes" else ~yes(reader)


def counted_reviews(reader: Any) -> QuerySet:
    """Submitted assessments that count and that this person may read: nobody learns of scores before giving their own."""
    return Assessment.objects.for_judge(reader).counted()


def last_heard(reader: Any) -> QuerySet:
    """Of each application the reviews of the last round in which somebody has spoken, as its page and the reserve list count them."""
    rows = counted_reviews(reader)
    later = rows.filter(application=OuterRef("application"), assignment__round__number__gt=OuterRef("assignment__round__number"))
    return rows.exclude(Exists(later))


def is_overdue(reader: Any) -> Q:
    """Its last day is over, and so is the time that it was given beyond."""
    now = timezone.now()
    late = Q(extended_until__isnull=True) | Q(extended_until__lt=now)
    return Q(state=Application.State.RETURNED, return_due_at__lt=now) & late


def round_now(now: Any = None) -> Coalesce:
    """The round in which an application is read now, as `ReviewRound.objects.current` says it: the last that has opened, else the first."""
    rounds = ReviewRound.objects.filter(cohort=OuterRef("cohort"))
    opened = rounds.filter(opens_at__lte=timezone.now() if now is None else now).order_by("-number")
    return Coalesce(Subquery(opened.values("pk")[:1]), Subquery(rounds.order_by("number").values("pk")[:1]))


def counted(rows: QuerySet) -> Coalesce:
    """How many of these rows an application has."""
    counts = rows.filter(application=OuterRef("pk")).order_by().values("application").annotate(n=Count("pk", distinct=True))
    return Coalesce(Subquery(counts.values("n")), 0)


def arrived() -> Coalesce:
    """Assessments that count, in the round `x_round`."""
    return counted(in_round(Assessment.objects.counted(), "assignment__round"))


def in_round(rows: QuerySet, column: str) -> QuerySet:
    """Of the round `x_round`. Not by the index of rounds: it leads to thousands of rows, that of the application to three."""
    return rows.alias(of_round=Coalesce(F(column), 0)).filter(of_round=OuterRef("x_round"))


def _reviews(values: list[str], reader: Any) -> Q:
    """As many as the round wants. Missing: of what is being read only."""
    wanted = Subquery(ReviewRound.objects.filter(pk=OuterRef("x_round")).values("min_reviews"))
    complete = Application.objects.alias(x_round=round_now()).alias(x_arrived=arrived()).filter(x_arrived__gte=wanted).values("pk")
    if values[0] == "complete":
        return Q(pk__in=complete)
    return Q(state__in=[Application.State.SUBMITTED, Application.State.UNDER_REVIEW]) & ~Q(pk__in=complete)


def to_discuss(reader: Any) -> Q:
    """Somewhere two reviewers are two levels apart."""
    levels = Score.objects.filter(assessment__in=last_heard(reader).values("pk"), level__isnull=False).order_by()
    apart = levels.values("assessment__application", "criterion").annotate(apart=Max("level__value") - Min("level__value"))
    return Q(pk__in=apart.filter(apart__gte=DISAGREEMENT).values("assessment__application"))


def _decision(values: list[str], reader: Any) -> Q:
    rows = Determination.objects.filter(application=OuterRef("pk"))
    prepared, released = Exists(rows.pending()), Exists(rows.in_force())
    asked = {"none": ~Q(prepared) & ~Q(released), "prepared": Q(prepared), "released": Q(released)}
    found = Q(pk__in=[])
    for value in values:
        found |= asked[value]
    return found


def _outcome(values: list[str], reader: Any) -> Q:
    rows = Determination.objects.filter(application=OuterRef("pk"), superseded_at__isnull=True, outcome__in=values)
    return Q(Exists(rows))


def _reviewer(values: list[str], reader: Any) -> Q:
    asked = [*LIVE_ASSIGNMENT_STATES, ReviewAssignment.State.RELEASED]  # who was let go may have read it
    return Q(Exists(ReviewAssignment.objects.filter(application=OuterRef("pk"), reviewer__in=values, state__in=asked)))


def with_files(reader: Any) -> Q:
    return Q(Exists(ApplicationFile.objects.filter(application=OuterRef("pk"), snapshots__isnull=False)))


def _text(values: list[str], reader: Any) -> Q:
    """In the name or the place of the project, the name or address of its people, or what the last version that it sent says: never in
    what it typed since, nor in what it wrote for another call."""
    later = ApplicationSnapshot.objects.filter(application=OuterRef("application"), number__gt=OuterRef("number"))
    last = ApplicationSnapshot.objects.filter(~Exists(later), application=OuterRef("pk"))
    found = Q()
    for word in " ".join(values).split():
        people = ProjectMember.objects.filter(project=OuterRef("project")).filter(holds(word, "person__name", "person__email"))
        found &= holds(word, "project__name", "project__place") | Q(Exists(people)) | Q(Exists(last.filter(holds(word, "words"))))
    return found


def _answer(question: CallQuestion, ask: Callable[[list[str]], Q]) -> Callable[[list[str], Any], Q]:
    def condition(values: list[str], reader: Any) -> Q:
        return AS_SENT & Q(Exists(CallAnswer.objects.filter(application=OuterRef("pk"), question=question.pk).filter(ask(values))))

    return condition


def _attached(question: CallQuestion) -> Callable[[Any], Q]:
    def attached(reader: Any) -> Q:
        return Q(Exists(ApplicationFile.objects.filter(application=OuterRef("pk"), question=question.pk, snapshots__isnull=False)))

    return attached


def read_all(filters: Iterable[Filter], query: QueryDict) -> list[Said]:
    return [said for said in (one.read(query) for one in filters if one.name in query) if said.values or said.trouble]


def condition_of(said: Iterable[Said], reader: Any) -> Q:
    found = Q()
    for one in said:
        if one.values:
            found &= one.filter.condition(one.values, reader)
    return found


# --- what is offered


def filters_for(facts: Facts) -> list[Filter]:
    """All of them, in the order in which a form shows them."""
    states = {state: label for state, label in Application.State.choices if state != Application.State.DRAFT}
    yes = {"yes": _("Yes"), "no": _("No")}
    decisions = {"none": _("None"), "prepared": _("Prepared, not yet told"), "released": _("Told to the project")}
    outcomes = {value: Determination.Outcome(value).label for value in Determination.ADMISSION_OUTCOMES}
    return [
        Filter("q", _("Name or text"), _text),
        Choices("cohort", _("Cohort"), any_of("cohort"), facts.cohorts),
        Choices("state", _("State"), any_of("state"), states),
        Choices("country", _("Country"), any_of("project__country"), facts.countries),
        Choices("language", _("Language"), any_of("language"), dict(settings.LANGUAGES)),
        Day("since", _("Submitted from"), lambda values, reader: Q(submitted_at__gte=midnight(values[0]))),
        Day("until", _("Submitted until"), lambda values, reader: Q(submitted_at__lt=midnight(values[0], 1))),
        Choices("late", _("Late"), yes_or_no(lambda reader: ~Q(late_reason="")), yes, several=False),
        Choices("extended", _("With more time"), yes_or_no(lambda reader: Q(extended_until__isnull=False)), yes, several=False),
        Choices("overdue", _("Returned, and overdue"), yes_or_no(is_overdue), yes, several=False),
        Choices("reviews", _("Assessments"), _reviews, {"missing": _("Missing"), "complete": _("Complete")}, several=False),
        Choices("discuss", _("To discuss"), yes_or_no(to_discuss), yes, several=False),
        Choices("decision", _("Decision"), _decision, decisions),
        Choices("outcome", _("Outcome"), _outcome, outcomes),
        Choices("reviewer", _("Read by"), _reviewer, facts.reviewers),
        Choices("files", _("With attachments"), yes_or_no(with_files), yes, several=False),
        *[one for question in facts.questions for one in _of_question(question, facts, yes)],
    ]


def _of_question(question: CallQuestion, facts: Facts, yes: dict[str, str]) -> list[Filter]:
    key, label, kind = key_of(question), str(question.public_name) or str(question.label), question.kind
    kinds = CallQuestion.Kind
    if kind == kinds.CHOICE:
        return [Choices(key, label, _answer(question, lambda values: Q(text__in=values)), dict(question.options))]
    if kind == kinds.COUNTRY:
        return [Choices(key, label, _answer(question, lambda values: Q(text__in=values)), facts.countries)]
    if kind == kinds.FILE:
        return [Choices(key, label, yes_or_no(_attached(question)), yes, several=False)]
    if kind == kinds.TEXT:
        return [Filter(key, label, _answer(question, lambda values: holds(" ".join(values), "text")))]
    least = Amount(f"{key}-from", _("%(name)s, from") % {"name": label}, _answer(question, lambda values: Q(number__gte=number(values[0]))))
    most = Amount(f"{key}-to", _("%(name)s, up to") % {"name": label}, _answer(question, lambda values: Q(number__lte=number(values[0]))))
    if kind == kinds.NUMBER:
        return [least, most]
    currency = Filter(
        f"{key}-in", _("%(name)s, in (EUR, SEK…)") % {"name": label}, _answer(question, lambda values: Q(currency__iexact=values[0]))
    )
    return [least, most, currency]

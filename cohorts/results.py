"""What the reading of a cohort's applications says: each project against each part of the rubric. Raw scores are read, never written.

Worked out by the database, over every submitted assessment at entry, and kept until one is submitted, taken back or set aside. What a
person may read of it is asked each time: no project where they have an interest, no number while they still owe their own assessment.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple
from uuid import UUID

from django.core.cache import cache
from django.db.models import Avg, Count, Max, Min, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from academy.countries import country_name
from academy.lookups import remembered
from academy.models import User
from cohorts.frozen import parts_and_criteria
from cohorts.gap import DISAGREEMENT
from cohorts.models import (
    Application,
    ApplicationState,
    Assessment,
    AssignmentState,
    Cohort,
    Moment,
    ReviewAssignment,
    ReviewRound,
    RubricPart,
    Score,
)

READ_STATES = (
    ApplicationState.SUBMITTED,
    ApplicationState.UNDER_REVIEW,
    ApplicationState.DELIBERATION,
    ApplicationState.ADMITTED,
    ApplicationState.RESERVE,
    ApplicationState.DECLINED,
)
OWING = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED, AssignmentState.IN_PROGRESS)
ASKED = (*OWING, AssignmentState.SUBMITTED)
ENOUGH_REVIEWS = 8  # of one reader, before their own average says anything
KEPT_SECONDS = 3600


class Cell(NamedTuple):
    """One project on one part. `mean`: of the reviewers, each criterion weighing the same; `low` and `high`: of all levels that they gave;
    `apart`: criteria to discuss; `spread`: how far apart they are where they are furthest, on one criterion."""

    mean: float | None
    own: float | None
    low: int | None
    high: int | None
    apart: int
    unjudged: int
    spread: int | None = None

    @property
    def gap(self) -> float | None:
        """Above zero: the project sees itself higher than the reviewers do. None when one voice is missing."""
        return None if self.own is None or self.mean is None else self.own - self.mean


NOTHING = Cell(None, None, None, None, 0, 0)


def mean_of(cells: Iterable[Cell]) -> float | None:
    """Over the parts that reviewers could judge, each weighing the same."""
    known = [cell.mean for cell in cells if cell.mean is not None]
    return fmean(known) if known else None


@dataclass(frozen=True, slots=True)
class Line:
    """One project. `is_hidden`: the reader still owes an assessment of it, so nothing that others said is told."""

    pk: UUID
    project: str
    country: str
    state: str
    reviews: int
    is_hidden: bool
    cells: tuple[Cell, ...]

    @property
    def mean(self) -> float | None:
        return mean_of(self.cells)

    @property
    def low(self) -> int | None:
        return min((cell.low for cell in self.cells if cell.low is not None), default=None)

    @property
    def high(self) -> int | None:
        return max((cell.high for cell in self.cells if cell.high is not None), default=None)

    @property
    def apart(self) -> int:
        return sum(cell.apart for cell in self.cells)

    @property
    def unjudged(self) -> int:
        return sum(cell.unjudged for cell in self.cells)


@dataclass(frozen=True, slots=True)
class OwnAverage:
    """How one reviewer scores in general: context for a reader, never used to change a score."""

    name: str
    reviews: int
    mean: float


@dataclass(frozen=True)
class Results:
    """One round, or None before there is one. `asked`: how many assignments stand where, over all that may be read."""

    parts: list[RubricPart]
    lines: list[Line]
    rounds: list[ReviewRound]
    round: ReviewRound | None
    asked: Counter
    reviewers: list[OwnAverage]

    @property
    def wanted(self) -> int:
        """Assessments that each project needs before a decision."""
        return self.round.min_reviews if self.round else 0

    @property
    def complete(self) -> int:
        return sum(line.reviews >= self.wanted for line in self.lines)

    @property
    def to_discuss(self) -> int:
        return sum(line.apart > 0 for line in self.lines)


@dataclass(frozen=True)
class Voices:
    """All that was submitted: for each application its cells and how many assessments it has; for each reviewer what they gave where."""

    cells: dict[UUID, tuple[Cell, ...]]
    reviews: dict[UUID, int]
    given: dict[tuple[int, str], dict[UUID, tuple[float, int]]]


def _counted(cohort: Cohort, round: ReviewRound | None) -> QuerySet:
    """Submitted at entry: the project's own, and those of one round that count."""
    rows = Assessment.objects.submitted().filter(cohort=cohort, moment=Moment.ENTRY)
    return rows.filter(Q(assignment=None) | Q(assignment__round=round)).not_recused()


def _scores(cohort: Cohort, round: ReviewRound | None) -> QuerySet:
    return Score.objects.filter(assessment__in=_counted(cohort, round).values("pk")).order_by()


def _cells(cohort: Cohort, round: ReviewRound | None) -> dict[UUID, tuple[Cell, ...]]:
    """Of each application, one cell per part in the order of the rubric."""
    parts, criteria = parts_and_criteria(cohort)
    part_of = {row.pk: row.part_id for row in criteria}
    found: dict = defaultdict(lambda: defaultdict(lambda: ([], [], [], [0, 0], [])))
    told = {"mean": Avg("level__value"), "low": Min("level__value"), "high": Max("level__value"), "silent": Count("pk", Q(level=None))}
    by_criterion = _scores(cohort, round).values_list("assessment__application_id", "assessment__kind", "criterion_id").annotate(**told)
    for application, kind, criterion, mean, low, high, silent in by_criterion:
        means, own, levels, numbers, spreads = found[application][part_of[criterion]]
        if kind == Assessment.Kind.SELF:
            own += [] if mean is None else [mean]
            continue
        numbers[1] += silent
        if mean is not None:
            means.append(mean)
            levels += (low, high)
            spreads.append(high - low)
            numbers[0] += spreads[-1] >= DISAGREEMENT
    return {application: tuple(_cell(*by_part[part.pk]) for part in parts) for application, by_part in found.items()}


def _cell(means: list[float], own: list[float], levels: list[int], numbers: list[int], spreads: list[int]) -> Cell:
    low, high = (min(levels), max(levels)) if levels else (None, None)
    return Cell(fmean(means) if means else None, fmean(own) if own else None, low, high, *numbers, max(spreads, default=None))


def _read_voices(cohort: Cohort, round: ReviewRound | None) -> Voices:
    reviews: Counter = Counter()
    given: dict = defaultdict(dict)
    mine = _scores(cohort, round).filter(assessment__kind=Assessment.Kind.REVIEWER)
    names = ("assessment__assessor_id", "assessment__assessor__name", "assessment__application_id")
    for assessor, name, application, mean, judged in mine.values_list(*names).annotate(Avg("level__value"), Count("level")):
        reviews[application] += 1
        if judged:
            given[assessor, name][application] = (mean, judged)
    return Voices(_cells(cohort, round), dict(reviews), dict(given))


def _standing() -> Coalesce:
    """Of a round, what changes with every submission, every review taken back and every one set aside. For `annotate`."""
    rows = Assessment.objects.submitted().not_recused().filter(cohort=OuterRef("cohort"), moment=Moment.ENTRY)
    rows = rows.filter(Q(assignment=None) | Q(assignment__round=OuterRef("pk"))).order_by().values("cohort")
    said = Concat(Cast(Count("pk"), TextField()), Value(" "), Cast(Max("submitted_at"), TextField()), output_field=TextField())
    return Coalesce(Subquery(rows.annotate(said=said).values("said")), Value(""), output_field=TextField())


def rounds_of(cohorts: QuerySet, pk: UUID) -> list[ReviewRound]:
    """The rounds of one of these cohorts, each with it and with how its reading stands. One query."""
    rows = ReviewRound.objects.filter(cohort__in=cohorts.filter(pk=pk).values("pk")).select_related("cohort__rubric")
    return list(rows.annotate(standing=_standing()).order_by("number"))


def voices(cohort: Cohort, round: ReviewRound | None) -> Voices:
    """Kept as long as nothing is submitted, taken back or set aside, where the round comes from `rounds_of`. No query, or two."""
    standing = getattr(round, "standing", None)
    if standing is None:
        return _read_voices(cohort, round)
    key = f"cohorts.voices.3.{round.pk}.{hashlib.sha256(standing.encode()).hexdigest()}"

    def shared() -> Voices:
        found = cache.get(key)
        if found is None:
            found = _read_voices(cohort, round)
            cache.set(key, found, KEPT_SECONDS)
        return found

    return remembered(key, shared)


def _own_averages(given: dict, readable: set[UUID]) -> list[OwnAverage]:
    """Of those who assessed enough of what the reader may read. Each level that they gave weighs the same."""
    rows = []
    for (_assessor, name), where in given.items():
        seen = [where[application] for application in where.keys() & readable]
        if len(seen) >= ENOUGH_REVIEWS:
            judged = sum(count for _mean, count in seen)
            rows.append(OwnAverage(name, len(seen), sum(mean * count for mean, count in seen) / judged))
    return sorted(rows, key=lambda row: row.name.casefold())


def round_now(rounds: list[ReviewRound]) -> ReviewRound | None:
    """The last that has opened, else the first (as ReviewRound.objects.current)."""
    opened = [row for row in rounds if row.opens_at <= timezone.now()]
    return opened[-1] if opened else next(iter(rounds), None)


def results_of(cohort: Cohort, *, reader: User, number: int | None = None, rounds: list[ReviewRound] | None = None) -> Results:
    """Every project of the cohort that the reader may judge, in the round of that number, else the one that is read now.

    `rounds`: where they are read already (`rounds_of`). At most eight queries, however many projects there are; three once they are kept.
    """
    rounds = rounds_of(Cohort.objects.all(), cohort.pk) if rounds is None else rounds
    round = next((row for row in rounds if row.number == number), None) or round_now(rounds)
    parts, _criteria = parts_and_criteria(cohort)
    rows = Application.objects.for_staff(reader).filter(cohort=cohort, state__in=READ_STATES)
    rows = rows.order_by("project__name", "pk").values_list("pk", "project__name", "project__country", "state")
    asked: Counter = Counter()
    owing = set()  # in whichever round: the scores of another would tell them as well
    live = ReviewAssignment.objects.filter(application__cohort=cohort, state__in=ASKED).order_by()
    here = Count("pk", Q(round=round))
    standing = live.values_list("application_id", "state").annotate(n=here, mine=Count("pk", Q(reviewer=reader)))
    by_application: dict = defaultdict(Counter)
    for application, state, count, mine in standing:
        if count:
            by_application[application][state] += count
        if mine and state in OWING:
            owing.add(application)
    said = voices(cohort, round)
    empty = (NOTHING,) * len(parts)
    lines = []
    for pk, project, country, state in rows:
        asked.update(by_application[pk])
        hidden = pk in owing
        cells = said.cells.get(pk, empty)
        if hidden:
            cells = tuple(NOTHING._replace(own=cell.own) for cell in cells)
        lines.append(Line(pk, project, country_name(country), state, said.reviews.get(pk, 0), hidden, cells))
    readable = {line.pk for line in lines if not line.is_hidden}
    return Results(parts, lines, rounds, round, asked, _own_averages(said.given, readable))


# --- which of them, in which order

SORTS: dict[str, Callable[[Line], float | str | None]] = {
    "project": lambda line: line.project.casefold(),
    "country": lambda line: line.country.casefold(),
    "reviews": lambda line: line.reviews,
    "mean": lambda line: line.mean,
    "spread": lambda line: None if line.low is None or line.high is None else line.high - line.low,
    "discuss": lambda line: line.apart,
    "unjudged": lambda line: line.unjudged,
}
MEASURES: dict[str, Callable[[Cell], float | None]] = {
    "gap": lambda cell: cell.gap,
    "mean": lambda cell: cell.mean,
    "spread": lambda cell: cell.spread,
}


def in_order(lines: Iterable[Line], key: Callable[[Line], float | str | None], *, down: bool) -> list[Line]:
    """What has no value comes last, whichever way."""
    rows = [(key(line), line) for line in lines]
    known = sorted((row for row in rows if row[0] is not None), key=lambda row: row[0], reverse=down)
    return [line for _value, line in known] + [line for value, line in rows if value is None]

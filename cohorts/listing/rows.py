"""What the list shows of some applications, read in as many queries as there are kinds of things to show, however many rows.

Which rows, and in which order, is asked first (`keys_of`): what stands beside each row is then read for those of one page, or one parcel
of a file, alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from statistics import fmean
from typing import Any
from uuid import UUID

from django.db.models import Avg, Case, F, Max, Min, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.functional import cached_property

from academy.prepared import Later, Prepared
from cohorts.gap import DISAGREEMENT
from cohorts.listing.filters import arrived, counted, in_round, round_now
from cohorts.models import (
    Application,
    ApplicationFile,
    Assessment,
    AssignmentState,
    CallAnswer,
    Determination,
    ProjectMember,
    ReviewAssignment,
    ReviewRound,
    Score,
)
from cohorts.models.application import AS_SENT, LIVE_ASSIGNMENT_STATES

PLAIN = (
    "pk", "cohort_id", "state", "language", "late_reason", "extended_until", "return_due_at", "saved_at", "submitted_at",
    "project__name", "project__country", "project__place",
)  # fmt: skip


@dataclass
class Voices:
    """The two voices on one application as far as the reader may read them: part → criterion → mean of those who could judge."""

    own_levels: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    levels: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    to_discuss: bool = False

    def mean(self, part: str, *, own: bool = False) -> float | None:
        found = (self.own_levels if own else self.levels).get(part)
        return fmean(found) if found else None

    def overall(self, *, own: bool) -> float | None:
        """Over the parts that were judged, each weighing the same."""
        found = [fmean(levels) for levels in (self.own_levels if own else self.levels).values() if levels]
        return fmean(found) if found else None

    @property
    def gap(self) -> float | None:
        """Above zero: the project sees itself higher than its readers do. Over the parts that both have judged."""
        both = self.own_levels.keys() & self.levels.keys()
        return fmean(fmean(self.own_levels[part]) - fmean(self.levels[part]) for part in both) if both else None


@dataclass
class Row:
    said: dict[str, Any]
    cohort: str = ""
    voices: Voices = field(default_factory=Voices)
    answers: dict[UUID, tuple] = field(default_factory=dict)
    files: dict[UUID, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __getitem__(self, name: str) -> Any:
        return self.said[name]


def _asked() -> Coalesce:
    """Who is asked in the round `x_round`, and who was let go after reading."""
    released = Q(state=AssignmentState.RELEASED, assessment__state=Assessment.State.SUBMITTED)
    rows = ReviewAssignment.objects.filter(Q(state__in=LIVE_ASSIGNMENT_STATES) | released)
    return counted(in_round(rows, "round"))


def _lead(column: str) -> Subquery:
    leads = ProjectMember.objects.filter(project=OuterRef("project"), role=ProjectMember.Role.LEAD)
    return Subquery(leads.values(column)[:1])


def _outcome(rows: QuerySet) -> Subquery:
    return Subquery(rows.filter(application=OuterRef("pk")).values("outcome")[:1])


NOW = Later("now", ReviewRound._meta.get_field("opens_at"))
BESIDE = {
    "reviews": lambda: {"x_round": round_now(NOW), "x_arrived": arrived(), "x_asked": _asked()},
    "decision": lambda: {"x_pending": _outcome(Determination.objects.pending()), "x_told": _outcome(Determination.objects.in_force())},
    "lead": lambda: {"x_lead": _lead("person__name"), "x_lead_email": _lead("person__email")},
    "files": lambda: {"x_files": counted(ApplicationFile.objects.filter(snapshots__isnull=False))},
}
DUE = Case(When(return_due_at__isnull=False, then=Greatest("return_due_at", Coalesce("extended_until", "return_due_at"))))
ORDERS = {"x_arrived": lambda: {"x_round": round_now(), "x_arrived": arrived()}, "x_due": lambda: {"x_due": DUE}}


def in_order(rows: QuerySet, order: str) -> QuerySet:
    """By one column of ours (`-` before it: downwards), what is empty last; then by the key, so that no page says a row twice."""
    name = order.removeprefix("-")
    if name in ORDERS:
        for alias, expression in ORDERS[name]().items():
            rows = rows.alias(**{alias: expression})
    by = F(name)
    return rows.order_by(by.desc(nulls_last=True) if order.startswith("-") else by.asc(nulls_last=True), "pk")


class _Plain(Prepared):
    """What stands in the table, and beside each of its rows for these needs."""

    def __init__(self, needs: frozenset[str]):
        super().__init__(self.query)
        self.needs = needs

    @cached_property
    def beside(self) -> dict[str, Any]:
        return {name: expression for need in sorted(self.needs) for name, expression in BESIDE[need]().items()}

    @cached_property
    def names(self) -> list[str]:
        return [*PLAIN, *self.beside]

    def query(self) -> QuerySet:
        rows = Application.objects.filter(pk__in=Later("keys", Application._meta.pk)).order_by()
        for name, expression in self.beside.items():  # one by one: some ask of those before them
            rows = rows.annotate(**{name: expression})
        return rows.values_list(*self.names)


_plain = cache(_Plain)


def read(keys: Sequence[UUID], needs: Iterable[str], *, reader: Any, cohorts: dict[str, str]) -> list[Row]:
    """The rows of these keys, in their order. One query, and one for each of: the scores, the answers, the files of the questions."""
    needs = set(needs)
    kept = _plain(frozenset(needs & BESIDE.keys()))
    said = {row[0]: dict(zip(kept.names, row, strict=True)) for row in kept.rows(keys=list(keys), now=timezone.now())}
    found = {key: Row(said[key], cohorts.get(str(said[key]["cohort_id"]), "")) for key in keys if key in said}
    if "voices" in needs:
        _read_voices(found, reader)
    if "answers" in needs:
        sent = Application.objects.filter(AS_SENT, pk__in=keys)
        for key, question, *answer in CallAnswer.objects.filter(application__in=sent).values_list(
            "application_id", "question_id", "text", "number", "currency"
        ):
            found[key].answers[question] = tuple(answer)
    if "attached" in needs:
        files = ApplicationFile.objects.filter(application__in=keys, question__isnull=False, snapshots__isnull=False)
        for key, question, name in files.distinct().values_list("application_id", "question_id", "name"):
            found[key].files[question].append(name)
    return list(found.values())


def _read_voices(found: dict[UUID, Row], reader: Any) -> None:
    """One query: for each application, voice and criterion, the mean level and how far apart the readers are in the last round in which
    they have spoken (`filters.last_heard`)."""
    of_these = Assessment.objects.filter(application__in=list(found))  # asked first: who may read is then asked of few
    own = of_these.for_judge(reader).submitted().filter(kind=Assessment.Kind.SELF)
    readable = Q(assessment__in=of_these.for_judge(reader).counted().values("pk")) | Q(assessment__in=own.values("pk"))
    scores = Score.objects.filter(readable, assessment__application__in=list(found), level__isnull=False)
    grouped = scores.order_by().values_list(
        "assessment__application", "assessment__kind", "assessment__assignment__round__number", "criterion__part__key", "criterion"
    )
    told = list(grouped.annotate(mean=Avg("level__value"), low=Min("level__value"), high=Max("level__value")))
    last: dict[UUID, int] = defaultdict(int)
    for key, _kind, number, *_said in told:
        last[key] = max(last[key], number or 0)
    for key, kind, number, part, _criterion, mean, low, high in told:
        voices = found[key].voices
        if kind == Assessment.Kind.SELF:
            voices.own_levels[part].append(mean)
        elif (number or 0) == last[key]:
            voices.levels[part].append(mean)
            voices.to_discuss |= high - low >= DISAGREEMENT

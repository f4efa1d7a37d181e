"""The gap of one project as a reader may see it: who may read which assessment is asked in the query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import SimpleLazyObject

from academy.models import User
from academy.prepared import Later, Prepared, PreparedForPerson, columns_of, objects_of
from cohorts.frozen import parts_and_criteria, unchanged
from cohorts.gap import Gap, gaps, gaps_by_part
from cohorts.models import Application, Assessment, Cohort, Criterion, Level, Moment, Project, ReviewRound, RubricPart, Score


@dataclass(frozen=True)
class Voices:
    """Submitted assessments, and what each gave: criterion → level, None for “cannot judge” (read when somebody asks)."""

    own: Assessment | None
    reviews: list[Assessment]
    given: Mapping[UUID, dict[int, int | None]]

    @property
    def seen_as(self) -> tuple:
        """All that is drawn of them, but for the words of the rubric: what was submitted is not changed without being submitted again."""
        voices = [*([self.own] if self.own else []), *self.reviews]
        return tuple((row.pk, row.submitted_at) for row in voices)


@dataclass(frozen=True)
class CriterionRow:
    criterion: Criterion
    gap: Gap


@dataclass(frozen=True)
class PartRow:
    part: RubricPart
    gap: Gap
    criteria: list[CriterionRow]

    @property
    def own_share(self) -> float:
        """Between 0 and 1, for a radar."""
        return (self.gap.own or 0) / Level.HIGHEST

    @property
    def reviewers_share(self) -> float:
        return (self.gap.mean or 0) / Level.HIGHEST


@dataclass(frozen=True)
class Comparison:
    """`own` or `reviews` is empty when there is none, or none that this person may read."""

    own: Assessment | None
    reviews: list[Assessment]
    parts: list[PartRow]


def _submitted(rows: QuerySet) -> QuerySet:
    """Of these, what counts of one project at one moment; at entry, of one application."""
    moment = Later("moment", Assessment._meta.get_field("moment"))
    here = rows.filter(project=Later("project", Project._meta.pk), cohort=Later("cohort", Cohort._meta.pk), moment=moment)
    of_it = Q(application__isnull=True) | Q(application=Later("application", Application._meta.pk))
    return here.filter(of_it).submitted().not_recused().order_by("submitted_at")


_ROUND = "assignment__round__number"
_voices = PreparedForPerson(
    lambda reader: _submitted(Assessment.objects.for_user(reader)).values_list(*columns_of(Assessment, "assessor"), _ROUND)
)
_UNTOLD = ("summary", "loose_notes", "created_at", "saved_at")  # of what its members are told, nothing shows these
_told = PreparedForPerson(
    lambda member: _submitted(Assessment.objects.of_member(member)).values_list(*columns_of(Assessment, leave=_UNTOLD), _ROUND)
)
_scores = Prepared(
    lambda: (
        Score.objects.filter(assessment__in=Later("assessments", Assessment._meta.pk))
        .order_by()
        .values_list("assessment_id", "criterion_id", "level__value")
    )
)


def voices_of(
    project: Project,
    *,
    cohort: Cohort,
    reader: User,
    application: Application | None,
    moment: str = Moment.ENTRY,
    of_round: ReviewRound | None = None,
    as_member: bool = False,
) -> Voices:
    """Who has spoken on a project at one moment, as far as `reader` may read it. One query, and one for what they gave.

    `application`: the one that was read at entry. `of_round`: its reading; None for the last one in which somebody has spoken.
    `as_member`: what its members are told, without the names of the voices. Of one's own project that is all there is: nobody judges it.
    """
    asked = {"project": project.pk, "cohort": cohort.pk, "moment": moment, "application": application.pk if application else None}
    if as_member:
        rows = _told.rows(reader, **asked)
        found = objects_of(Assessment, rows, leave=_UNTOLD)
    else:
        rows = _voices.rows(reader, **asked)
        found = objects_of(Assessment, rows, "assessor")
    own = next((row for row in found if row.kind == Assessment.Kind.SELF), None)
    reviews = in_round(
        [(row, columns[-1]) for row, columns in zip(found, rows, strict=True) if row.kind == Assessment.Kind.REVIEWER], of_round
    )
    heard = [*([own] if own else []), *reviews]
    return Voices(own, reviews, SimpleLazyObject(lambda: _given(heard)))


def in_round(reviews: list[tuple[Assessment, int | None]], of_round: ReviewRound | None = None) -> list[Assessment]:
    """Of reviews with the number of their round: those of this round, or of the last one. Past entry there are no rounds."""
    number = of_round.number if of_round else max((one or 0 for _row, one in reviews), default=0)
    return [row for row, one in reviews if (one or 0) == number]


def _given(assessments: list[Assessment]) -> dict[UUID, dict[int, int | None]]:
    """What each gave is not changed without being submitted again: kept for pages that are asked often."""

    def read() -> dict[UUID, dict[int, int | None]]:
        given: dict[UUID, dict[int, int | None]] = {row.pk: {} for row in assessments}
        for assessment, criterion, value in _scores.rows(assessments=list(given)):
            given[assessment][criterion] = value
        return given

    return unchanged(("given", *((row.pk, row.submitted_at) for row in assessments)), read)


def weigh(voices: Voices, cohort: Cohort) -> Comparison:
    """What they say, beside each other. No query but for the rubric, the first time."""
    own, reviews, given = voices.own, voices.reviews, voices.given
    parts, criteria = parts_and_criteria(cohort)
    rows = gaps([row.pk for row in criteria], given[own.pk] if own else {}, [given[row.pk] for row in reviews])
    members = {part.pk: [row.pk for row in criteria if row.part_id == part.pk] for part in parts}
    by_part = {row.key: row for row in gaps_by_part(members, rows)}
    lines = {row.pk: CriterionRow(row, gap) for row, gap in zip(criteria, rows, strict=True)}
    return Comparison(own, reviews, [PartRow(part, by_part[part.pk], [lines[pk] for pk in members[part.pk]]) for part in parts])


def compare(
    project: Project,
    *,
    cohort: Cohort,
    reader: User,
    application: Application | None,
    moment: str = Moment.ENTRY,
    of_round: ReviewRound | None = None,
) -> Comparison:
    """Submitted assessments of a project at one moment, as far as `reader` may read them. Two queries, four the first time."""
    found = voices_of(project, cohort=cohort, reader=reader, application=application, moment=moment, of_round=of_round)
    return weigh(found, cohort)

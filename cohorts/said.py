"""What was said of one project at entry: every criterion with every voice, as far as the reader may read them. Five queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q

from cohorts.frozen import parts_and_criteria
from cohorts.gap import Gap, gaps
from cohorts.models import Application, Assessment, Criterion, Moment, PartComment, ReviewRound, RubricPart, Score


@dataclass(frozen=True)
class Voice:
    """One submitted assessment. `is_earlier`: it read a version that the project has replaced since."""

    assessment: Assessment
    is_earlier: bool

    @property
    def is_own(self) -> bool:
        return self.assessment.kind == Assessment.Kind.SELF


@dataclass(frozen=True)
class Said:
    """What one voice said on one criterion. None: it does not answer; a score without a level: it cannot judge."""

    voice: Voice
    score: Score | None


@dataclass(frozen=True)
class CriterionReading:
    criterion: Criterion
    gap: Gap
    own: Score | None
    said: list[Said]

    @property
    def unjudged(self) -> int:
        return sum(one.score is not None and one.score.level_id is None for one in self.said)

    @property
    def confidence(self) -> float | None:
        """Mean of those who say how sure they are, from 1 to 3."""
        known = [one.score.confidence for one in self.said if one.score and one.score.confidence]
        return sum(known) / len(known) if known else None

    @property
    def low(self) -> float | None:
        return min(self.gap.reviewers, default=None)

    @property
    def high(self) -> float | None:
        return max(self.gap.reviewers, default=None)


@dataclass(frozen=True)
class PartReading:
    part: RubricPart
    criteria: list[CriterionReading]
    comments: list[tuple[Voice, PartComment]]


@dataclass(frozen=True)
class Reading:
    own: Voice | None
    reviews: list[Voice]
    parts: list[PartReading]


def reading_of(application: Application, *, reader, round: ReviewRound | None) -> Reading:
    """Submitted assessments that count in a round, with the words beside the levels. None of others while the reader owes their own."""
    rows = Assessment.objects.for_user(reader).submitted().filter(application=application, moment=Moment.ENTRY)
    rows = rows.filter(Q(assignment=None) | Q(assignment__round=round))
    rows = rows.not_recused().select_related("assessor").order_by("submitted_at", "pk")
    last = application.snapshots.order_by("-number").values_list("pk", flat=True).first()
    voices = [Voice(row, row.version_read_id is not None and row.version_read_id != last) for row in rows]
    own = next((voice for voice in voices if voice.is_own), None)
    reviews = [voice for voice in voices if not voice.is_own]
    found = _scores(voices)
    parts, criteria = parts_and_criteria(application.cohort)
    levels = [{row.pk: _level(found[voice.assessment.pk].get(row.pk)) for row in criteria} for voice in reviews]
    mine = found[own.assessment.pk] if own else {}
    by_criterion = gaps([row.pk for row in criteria], {pk: _level(score) for pk, score in mine.items()}, levels)
    lines = [
        CriterionReading(row, gap, mine.get(row.pk), [Said(voice, found[voice.assessment.pk].get(row.pk)) for voice in reviews])
        for row, gap in zip(criteria, by_criterion, strict=True)
    ]
    comments = _comments(reviews)
    return Reading(
        own,
        reviews,
        [PartReading(part, [line for line in lines if line.criterion.part_id == part.pk], comments[part.pk]) for part in parts],
    )


def _level(score: Score | None) -> int | None:
    return score.level.value if score and score.level_id else None


def _scores(voices: list[Voice]) -> dict:
    found: dict = defaultdict(dict)
    for score in Score.objects.filter(assessment__in=[voice.assessment.pk for voice in voices]).select_related("level").order_by():
        found[score.assessment_id][score.criterion_id] = score
    return found


def _comments(reviews: list[Voice]) -> dict:
    """By part, in the order in which they came; without those that say nothing."""
    by_assessment = {voice.assessment.pk: voice for voice in reviews}
    found: dict = defaultdict(list)
    for comment in PartComment.objects.filter(assessment__in=by_assessment).order_by("assessment__submitted_at", "pk"):
        if comment.private or comment.for_project:
            found[comment.part_id].append((by_assessment[comment.assessment_id], comment))
    return found

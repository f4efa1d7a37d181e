"""The places of a review, and the marks by which a window says what it knew to be written there.

A *place* is what is written as one: a criterion (its level, confidence and evidence), one comment on a part, the summary.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from cohorts.models import Assessment, Criterion, RubricPart

CANNOT_JUDGE = "none"
SUMMARY = "summary"
PRIVATE, FOR_PROJECT = "private", "project"

# A criterion: (level, confidence, evidence), each as it stands in a form; a comment or the summary: (words,).
Words = tuple[str, ...]


def mark_of(value: Words) -> str:
    """A short mark of what is written in a place; static/js/review.js makes the same."""
    return f"{zlib.crc32('|'.join(value).encode()):x}"


@dataclass(frozen=True)
class Written:
    """What one window writes in one place. `was`: marks of what it was shown, and of what it has sent since."""

    place: str
    value: Words
    was: tuple[str, ...]

    @property
    def is_untouched(self) -> bool:
        """A whole form says again what it was shown; that is no wish to write it."""
        return self.was == (mark_of(self.value),)


@dataclass(frozen=True)
class Kept:
    """What became of it. `elsewhere`: places that were written elsewhere meanwhile, with what stands there now."""

    places: frozenset[str]
    elsewhere: Mapping[str, Words]


def criterion_place(pk: int) -> str:
    return f"c{pk}"


def comment_place(pk: int, kind: str) -> str:
    return f"p{pk}-{kind}"


def kept_now(assessment: Assessment) -> dict[str, Words]:
    """What is kept in every place of this assessment. Four queries."""
    loose = assessment.loose_notes
    found: dict[str, Words] = {}
    for pk in Criterion.objects.filter(part__rubric=assessment.rubric_id).order_by().values_list("pk", flat=True):
        found[criterion_place(pk)] = ("", *loose.get(str(pk), ("", "")))
    for score in assessment.scores.select_related("level").order_by():
        level = CANNOT_JUDGE if score.level is None else str(score.level.value)
        found[criterion_place(score.criterion_id)] = (level, str(score.confidence or ""), score.evidence)
    for pk in RubricPart.objects.filter(rubric=assessment.rubric_id).order_by().values_list("pk", flat=True):
        found |= {comment_place(pk, PRIVATE): ("",), comment_place(pk, FOR_PROJECT): ("",)}
    for comment in assessment.comments.order_by():
        found[comment_place(comment.part_id, PRIVATE)] = (comment.private,)
        found[comment_place(comment.part_id, FOR_PROJECT)] = (comment.for_project,)
    return {**found, SUMMARY: (assessment.summary,)}

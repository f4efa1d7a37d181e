"""One rubric, two voices: how far the project's own view is from the reviewers', per criterion and per part. No ORM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Generic, TypeVar

Key = TypeVar("Key")
DISAGREEMENT = 2


@dataclass(frozen=True)
class Gap(Generic[Key]):
    """`own` is None when the project could not judge or has not answered; `reviewers` are those who could."""

    key: Key
    own: float | None
    reviewers: tuple[float, ...]

    @property
    def mean(self) -> float | None:
        return fmean(self.reviewers) if self.reviewers else None

    @property
    def spread(self) -> float:
        return max(self.reviewers) - min(self.reviewers) if self.reviewers else 0

    @property
    def to_discuss(self) -> bool:
        """Reviewers are at least two levels apart."""
        return self.spread >= DISAGREEMENT

    @property
    def gap(self) -> float | None:
        """Above zero: the project sees itself higher than the reviewers do. None when one voice is missing."""
        return None if self.own is None or self.mean is None else self.own - self.mean


def gaps(criteria: Iterable[Key], own: Mapping[Key, int | None], reviews: Sequence[Mapping[Key, int | None]]) -> list[Gap[Key]]:
    """One gap per criterion. “Cannot judge” is None and never counts as zero."""
    rows = []
    for criterion in criteria:
        levels = tuple(review[criterion] for review in reviews if review.get(criterion) is not None)
        rows.append(Gap(criterion, own.get(criterion), levels))
    return rows


def gaps_by_part(parts: Mapping[Key, Iterable], rows: Iterable[Gap]) -> list[Gap[Key]]:
    """One gap per part: means over its criteria that were judged. Each reviewer's criteria weigh the same."""
    by_criterion = {row.key: row for row in rows}
    result = []
    for part, criteria in parts.items():
        members = [by_criterion[criterion] for criterion in criteria]
        own = [row.own for row in members if row.own is not None]
        means = tuple(row.mean for row in members if row.mean is not None)
        result.append(Gap(part, fmean(own) if own else None, (fmean(means),) if means else ()))
    return result

"""What a project reads of its assessment beside a decision: the words meant for it, part by part, and how it saw itself. Never a name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from academy.models import User
from cohorts.comparison import Comparison, PartRow, voices_of, weigh
from cohorts.faces import names_of_people
from cohorts.models import Determination, PartComment


@dataclass(frozen=True)
class PartFeedback:
    """`comments` in an order that says nothing of who wrote them, nor which of two belong to one person."""

    row: PartRow
    comments: list[str]


@dataclass(frozen=True)
class Feedback:
    comparison: Comparison
    parts: list[PartFeedback]

    @property
    def has_comments(self) -> bool:
        return any(part.comments for part in self.parts)


def feedback_of(determination: Determination, *, reader: User) -> Feedback | None:
    """For a member of the project, beside an admission that is told and in force; None for any other. Four queries, six the first time.

    A reader who signed a comment, or named another one, is taken out of it.
    """
    application = determination.application
    if application is None or determination.released_at is None or determination.superseded_at is not None:
        return None
    voices = voices_of(application.project, cohort=application.cohort, reader=reader, application=application, as_member=True)
    comparison = weigh(voices, application.cohort)
    written = PartComment.objects.filter(assessment__in=[row.pk for row in comparison.reviews]).exclude(for_project="")
    readers = names_of_people(User.objects.filter(pk__in=application.assignments.values("reviewer")))
    by_part: dict[int, list[str]] = {}
    for part, words in written.values_list("part", "for_project"):
        by_part.setdefault(part, []).append(readers.hide_names(words))
    return Feedback(comparison, [PartFeedback(row, sorted(by_part.get(row.part.pk, []), key=_scattered)) for row in comparison.parts])


def _scattered(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()

"""What a project said of itself before: entry beside midway, midway beside graduation."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from academy.models import User
from cohorts.models import Assessment, Moment, Score
from cohorts.rubric_sheet import Sheet, SheetCriterion


@dataclass(frozen=True)
class ThenAndNow:
    """One criterion, twice. NULL: not answered; a score without a level: “cannot judge”."""

    now: SheetCriterion
    then: Score | None

    @property
    def step(self) -> int | None:
        """How far it moved, where both are levels."""
        levels = [score.level for score in (self.now.score, self.then) if score is not None]
        if len(levels) < 2 or None in levels:
            return None
        return levels[0].value - levels[1].value


@dataclass(frozen=True)
class Earlier:
    assessment: Assessment
    parts: dict[str, list[ThenAndNow]]

    @property
    def rows(self) -> list[ThenAndNow]:
        return [row for rows in self.parts.values() for row in rows]


def earlier_of(assessment: Assessment, sheet: Sheet, *, reader: User) -> Earlier | None:
    """The last self-assessment that this project submitted at a moment before this one, as far as `reader` may read it; at entry,
    with an application that it withdrew before. None where it made none.

    Criteria are found by their keys: a rubric may have a newer version since. Two queries.
    """
    if assessment.kind != Assessment.Kind.SELF:
        return None
    before = Moment.values[: Moment.values.index(assessment.moment)]
    rows = Assessment.objects.for_user(reader).submitted()
    at_an_earlier_moment = Q(moment__in=before)
    if assessment.application is not None:  # of the application that was sent before this one, to the same cohort
        at_an_earlier_moment = Q(cohort=assessment.cohort_id, application__created_at__lt=assessment.application.created_at)
    rows = rows.filter(at_an_earlier_moment, project=assessment.project_id, kind=Assessment.Kind.SELF)
    then = max(rows, key=lambda row: (Moment.values.index(row.moment), row.submitted_at), default=None)
    if then is None:
        return None
    scores = {(score.criterion.part.key, score.criterion.key): score for score in then.scores.select_related("level", "criterion__part")}
    return Earlier(
        then,
        {part.part.key: [ThenAndNow(row, scores.get((part.part.key, row.criterion.key))) for row in part.criteria] for part in sheet.parts},
    )

"""The assessments of one project over its whole pathway: entry, midway, graduation; its own voice and Smart's. For one radar."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from academy.models import User
from academy.ui import Series
from cohorts.comparison import Comparison, Voices, in_round, weigh
from cohorts.models import Assessment, Cohort, Level, Moment, Project, Score

TONES = {Moment.ENTRY: "soft", Moment.MIDWAY: "accent", Moment.GRADUATION: "ink"}


@dataclass(frozen=True)
class AtMoment:
    """What was said at one moment, as far as the reader may read it."""

    moment: Moment
    comparison: Comparison

    @property
    def own(self) -> Assessment | None:
        return self.comparison.own

    @property
    def reviews(self) -> list[Assessment]:
        return self.comparison.reviews


def assessments_over_time(project: Project, *, cohort: Cohort, reader: User) -> list[AtMoment]:
    """Every moment in its order, the silent ones too. Two queries, four the first time."""
    rows = Assessment.objects.for_user(reader).filter(project=project, cohort=cohort).submitted().of_the_last_application()
    found = list(rows.exclude(assignment__state="recused").select_related("assessor", "assignment__round").order_by("submitted_at"))
    given: dict[UUID, dict[int, int | None]] = {row.pk: {} for row in found}
    scores = Score.objects.filter(assessment__in=list(given)).order_by()
    for assessment, criterion, value in scores.values_list("assessment_id", "criterion_id", "level__value"):
        given[assessment][criterion] = value
    return [AtMoment(moment, weigh(_voices([row for row in found if row.moment == moment], given), cohort)) for moment in Moment]


def _voices(rows: list[Assessment], given: dict[UUID, dict[int, int | None]]) -> Voices:
    own = next((row for row in rows if row.kind == Assessment.Kind.SELF), None)
    reviews = [(row, row.assignment.round.number if row.assignment else None) for row in rows if row.kind == Assessment.Kind.REVIEWER]
    return Voices(own, in_round(reviews), given)


def outlines(moments: list[AtMoment], *, kind: str) -> list[Series]:
    """Two outlines for each moment over the pillars, or over the ingredients: Smart drawn full, the project dashed."""
    found = []
    for one in moments:
        parts = [row for row in one.comparison.parts if row.part.kind == kind]
        for is_own, is_there, name in ((False, one.reviews, _("%(moment)s: Smart")), (True, one.own, _("%(moment)s: the project"))):
            if is_there:
                values = {str(row.part.label): _share(row.gap.own if is_own else row.gap.mean) for row in parts}
                found.append(Series(name % {"moment": one.moment.label}, is_own, values, TONES[one.moment]))
    return found


def _share(level: float | None) -> float | None:
    return None if level is None else level / Level.HIGHEST

"""The order of the reserve list of a cohort: who is next when a place is free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from statistics import fmean
from uuid import UUID

from django.db.models import Avg

from cohorts.frozen import parts_and_criteria
from cohorts.models import Application, ApplicationState, Assessment, Cohort, Moment, Score


def reserve_list(cohort: Cohort) -> list[UUID]:
    """The applications that were told that they are on it: the highest mean of the reviewers first, then by name. For the rule, whoever
    asks: what a person may read of it is `deliberation.reserve_order`."""
    rows = list(Application.objects.filter(cohort=cohort, state=ApplicationState.RESERVE).values_list("pk", "project__name"))
    means = means_of(cohort, [pk for pk, _name in rows])
    return [pk for pk, _name in sorted(rows, key=lambda row: (*by_rank(means.get(row[0]), row[1]), str(row[0])))]


def by_rank(mean: float | None, project: str) -> tuple[float, str]:
    """What the reserve list is sorted by."""
    return -(mean if mean is not None else -1), project.casefold()


def means_of(cohort: Cohort, applications: Collection[UUID]) -> dict[UUID, float]:
    """What the reviewers gave each at entry, over the parts, each weighing the same (as `results.mean_of`). One query.

    Of each application the last round in which it was read: opening another round moves nobody on a list they were told of.
    """
    if not applications:
        return {}
    counted = Assessment.objects.submitted().not_recused().filter(application__in=applications, moment=Moment.ENTRY)
    rows = Score.objects.filter(assessment__in=counted.filter(kind=Assessment.Kind.REVIEWER).values("pk"), level__isnull=False).order_by()
    names = ("assessment__application_id", "assessment__assignment__round__number", "criterion_id")
    rounds: dict = defaultdict(lambda: defaultdict(list))
    _parts, criteria = parts_and_criteria(cohort)
    part_of = {row.pk: row.part_id for row in criteria}
    by_criterion = rows.values_list(*names).annotate(Avg("level__value"))
    for application, number, criterion, mean in by_criterion:
        rounds[application][number or 0].append((part_of[criterion], mean))
    return {application: _over_parts(read[max(read)]) for application, read in rounds.items()}


def _over_parts(means: list[tuple[int, float]]) -> float:
    by_part = defaultdict(list)
    for part, mean in means:
        by_part[part].append(mean)
    return fmean(fmean(found) for found in by_part.values())

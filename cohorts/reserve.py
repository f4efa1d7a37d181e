"""The order of the reserve list of a cohort: who is next when a place is free."""

from __future__ import annotations

from uuid import UUID

from cohorts.models import Application, ApplicationState, Cohort, ReviewRound
from cohorts.results import NOTHING, mean_of, voices


def reserve_list(cohort: Cohort) -> list[UUID]:
    """The applications that were told that they are on it: the highest mean of the reviewers first, then by name. For the rule, whoever
    asks: what a person may read of it is `deliberation.reserve_order`."""
    said = voices(cohort, ReviewRound.objects.current(cohort)).cells
    rows = Application.objects.filter(cohort=cohort, state=ApplicationState.RESERVE).values_list("pk", "project__name")
    means = {pk: mean_of(said.get(pk, (NOTHING,))) for pk, _name in rows}
    return [pk for pk, _name in sorted(rows, key=lambda row: (*by_rank(means[row[0]], row[1]), str(row[0])))]


def by_rank(mean: float | None, project: str) -> tuple[float, str]:
    """What the reserve list is sorted by."""
    return -(mean if mean is not None else -1), project.casefold()

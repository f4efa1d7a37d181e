"""What no longer changes once a cohort has opened with it: read once, kept for pages that are asked often.

Half a minute in the process, five in the cache that all processes share.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar

from django.core.cache import cache

from academy.lookups import remembered
from cohorts.models import Cohort, CohortState, Criterion, Requirement, RubricPart, Stage

SECONDS = 300
Rows = TypeVar("Rows")


def unchanged(about: tuple, read: Callable[[], Rows]) -> Rows:
    """Kept in the cache of all processes. `about` names the value so that what is read under one name is always the same."""
    key = f"cohorts.unchanged.{sha256(repr(about).encode()).hexdigest()}"
    found = cache.get(key)
    if found is None:
        found = read()
        cache.set(key, found, SECONDS)
    return found


def _kept(cohort: Cohort, key: str, read: Callable[[], Rows]) -> Rows:
    """Never kept while the cohort is planned: its programme may still change."""
    if cohort.state == CohortState.PLANNED:
        return read()
    return remembered(key, lambda: unchanged((key,), read))


def programme(cohort: Cohort) -> tuple[list[Stage], list[Requirement]]:
    """The stages of the pathway, and its requirements in order, each with its stage."""

    def read() -> tuple[list[Stage], list[Requirement]]:
        stages = list(Stage.objects.filter(pathway=cohort.pathway_id).order_by("sort_order", "pk"))
        rows = Requirement.objects.filter(stage__pathway=cohort.pathway_id).select_related("stage")
        return stages, list(rows.order_by("stage__sort_order", "stage_id", "sort_order", "pk"))

    return _kept(cohort, f"cohorts.programme.{cohort.pathway_id}", read)


def parts_and_criteria(cohort: Cohort) -> tuple[list[RubricPart], list[Criterion]]:
    """The parts of the rubric and its criteria, in order."""

    def read() -> tuple[list[RubricPart], list[Criterion]]:
        parts = list(RubricPart.objects.filter(rubric=cohort.rubric_id).order_by("sort_order", "pk"))
        rows = Criterion.objects.filter(part__rubric=cohort.rubric_id).order_by("part__sort_order", "sort_order", "pk")
        return parts, list(rows)

    return _kept(cohort, f"cohorts.rubric.{cohort.rubric_id}", read)

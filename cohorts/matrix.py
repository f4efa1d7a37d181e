"""A cohort at a glance: projects × requirements, in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone

from academy.models import User
from cohorts.models import Cohort, Participation, Project, Requirement, Stage
from cohorts.models.participation import ON_THE_WAY
from cohorts.pathway_state import StageStanding, place_on_rail
from cohorts.requirements import Standing, gather, local_day, requirements_of, standings


@dataclass(frozen=True)
class MatrixRow:
    """One project: a cell per requirement, in the order of the matrix's columns."""

    participation: Participation
    cells: list[Standing]
    rail: list[StageStanding]

    @property
    def project(self) -> Project:
        return self.participation.project

    @property
    def done(self) -> int:
        return sum(cell.is_settled for cell in self.cells if cell.requirement.mandatory)

    @property
    def total(self) -> int:
        return sum(cell.requirement.mandatory for cell in self.cells)

    @property
    def overdue(self) -> int:
        return sum(cell.is_overdue for cell in self.cells)

    @property
    def owed_late(self) -> int:
        """What is late and Smart's."""
        return sum(cell.is_overdue and not cell.owed_by_promoter for cell in self.cells)


@dataclass(frozen=True)
class Matrix:
    cohort: Cohort
    stages: list[Stage]
    requirements: list[Requirement]
    rows: list[MatrixRow]

    def settled(self, requirement: Requirement) -> int:
        """How many projects have settled one column."""
        position = self.requirements.index(requirement)
        return sum(row.cells[position].is_settled for row in self.rows)

    @property
    def columns(self) -> list[tuple[Stage, list[Requirement]]]:
        """Requirements under their stage, for a header in two rows."""
        return [(stage, [row for row in self.requirements if row.stage_id == stage.pk]) for stage in self.stages]


SHOWN = {
    "": lambda row: True,
    "late": lambda row: row.overdue > 0,
    "smart": lambda row: row.owed_late > 0,
    "here": lambda row: row.participation.ended_at is None,
}
ORDERS = {
    "": lambda row: 0,  # by name, as they are read
    "help": lambda row: (row.participation.state not in ON_THE_WAY, -row.overdue, row.done),
    "done": lambda row: -row.done,
}


def narrowed(matrix: Matrix, *, show: str = "", order: str = "") -> Matrix:
    """Some of the rows, in another order. What the address says and nobody knows changes nothing."""
    rows = sorted(filter(SHOWN.get(show, SHOWN[""]), matrix.rows), key=ORDERS.get(order, ORDERS[""]))
    return replace(matrix, rows=rows)


def cohort_matrix(cohort: Cohort, *, today: date | None = None, reader: User | None = None) -> Matrix:
    """Every project that is or was in the cohort; for a reader, those that they may know of. Seven queries, however many projects and
    requirements there are."""
    rows = Participation.objects.for_user(reader) if reader else Participation.objects.all()
    participations = list(rows.filter(cohort=cohort).select_related("project").order_by("project__name", "pk"))
    requirements = requirements_of(cohort)
    stages = list(Stage.objects.filter(pathway=cohort.pathway_id).order_by("sort_order", "pk"))
    facts = gather(cohort, [row.project_id for row in participations], requirements)
    today = today or local_day(timezone.now(), cohort.time_zone)
    rows = []
    for participation in participations:
        cells = standings(requirements, cohort, participation.project_id, facts, today=today, is_decided=True, place=participation.state)
        rail = place_on_rail(stages, cells, graduated=participation.graduated_at is not None)
        rows.append(MatrixRow(participation, cells, rail))
    return Matrix(cohort, stages, requirements, rows)

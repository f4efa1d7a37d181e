"""Where a project is on its pathway: what is next, who owes what, until when. Reads only; at most ten queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from academy.models import User
from academy.permissions import COORDINATORS
from academy.prepared import Later, Prepared, columns_of, objects_of
from cohorts.frozen import programme
from cohorts.models import (
    Application,
    ApplicationState,
    Cohort,
    ConflictDeclaration,
    FormSending,
    Participation,
    ParticipationState,
    Partnership,
    Project,
    ProjectMember,
    Stage,
)
from cohorts.models.application import SUBMITTED_STATES
from cohorts.peer_requests import Asked, asked_of, numbers_in, requests_of_place, works_for_place
from cohorts.requirements import Standing, gather, local_day, standings
from cohorts.whats_next import who_answers
from courses.reports import Together

DONE, HERE, NEXT, LATER = "done", "here", "next", "later"


@dataclass(frozen=True)
class StageStanding:
    """One station of the rail. `state` is done, here, next or later (academy.ui.Station)."""

    stage: Stage
    state: str
    items: list[Standing]

    @property
    def asked(self) -> list[Standing]:
        """What counts: the mandatory requirements; of a stage without any, all of them."""
        return [item for item in self.items if item.requirement.mandatory] or self.items

    @property
    def done(self) -> int:
        return sum(item.is_settled for item in self.asked)


@dataclass(frozen=True)
class PathwayState:
    """Everything that *My pathway* says. `feedback_asked`: what its coordinator asks it to say of works of others. Without a cohort there is no application yet, and every list is empty."""

    project: Project
    cohort: Cohort | None = None
    application: Application | None = None
    participation: Participation | None = None
    stages: list[StageStanding] = field(default_factory=list)
    feedback_asked: list[Asked] = field(default_factory=list)
    partnership: UUID | None = None  # the one that stands

    @property
    def here(self) -> StageStanding | None:
        return next((stage for stage in self.stages if stage.state == HERE), None)

    @property
    def open_items(self) -> list[Standing]:
        """Mandatory things not settled, in the order of the pathway; once all are, the optional ones."""
        rows = [item for stage in self.stages for item in stage.items if not item.is_settled]
        return [row for row in rows if row.requirement.mandatory] or rows

    @property
    def next_step(self) -> Standing | None:
        """The first thing that the project itself has to do now; None when only Smart owes something, or nothing is left."""
        if self.is_over:
            return None
        return next((row for row in self.open_items if row.owed_by_promoter and self._is_reachable(row)), None)

    @property
    def waiting_for_smart(self) -> list[Standing]:
        """What Smart owes the project at the stage where it is."""
        items = self.here.items if self.here else []
        return [row for row in items if not row.is_settled and not row.owed_by_promoter]

    @property
    def owed_by_project(self) -> list[Standing]:
        items = self.here.items if self.here else []
        return [row for row in items if not row.is_settled and row.owed_by_promoter]

    @property
    def overdue(self) -> list[Standing]:
        return [row for row in self.open_items if row.is_overdue]

    @property
    def is_over(self) -> bool:
        """Nothing more is asked: the project graduated, left, or was not taken."""
        if self.participation:
            asks = {ParticipationState.INVITED, ParticipationState.ACTIVE, ParticipationState.PAUSED, ParticipationState.ELIGIBLE}
            return self.participation.state not in asks
        ended = {ApplicationState.DECLINED, ApplicationState.INELIGIBLE, ApplicationState.WITHDRAWN, ApplicationState.LAPSED}
        return self.application is not None and self.application.state in ended

    def _is_reachable(self, row: Standing) -> bool:
        """Before admission only what belongs to applying can be done; the rest waits for the decision."""
        if self.participation is not None:
            return True
        return row.requirement.kind == "application" or row.requirement.moment == "entry"


_A = ApplicationState
DECIDED = frozenset({_A.ADMITTED, _A.RESERVE, _A.DECLINED, _A.INELIGIBLE})
_PROJECT = Project._meta.pk
COORDINATOR = ("name", "email", "is_active", "is_superuser")
_coordinates = User.groups.through.objects.filter(user=OuterRef("cohort__coordinator"), group__name=COORDINATORS)
_of_the_coordinator = {"person": OuterRef("cohort__coordinator")}
_declared = ConflictDeclaration.objects.standing().filter(**_of_the_coordinator, application__project=OuterRef("project"))
_own = ProjectMember.objects.filter(**_of_the_coordinator, project=OuterRef("project"))
_forms = FormSending.objects.filter(reply__project=OuterRef("project")).counting_in(OuterRef(OuterRef("cohort")))
_forms = _forms.order_by().values("reply__project")
_partnerships = Partnership.objects.current().filter(project=OuterRef("project")).order_by().values("pk")
_participations = Prepared(  # with what else the project has, as text: no query of its own for each
    lambda: (
        Participation.objects.filter(project=Later("project", _PROJECT))
        .order_by("-invited_at")
        .values_list(
            *columns_of(Participation),
            Subquery(_forms.annotate(together=Together("reply__requirement")).values("together")),
            Subquery(requests_of_place()),
            Subquery(works_for_place()),
            Subquery(_partnerships[:1]),
        )
    )
)
_applications = Prepared(
    lambda: (
        Application.objects.filter(project=Later("project", _PROJECT))
        .order_by("-created_at")
        .values_list(
            *columns_of(Application, "cohort", leave=Application.LONG),
            *(f"cohort__coordinator__{name}" for name in COORDINATOR),
            Exists(_coordinates),
            Exists(_declared),
            Exists(_own),
        )
    )
)


def pathway_state(project: Project, *, cohort: Cohort | None = None, today: date | None = None) -> PathwayState:
    """The state of a project in a cohort: the one named, else the one where it takes part, else the one it last applied to."""
    places = _participations.rows(project=project.pk)
    walked = objects_of(Participation, places)
    beside = {participation.pk: row[-4:] for participation, row in zip(walked, places, strict=True)}
    rows = _applications.rows(project=project.pk)
    applied = objects_of(Application, rows, "cohort", leave=Application.LONG)
    for row, application in zip(rows, applied, strict=True):
        *known, coordinates, declared, own = row[-len(COORDINATOR) - 3 :]
        coordinator = User(**dict(zip(COORDINATOR, known, strict=True)))
        coordinator.roles = {COORDINATORS} if coordinates else set()
        application.whom_to_ask = who_answers(coordinator, project, is_closed=declared or own)
    _give_cohorts(walked, applied)
    if cohort is not None:
        walked, applied = ([row for row in found if row.cohort_id == cohort.pk] for found in (walked, applied))
    participation = _best(walked)
    if participation is not None:
        cohort = participation.cohort
        application = next((row for row in applied if row.cohort_id == cohort.pk and row.state == ApplicationState.ADMITTED), None)
        application = application or next((row for row in applied if row.cohort_id == cohort.pk), None)
    else:
        application = next((row for row in applied if row.state not in (ApplicationState.WITHDRAWN, ApplicationState.LAPSED)), None)
        application = application or next(iter(applied), None)
        cohort = application.cohort if application else cohort
    if cohort is None:
        return PathwayState(project)
    stages, requirements = programme(cohort)
    sent = [row.submitted_at for row in applied if row.cohort_id == cohort.pk and row.state in SUBMITTED_STATES and row.submitted_at]
    forms, requests, works, partnership = beside[participation.pk] if participation else (None,) * 4
    facts = gather(
        cohort,
        [project.pk],
        requirements,
        submitted={project.pk: sent[-1]} if sent else {},
        sent={(project.pk, number) for number in numbers_in(forms)} if participation else None,
    )
    today = today or local_day(timezone.now(), cohort.time_zone)
    decided = participation is not None or (application is not None and application.state in DECIDED)
    closes_at = application.due_at if application else None
    place = participation.state if participation else ""
    rows = standings(requirements, cohort, project.pk, facts, today=today, closes_at=closes_at, is_decided=decided, place=place)
    graduated = participation is not None and participation.graduated_at is not None
    asked = asked_of(participation, requirements, requests=requests, works=works) if participation else []
    placed = place_on_rail(stages, rows, graduated=graduated)
    return PathwayState(project, cohort, application, participation, placed, asked, partnership)


def _give_cohorts(walked: list[Participation], applied: list[Application]) -> None:
    """A cohort has many columns: it is read once, with the application to it. Of one without any, Django asks for the cohort itself."""
    known = {row.cohort_id: row.cohort for row in applied}
    for row in walked:
        if row.cohort_id in known:
            row.cohort = known[row.cohort_id]


def _best(rows: list[Participation]) -> Participation | None:
    """The participation that goes on, else the last one."""
    ended = (ParticipationState.TRANSFERRED, ParticipationState.WITHDRAWN, ParticipationState.DISMISSED)
    return next((row for row in rows if row.state not in ended), next(iter(rows), None))


def place_on_rail(stages: list[Stage], rows: list[Standing], *, graduated: bool = False) -> list[StageStanding]:
    """Pure: a stage is done when its mandatory requirements are settled; the first that is not is “here”, the one after “next”.

    A stage without mandatory requirements is done when the one after it has begun to count, that is, when all before it are done;
    the last such stage (graduation itself) is done only by graduating.
    """
    by_stage: dict[int, list[Standing]] = {}
    for row in rows:
        by_stage.setdefault(row.requirement.stage_id, []).append(row)
    placed, found, following = [], False, False
    for position, stage in enumerate(stages, start=1):
        items = by_stage.get(stage.pk, [])
        mandatory = [row for row in items if row.requirement.mandatory]
        finished = all(row.is_settled for row in mandatory)
        if not mandatory and position == len(stages):
            finished = graduated
        if graduated or (finished and not found):
            state = DONE
        elif not found:
            state, found = HERE, True
        elif not following:
            state, following = NEXT, True
        else:
            state = LATER
        placed.append(StageStanding(stage, state, items))
    return placed

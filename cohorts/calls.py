"""The calls for projects, as a visitor or a promoter sees them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from academy.models import User
from academy.prepared import Later, Prepared, PreparedForPerson, columns_of, objects_of
from cohorts.models import Application, Cohort, CohortState, Session

_COHORT, _NOW = Cohort._meta.pk, Cohort._meta.get_field("intake_closes_at")
_accepting = Prepared(
    lambda: Cohort.objects.accepting(Later("now", _NOW)).order_by("intake_closes_at").values_list(*columns_of(Cohort)),
)
_coming = Prepared(
    lambda: (
        Cohort.objects.filter(state=CohortState.OPEN, intake_opens_at__gt=Later("now", _NOW))
        .order_by("intake_opens_at")
        .values_list(*columns_of(Cohort))[:1]
    )
)
_earlier = Prepared(
    lambda: (
        Cohort.objects.announced()
        .filter(intake_closes_at__lte=Later("now", _NOW))
        .order_by("-intake_closes_at")
        .values_list(*columns_of(Cohort))[:6]
    )
)
_sessions = Prepared(
    lambda: (
        Session.objects.filter(cohorts__in=Later("cohorts", _COHORT), cancelled_at__isnull=True)
        .order_by("starts_at")
        .values_list(*columns_of(Session), "cohorts")
    )
)
_mine = PreparedForPerson(
    lambda person: (
        Application.objects.of_member(person)
        .live()
        .filter(cohort__in=Later("cohorts", _COHORT))
        .values_list(*columns_of(Application, "project", leave=Application.LONG))
    )
)


@dataclass(frozen=True)
class Call:
    """One open call; `mine` are the reader's own applications to it."""

    cohort: Cohort
    sessions: list[Session]
    mine: list[Application]

    @property
    def seen_as(self) -> tuple:
        """All that is shown of it: two people with the same are shown the same."""
        cohort = self.cohort
        facts = (
            cohort.pk,
            str(cohort.title),
            str(cohort.season),
            str(cohort.summary),
            cohort.intake_closes_at,
            cohort.time_zone,
            cohort.starts_at,
            cohort.capacity,
        )
        sessions = tuple(
            (str(one.title), one.starts_at, one.ends_at, one.time_zone, one.place, one.estimated_cost, one.currency)
            for one in self.sessions
        )
        return (*facts, sessions, tuple((one.pk, one.project.name, one.state) for one in self.mine))


def calls_for(user: User) -> list[Call]:
    """Open calls, the one that closes first on top. Three queries at most, however many calls."""
    cohorts = objects_of(Cohort, _accepting.rows(now=timezone.now()))
    if not cohorts:
        return []
    keys = [cohort.pk for cohort in cohorts]
    sessions: dict[object, list[Session]] = {}
    rows = _sessions.rows(cohorts=keys)
    for row, session in zip(rows, objects_of(Session, rows), strict=True):
        sessions.setdefault(row[-1], []).append(session)
    mine: dict[object, list[Application]] = {}
    if user.is_authenticated:
        for one in objects_of(Application, _mine.rows(user, cohorts=keys), "project", leave=Application.LONG):
            mine.setdefault(one.cohort_id, []).append(one)
    return [Call(cohort, sessions.get(cohort.pk, []), mine.get(cohort.pk, [])) for cohort in cohorts]


def next_call() -> Cohort | None:
    """A call that is announced and has not opened yet."""
    return next(iter(objects_of(Cohort, _coming.rows(now=timezone.now()))), None)


def earlier_calls() -> list[Cohort]:
    """The calls that have closed, the last one on top: each has a page still."""
    return objects_of(Cohort, _earlier.rows(now=timezone.now()))

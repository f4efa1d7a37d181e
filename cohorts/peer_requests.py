"""What coordinators ask the projects of a cohort to say of each other's works: who is still asked, and where it is done (decision 0056).

A project has done it once it has sent feedback on one work of another project that is still shown, or since it was asked. Reads only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from academy.models import User
from cohorts.models import Participation, ParticipationState, PeerFeedback, PeerOpening, PeerRequest, ProjectMember, Requirement
from courses.reports import Together

ASKED = frozenset({ParticipationState.ACTIVE, ParticipationState.ELIGIBLE})  # of a paused project nothing is asked


@dataclass(frozen=True)
class Asked:
    """One deliverable on which a project is asked for feedback. Not `may_read`: no other project shows its work yet."""

    requirement: Requirement
    may_read: bool


def requests_of_place() -> QuerySet:
    """Of each participation of the query around it: the deliverables on which its project has still to say something, as `1,2,3`."""
    place = OuterRef(OuterRef("project"))
    said = PeerFeedback.objects.standing().filter(project=place, opening__requirement=OuterRef("requirement"))
    said = said.filter(
        Q(opening__closed_at__isnull=True) | Q(sent_at__gte=OuterRef("asked_at")), opening__participation__cohort=OuterRef("cohort")
    )
    rows = PeerRequest.objects.filter(~Exists(said), cohort=OuterRef("cohort"), ended_at__isnull=True)
    return rows.order_by().values("cohort").annotate(together=Together("requirement")).values("together")


def works_for_place() -> QuerySet:
    """The same: the deliverables of which another project shows a work that this one has not judged."""
    said = PeerFeedback.objects.filter(project=OuterRef(OuterRef("project")), opening=OuterRef("pk"), sent_at__isnull=False)
    rows = PeerOpening.objects.standing().filter(~Exists(said), participation__cohort=OuterRef("cohort"))
    rows = rows.exclude(participation__project=OuterRef("project"))
    return rows.order_by().values("participation__cohort").annotate(together=Together("requirement")).values("together")


def numbers_in(together: str | None) -> set[int]:
    return {int(number) for number in together.split(",")} if together else set()


def asked_of(place: Participation, requirements: Iterable[Requirement], *, requests: str | None, works: str | None) -> list[Asked]:
    """In the order of the pathway."""
    if place.state not in ASKED:
        return []
    wanted, shown = numbers_in(requests), numbers_in(works)
    return [Asked(row, row.pk in shown) for row in requirements if row.pk in wanted]


def next_work(place: Participation, requirement: Requirement, reader: User) -> PeerOpening | None:
    """What this person goes on with: a draft of their project, else the work that has received least. Never one of a project of theirs."""
    given = PeerFeedback.objects.filter(opening=OuterRef("pk"), project=place.project_id)
    rows = PeerOpening.objects.for_user(reader).standing().filter(participation__cohort=place.cohort_id, requirement=requirement)
    rows = rows.exclude(participation__project__in=ProjectMember.objects.filter(person=reader).values("project"))
    rows = rows.exclude(Exists(given.filter(sent_at__isnull=False))).annotate(begun=Exists(given))
    return rows.least_first().order_by("-begun", "received", "opened_at", "pk").first()

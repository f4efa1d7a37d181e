"""A reviewer's own list: what waits for an answer, what is to be written, what is done; each with its day, its length and what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.models import User
from cohorts.faces import Face, faces_of
from cohorts.models import DECIDED_STATES, ApplicationSnapshot, AssignmentState, Criterion, ReviewAssignment
from cohorts.rounds import waits_for_its_reader, why_not_taken

READING = 15  # minutes to read a dossier
PER_CRITERION = 2
TO_WRITE = (AssignmentState.ACCEPTED, AssignmentState.IN_PROGRESS)


@dataclass(frozen=True)
class ReviewLine:
    """One review in the list, with what its reader may know of whose it is. `answered` of `total` criteria; `has_newer`: the project has sent a new version since."""

    assignment: ReviewAssignment
    face: Face
    answered: int
    total: int
    has_newer: bool

    @property
    def is_taken(self) -> bool:
        return not why_not_taken(self.assignment)

    @property
    def is_late(self) -> bool:
        due, zone = self.assignment.due_on, self.assignment.application.cohort.zone
        return (
            due is not None and due < timezone.localdate(timezone=zone) and self.assignment.state in (AssignmentState.PROPOSED, *TO_WRITE)
        )

    @property
    def minutes(self) -> int:
        """About how long it still takes, in steps of five minutes."""
        reading = 0 if self.answered else READING
        return max(5, round((reading + (self.total - self.answered) * PER_CRITERION) / 5) * 5)

    @property
    def next(self) -> str:
        """What happens next, in one sentence."""
        if self.assignment.state == AssignmentState.PROPOSED:
            return _("Say whether anything stands in the way: then the dossier opens.")
        if self.assignment.state == AssignmentState.SUBMITTED:
            return self._after()
        if self.assignment.state not in TO_WRITE:
            return _("Nothing more is asked of you.")
        shut = why_not_taken(self.assignment)
        if shut:
            return shut
        if self.has_newer:
            return _("The project has sent a new version: read what has changed.")
        if self.assignment.state == AssignmentState.ACCEPTED:
            return _("Read the dossier, then assess it.")
        return _("Every criterion is answered: look once more, and send it.") if self.answered >= self.total else ""

    def _after(self) -> str:
        if self.assignment.application.state in DECIDED_STATES:
            return _("The decision is told to the project. Thank you.")
        if self.has_newer:
            return _("The project has sent a new version: read what has changed, and say whether your review stands.")
        if self.is_taken:
            return _("You may read the others’, and take yours back while the reading is open.")
        return _("Those who decide have it now.")


def listed(reviewer: User) -> dict[str, list[ReviewLine] | int]:
    """`waiting`, `to_do`, `done`, and how many ask for something now. The same queries for any number; a conflict takes its review off the list."""
    criteria = Criterion.objects.filter(part__rubric=OuterRef("application__cohort__rubric")).order_by().values("part__rubric")
    newer = ApplicationSnapshot.objects.filter(application=OuterRef("application"), number__gt=OuterRef("assessment__version_read__number"))
    rows = (
        ReviewAssignment.objects.for_user(reviewer)
        .filter(reviewer=reviewer)
        .exclude(state=AssignmentState.RECUSED)
        .select_related("application__project", "application__cohort", "round")
        .annotate(
            answered=Count("assessment__scores"),
            total=Subquery(criteria.annotate(number=Count("pk")).values("number"), output_field=IntegerField()),
            has_newer=Exists(newer),
        )
        .order_by(F("due_on").asc(nulls_last=True), "proposed_at")
    )
    rows = list(rows)
    faces = faces_of([row.application for row in rows], reviewer)
    lines = [ReviewLine(row, faces[row.application_id], row.answered, row.total or 0, row.has_newer) for row in rows]
    waits = (AssignmentState.PROPOSED, *TO_WRITE)
    done = [line for line in lines if line.assignment.state not in waits]
    return {
        "open_count": sum(waits_for_its_reader(line.assignment) for line in lines),
        "waiting": [line for line in lines if line.assignment.state == AssignmentState.PROPOSED],
        "to_do": [line for line in lines if line.assignment.state in TO_WRITE],
        "done": sorted(done, key=lambda line: line.assignment.submitted_at or line.assignment.proposed_at, reverse=True),
    }

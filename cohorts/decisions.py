"""What is asked of decisions, one or many: how many sign, whose names count, under which cause their letters leave."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from academy.models import User
from cohorts.models import Application, ConflictDeclaration, Determination, MentorAssignment, ProjectMember, Signature

GRADUATION_SIGNATURES = 2


def signatures_needed(determination: Determination) -> int:
    """A graduation takes two; an admission as many as its cohort says."""
    if determination.kind == Determination.Kind.GRADUATION:
        return GRADUATION_SIGNATURES
    return determination.application.cohort.signatures_needed


def valid_signatures(determinations: Iterable[Determination]) -> dict[UUID, list[User]]:
    """Of each decision, those who signed it and still have no interest in its project; of a graduation, nobody who accompanies it. Four
    queries, however many decisions.
    """
    determinations = list(determinations)
    projects = {row.pk: row.subject.project_id for row in determinations}
    mentors = MentorAssignment.objects.filter(project__in=projects.values()).values_list("project", "mentor")
    members = ProjectMember.objects.filter(project__in=projects.values()).values_list("project", "person")
    declared = ConflictDeclaration.objects.standing().filter(application__project__in=projects.values())
    interested = {*members, *declared.values_list("application__project", "person")}
    barred = {row.pk: {*interested, *mentors} if row.kind == Determination.Kind.GRADUATION else interested for row in determinations}
    found: dict[UUID, list[User]] = {pk: [] for pk in projects}
    for row in Signature.objects.filter(determination__in=projects).select_related("signed_by").order_by("signed_at"):
        if (projects[row.determination_id], row.signed_by_id) not in barred[row.determination_id]:
            found[row.determination_id].append(row.signed_by)
    return found


def letters_of(determination: Determination) -> str:
    """The cause of every message about this decision (`academy.messages`)."""
    return f"decision:{determination.pk}"


def ineligible_letters_of(application: Application) -> str:
    """The cause of what is said of an application that the call cannot take: until a decision replaces it."""
    return f"application-ineligible:{application.pk}"


def offer_letters_of(determination: Determination) -> tuple[str, str]:
    """The causes of what is said about an offered place before its date to answer by, and after it."""
    return f"offer-reminder:{determination.pk}", f"offer-late:{determination.pk}"

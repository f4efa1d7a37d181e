"""Who of the coordinators may be told of an application: never one to whom it is closed."""

from __future__ import annotations

from academy.models import User
from academy.permissions import COORDINATORS
from cohorts.models import Application, ConflictDeclaration, ProjectMember


def organisers_of(application: Application) -> list[User]:
    """The cohort's coordinator; when they have an interest in the project or have left, the other coordinators without one."""
    first = application.cohort.coordinator
    others = User.objects.filter(groups__name=COORDINATORS).exclude(pk=first.pk).order_by("pk")
    declared = ConflictDeclaration.objects.standing().filter(application__project=application.project_id)
    closed = set(declared.values_list("person", flat=True))
    closed |= set(ProjectMember.objects.filter(project=application.project_id).values_list("person", flat=True))
    free = [person for person in (first, *others) if person.is_active and person.pk not in closed]
    return free[:1] if first in free else free

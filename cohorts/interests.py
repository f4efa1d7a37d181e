"""Who has an interest in a project, and so decides nothing about it: its members, and whoever declared one in any of its applications."""

from __future__ import annotations

from django.utils.translation import gettext as _

from academy.models import User
from academy.rules import RuleViolation
from cohorts.models import Project
from cohorts.models.application import interests_of


def has_interest(person: User, project: Project) -> bool:
    return interests_of(person).filter(pk=project.pk).exists()


def check_decides_freely(project: Project, *, by: User | None) -> None:
    """Refuses whoever has an interest. `by` is None for the clock, which has none."""
    if by is not None and has_interest(by, project):
        raise RuleViolation(_("You have an interest in this project: somebody else decides about it."), code="interest")

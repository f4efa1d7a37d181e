"""Who may, on the floor: the roles of design.md §1 as predicates. A superuser passes all of them."""

from typing import Any

TRAINERS, REVIEWERS, COORDINATORS = "Trainers", "Reviewers", "Coordinators"
ROLES = (TRAINERS, REVIEWERS, COORDINATORS)


def _has_role(user: Any, *roles: str) -> bool:
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return False
    return user.is_superuser or not user.roles.isdisjoint(roles)


def is_trainer(user: Any) -> bool:
    return _has_role(user, TRAINERS)


def is_reviewer(user: Any) -> bool:
    return _has_role(user, REVIEWERS)


def is_coordinator(user: Any) -> bool:
    return _has_role(user, COORDINATORS)


def is_administrator(user: Any) -> bool:
    return bool(getattr(user, "is_authenticated", False) and user.is_active and user.is_superuser)


def is_staff_member(user: Any) -> bool:
    """Anyone of the team: asked for a second factor, may sign a decision."""
    return _has_role(user, *ROLES)


def works_in_cms(user: Any) -> bool:
    """Trainers and coordinators. Reviewers have screens of their own, and the CMS names what they may not read (decision 0014)."""
    return _has_role(user, TRAINERS, COORDINATORS)

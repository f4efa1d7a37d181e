"""The groups that enrolments come from. They stand to the right (cohorts), and say here how they are named and who is in them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db.models import QuerySet

if TYPE_CHECKING:
    from academy.models import User

Names = Callable[["User"], dict[str, str]]
Members = Callable[[str], "QuerySet[User]"]
_known: list[tuple[Names, Members]] = []


def register(names: Names, members: Members) -> None:
    """`names(reader)` answers every group that the reader may know, by key; `members(key)` its people. Called once, by an AppConfig."""
    _known.append((names, members))


def names_for(reader: "User") -> dict[str, str]:
    """The groups by key, in the reader's language."""
    return {key: name for names, _members in _known for key, name in names(reader).items()}


def members_of(key: str) -> "list[User]":
    """The people of a group today; nobody when no one knows it."""
    return [person for _names, members in _known for person in members(key)]

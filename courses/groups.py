"""Whose work it is: a person's, or a group's. Groups (the projects) live in an app to the right, which says at start-up how to find them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from academy.models import User


@dataclass(frozen=True)
class Group:
    """Several people who hand in one work. `readers` may look; `workers`, who are readers too, write it and it counts for them. Of one that
    `rests` nothing is asked now: it may hand in, and nobody reminds it.
    """

    key: str
    name: str
    readers: frozenset[int]
    workers: frozenset[int]
    rests: bool = False


class Provider(Protocol):
    def __call__(self, *, people: Collection[int] = (), keys: Collection[str] = ()) -> Iterable[Group]:
        """The groups of these people, or those with these keys, in one query; always with all who are in them."""


_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Called once by each app that has groups, in its AppConfig.ready."""
    _providers.append(provider)


def groups_of(person: User) -> list[Group]:
    """The groups in which this person reads, by name."""
    return groups_of_all([person.pk]) if person.is_authenticated else []


def groups_of_all(people: Collection[int]) -> list[Group]:
    """The groups of any of these people, by name."""
    return sorted((group for provider in _providers for group in provider(people=people)), key=lambda group: (group.name, group.key))


def groups_with(keys: Iterable[str]) -> dict[str, Group]:
    wanted = {key for key in keys if key}
    return {group.key: group for provider in _providers for group in provider(keys=wanted)} if wanted else {}


@dataclass(frozen=True)
class Owner:
    """One of the two is there. Neither: the person was erased, or the group is gone."""

    person: User | None = None
    group: Group | None = None

    @property
    def fields(self) -> dict:
        """How its rows are found and written."""
        return {"user": None, "group_key": self.group.key} if self.group else {"user": self.person, "group_key": ""}

    @property
    def name(self) -> str:
        return self.group.name if self.group else str(self.person or "")

    @property
    def workers(self) -> frozenset[int]:
        """Those for whom it counts."""
        return self.group.workers if self.group else frozenset({self.person.pk} if self.person else ())

    def may_read(self, user: User) -> bool:
        return user.is_authenticated and user.pk in (self.group.readers if self.group else self.workers)

    def may_write(self, user: User) -> bool:
        return user.is_authenticated and user.pk in self.workers

    def people(self) -> list[User]:
        """Those for whom it counts, in an order that is always the same: whoever locks their rows waits for nobody in a circle."""
        if not self.group:
            return [self.person] if self.person else []
        return list(User.objects.filter(pk__in=self.workers).order_by("pk"))


def owner_of(row) -> Owner:
    """Of a submission or an extension."""
    return Owner(group=groups_with([row.group_key]).get(row.group_key)) if row.group_key else Owner(person=row.user)

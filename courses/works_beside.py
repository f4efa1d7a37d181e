"""What an app to the right shows on the page of a work, beside what its trainer says and apart from it. Arrows point left: it registers."""

from collections.abc import Callable, Iterable
from typing import Protocol

from academy.models import User
from courses.models import Submission


class Beside(Protocol):
    """`template` shows it, as `one`, on the site and in the CMS."""

    template: str


Provider = Callable[[Submission, User], Iterable[Beside]]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Called once by each app that has something to show, in its AppConfig.ready."""
    _providers.append(provider)


def beside(work: Submission | None, reader: User) -> list[Beside]:
    """Nothing of a draft: nobody else has read it."""
    if work is None or not work.handed_in_at or not reader.is_authenticated:
        return []
    return [one for provider in _providers for one in provider(work, reader)]

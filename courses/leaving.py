"""What a person who is erased leaves behind in courses (`academy.erasure`): records keep counting under nobody's name, by their keys."""

from __future__ import annotations

from academy.erasure import register
from academy.models import User
from courses.models import AwaitedEnrolment
from courses.settling import settle_waiting


def forget(person: User) -> None:
    """Invitations to their address; what they finished is counted first. What they handed in is forgotten by the clock, with its files (`actions.forget_erased`)."""
    settle_waiting(person)
    AwaitedEnrolment.objects.filter(email__iexact=person.email).delete()


def install() -> None:
    """Called once, by CoursesConfig.ready."""
    register(forget=forget)

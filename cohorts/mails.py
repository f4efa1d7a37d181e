"""Who of the team reads which of the mails that the Academy wrote."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from academy.models import Message, User
from academy.permissions import is_coordinator
from cohorts.closed_history import closed_keys
from cohorts.interests import interests_of
from cohorts.models import NetworkMessage, Participation, Project, ProjectMember, Registration

AT_A_TIME = 50  # conditions of one statement: SQLite refuses an expression that is deeper than a thousand


def mails_open_to(person: User) -> QuerySet[Message]:
    """For coordinators: all of them, but what people write to each other through the network, and what touches a project that is closed to
    this person: what its people received, what names it, what was caused by a row of it. What they received themselves is theirs to read.
    """
    if not is_coordinator(person):
        return Message.objects.none()
    rows = Message.objects.exclude(cause__startswith=NetworkMessage.LETTERS)
    closed = Project.objects.filter(Q(pk__in=interests_of(person)) | Q(pk__in=Project.objects.all().closed_to(person)))
    names = dict(closed.values_list("pk", "name"))
    if not names:
        return rows
    theirs = Q(to=person)
    people = ProjectMember.objects.filter(project__in=names)
    rows = rows.filter(theirs | ~Q(to__in=people.values("person")))
    touches = [Q(subject__icontains=name) | Q(body_text__icontains=name) for name in names.values() if name]
    touches += [Q(cause__endswith=f":{key}") | Q(cause__contains=f":{key}:") for key in sorted(_keys_of(person, set(names)))]
    for first in range(0, len(touches), AT_A_TIME):
        rows = rows.filter(theirs | ~reduce(or_, touches[first : first + AT_A_TIME]))
    return rows


def _keys_of(person: User, projects: set) -> set[str]:
    keys = closed_keys(person) | {str(key) for key in projects}
    for model in (Participation, Registration):
        keys |= {str(key) for key in model.objects.filter(project__in=projects).values_list("pk", flat=True)}
    return keys

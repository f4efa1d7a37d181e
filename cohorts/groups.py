"""Projects as groups that hand in one work together (`courses.groups`): lead and members write it, who may look reads it."""

from collections.abc import Collection, Iterable

from cohorts.models import ProjectMember
from courses.groups import Group

WORKERS = frozenset({ProjectMember.Role.LEAD, ProjectMember.Role.MEMBER})


def projects(*, people: Collection[int] = (), keys: Collection[str] = ()) -> Iterable[Group]:
    """One query, whatever their number."""
    wanted = ProjectMember.objects.filter(person__in=people).values("project") if people else keys
    rows = (
        ProjectMember.objects.filter(project__in=wanted)
        .order_by("project_id")
        .values_list("project_id", "project__name", "person_id", "role")
    )
    found: dict = {}
    for key, name, person_id, role in rows:
        found.setdefault((str(key), name), []).append((person_id, role))
    return [
        Group(key, name, frozenset(one for one, _role in people), frozenset(one for one, role in people if role in WORKERS))
        for (key, name), people in found.items()
    ]

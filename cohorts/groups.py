"""Projects as groups that hand in one work together (`courses.groups`): lead and members write it, who may look reads it."""

from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef

from cohorts.models import Participation, ParticipationState, ProjectMember
from courses.groups import Group

# where a project stands of which the pathway asks something: not one that pauses, has left or has graduated
ASKED = frozenset({ParticipationState.INVITED, ParticipationState.ACTIVE, ParticipationState.ELIGIBLE})
WORKERS = frozenset({ProjectMember.Role.LEAD, ProjectMember.Role.MEMBER})


def projects(*, people: Collection[int] = (), keys: Collection[str] = ()) -> Iterable[Group]:
    """One query, whatever their number."""
    wanted = ProjectMember.objects.filter(person__in=people).values("project") if people else keys
    places = Participation.objects.filter(project=OuterRef("project"))
    rows = (
        ProjectMember.objects.filter(project__in=wanted)
        .order_by("project_id")
        .annotate(rests=Exists(places) & ~Exists(places.filter(state__in=ASKED)))
        .values_list("project_id", "project__name", "rests", "person_id", "role")
    )
    found: dict = {}
    for key, name, rests, person_id, role in rows:
        found.setdefault((str(key), name, rests), []).append((person_id, role))
    return [
        Group(key, name, frozenset(one for one, _role in people), frozenset(one for one, role in people if role in WORKERS), rests)
        for (key, name, rests), people in found.items()
    ]

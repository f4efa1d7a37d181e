"""What the courses may know of cohorts: their names, and who is in them (`courses.learner_groups`)."""

from django.db.models import QuerySet

from academy.models import User
from cohorts.models import Cohort, Participation, ParticipationState

LEFT = (ParticipationState.TRANSFERRED, ParticipationState.WITHDRAWN, ParticipationState.DISMISSED)


def names(reader: User) -> dict[str, str]:
    """Every cohort that the reader may know of by its key, the latest first."""
    return {str(cohort.pk): str(cohort) for cohort in Cohort.objects.for_user(reader).order_by("-starts_at")}


def members(key: str) -> QuerySet[User]:
    """The people of the projects that are in the cohort and have not left it."""
    staying = Participation.objects.filter(cohort=key).exclude(state__in=LEFT)
    return User.objects.filter(is_active=True, project_memberships__project__in=staying.values("project")).distinct().order_by("name", "pk")

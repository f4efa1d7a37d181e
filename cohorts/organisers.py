"""Who of the coordinators answers for a cohort now, and who may be told of an application or of a reported message: never one to whom it
is closed."""

from __future__ import annotations

from django.db.models import QuerySet

from academy.models import User
from academy.permissions import COORDINATORS, is_coordinator
from cohorts.interests import has_interest, interests_of
from cohorts.models import Application, CohortComment, NetworkMessage, PeerFeedback, Project
from cohorts.models.application import without_interest


def who_answers_for(coordinator: User) -> User:
    """Whoever of the coordinators answers now: who has closed their account, or coordinates no more, answers nobody.

    Themselves where there is no other. Asked once of an object, so that hundreds of letters of one cohort ask once.
    """
    if "stands_in" not in coordinator.__dict__:
        others = User.objects.filter(is_active=True, groups__name=COORDINATORS).order_by("pk")
        coordinator.stands_in = None if is_coordinator(coordinator) else others.first()
    return coordinator.stands_in or coordinator


def who_answers_about(project: Project, coordinator: User, *, is_closed: bool | None = None) -> User:
    """The same to the people of one project: never somebody to whom it is closed, while another coordinator or an administrator is free.

    `is_closed`: whether it is closed to this coordinator, for who has read it already.
    """
    if not (has_interest(coordinator, project) if is_closed is None else is_closed):
        return who_answers_for(coordinator)
    free = without_interest(User.objects.filter(is_active=True), project).order_by("pk")
    return free.filter(groups__name=COORDINATORS).first() or free.filter(is_superuser=True).first() or coordinator


def who_signs(project: Project, coordinator: User) -> User:
    """The same of hundreds of letters: what is closed to a coordinator is asked once of the object."""
    if "closed_to" not in coordinator.__dict__:
        coordinator.closed_to = frozenset(interests_of(coordinator).values_list("pk", flat=True))
    return who_answers_about(project, coordinator, is_closed=project.pk in coordinator.closed_to)


def organisers_of(application: Application) -> list[User]:
    """The cohort's coordinator; when they have an interest in the project, have left or coordinate no more, the other coordinators without
    one, else the administrators: somebody is always told.
    """
    free = without_interest(User.objects.filter(is_active=True), application.project)
    first = application.cohort.coordinator
    if is_coordinator(first) and free.filter(pk=first.pk).exists():
        return [first]
    return list(free.filter(groups__name=COORDINATORS).order_by("pk")) or list(free.filter(is_superuser=True))


def _who_judges(free: QuerySet[User], coordinator: int) -> list[User]:
    """Of those who may: the cohort's coordinator, else the other coordinators, else the administrators."""
    coordinators = free.filter(groups__name=COORDINATORS).order_by("pk")
    return list(coordinators.filter(pk=coordinator)) or list(coordinators) or list(free.filter(is_superuser=True))


def judges_of_feedback(feedback: PeerFeedback) -> list[User]:
    """Nobody who has an interest in one of the two projects: whoever reported it waits for a verdict."""
    free = without_interest(without_interest(User.objects.filter(is_active=True), feedback.owner), feedback.project)
    return _who_judges(free, feedback.opening.participation.cohort.coordinator_id)


def judges_of_comment(comment: CohortComment) -> list[User]:
    """The same for what was said in a cohort: nobody who wrote it, who reported it, or who has an interest in the project that said it or of
    whose dossier it is said.
    """
    free = User.objects.filter(is_active=True).exclude(pk=comment.author_id).exclude(pk__in=comment.reports.values("reported_by"))
    under = comment.participation.project if comment.participation_id else None
    for project in filter(None, (comment.project, under)):
        free = without_interest(free, project)
    return _who_judges(free, comment.cohort.coordinator_id)


def judges_of(message: NetworkMessage) -> list[User]:
    """The coordinators who may read a reported message; where none may, the administrators: its writer waits for somebody's verdict."""
    free = without_interest(User.objects.filter(is_active=True), message.entry.project).exclude(pk__in=[message.sender_id, message.to_id])
    return list(free.filter(groups__name=COORDINATORS)) or list(free.filter(is_superuser=True))

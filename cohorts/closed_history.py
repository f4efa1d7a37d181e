"""The history of the whole site, for administrators, without what is closed to its reader: an interest once declared holds for them
too, and so does being of the project."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from wagtail.admin.views.reports.audit_logging import LogEntriesView
from wagtail.models import ModelLogEntry

from academy.models import User
from cohorts.interests import interests_of
from cohorts.models import (
    Application,
    Assessment,
    AttentionItem,
    ConflictDeclaration,
    Determination,
    NetworkMessage,
    Project,
    ReviewAssignment,
)


def closed_keys(person: User) -> set[str]:
    """The keys of all rows about an application that is closed to this person, as the history writes them: one in which they have an
    interest, or one of a project of theirs, whose reading and decision nobody of the project follows; with what of these projects needs
    somebody of the team.
    """
    applications = set(
        Application.objects.exclude(pk__in=Application.objects.without_conflict(person).values("pk")).values_list("pk", flat=True)
    )
    keys = set(applications)
    for model in (ReviewAssignment, Assessment, Determination, ConflictDeclaration):
        keys |= set(model.objects.filter(application__in=applications).values_list("pk", flat=True))
    keys |= set(AttentionItem.objects.filter(project__in=interests_of(person)).values_list("pk", flat=True))
    keys |= set(Project.objects.all().closed_to(person).values_list("pk", flat=True))
    return {str(key) for key in keys if key}


def private_messages(person: User) -> Q:
    """The lines about messages of the network that nobody showed to this person: who wrote to whom is nobody else's affair."""
    shown = [str(key) for key in NetworkMessage.objects.for_user(person).values_list("pk", flat=True)]
    return Q(content_type=ContentType.objects.get_for_model(NetworkMessage)) & ~Q(object_id__in=shown)


class ClosedHistoryView(LogEntriesView):
    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows = super().filter_queryset(queryset)
        if queryset.model is not ModelLogEntry:
            return rows
        ours = [Application, ReviewAssignment, Assessment, Determination, ConflictDeclaration, AttentionItem, Project]
        return rows.exclude(private_messages(self.request.user)).exclude(
            object_id__in=closed_keys(self.request.user),
            content_type__app_label=Application._meta.app_label,
            content_type__model__in=[model._meta.model_name for model in ours],
        )

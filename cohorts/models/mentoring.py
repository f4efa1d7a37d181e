"""What is written of the meetings with a project."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from academy.permissions import works_in_cms

from .append_only import AppendOnlyModel, AppendOnlyQuerySet
from .application import interests_of
from .participation import Participation
from .project import MentorAssignment, ProjectMember


class MeetingNoteQuerySet(AppendOnlyQuerySet):
    def of_project(self, project):
        """Through all its cohorts: the notes go with it."""
        return self.filter(participation__project=project)

    def standing(self):
        """What counts: no later note corrects it."""
        return self.filter(correction__isnull=True)

    def shared_with(self, user):
        """What a member of the project reads. Never what a correction replaced: it may have been shared by mistake."""
        mine = ProjectMember.objects.filter(person=user).values("project")
        return self.standing().filter(visibility=MeetingNote.Visibility.PROJECT, participation__project__in=mine)

    def for_user(self, user):
        """Members read what is shared with them. Trainers and coordinators read everything about projects in which they have no interest;
        in one that they accompany all the same, what is shared and what they wrote.
        """
        if not user.is_authenticated:
            return self.none()
        own = Q(pk__in=self.model.objects.shared_with(user).values("pk"))
        if not works_in_cms(user):
            return self.filter(own)
        member = ProjectMember.objects.filter(person=user).values("project")
        free = ~Q(participation__project__in=interests_of(user).values("pk"))
        accompanied = Q(participation__project__in=MentorAssignment.objects.filter(mentor=user, until__isnull=True).values("project"))
        theirs = Q(author=user) | Q(visibility=MeetingNote.Visibility.PROJECT)
        return self.filter(own | free | (accompanied & ~Q(participation__project__in=member) & theirs))


class MeetingNote(AppendOnlyModel):
    """What came out of one meeting. Written once: a correction is a note of its own that takes the place of the one it `corrects`."""

    class Visibility(models.TextChoices):
        PROJECT = "project", _("Shared with the project")
        TEAM = "team", _("The team only")

    participation = models.ForeignKey(
        Participation, on_delete=models.PROTECT, related_name="meeting_notes", verbose_name=_("project in a cohort")
    )
    met_on = models.DateField(_("day of the meeting"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("author"))
    words = models.TextField(_("what was said and agreed"), max_length=8000)
    visibility = models.CharField(_("who reads it"), max_length=16, choices=Visibility)
    written_at = models.DateTimeField(_("written"))
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="correction", verbose_name=_("corrects")
    )

    objects = MeetingNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting note")
        verbose_name_plural = _("meeting notes")
        ordering = ["-met_on", "-written_at", "-pk"]

    def __str__(self):
        return f"{self.participation.project} · {self.met_on}"

    @property
    def is_shared(self) -> bool:
        return self.visibility == self.Visibility.PROJECT

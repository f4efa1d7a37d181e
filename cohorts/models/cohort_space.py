"""What the projects of one cohort show each other of their dossiers, and what is said about it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.permissions import is_coordinator, works_in_cms
from wiki.headings import HEADINGS

from .announcement import Announcement, cohorts_open_to
from .application import ConflictDeclaration, interests_of
from .cohort import Cohort
from .constraints import date_with_author
from .participation import Participation
from .project import Project, ProjectMember

HEADING_CHOICES = [(heading.key, heading.label) for heading in HEADINGS]


def projects_hidden_from(user) -> models.QuerySet:
    """Of which an outside juror with a declared interest sees nothing here either (invariant 6), whatever else brings them in. Who works
    in the CMS knows the projects that take part (`ProjectQuerySet.closed_to`); one's own stays one's own.
    """
    if works_in_cms(user):
        return Project.objects.none()
    declared = ConflictDeclaration.objects.standing().filter(person=user).values("application__project")
    return Project.objects.filter(pk__in=declared).exclude(pk__in=ProjectMember.objects.filter(person=user).values("project"))


def participations_open_to(user) -> models.QuerySet:
    """The projects that this person meets in the spaces of their cohorts."""
    rows = Participation.objects.holding_a_place().filter(cohort__in=cohorts_open_to(user).values("pk"))
    return rows.exclude(project__in=projects_hidden_from(user).values("pk"))


class SharedHeading(models.Model):
    """One heading of its dossier that a project shows to one cohort, as it stands and as it changes. There is a row only where its lead
    chose it; it ends with the row. A project that changes cohorts chooses anew.
    """

    participation = models.ForeignKey(
        Participation, on_delete=models.CASCADE, related_name="shared_headings", verbose_name=_("project in a cohort")
    )
    heading = models.CharField(_("heading"), max_length=32, choices=HEADING_CHOICES)
    shared_at = models.DateTimeField(_("shared"))
    shared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("shared heading")
        verbose_name_plural = _("shared headings")
        ordering = ["participation", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["participation", "heading"], name="a_heading_is_shared_once_with_a_cohort"),
            models.CheckConstraint(
                condition=Q(heading__in=[heading.key for heading in HEADINGS]), name="only_a_heading_of_the_dossier_is_shared"
            ),
        ]

    def __str__(self):
        return f"{self.participation} · {self.get_heading_display()}"


class CohortCommentQuerySet(models.QuerySet):
    def for_user(self, user):
        """What stands under what this person reads: an announcement that stands, a heading while it is shared. What a coordinator hid is
        read by coordinators only.
        """
        shared = SharedHeading.objects.filter(participation=OuterRef("participation"), heading=OuterRef("heading"))
        under_heading = Q(Exists(shared), participation__in=participations_open_to(user).values("pk"))
        under_announcement = Q(announcement__in=Announcement.objects.for_user(user).values("pk"))
        rows = self.filter(under_heading | under_announcement)
        hidden = projects_hidden_from(user).values("pk")
        rows = rows.exclude(project__in=hidden).exclude(answers__project__in=hidden)
        return rows if is_coordinator(user) else rows.filter(hidden_at__isnull=True).exclude(answers__hidden_at__isnull=False)

    def standing(self):
        return self.filter(deleted_at__isnull=True, hidden_at__isnull=True)

    def settled_by(self, person):
        """Those that this person may decide about: not what they wrote themselves, nor what a project said, or is said of its dossier, in
        which they have an interest.
        """
        own = interests_of(person).values("pk")
        under_own = Q(participation__isnull=False, participation__project__in=own)
        return self.exclude(author=person).exclude(project__isnull=False, project__in=own).exclude(under_own)

    def reported(self):
        """Those that a coordinator has still to look at."""
        return self.filter(deleted_at__isnull=True, reports__settled_at__isnull=True, reports__isnull=False).distinct()


class CohortComment(models.Model):
    """Plain words under an announcement or a shared heading, or an answer to such words: one level deep, never deeper.

    `project`: for which the author spoke; NULL, the team. NULL `author`: gone. Deleted by its author or with them, its words go and its
    place stays for the answers; hidden by a coordinator with a reason, its words stay for coordinators. `key` comes from the page: the same
    form sent twice is one comment.
    """

    MOST_WORDS = 300
    MOST_CHARACTERS = 3000
    EDIT_WITHIN = timedelta(minutes=30)  # after that others have read it, and may have answered

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="+", verbose_name=_("cohort"))
    announcement = models.ForeignKey(
        Announcement, on_delete=models.PROTECT, null=True, blank=True, related_name="comments", verbose_name=_("announcement")
    )
    participation = models.ForeignKey(
        Participation, on_delete=models.PROTECT, null=True, blank=True, related_name="comments", verbose_name=_("project in a cohort")
    )
    heading = models.CharField(_("heading"), max_length=32, choices=HEADING_CHOICES, blank=True)
    answers = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies", verbose_name=_("answers"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("author"))
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("project"))
    words = models.TextField(_("words"), max_length=MOST_CHARACTERS, blank=True)
    key = models.UUIDField(editable=False, default=uuid.uuid4)
    posted_at = models.DateTimeField(_("posted"))
    edited_at = models.DateTimeField(_("changed"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    hidden_at = models.DateTimeField(_("hidden"), null=True, blank=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    hidden_reason = models.TextField(_("why hidden"), max_length=1000, blank=True)

    objects = CohortCommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment in a cohort")
        verbose_name_plural = _("comments in a cohort")
        ordering = ["posted_at", "pk"]
        indexes = [models.Index(fields=["author", "posted_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(announcement__isnull=False, participation__isnull=True, heading="")
                | (Q(announcement__isnull=True, participation__isnull=False) & ~Q(heading="")),
                name="a_comment_stands_under_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) & ~Q(words="") | Q(deleted_at__isnull=False, words=""),
                name="a_deleted_comment_keeps_no_words",
            ),
            models.UniqueConstraint(fields=["author", "key"], name="a_form_sent_twice_is_one_comment"),
            date_with_author("hidden", name="a_comment_is_hidden_by_somebody"),
            models.CheckConstraint(
                condition=Q(hidden_at__isnull=True, hidden_reason="") | (Q(hidden_at__isnull=False) & ~Q(hidden_reason="")),
                name="a_hidden_comment_says_why",
            ),
        ]

    def __str__(self):
        return f"{self.author or '—'} · {self.posted_at:%Y-%m-%d}"

    @property
    def is_open_to_edits(self) -> bool:
        """Its author may still change its words."""
        return not self.deleted_at and not self.hidden_at and timezone.now() - self.posted_at <= self.EDIT_WITHIN

    @property
    def subject(self) -> Announcement | Participation:
        return self.announcement or self.participation


class CommentReport(models.Model):
    """Somebody of the cohort shows a comment to its coordinators. NULL `settled_at`: none of them has decided yet."""

    comment = models.ForeignKey(CohortComment, on_delete=models.CASCADE, related_name="reports", verbose_name=_("comment"))
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    reported_at = models.DateTimeField(_("reported"))
    reason = models.TextField(_("why it is reported"), max_length=1000)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("report of a comment")
        verbose_name_plural = _("reports of comments")
        ordering = ["reported_at"]
        constraints = [
            models.UniqueConstraint(fields=["comment", "reported_by"], name="a_person_reports_a_comment_once"),
            date_with_author("settled", name="a_report_of_a_comment_is_settled_by_somebody"),
        ]

    def __str__(self):
        return f"{self.comment} · {self.reported_at:%Y-%m-%d}"

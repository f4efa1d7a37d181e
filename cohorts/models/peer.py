"""What a project hands in and shows to its cohort for feedback, and what the other projects of it say, with the assignment's own rubric."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from academy.permissions import is_coordinator, is_trainer
from courses.models import SubmissionVersion

from .application import interests_of
from .cohort import Cohort
from .cohort_space import participations_open_to, projects_hidden_from
from .constraints import date_with_author
from .participation import PLACE_HOLDING, Participation
from .pathway import Requirement
from .project import MentorAssignment, Project, ProjectMember

GONE = {"on_delete": models.SET_NULL, "null": True, "blank": True, "related_name": "+"}
STAYS = {"on_delete": models.PROTECT, "null": True, "blank": True, "related_name": "+"}
CANNOT_JUDGE = "none"  # a level like any other, but of none


def _own(user) -> models.QuerySet:
    return ProjectMember.objects.filter(person=user).values("project")


def _accompanied_by(user) -> models.QuerySet:
    return MentorAssignment.objects.filter(mentor=user, until__isnull=True).values("project")


class PeerRequest(models.Model):
    """The coordinator asks a cohort to give feedback on one deliverable. It opens nothing: each project still shows its own work. NULL
    `ended_at`: asked now.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="peer_requests", verbose_name=_("cohort"))
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="+", verbose_name=_("deliverable"))
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, **STAYS)

    class Meta:
        verbose_name = _("request for peer feedback")
        verbose_name_plural = _("requests for peer feedback")
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "requirement"], condition=Q(ended_at__isnull=True), name="peer_feedback_is_asked_once_at_a_time"
            ),
            date_with_author("ended", name="a_request_for_feedback_is_ended_by_somebody"),
        ]

    def __str__(self):
        return f"{self.cohort} · {self.requirement}"


class PeerOpeningQuerySet(models.QuerySet):
    def standing(self):
        """Those that may be read and answered now."""
        return self.filter(self._standing())

    def work_for_user(self, user):
        """Those of which this person reads the work itself: open, of a project of theirs, or one that they accompany; coordinators, of all.
        Who gave feedback keeps that, and no longer the work.
        """
        rows = self.for_user(user)
        return rows if is_coordinator(user) else rows.filter(self._standing() | self._inside(user))

    @staticmethod
    def _standing() -> Q:
        return Q(closed_at__isnull=True, participation__state__in=PLACE_HOLDING)

    @staticmethod
    def _inside(user) -> Q:
        return Q(participation__project__in=_own(user)) | Q(participation__project__in=_accompanied_by(user))

    def for_user(self, user):
        """In the room of the cohort (decision 0051): what is open. What is closed: its own people, who gave feedback on it, or was writing it (they no longer
        read the work), who accompanies the project, and coordinators.
        """
        rows = self.filter(participation__in=participations_open_to(user).values("pk"))
        if is_coordinator(user):
            return rows
        given = PeerFeedback.objects.filter(project__in=_own(user)).values("opening")
        return rows.filter(Q(closed_at__isnull=True) | self._inside(user) | Q(pk__in=given))

    def least_first(self):
        """Who has received least stands first; of those, who has waited longest."""
        heard = Q(feedback__sent_at__isnull=False, feedback__withdrawn_at__isnull=True)
        return self.annotate(received=Count("feedback", filter=heard)).order_by("received", "opened_at", "pk")


class PeerOpening(models.Model):
    """One version of the work of a project, shown to its cohort for feedback. NULL `closed_at`: open. A newer version is shown anew."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participation = models.ForeignKey(
        Participation, on_delete=models.PROTECT, related_name="openings", verbose_name=_("project in a cohort")
    )
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="openings", verbose_name=_("deliverable"))
    version = models.ForeignKey(SubmissionVersion, on_delete=models.CASCADE, related_name="+", verbose_name=_("version"))
    opened_at = models.DateTimeField(_("shown"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, **GONE)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, **GONE)

    objects = PeerOpeningQuerySet.as_manager()

    class Meta:
        verbose_name = _("work shown to a cohort")
        verbose_name_plural = _("works shown to a cohort")
        ordering = ["opened_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["participation", "requirement"], condition=Q(closed_at__isnull=True), name="a_deliverable_is_shown_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False) | Q(closed_by__isnull=True), name="who_closed_a_work_closed_it_then"
            ),
        ]

    def __str__(self):
        return f"{self.participation} · {self.requirement}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and self.participation.state in PLACE_HOLDING


class PeerFeedbackQuerySet(models.QuerySet):
    def standing(self):
        """What was sent, and was not withdrawn."""
        return self.filter(sent_at__isnull=False, withdrawn_at__isnull=True)

    def reported(self):
        """What a coordinator has still to look at."""
        return self.filter(reported_at__isnull=False, settled_at__isnull=True, withdrawn_at__isnull=True)

    def settled_by(self, user):
        """What this person may withdraw or keep: coordinators, but nothing of a matter of a project of their own."""
        if not is_coordinator(user):
            return self.none()
        return self.exclude(owner__in=_own(user)).exclude(project__in=_own(user))

    def for_user(self, user):
        """Who gives it: all of it. Whose work it is, and who accompanies them: what stands. The team without an interest in either: what was
        sent; of it, what was withdrawn by coordinators alone.
        """
        if not user.is_authenticated:
            return self.none()
        stands = Q(sent_at__isnull=False, withdrawn_at__isnull=True)
        found = Q(project__in=_own(user)) | stands & Q(owner__in=_own(user)) | stands & Q(owner__in=_accompanied_by(user))
        if is_coordinator(user) or is_trainer(user):
            sent = Q(sent_at__isnull=False) if is_coordinator(user) else stands
            interests = interests_of(user).values("pk")
            found |= sent & ~Q(owner__in=interests) & ~Q(project__in=interests)
        hidden = projects_hidden_from(user).values("pk")
        return self.filter(found).exclude(owner__in=hidden).exclude(project__in=hidden)


class PeerFeedback(models.Model):
    """What one project says of the work of another. It counts for nothing: the trainer judges.

    `marks` maps criteria to `{"level": id or "none", "comment": ""}` of the rubric that the work was handed in with. NULL `sent_at`: a draft,
    for its own project alone. `owner` is whose work it is, kept here so that the database refuses one's own.
    """

    MOST_CHARACTERS, MOST_OF_A_NOTE = 4000, 2000

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opening = models.ForeignKey(PeerOpening, on_delete=models.CASCADE, related_name="feedback", verbose_name=_("work"))
    owner = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", verbose_name=_("whose work it is"))
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", verbose_name=_("given by"))
    marks = models.JSONField(_("levels"), default=dict, blank=True)
    comment = models.TextField(_("comment"), max_length=MOST_CHARACTERS, blank=True)
    saved_at = models.DateTimeField(_("last saved"))
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, **GONE)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, **GONE)
    answer = models.TextField(_("answer"), max_length=MOST_CHARACTERS, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, **GONE)
    report = models.TextField(_("why it is reported"), max_length=1000, blank=True)
    reported_at = models.DateTimeField(_("reported"), null=True, blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, **GONE)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, **STAYS)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, **STAYS)
    withdrawn_reason = models.TextField(_("why it is withdrawn"), max_length=1000, blank=True)

    objects = PeerFeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("peer feedback")
        verbose_name_plural = _("peer feedback")
        ordering = ["sent_at", "saved_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["opening", "project"], name="a_project_gives_feedback_on_a_work_once"),
            models.CheckConstraint(condition=~Q(project=F("owner")), name="nobody_judges_the_work_of_their_own_project"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=False) | Q(answered_at__isnull=True, reported_at__isnull=True, withdrawn_at__isnull=True),
                name="a_draft_of_feedback_is_read_by_nobody_else",
            ),
            models.CheckConstraint(
                condition=Q(reported_at__isnull=True, report="") | (Q(reported_at__isnull=False) & ~Q(report="")),
                name="a_reported_feedback_says_why",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="") | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
                name="a_withdrawn_feedback_says_why",
            ),
            date_with_author("settled", name="a_report_of_feedback_is_settled_by_somebody"),
            date_with_author("withdrawn", name="feedback_is_withdrawn_by_somebody"),
        ]

    def __str__(self):
        return f"{self.project} → {self.opening}"

    @property
    def is_sent(self) -> bool:
        return self.sent_at is not None

    @property
    def changed_at(self) -> datetime | None:
        """When what was sent was changed last; None: it stands as it was sent."""
        return self.saved_at if self.sent_at and self.saved_at > self.sent_at else None

    @property
    def answer_mark(self) -> str:
        """Which answer a page started from."""
        return self.answered_at.isoformat() if self.answered_at else ""

    @property
    def waits_for_verdict(self) -> bool:
        """It was reported, and a coordinator has still to decide."""
        return self.reported_at is not None and self.settled_at is None and self.withdrawn_at is None

"""A cohort: the projects that walk one version of the pathway together."""

from __future__ import annotations

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.models import ClusterableModel

from academy.fields import LocalizedTextField
from academy.models import validate_time_zone
from academy.permissions import is_coordinator, is_reviewer, is_trainer

from .pathway import Pathway
from .rubric import Rubric


class CohortState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    OPEN = "open", _("Open to applications")
    REVIEWING = "reviewing", _("Applications under review")
    RUNNING = "running", _("Running")
    CLOSED = "closed", _("Closed")


COHORT_MOVES: dict[str, frozenset[str]] = {
    CohortState.PLANNED: frozenset({CohortState.OPEN}),
    CohortState.OPEN: frozenset({CohortState.REVIEWING}),
    CohortState.REVIEWING: frozenset({CohortState.OPEN, CohortState.RUNNING}),
    CohortState.RUNNING: frozenset({CohortState.CLOSED}),
    CohortState.CLOSED: frozenset(),
}


class CohortQuerySet(models.QuerySet):
    def announced(self):
        """Cohorts that anybody may know of: the calls for projects, past and present."""
        return self.exclude(state=CohortState.PLANNED)

    def accepting(self, now: datetime | None = None):
        """Cohorts to which one can apply now."""
        now = now or timezone.now()
        return self.filter(state=CohortState.OPEN, intake_opens_at__lte=now, intake_closes_at__gt=now)

    def for_user(self, user):
        if is_coordinator(user) or is_trainer(user) or is_reviewer(user):
            return self.all()
        return self.announced()


class Cohort(ClusterableModel):
    """Planned by a coordinator, opened, reviewed, run, closed. Opening freezes its pathway, its rubric and its questions."""

    State = CohortState

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = LocalizedTextField(_("title"))
    season = LocalizedTextField(_("season"), blank=True, help_text=_("When it walks, as one says it: “Spring 2027”."))
    summary = LocalizedTextField(_("summary"), blank=True)
    gives = LocalizedTextField(_("what is given"), blank=True, help_text=_("What a project receives from Smart."))
    costs = LocalizedTextField(_("what it costs"), blank=True, help_text=_("Money and time, said before anybody applies."))
    pathway = models.ForeignKey(Pathway, on_delete=models.PROTECT, related_name="cohorts", verbose_name=_("pathway"))
    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="cohorts", verbose_name=_("rubric"))
    intake_opens_at = models.DateTimeField(_("applications open"))
    intake_closes_at = models.DateTimeField(_("applications close"))
    starts_at = models.DateTimeField(_("starts"))
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Brussels", validators=[validate_time_zone])
    capacity = models.PositiveSmallIntegerField(_("places for projects"), default=20)
    signatures_needed = models.PositiveSmallIntegerField(
        _("signatures under an admission"), default=0, help_text=_("How many people sign a decision before it is released.")
    )
    coordinator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="coordinated_cohorts", verbose_name=_("coordinator")
    )
    state = models.CharField(_("state"), max_length=16, choices=CohortState, default=CohortState.PLANNED)

    objects = CohortQuerySet.as_manager()

    class Meta:
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(intake_opens_at__lt=F("intake_closes_at")),
                name="a_call_opens_before_it_closes",
                violation_error_message=_("Applications open before they close."),
            ),
            models.CheckConstraint(
                condition=Q(intake_closes_at__lte=F("starts_at")),
                name="a_call_closes_before_the_cohort_starts",
                violation_error_message=_("Applications close before the cohort starts."),
            ),
        ]

    def __str__(self):
        return str(self.title)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def is_frozen(self) -> bool:
        """Whether the questions of the call may no longer be changed."""
        return bool(self.pk) and self.state != CohortState.PLANNED

    @property
    def is_accepting(self) -> bool:
        return self.state == CohortState.OPEN and self.intake_opens_at <= timezone.now() < self.intake_closes_at

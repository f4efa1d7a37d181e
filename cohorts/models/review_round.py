"""When a cohort's applications are read, by how many, and what the readers see of each other. And who is a reader."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .cohort import Cohort


class ReviewRoundQuerySet(models.QuerySet):
    def current(self, cohort: Cohort, now: datetime | None = None) -> ReviewRound | None:
        """The round in which a cohort's applications are read now: the last that has opened, else the first. None while it is planned."""
        rows = list(self.filter(cohort=cohort).order_by("number"))
        opened = [row for row in rows if row.opens_at <= (now or timezone.now())]
        return opened[-1] if opened else next(iter(rows), None)


class ReviewRound(models.Model):
    """One reading of a cohort's applications. The first comes when the call opens; its rules are kept once a review is submitted in it.

    `is_blind`: nothing that names the project or its people reaches a reader (cohorts.faces). `others`: when a reader sees what the
    others wrote (Assessment.objects.for_user).
    """

    class Others(models.TextChoices):
        AFTER_OWN = "after_own", _("After their own assessment")
        NEVER = "never", _("Never")

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="rounds", verbose_name=_("cohort"))
    number = models.PositiveSmallIntegerField(_("number"), default=1)
    opens_at = models.DateTimeField(_("reading opens"))
    closes_at = models.DateTimeField(_("reading closes"))
    min_reviews = models.PositiveSmallIntegerField(_("assessments needed before a decision"), default=3, validators=[MinValueValidator(1)])
    is_blind = models.BooleanField(_("without names"), default=False, help_text=_("Readers see no name of a project or of a person."))
    others = models.CharField(_("what readers see of each other"), max_length=16, choices=Others, default=Others.AFTER_OWN)

    objects = ReviewRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("review round")
        verbose_name_plural = _("review rounds")
        ordering = ["cohort", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "number"], name="a_round_has_its_number"),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")),
                name="a_round_opens_before_it_closes",
                violation_error_message=_("The reading opens before it closes."),
            ),
        ]

    def __str__(self):
        return f"{self.cohort} ({self.number})"

    @property
    def is_open(self) -> bool:
        """Whether reviews are given and taken back now, by the clock of the server."""
        return self.opens_at <= timezone.now() < self.closes_at

    @property
    def is_over(self) -> bool:
        return timezone.now() >= self.closes_at

    @property
    def is_frozen(self) -> bool:
        """Whether a review was ever submitted in it: then its rules stay as they are, but for the day when it closes."""
        return self.assignments.filter(submitted_at__isnull=False).exists()


class ReviewerProfile(models.Model):
    """What a reader can read. No row: everything, ten at a time. `languages` and `pillars` are lists of codes and keys; empty: all."""

    CAPACITY = 10

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reviewer_profile", verbose_name=_("reviewer")
    )
    languages = models.JSONField(_("reads in"), default=list, blank=True)
    pillars = models.JSONField(_("knows about"), default=list, blank=True)
    capacity = models.PositiveSmallIntegerField(_("assessments at a time"), default=CAPACITY)
    away_until = models.DateField(_("away until"), null=True, blank=True)

    class Meta:
        verbose_name = _("profile of a reviewer")
        verbose_name_plural = _("profiles of reviewers")

    def __str__(self):
        return str(self.person)

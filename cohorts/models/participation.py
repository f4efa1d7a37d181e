"""A project inside a cohort, from admission to alumnus; and what follows graduation."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from academy.fields import LocalizedTextField
from academy.permissions import is_coordinator, is_trainer, works_in_cms

from .application import Application, interests_of
from .cohort import Cohort
from .constraints import date_with_author
from .pathway import Requirement
from .project import Project, ProjectMember
from .typology import Typology, TypologyCondition


class ParticipationState(models.TextChoices):
    INVITED = "invited", _("Invited")
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    ELIGIBLE = "eligible", _("Ready to graduate")
    GRADUATED = "graduated", _("Graduated")
    ALUMNUS = "alumnus", _("Alumnus")
    TRANSFERRED = "transferred", _("Moved to another cohort")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    DISMISSED = "dismissed", _("Ended by the Academy")
    REVOKED = "revoked", _("Graduation revoked")


_P = ParticipationState

PARTICIPATION_MOVES: dict[str, frozenset[str]] = {
    # Beyond design.md §3: a project may not take its place, and a decision may be replaced before it does; whoever pauses or is ready to
    # graduate may leave too, and is ready no more when something is open again (decision 0057); a graduation is revoked after its cohort
    # has closed too (decision 0059).
    _P.INVITED: frozenset({_P.ACTIVE, _P.WITHDRAWN, _P.DISMISSED}),
    _P.ACTIVE: frozenset({_P.PAUSED, _P.ELIGIBLE, _P.TRANSFERRED, _P.WITHDRAWN, _P.DISMISSED}),
    _P.PAUSED: frozenset({_P.ACTIVE, _P.WITHDRAWN, _P.DISMISSED}),
    _P.ELIGIBLE: frozenset({_P.GRADUATED, _P.ACTIVE, _P.WITHDRAWN, _P.DISMISSED}),
    _P.GRADUATED: frozenset({_P.ALUMNUS, _P.REVOKED}),
    _P.ALUMNUS: frozenset({_P.REVOKED}),
    _P.TRANSFERRED: frozenset(),
    _P.WITHDRAWN: frozenset(),
    _P.DISMISSED: frozenset(),
    _P.REVOKED: frozenset(),
}

ENDED_PARTICIPATION = frozenset({_P.TRANSFERRED, _P.WITHDRAWN, _P.DISMISSED, _P.REVOKED})
PLACE_HOLDING = frozenset(set(_P.values) - ENDED_PARTICIPATION)
ON_THE_WAY = PLACE_HOLDING - {_P.GRADUATED, _P.ALUMNUS}
WALKING = frozenset({_P.ACTIVE, _P.ELIGIBLE, _P.GRADUATED})


class ParticipationQuerySet(models.QuerySet):
    def holding_a_place(self):
        return self.filter(state__in=PLACE_HOLDING)

    def on_the_way(self):
        """Those for whom something is still to be done: asked, walking or paused."""
        return self.filter(state__in=ON_THE_WAY)

    def walking(self):
        """Those who may register for a session."""
        return self.filter(state__in=WALKING)

    def for_user(self, user):
        """One's own; who works in the CMS all, save the places that are only offered to a project that is closed to them."""
        if not user.is_authenticated:
            return self.none()
        if is_coordinator(user) or is_trainer(user):
            return self.exclude(project__in=Project.objects.closed_to(user).values("pk"))
        return self.filter(project__in=ProjectMember.objects.filter(person=user).values("project"))


class Participation(models.Model):
    """Born when an admission is released; active once the project accepts; ends by graduation or with a reason.

    NULL `activated_at`: the project has not accepted yet. NULL `ended_at`: not ended against the pathway.
    """

    State = ParticipationState

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="participations", verbose_name=_("project"))
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="participations", verbose_name=_("cohort"))
    application = models.ForeignKey(Application, on_delete=models.PROTECT, null=True, blank=True, related_name="participations")
    transferred_from = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="transferred_to")
    state = models.CharField(_("state"), max_length=16, choices=ParticipationState, default=ParticipationState.INVITED)
    state_reason = models.TextField(_("reason"), blank=True)
    invited_at = models.DateTimeField(_("invited"))
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    activated_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    activated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    eligible_at = models.DateTimeField(_("ready to graduate since"), null=True, blank=True)
    graduated_at = models.DateTimeField(_("graduated"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        ordering = ["cohort", "project__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "cohort"],
                condition=~Q(state__in=["transferred", "withdrawn", "dismissed", "revoked"]),
                name="a_project_is_in_a_cohort_once",
                violation_error_message=_("This project is in this cohort already."),
            ),
            date_with_author("activated", name="a_participation_is_accepted_by_somebody"),
            date_with_author("ended", name="a_participation_is_ended_by_somebody"),
            models.CheckConstraint(
                condition=Q(state__in=["invited", "withdrawn", "dismissed"]) | Q(activated_at__isnull=False),
                name="a_participation_past_invited_was_accepted",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["invited", "active", "paused"]) | Q(eligible_at__isnull=True),
                name="whoever_walks_is_not_ready_to_graduate",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["graduated", "alumnus", "revoked"]) | Q(graduated_at__isnull=False),
                name="a_graduate_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["transferred", "withdrawn", "dismissed", "revoked"], ended_at__isnull=False)
                | (~Q(state__in=["transferred", "withdrawn", "dismissed", "revoked"]) & Q(ended_at__isnull=True)),
                name="an_ended_participation_has_its_date",
            ),
        ]

    def __str__(self):
        return f"{self.project} · {self.cohort}"

    @property
    def is_on_the_way(self) -> bool:
        """It may still leave: it has neither graduated nor ended."""
        return self.state in ON_THE_WAY


class RequirementRecord(models.Model):
    """Somebody says that a requirement is met (deliverable, reading, manual step) or waived (any kind).

    Annulled, never deleted; NULL `annulled_at` means in force.
    """

    class Outcome(models.TextChoices):
        MET = "met", _("Done")
        WAIVED = "waived", _("Waived")

    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, related_name="records", verbose_name=_("participation"))
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="records", verbose_name=_("requirement"))
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    reason = models.TextField(_("reason or note"), blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    annulled_at = models.DateTimeField(_("annulled"), null=True, blank=True)
    annulled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    annulled_reason = models.TextField(_("why annulled"), blank=True)

    class Meta:
        verbose_name = _("requirement record")
        verbose_name_plural = _("requirement records")
        ordering = ["participation", "recorded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["participation", "requirement"],
                condition=Q(annulled_at__isnull=True),
                name="a_requirement_is_recorded_once_per_project",
                violation_error_message=_("This is recorded already."),
            ),
            models.CheckConstraint(
                condition=~Q(outcome="waived") | ~Q(reason=""),
                name="a_waiver_has_its_reason",
                violation_error_message=_("Say why this requirement is waived."),
            ),
            date_with_author("annulled", name="a_record_is_annulled_by_somebody"),
        ]

    def __str__(self):
        return f"{self.participation} · {self.requirement}: {self.get_outcome_display()}"


class ConditionRecord(models.Model):
    """Somebody confirms a minimum condition of a typology for one project (with what shows it), or waives one that a rule checks.

    The words are those of that day; NULL `condition`: the typology no longer asks it. Annulled, never deleted.
    """

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        WAIVED = "waived", _("Waived")

    participation = models.ForeignKey(
        Participation, on_delete=models.PROTECT, related_name="condition_records", verbose_name=_("participation")
    )
    condition = models.ForeignKey(
        TypologyCondition, on_delete=models.SET_NULL, null=True, related_name="records", verbose_name=_("condition")
    )
    words = LocalizedTextField(_("words of the condition"))
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    note = models.TextField(_("what shows it, or the reason"), max_length=4000)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    annulled_at = models.DateTimeField(_("annulled"), null=True, blank=True)
    annulled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    annulled_reason = models.TextField(_("why annulled"), blank=True)

    class Meta:
        verbose_name = _("answer to a condition")
        verbose_name_plural = _("answers to conditions")
        ordering = ["participation", "recorded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["participation", "condition"],
                condition=Q(annulled_at__isnull=True),
                name="a_condition_is_answered_once_per_project",
                violation_error_message=_("This is recorded already."),
            ),
            models.CheckConstraint(condition=~Q(note=""), name="an_answer_to_a_condition_says_why"),
            date_with_author("annulled", name="an_answer_to_a_condition_is_annulled_by_somebody"),
        ]

    def __str__(self):
        return f"{self.participation} · {self.words}: {self.get_outcome_display()}"


class PartnershipQuerySet(models.QuerySet):
    def current(self):
        return self.filter(ended_at__isnull=True)

    def of_member(self, user):
        """Those of the projects of which this person is a member."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(project__in=ProjectMember.objects.filter(person=user).values("project"))

    def for_user(self, user):
        """What coordinators run: those of every project in which they have no interest."""
        return self.known_to(user) if is_coordinator(user) else self.none()

    def known_to(self, user):
        """What the team knows of: its indicators are compared."""
        return self.exclude(project__in=interests_of(user).values("pk")) if works_in_cms(user) else self.none()


class Partnership(models.Model):
    """What a project and Smart are to each other after graduation. Born on release; ended when the graduation is revoked or replaced, or by a
    coordinator with a reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="partnerships", verbose_name=_("project"))
    typology = models.ForeignKey(Typology, on_delete=models.PROTECT, related_name="partnerships", verbose_name=_("typology"))
    determination = models.OneToOneField("cohorts.Determination", on_delete=models.PROTECT, related_name="partnership")
    since = models.DateField(_("since"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = PartnershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("partnership")
        verbose_name_plural = _("partnerships")
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(ended_at__isnull=True),
                name="a_project_has_one_partnership_at_a_time",
                violation_error_message=_("This project is a partner already."),
            ),
            date_with_author("ended", name="a_partnership_is_ended_by_somebody"),
        ]

    def __str__(self):
        return f"{self.project} · {self.typology}"

"""Decisions: written once, signed, released apart, replaced only by another decision."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from academy.permissions import is_coordinator, is_reviewer

from .append_only import AppendOnlyModel, AppendOnlyQuerySet
from .application import Application, ConflictDeclaration, ReviewAssignment
from .constraints import date_with_author
from .participation import Participation
from .project import ProjectMember
from .review_round import ReviewRound
from .typology import Typology


class DeterminationQuerySet(AppendOnlyQuerySet):
    def released(self):
        return self.filter(released_at__isnull=False)

    def pending(self):
        """Decided quietly, told to nobody yet."""
        return self.filter(released_at__isnull=True, superseded_at__isnull=True)

    def in_force(self):
        return self.filter(released_at__isnull=False, superseded_at__isnull=True)

    def for_user(self, user):
        """Members read what was released to them; coordinators read all, save where they have a conflict."""
        if not user.is_authenticated:
            return self.none()
        own = ProjectMember.objects.filter(person=user).values("project")
        told = Q(released_at__isnull=False) & (Q(application__project__in=own) | Q(participation__project__in=own))
        if not is_coordinator(user):
            return self.filter(told)
        conflicted = ConflictDeclaration.objects.standing().filter(person=user).values("application__project")
        closed = Q(application__project__in=conflicted) | Q(participation__project__in=conflicted)
        closed |= Q(application__project__in=own) | Q(participation__project__in=own)
        hidden = self.model.objects.filter(closed).values("pk")
        return self.filter(told | ~Q(pk__in=hidden))


class Determination(AppendOnlyModel):
    """A decision on an application (admission) or on a participation (graduation).

    Pending until released; NULL `released_at` means that the project does not know. NULL `superseded_at` means that nothing has
    replaced it. Only these columns are ever written after birth.
    """

    class Kind(models.TextChoices):
        ADMISSION = "admission", _("Admission")
        GRADUATION = "graduation", _("Graduation")

    class Outcome(models.TextChoices):
        ADMITTED = "admitted", _("Admitted")
        RESERVE = "reserve", _("On the reserve list")
        DECLINED = "declined", _("Not admitted")
        GRADUATED = "graduated", _("Graduated")
        NOT_YET = "not_yet", _("Not yet")
        REVOKED = "revoked", _("Revoked")

    ADMISSION_OUTCOMES = (Outcome.ADMITTED, Outcome.RESERVE, Outcome.DECLINED)
    GRADUATION_OUTCOMES = (Outcome.GRADUATED, Outcome.NOT_YET, Outcome.REVOKED)
    may_change = frozenset({"released_at", "released_by", "released_by_id", "superseded_at"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, null=True, blank=True, related_name="determinations")
    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, null=True, blank=True, related_name="determinations")
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    typology = models.ForeignKey(
        Typology, on_delete=models.PROTECT, null=True, blank=True, related_name="determinations", verbose_name=_("typology")
    )
    reasons = models.TextField(_("reasons, said to the project"), blank=True)
    conditions = models.TextField(_("conditions, said to the project"), max_length=4000, blank=True)
    answer_by = models.DateTimeField(_("the project answers before"), null=True, blank=True, help_text=_("For an admission."))
    decided_at = models.DateTimeField(_("decided"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(_("told to the project"), null=True, blank=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    supersedes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by_set", verbose_name=_("replaces")
    )
    superseded_at = models.DateTimeField(_("replaced"), null=True, blank=True)

    objects = DeterminationQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-decided_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind="admission", application__isnull=False, participation__isnull=True, outcome__in=["admitted", "reserve", "declined"]
                )
                | Q(
                    kind="graduation",
                    application__isnull=True,
                    participation__isnull=False,
                    outcome__in=["graduated", "not_yet", "revoked"],
                ),
                name="a_decision_matches_its_subject",
                violation_error_message=_("This outcome does not belong to this kind of decision."),
            ),
            models.CheckConstraint(
                condition=Q(outcome="graduated", typology__isnull=False) | (~Q(outcome="graduated") & Q(typology__isnull=True)),
                name="a_graduation_has_a_typology_and_only_it",
                violation_error_message=_("A graduation names its typology, and no other decision does."),
            ),
            models.UniqueConstraint(
                fields=["application", "kind"],
                condition=Q(superseded_at__isnull=True, released_at__isnull=False, application__isnull=False),
                name="an_application_has_one_decision_in_force",
            ),
            models.UniqueConstraint(
                fields=["participation", "kind"],
                condition=Q(superseded_at__isnull=True, released_at__isnull=False, participation__isnull=False),
                name="a_participation_has_one_decision_in_force",
            ),
            models.UniqueConstraint(
                fields=["application", "kind"],
                condition=Q(superseded_at__isnull=True, released_at__isnull=True, application__isnull=False),
                name="an_application_has_one_pending_decision",
            ),
            models.UniqueConstraint(
                fields=["participation", "kind"],
                condition=Q(superseded_at__isnull=True, released_at__isnull=True, participation__isnull=False),
                name="a_participation_has_one_pending_decision",
            ),
            date_with_author("released", name="a_decision_is_released_by_somebody"),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(released_at__gte=F("decided_at")),
                name="a_decision_is_taken_before_it_is_released",
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(supersedes=F("id")),
                name="a_decision_does_not_replace_itself",
            ),
        ]

    def __str__(self):
        return f"{self.subject}: {self.get_outcome_display()}"

    @property
    def subject(self) -> Application | Participation:
        return self.application if self.application_id else self.participation

    @property
    def project(self):
        return self.subject.project


class Signature(AppendOnlyModel):
    """One person puts their name under a decision. A graduation needs two people, neither of them the project's mentor."""

    determination = models.ForeignKey(Determination, on_delete=models.PROTECT, related_name="signatures", verbose_name=_("decision"))
    signed_at = models.DateTimeField(_("signed"))
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signatures", verbose_name=_("signed by")
    )

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["determination", "signed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["determination", "signed_by"],
                name="a_person_signs_a_decision_once",
                violation_error_message=_("You have signed this decision already. It needs somebody else."),
            ),
        ]

    def __str__(self):
        return f"{self.signed_by} · {self.determination}"


class DeliberationNoteQuerySet(AppendOnlyQuerySet):
    def open_to(self, user):
        """The applications that this person may discuss.

        Coordinators; and who read it, once their own assessment is in, where readers see the others and the names (decision 0031). Nobody
        with an interest, no member of the project, nobody who still owes an assessment of it.
        """
        owing = ReviewAssignment.objects.filter(reviewer=user, state__in=["proposed", "accepted", "in_progress"])
        if is_coordinator(user):
            rows = Application.objects.for_staff(user)
        elif is_reviewer(user):
            done = ReviewAssignment.objects.filter(reviewer=user, state="submitted")
            hidden = Q(round__is_blind=True) | Q(round__others=ReviewRound.Others.NEVER)
            rows = Application.objects.without_conflict(user).filter(pk__in=done.exclude(hidden).values("application"))
        else:
            return Application.objects.none()
        return rows.exclude(pk__in=owing.values("application"))

    def for_user(self, user):
        """What is said and not taken back, about the applications that this person may discuss."""
        return self.filter(taken_back_at__isnull=True, application__in=self.open_to(user).values("pk"))


class DeliberationNote(AppendOnlyModel):
    """One contribution to the discussion of an application. Taken back, its words are gone from the page and stay in the history."""

    may_change = frozenset({"taken_back_at"})

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="deliberation_notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("author"))
    words = models.TextField(_("words"), max_length=8000)
    written_at = models.DateTimeField(_("written"))
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    objects = DeliberationNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("contribution to a deliberation")
        verbose_name_plural = _("contributions to deliberations")
        ordering = ["application", "written_at", "pk"]

    def __str__(self):
        return f"{self.author} · {self.application}"

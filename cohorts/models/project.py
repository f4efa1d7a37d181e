"""The venture and its people. A project outlives its cohorts."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.countries import country_choices, country_name
from academy.permissions import is_coordinator, is_trainer

from .constraints import date_with_author


class ProjectQuerySet(models.QuerySet):
    def of_member(self, user):
        """Projects of which this person is a member, in any role."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(pk__in=ProjectMember.objects.filter(person=user).values("project"))

    def spoken_for_by(self, user):
        """Those for which this person speaks: who may only look does not act for a project."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(pk__in=ProjectMember.objects.speaking().filter(person=user).values("project"))

    def closed_to(self, user):
        """Projects that only apply, and in which this person has declared an interest, or which they read without names (whoever they are
        beside: a trainer who reads in a blind round): not even their name is shown to them.

        Once a project has accepted a place it is known to all who work here: a place that is only offered opens nothing. What it wrote
        stays closed as long as the interest stands (`editable_by`).
        """
        declared = apps.get_model("cohorts", "ConflictDeclaration").objects.standing().filter(person=user)
        closed = Q(pk__in=declared.values("application__project"))
        if not is_coordinator(user):
            closed |= self._read_without_names(user)
        walked = apps.get_model("cohorts", "Participation").objects.filter(activated_at__isnull=False).values("project")
        return self.model.objects.filter(closed).exclude(pk__in=walked).exclude(pk__in=self._of(user))

    def _of(self, user):
        return ProjectMember.objects.filter(person=user).values("project")

    def met(self):
        """Those that have sent an application or take part, and those that the team wrote down itself: what only writes its first
        application is nobody's but its own, name included."""
        asked = apps.get_model("cohorts", "Application").objects.all()
        unsent = Q(pk__in=asked.values("project")) & ~Q(pk__in=asked.filter(submitted_at__isnull=False).values("project"))
        placed = apps.get_model("cohorts", "Participation").objects.values("project")
        return self.exclude(unsent & ~Q(pk__in=placed))

    def writing(self):
        """Those whose words, as they stand now, may be others than those that were sent: one of their applications was never sent, or was
        given back or withdrawn since (the contrary of `AS_SENT`)."""
        asked = apps.get_model("cohorts", "Application").objects
        apart = Q(submitted_at__isnull=True) | Q(has_unsent_words=True) | Q(state__in=["returned", "withdrawn"])
        return self.filter(pk__in=asked.filter(apart).values("project"))

    def editable_by(self, user):
        """Those whose form this person may open in the CMS, as far as their role goes: of those that they know of, none in which they have
        declared an interest, whether it takes part or not. What stands in the form was written for its applications."""
        declared = apps.get_model("cohorts", "ConflictDeclaration").objects.standing().filter(person=user)
        barred = Q(pk__in=declared.values("application__project")) & ~Q(pk__in=self._of(user))
        return self.for_user(user).exclude(barred)

    def _read_without_names(self, user):
        """All that apply where this person reads in a blind round: among them they would know it. Not those whose names another round shows."""
        asked = apps.get_model("cohorts", "ReviewAssignment").objects.filter(reviewer=user)
        blind = asked.filter(round__is_blind=True).values("application__cohort")
        shown = asked.live().filter(round__is_blind=False).values("application__project")
        return Q(applications__cohort__in=blind) & ~Q(pk__in=shown)

    def for_user(self, user):
        if is_coordinator(user) or is_trainer(user):
            known = Q(pk__in=self.model.objects.met().values("pk")) | Q(pk__in=self._of(user))
            return self.filter(known).exclude(pk__in=self.closed_to(user).values("pk"))
        return self.of_member(user)


class Project(models.Model):
    """Born with its first application; ends only when somebody says that it is stopped. `monograph`: the page that its dossier became."""

    class Status(models.TextChoices):
        IDEA = "idea", _("An idea")
        STARTING = "starting", _("Starting")
        RUNNING = "running", _("Already running")
        STOPPED = "stopped", _("Stopped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name of the project"), max_length=120)
    country = models.CharField(_("country"), max_length=2, blank=True, choices=country_choices)
    place = models.CharField(_("town or region"), max_length=120, blank=True)
    summary = models.TextField(_("the project in a few sentences"), max_length=2000, blank=True)
    website = models.URLField(_("web site"), blank=True)
    status = models.CharField(_("where the project stands"), max_length=16, choices=Status, default=Status.IDEA)
    monograph = models.OneToOneField(
        "wiki.MonographPage", on_delete=models.SET_NULL, null=True, blank=True, related_name="project", verbose_name=_("monograph")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name

    @property
    def country_name(self) -> str:
        """The country in the reader's language; empty when it is not said."""
        return country_name(self.country) if self.country else ""


class ProjectMemberQuerySet(models.QuerySet):
    def speaking(self):
        """Those who speak for their project: its lead and its members."""
        return self.exclude(role=ProjectMember.Role.VIEWER)


class ProjectMember(models.Model):
    """A person in a project. One lead at a time; the lead decides for the project, its members speak for it too."""

    class Role(models.TextChoices):
        LEAD = "lead", _("Lead")
        MEMBER = "member", _("Member")
        VIEWER = "viewer", _("May look")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("project"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="project_memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("project member")
        verbose_name_plural = _("project members")
        ordering = ["project", "role", "joined_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "person"],
                name="a_person_is_in_a_project_once",
                violation_error_message=_("This person is in the project already."),
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(role="lead"),
                name="a_project_has_one_lead",
                violation_error_message=_("The project has a lead already."),
            ),
        ]

    def __str__(self):
        return f"{self.person} · {self.project} ({self.get_role_display()})"


class ProjectInvitationQuerySet(models.QuerySet):
    def open(self):
        """Neither used nor taken back nor too old."""
        return self.filter(ended_at__isnull=True, invited_at__gt=timezone.now() - ProjectInvitation.LASTS)


class ProjectInvitation(models.Model):
    """An address is asked into a project. Ends when somebody who owns the address joins, when it is taken back, or with time.

    Nothing here says whether the address has an account: `ended_by` is who joined, or who took it back.
    """

    LASTS = timedelta(days=14)

    class Role(models.TextChoices):
        MEMBER = "member", _("Member: reads and writes")
        VIEWER = "viewer", _("Only reads")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("project"))
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.MEMBER)
    invited_at = models.DateTimeField(_("invited"))
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ProjectInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation to a project")
        verbose_name_plural = _("invitations to a project")
        ordering = ["project", "invited_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "email"],
                condition=Q(ended_at__isnull=True),
                name="an_address_is_invited_to_a_project_once_at_a_time",
            ),
            date_with_author("ended", name="an_invitation_is_ended_by_somebody"),
        ]

    def __str__(self):
        return f"{self.email} → {self.project}"

    @property
    def expires_at(self) -> datetime:
        return self.invited_at + self.LASTS


class MentorAssignment(models.Model):
    """Who accompanies a project, from when. `until` empty means still."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="mentor_assignments", verbose_name=_("project"))
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mentor_assignments", verbose_name=_("mentor")
    )
    since = models.DateField(_("from"))
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("mentor")
        verbose_name_plural = _("mentors")
        ordering = ["project", "since"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "mentor"],
                condition=Q(until__isnull=True),
                name="a_mentor_accompanies_a_project_once_at_a_time",
                violation_error_message=_("This person is the project's mentor already."),
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="a_mentor_starts_before_ending",
                violation_error_message=_("The end comes after the beginning."),
            ),
        ]

    def __str__(self):
        return f"{self.mentor} → {self.project}"

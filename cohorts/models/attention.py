"""What needs somebody of the team: rules as data, and what they have found."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from academy.permissions import is_coordinator, is_trainer

from .application import interests_of
from .cohort import Cohort
from .pathway import Requirement
from .project import Project


class AttentionKind(models.TextChoices):
    SILENT = "silent", _("No activity")
    UNMOVED = "unmoved", _("Silent after two reminders")
    OVERDUE = "overdue", _("The project is late")
    SMART_LATE = "smart_late", _("Smart is late")
    PLACE = "place", _("A place in the cohort without an answer")
    SEAT = "seat", _("A place at a session about to expire")
    FUNDING = "funding", _("Funding not checked before a session")
    GAP = "gap", _("Money missing before a session")
    PROOF = "proof", _("Funding that waits for our check")
    VISA = "visa", _("A letter for a visa that waits for us")
    REVIEW = "review", _("A review is late")


class AttentionRule(models.Model):
    """One rule of each kind. `days` is its patience: what is meant by it is said by `AttentionKind.meaning` of the kind.

    `falls_to` says whose it is to act: the project's mentor where it has one, else the cohort's coordinator.
    """

    class FallsTo(models.TextChoices):
        MENTOR = "mentor", _("The project’s mentor, else the coordinator")
        COORDINATOR = "coordinator", _("The cohort’s coordinator")

    kind = models.CharField(_("rule"), max_length=16, choices=AttentionKind, unique=True, editable=False)
    days = models.PositiveSmallIntegerField(_("days"), validators=[MaxValueValidator(365)])
    falls_to = models.CharField(_("whose it is"), max_length=16, choices=FallsTo, default=FallsTo.MENTOR)
    is_on = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("rule of attention")
        verbose_name_plural = _("rules of attention")
        ordering = ["pk"]

    def __str__(self):
        return self.get_kind_display()

    @property
    def meaning(self) -> str:
        """The rule in one sentence, with its days."""
        return str(MEANINGS[self.kind](self.days)) % {"n": self.days}


MEANINGS = {
    AttentionKind.SILENT: lambda n: ngettext(
        "Nobody of the project has done anything for %(n)d day.", "Nobody of the project has done anything for %(n)d days.", n
    ),
    AttentionKind.UNMOVED: lambda n: ngettext(
        "Two reminders were sent, and nothing was done in the %(n)d day after the second.",
        "Two reminders were sent, and nothing was done in the %(n)d days after the second.",
        n,
    ),
    AttentionKind.OVERDUE: lambda n: ngettext(
        "Something mandatory that the project owes is late by %(n)d day or more.",
        "Something mandatory that the project owes is late by %(n)d days or more.",
        n,
    ),
    AttentionKind.SMART_LATE: lambda n: ngettext(
        "Something that Smart owes is late by %(n)d day or more.", "Something that Smart owes is late by %(n)d days or more.", n
    ),
    AttentionKind.PLACE: lambda n: ngettext(
        "A project has not answered, and the last day is %(n)d day away or less.",
        "A project has not answered, and the last day is %(n)d days away or less.",
        n,
    ),
    AttentionKind.SEAT: lambda n: ngettext(
        "A seat is offered, and the offer ends in %(n)d day or less.", "A seat is offered, and the offer ends in %(n)d days or less.", n
    ),
    AttentionKind.FUNDING: lambda n: ngettext(
        "A session begins in %(n)d day or less, and nobody has checked who pays for a person who comes.",
        "A session begins in %(n)d days or less, and nobody has checked who pays for a person who comes.",
        n,
    ),
    AttentionKind.GAP: lambda n: ngettext(
        "A session begins in %(n)d day or less, and nobody has said who pays for the whole trip of a person who comes.",
        "A session begins in %(n)d days or less, and nobody has said who pays for the whole trip of a person who comes.",
        n,
    ),
    AttentionKind.PROOF: lambda n: ngettext(
        "Somebody said %(n)d day ago or more who pays for their trip, and we have not checked it.",
        "Somebody said %(n)d days ago or more who pays for their trip, and we have not checked it.",
        n,
    ),
    AttentionKind.VISA: lambda n: ngettext(
        "Somebody asked %(n)d day ago or more for a letter for a visa, and we have neither issued nor refused it.",
        "Somebody asked %(n)d days ago or more for a letter for a visa, and we have neither issued nor refused it.",
        n,
    ),
    AttentionKind.REVIEW: lambda n: ngettext(
        "A reader is silent or late by %(n)d day or more.", "A reader is silent or late by %(n)d days or more.", n
    ),
}


class AttentionItemQuerySet(models.QuerySet):
    def for_user(self, user):
        """The team's; never about a project in which the person has an interest, nor one that only applies and whose name they may not read."""
        if not user.is_authenticated or not (is_coordinator(user) or is_trainer(user)):
            return self.none()
        rows = self.exclude(project__in=interests_of(user).values("pk")).exclude(project__in=Project.objects.closed_to(user).values("pk"))
        return rows if is_coordinator(user) else rows.exclude(kind=AttentionKind.REVIEW)

    def standing(self):
        """Not resolved, put off or not."""
        return self.filter(resolved_at__isnull=True)

    def calling(self, now=None):
        """What asks for somebody now."""
        return self.standing().filter(Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now or timezone.now()))


class AttentionItem(models.Model):
    """One thing that a rule has found about one project: born when it is true, ended by itself when it no longer is, or by a person
    who says what was done. What a person has ended does not come back for the same `since`.

    `subject` names what it is about inside the project (a seat, a reading); empty: the project itself. NULL `owner`: it falls to the
    coordinators. NULL `resolved_by` of what is resolved: it ended by itself.
    """

    Kind = AttentionKind
    PLAN = "plan"  # the subject of what Smart owes a partner, by its support plan

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("rule"), max_length=16, choices=AttentionKind)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="attention_items", verbose_name=_("project"))
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="attention_items", verbose_name=_("cohort"))
    subject = models.CharField(max_length=64, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("person")
    )
    requirement = models.ForeignKey(Requirement, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    count = models.PositiveSmallIntegerField(default=1)
    since = models.DateTimeField(_("since"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="attention_items", verbose_name=_("whose")
    )
    opened_at = models.DateTimeField(_("found"), default=timezone.now)
    snoozed_until = models.DateTimeField(_("put off until"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("ended"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("ended by")
    )
    note = models.TextField(_("what was done"), blank=True)

    objects = AttentionItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("thing that needs attention")
        verbose_name_plural = _("things that need attention")
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "project", "subject"], condition=Q(resolved_at__isnull=True), name="a_rule_says_a_thing_once"
            ),
            models.CheckConstraint(condition=Q(resolved_by__isnull=True) | Q(resolved_at__isnull=False), name="who_ends_it_says_when"),
        ]

    def __str__(self):
        return f"{self.project}: {self.get_kind_display()}"

    @property
    def is_put_off(self) -> bool:
        return self.snoozed_until is not None and self.snoozed_until > timezone.now()

    @property
    def words(self) -> str:
        """What is the matter, in one sentence."""
        if self.subject == self.PLAN:
            owed = ngettext(
                "Smart owes this partner %(n)d line of its support plan",
                "Smart owes this partner %(n)d lines of its support plan",
                self.count,
            )
            return owed % {"n": self.count}
        said = {"person": self.person, "requirement": self.requirement and self.requirement.title, "more": self.count - 1}
        sentence = SENTENCES[self.kind]
        return str(sentence(self.count) if sentence in (_late, _owes) else sentence) % said


def _late(count: int):
    if count == 1:
        return _("Late: %(requirement)s")
    return ngettext("Late: %(requirement)s, and %(more)d more", "Late: %(requirement)s, and %(more)d more", count - 1)


def _owes(count: int):
    if count == 1:
        return _("Smart owes: %(requirement)s")
    return ngettext("Smart owes: %(requirement)s, and %(more)d more", "Smart owes: %(requirement)s, and %(more)d more", count - 1)


SENTENCES = {
    AttentionKind.SILENT: _("Nobody of the project has done anything"),
    AttentionKind.UNMOVED: _("Two reminders, and nothing was done"),
    AttentionKind.OVERDUE: _late,
    AttentionKind.SMART_LATE: _owes,
    AttentionKind.PLACE: _("The place in the cohort waits for an answer"),
    AttentionKind.SEAT: _("The seat offered to %(person)s waits for an answer"),
    AttentionKind.FUNDING: _("Nobody has checked who pays for %(person)s"),
    AttentionKind.GAP: _("Money is missing for the trip of %(person)s"),
    AttentionKind.PROOF: _("Smart owes %(person)s a check of who pays"),
    AttentionKind.VISA: _("Smart owes %(person)s a letter for a visa"),
    AttentionKind.REVIEW: _("%(person)s is asked to read, and nothing comes"),
}

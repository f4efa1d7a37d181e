"""The letter by which somebody asks a consulate for a visa. What stands in a passport is sealed, and deleted at its date."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from academy.permissions import COORDINATORS, is_coordinator

from .application import without_interest
from .constraints import date_with_author
from .session import Registration


class LetterState(models.TextChoices):
    ASKED = "asked", _("Asked for")
    ISSUED = "issued", _("Issued")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


_L = LetterState

LETTER_MOVES: dict[str, frozenset[str]] = {
    _L.ASKED: frozenset({_L.ISSUED, _L.REFUSED, _L.WITHDRAWN}),
    _L.ISSUED: frozenset(),
    _L.REFUSED: frozenset(),
    _L.WITHDRAWN: frozenset(),
}


def _free(person, project) -> models.QuerySet:
    """Who may handle the letter of this person, who comes for this project: coordinators first, then administrators."""
    people = get_user_model().objects.filter(is_active=True).exclude(pk=person)
    people = people.annotate(coordinates=Exists(Group.objects.filter(name=COORDINATORS, user=OuterRef("pk"))))
    return without_interest(people.filter(Q(coordinates=True) | Q(is_superuser=True)), project).order_by("-coordinates", "pk")


def handlers_of(registration: Registration) -> list:
    """Who is told that a letter is asked for, and reads what is in it: the coordinators of the session's cohorts, else one who stands in."""
    free = _free(registration.person_id, registration.project_id)
    named = free.filter(coordinated_cohorts__sessions=registration.session_id).distinct()
    return list(named) or list(free[:1])


class InvitationLetterQuerySet(models.QuerySet):
    def of_person(self, user):
        return self.filter(registration__person=user) if user.is_authenticated else self.none()

    def handled_by(self, user):
        """The coordinator of a cohort of the session, never of their own letter. No other coordinator, no administrator: save one who stands
        in where all of those have left, or have an interest in the project (`handlers_of`).
        """
        if not user.is_authenticated or not is_coordinator(user):
            return self.none()
        free = _free(OuterRef("registration__person"), OuterRef(OuterRef("registration__project")))
        named = free.filter(coordinated_cohorts__sessions=OuterRef("registration__session"))
        rows = self.annotate(stands_in=Subquery(free.values("pk")[:1]))
        own = rows.filter(Exists(named.filter(pk=user.pk)) | (~Exists(named) & Q(stands_in=user.pk)))
        return self.filter(pk__in=own.values("pk"))

    def for_user(self, user):
        """Who may read what is sealed: the person, and who handles it."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(pk__in=self.of_person(user).values("pk")) | Q(pk__in=self.handled_by(user).values("pk")))

    def waiting(self):
        """Smart owes an answer to these."""
        return self.filter(state=LetterState.ASKED)

    def sealed(self):
        return self.filter(purged_at__isnull=True)

    def due_for_purge(self, now: datetime):
        """Some days after the session, nobody needs them any more."""
        return self.sealed().filter(registration__session__ends_at__lte=now - timedelta(days=settings.VISA_DATA_DAYS))


class InvitationLetter(models.Model):
    """Asked for by a person who is registered; issued or refused by the coordinator of the session.

    `sealed` holds what the passport says (`cohorts.sealed`); it is empty once `purged_at` is set, for good. `text` is what was frozen at
    issue: the words with their places for what is sealed, never filled; `text_sha256` its hash. The row stays, so that it counts.
    """

    State = LetterState

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="letters", verbose_name=_("registration"))
    state = models.CharField(_("state"), max_length=16, choices=LetterState, default=LetterState.ASKED)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    sealed = models.TextField(blank=True, editable=False)
    asked_at = models.DateTimeField(_("asked"))
    issued_at = models.DateTimeField(_("issued"), null=True, blank=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    refused_at = models.DateTimeField(_("refused"), null=True, blank=True)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    refused_reason = models.TextField(_("why it is refused"), max_length=2000, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    text = models.JSONField(default=dict, blank=True, editable=False)
    text_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    purged_at = models.DateTimeField(_("data deleted"), null=True, blank=True)

    objects = InvitationLetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter of invitation")
        verbose_name_plural = _("letters of invitation")
        ordering = ["-asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["registration"],
                condition=Q(state="asked") | Q(state="issued", purged_at__isnull=True),
                name="a_letter_is_asked_for_once",
                violation_error_message=_("A letter is asked for already."),
            ),
            date_with_author("issued", name="a_letter_is_issued_by_somebody"),
            date_with_author("refused", name="a_letter_is_refused_by_somebody"),
            models.CheckConstraint(
                condition=Q(state="asked", issued_at__isnull=True, refused_at__isnull=True, withdrawn_at__isnull=True)
                | (Q(state="issued", issued_at__isnull=False) & ~Q(text_sha256=""))
                | Q(state="refused", refused_at__isnull=False)
                | Q(state="withdrawn", withdrawn_at__isnull=False),
                name="a_letter_has_the_dates_of_its_state",
            ),
            models.CheckConstraint(
                condition=(Q(purged_at__isnull=True) & ~Q(sealed="")) | Q(purged_at__isnull=False, sealed="", refused_reason=""),
                name="a_purged_letter_holds_nothing",
            ),
            models.CheckConstraint(condition=~Q(state="asked") | Q(purged_at__isnull=True), name="what_is_asked_for_is_kept"),
        ]

    def __str__(self):
        return f"{self.registration}: {self.get_state_display()}"

    @property
    def is_purged(self) -> bool:
        return self.purged_at is not None

    @property
    def number(self) -> str:
        """By which the letter, its paper and its person name it."""
        return str(self.pk)[:8].upper()

    @property
    def purge_on(self) -> datetime:
        """Until when it can be read; moves with the session."""
        return self.registration.session.ends_at + timedelta(days=settings.VISA_DATA_DAYS)

"""How those who came to a session found it: asked for two weeks, of who was checked in, told as totals only."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from .session import Registration, Session

ASKED_FOR = timedelta(days=14)  # from the end of the session
LEAST_ANSWERS = 5  # of fewer nothing is told: who has spoken with the people would know whose they are
MOST_CHARACTERS = 1000  # of the free line
SCORED = ("useful", "meetings", "organisation", "place")


class SatisfactionQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_at__isnull=True)


class Satisfaction(models.Model):
    """The questions of one session. Born when they are first asked or answered; NULL `closed_at`: still asked.

    `closes_at` is what people were promised, whatever happens to the dates of the session. `secret` lives until the close: without it
    nobody can tell whose an answer is (decision 0053).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="satisfaction", verbose_name=_("session"))
    closes_at = models.DateTimeField(_("asked until"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    secret = models.CharField(max_length=64, blank=True, editable=False)

    objects = SatisfactionQuerySet.as_manager()

    class Meta:
        verbose_name = _("satisfaction with a session")
        verbose_name_plural = _("satisfaction with sessions")
        ordering = ["closes_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(closed_at__isnull=True) & ~Q(secret="")) | Q(closed_at__isnull=False, secret=""),
                name="satisfaction_has_a_secret_only_while_it_is_asked",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=models.F("closes_at")),
                name="satisfaction_is_asked_as_long_as_was_said",
            ),
        ]

    def __str__(self):
        return f"{self._meta.verbose_name}: {self.session}"

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    def mark_of(self, registration: Registration) -> str:
        return mark_for(self.secret, registration.pk)


def mark_for(secret: str, registration: uuid.UUID) -> str:
    """What finds one's own answer while it may be changed. Needs the secret of the session and the server's key."""
    return salted_hmac(f"cohorts.satisfaction:{secret}", str(registration), algorithm="sha256").hexdigest()


def _score(label) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(label, null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)])


class SatisfactionAnswer(models.Model):
    """What somebody answered, from 1 (not at all) to 5 (entirely); NULL: left out. It names nobody and has no date.

    Written again by whoever has the same `mark`, until the close; after it the database refuses.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    satisfaction = models.ForeignKey(Satisfaction, on_delete=models.PROTECT, related_name="answers", verbose_name=_("session"))
    mark = models.CharField(max_length=64, editable=False)
    useful = _score(_("useful for the project"))
    meetings = _score(_("people to go on with"))
    organisation = _score(_("organisation"))
    place = _score(_("place"))
    words = models.TextField(_("what to change"), blank=True, max_length=MOST_CHARACTERS)

    class Meta:
        verbose_name = _("answer on satisfaction")
        verbose_name_plural = _("answers on satisfaction")
        ordering = ["satisfaction", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["satisfaction", "mark"], name="a_person_answers_once_for_a_session"),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 1, f"{name}__lte": 5}),
                    name=f"{name}_is_scored_from_1_to_5",
                )
                for name in SCORED
            ),
            models.CheckConstraint(
                condition=~Q(words="")
                | Q(useful__isnull=False)
                | Q(meetings__isnull=False)
                | Q(organisation__isnull=False)
                | Q(place__isnull=False),
                name="an_answer_says_something",
            ),
        ]

    def __str__(self):
        return f"{self.satisfaction_id}: {', '.join(str(getattr(self, name) or '–') for name in SCORED)}"

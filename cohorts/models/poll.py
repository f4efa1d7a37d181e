"""Polls in the room of a session: asked by the team, answered on phones by a short code, anonymous."""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from academy.fields import LocalizedTextField

from .constraints import date_with_author
from .question import check_choices, lines_of
from .session import Session

LETTERS = "BCDFGHJKMNPQRTVWXZ"  # none that is taken for another or for a digit, and no vowels: a code spells nothing
CODE_LENGTH = 8  # why so many: cohorts.views.polls


class PollState(models.TextChoices):
    DRAFT = "draft", _("Being written")
    OPEN = "open", _("Vote open")
    CLOSED = "closed", _("Vote closed")


POLL_MOVES: dict[str, frozenset[str]] = {
    PollState.DRAFT: frozenset({PollState.OPEN}),
    PollState.OPEN: frozenset({PollState.CLOSED}),
    PollState.CLOSED: frozenset(),
}


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _n in range(CODE_LENGTH))


class PollQuerySet(models.QuerySet):
    def shown(self):
        """Those that a code opens: a draft is nobody's but the team's."""
        return self.filter(state__in=[PollState.OPEN, PollState.CLOSED])

    def closed(self):
        return self.filter(state=PollState.CLOSED)


class Poll(models.Model):
    """One question to the people in the room. Edited while it is a draft; results are told once it is closed, to nobody before.

    `choices` has one choice per line, as many lines in each language; a ballot keeps the number of its line, from 1. `secret` lives
    from the opening to the close: without it nobody can tell whose a ballot is, or that two ballots are of one person (decision 0038).
    """

    class Kind(models.TextChoices):
        ONE = "one", _("One choice")
        SEVERAL = "several", _("Several choices")
        RANKED = "ranked", _("Ranked: first, second, third…")
        SCORED = "scored", _("Scored from 0 to 4")

    State = PollState
    MOST_CHOICES = 10
    MOST_OTHER = 200  # characters of what somebody adds
    WITH_OTHER = (Kind.ONE, Kind.SEVERAL)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="polls", verbose_name=_("session"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.ONE)
    question = LocalizedTextField(_("question"))
    choices = LocalizedTextField(_("choices"), help_text=_("One per line, in the same order in both languages."))
    allows_other = models.BooleanField(_("people may write another answer"), default=False)
    code = models.CharField(
        _("code"), max_length=CODE_LENGTH, unique=True, editable=False, default=new_code, validators=[RegexValidator(f"^[{LETTERS}]*$")]
    )
    state = models.CharField(_("state"), max_length=16, choices=PollState, default=PollState.DRAFT, editable=False)
    secret = models.CharField(max_length=64, blank=True, editable=False)
    made_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = PollQuerySet.as_manager()

    class Meta:
        verbose_name = _("poll")
        verbose_name_plural = _("polls")
        ordering = ["session", "made_at", "pk"]
        constraints = [
            date_with_author("opened", name="a_poll_is_opened_by_somebody"),
            date_with_author("closed", name="a_poll_is_closed_by_somebody"),
            models.CheckConstraint(
                condition=Q(state="draft", opened_at__isnull=True, closed_at__isnull=True)
                | Q(state="open", opened_at__isnull=False, closed_at__isnull=True)
                | Q(state="closed", opened_at__isnull=False, closed_at__isnull=False),
                name="a_poll_has_the_dates_of_its_state",
            ),
            models.CheckConstraint(
                condition=(Q(state="open") & ~Q(secret="")) | (~Q(state="open") & Q(secret="")),
                name="a_poll_has_a_secret_only_while_it_is_open",
            ),
            models.CheckConstraint(
                condition=Q(allows_other=False) | Q(kind__in=["one", "several"]),
                name="another_answer_is_a_choice",
                violation_error_message=_("Another answer can be written only where one chooses; not to rank, nor to score."),
            ),
        ]

    def __str__(self):
        return str(self.question)

    def clean(self):
        super().clean()
        check_choices(self.choices)
        if len(lines_of(str(self.choices))) > self.MOST_CHOICES:
            raise ValidationError(
                {"choices": _("Write at most %(most)d choices: people read them on a phone.") % {"most": self.MOST_CHOICES}}
            )

    @property
    def shown_code(self) -> str:
        """In groups of four, as one reads it from a wall; typed with or without the space."""
        return "\u00a0".join(self.code[place : place + 4] for place in range(0, len(self.code), 4))

    @property
    def options(self) -> list[tuple[int, str]]:
        """`[(1, "…")]`, in the reader's language."""
        return list(enumerate(lines_of(str(self.choices)), start=1))

    @property
    def is_draft(self) -> bool:
        return self.state == PollState.DRAFT

    @property
    def is_open(self) -> bool:
        return self.state == PollState.OPEN

    @property
    def is_closed(self) -> bool:
        return self.state == PollState.CLOSED

    @property
    def ended_with_session(self) -> bool:
        """Closed because its session was cancelled."""
        return self.is_closed and self.session.is_cancelled and self.closed_at == self.session.cancelled_at

    def mark_of(self, voter: str) -> str:
        """What tells one voter's ballots from another's while the poll is open. Needs the poll's secret and the server's key."""
        return salted_hmac(f"cohorts.poll:{self.secret}", voter, algorithm="sha256").hexdigest()


class Ballot(models.Model):
    """What somebody answered. It names nobody and has no date; its key says nothing of the order in which ballots came.

    `answer`: the numbers of the choices (ranked: the best first), or `{"1": 4}` for scores. Written again as long as the poll is open,
    by whoever has the same `mark`; after the close the database refuses it, and `other` may only be hidden, with a reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="ballots", verbose_name=_("poll"))
    answer = models.JSONField(_("answer"), default=list)
    other = models.CharField(_("another answer"), max_length=Poll.MOST_OTHER, blank=True)
    mark = models.CharField(max_length=64, editable=False)
    hidden_at = models.DateTimeField(_("hidden"), null=True, blank=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    hidden_reason = models.TextField(_("why hidden"), blank=True, max_length=1000)

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        ordering = ["poll", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["poll", "mark"], name="a_device_has_one_ballot_in_a_poll"),
            date_with_author("hidden", name="words_are_hidden_by_somebody"),
            models.CheckConstraint(
                condition=Q(hidden_at__isnull=True) | (~Q(hidden_reason="") & ~Q(other="")), name="hidden_words_have_their_reason"
            ),
        ]

    def __str__(self):
        return f"{self.poll}: {self.other or self.answer}"

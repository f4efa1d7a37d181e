"""What somebody's calendar holds of a session, and the address at which a calendar fetches all of a person's dates."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core import signing
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .session import Session

_signer = signing.Signer(salt="cohorts.calendar-feed", sep=".")


def uid_for(what: str, person) -> str:
    """The same for ever for a thing and a person, and it tells nobody who the person is."""
    return f"{uuid.uuid5(uuid.NAMESPACE_URL, f'{what}/{person.pk}')}@smart-academy"


class Entry(models.Model):
    """Something that one person comes to, as their calendar knows it by mail. `sequence` rises with each mail, through every
    cancelling and coming back; `is_cancelled`: the last mail took the entry away.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("person"))
    uid = models.CharField(max_length=120, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    is_cancelled = models.BooleanField(default=False, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True


class CalendarEntry(Entry):
    """The seat of one person at one session."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="calendar_entries", verbose_name=_("session"))

    class Meta:
        verbose_name = _("calendar entry")
        verbose_name_plural = _("calendar entries")
        constraints = [models.UniqueConstraint(fields=["session", "person"], name="a_calendar_holds_a_seat_once")]

    def __str__(self):
        return f"{self.person} · {self.session}"


class CalendarFeedQuerySet(models.QuerySet):
    def opened_by(self, token: str):
        """The feed of this token; none when somebody made the token up, or when it was renewed since."""
        try:
            key = uuid.UUID(_signer.unsign(token))
        except (signing.BadSignature, ValueError):
            return self.none()
        return self.filter(key=key, person__is_active=True)


class CalendarFeed(models.Model):
    """Lets a calendar program, which cannot sign in, read one person's dates. Renewing changes `key`: the old address opens nothing."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed", verbose_name=_("person")
    )
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self):
        return str(self.person)

    @property
    def token(self) -> str:
        """The key, signed: whoever reads the database cannot make an address of it without the secret of the site."""
        return _signer.sign(self.key.hex)

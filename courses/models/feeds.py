"""Who may read what people learned here, by machine: another learning record store, with a token of its own."""

import hashlib
import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.permissions import is_coordinator

BY = {"null": True, "blank": True, "on_delete": models.SET_NULL, "related_name": "+"}


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()  # forty random characters need no slow hash


class FeedTokenQuerySet(models.QuerySet):
    def opened_by(self, secret: str) -> "FeedTokenQuerySet":
        return self.valid().filter(digest=digest_of(secret))

    def valid(self) -> "FeedTokenQuerySet":
        return self.filter(revoked_at__isnull=True)

    def for_admin(self, user) -> "FeedTokenQuerySet":
        return self.all() if is_coordinator(user) else self.none()


class FeedToken(models.Model):
    """One reader of the feed of statements. The secret itself is shown once and kept nowhere: `digest` is what its hash is.

    `with_email`: people are named by their address; else by an opaque account. NULL `last_used_at`: never used.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("who reads with it"), max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    with_email = models.BooleanField(_("people by their e-mail address"), default=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("made by"), **BY)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = FeedTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("token of the xAPI feed")
        verbose_name_plural = _("tokens of the xAPI feed")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

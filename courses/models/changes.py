"""What those who had finished should know of what was published since."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class ActivityChangeQuerySet(models.QuerySet):
    def untold(self) -> "ActivityChangeQuerySet":
        """Those whose mails the clock has still to send, the oldest first."""
        return self.filter(told_at__isnull=True).order_by("announced_at")


class ActivityChange(models.Model):
    """A change of an activity that matters to who completed it before. Born by a trainer's wish, after publishing; never edited.

    It un-completes nobody. `words` is `{"fr": "…", "en": "…"}`. NULL `told_at`: the mails wait for the clock (`manage.py tick`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    activity_key = models.UUIDField(_("activity"), db_index=True)
    words = models.JSONField(_("what changed"))
    revision = models.PositiveBigIntegerField(_("revision"), null=True, blank=True)
    announced_at = models.DateTimeField(_("announced"), default=timezone.now)
    announced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("announced by")
    )
    told_at = models.DateTimeField(_("told"), null=True, blank=True)

    objects = ActivityChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of an activity")
        verbose_name_plural = _("changes of activities")
        ordering = ["-announced_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(words={}), name="a_change_says_what_changed"),
        ]

    def __str__(self) -> str:
        return f"{self.activity_key} · {self.sentence}"

    @property
    def sentence(self) -> str:
        """In the reader's language, else in any."""
        return self.words.get((get_language() or "")[:2]) or next(iter(self.words.values()), "")

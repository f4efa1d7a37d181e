"""What those who had finished should know of what was published since."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from courses.models.pages import ModulePage


def key_of(page: Page) -> dict[str, uuid.UUID]:
    """Under which key its changes are kept."""
    return {"module_key" if isinstance(page, ModulePage) else "activity_key": page.translation_key}


class ActivityChangeQuerySet(models.QuerySet):
    def of_page(self, page: Page) -> "ActivityChangeQuerySet":
        """Those of an activity or of a module, in every language."""
        return self.filter(**key_of(page))

    def untold(self) -> "ActivityChangeQuerySet":
        """Those whose mails the clock has still to send, the oldest first."""
        return self.filter(told_at__isnull=True).order_by("announced_at")


class ActivityChange(models.Model):
    """A change of an activity, or of a module as a whole (a lesson more or less, another order), that matters to who had finished it.

    Born by a trainer's wish, after publishing; never edited. One of the two keys is there, the other is NULL.

    It un-completes nobody. `words` is `{"fr": "…", "en": "…"}`. NULL `told_at`: the mails wait for the clock (`manage.py tick`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    activity_key = models.UUIDField(_("activity"), null=True, blank=True, db_index=True)
    module_key = models.UUIDField(_("module"), null=True, blank=True, db_index=True)
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
            models.CheckConstraint(
                condition=Q(activity_key__isnull=False, module_key__isnull=True) | Q(activity_key__isnull=True, module_key__isnull=False),
                name="a_change_is_of_an_activity_or_of_a_module",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity_key or self.module_key} · {self.sentence}"

    @property
    def sentence(self) -> str:
        """In the reader's language, else in any."""
        return self.words.get((get_language() or "")[:2]) or next(iter(self.words.values()), "")

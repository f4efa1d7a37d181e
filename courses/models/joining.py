"""How people come into a course that they did not choose from the list: a code, or an invitation that waits for their account."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.permissions import is_coordinator, is_trainer

BY = {"null": True, "blank": True, "on_delete": models.SET_NULL, "related_name": "+"}


def plain_code(text: str) -> str:
    """A code as it is kept: however it was typed."""
    return "".join(letter for letter in text.upper() if letter.isascii() and letter.isalnum())[:20]


class WayInQuerySet(models.QuerySet):
    def for_admin(self, user) -> "WayInQuerySet":
        return self.all() if is_trainer(user) or is_coordinator(user) else self.none()


class EnrolmentCode(models.Model):
    """Whoever types it follows the course (in the cohort, if it names one). Born and closed by staff, never deleted.

    NULL `valid_until`: no end. NULL `uses_left`: as many as want. `closed_at`: staff took it back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(_("code"), max_length=20, unique=True)
    course_key = models.UUIDField(_("course"), db_index=True)
    cohort_key = models.CharField(_("cohort"), max_length=36, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    uses_left = models.PositiveIntegerField(_("uses left"), null=True, blank=True)
    used = models.PositiveIntegerField(_("used"), default=0)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("made by"), **BY)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = WayInQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment code")
        verbose_name_plural = _("enrolment codes")
        ordering = ["-created_at"]
        constraints = [models.CheckConstraint(condition=~Q(code=""), name="a_code_is_not_empty")]

    def __str__(self) -> str:
        return self.code

    @property
    def is_open(self) -> bool:
        over = self.valid_until is not None and self.valid_until <= timezone.now()
        return self.closed_at is None and not over and self.uses_left != 0


class AwaitedEnrolment(models.Model):
    """Somebody without an account was invited to a course. It becomes an enrolment when they first sign in with this address, proved.

    Gone then, or half a year later (`courses.clock`): an address of somebody who never came is not kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("address"))
    name = models.CharField(_("name"), max_length=150, blank=True)
    course_key = models.UUIDField(_("course"), db_index=True)
    cohort_key = models.CharField(_("cohort"), max_length=36, blank=True)
    invited_at = models.DateTimeField(_("invited"), default=timezone.now)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("invited by"), **BY)

    objects = WayInQuerySet.as_manager()

    class Meta:
        verbose_name = _("awaited enrolment")
        verbose_name_plural = _("awaited enrolments")
        ordering = ["-invited_at"]
        constraints = [models.UniqueConstraint(fields=["email", "course_key"], name="an_address_is_awaited_once_in_a_course")]

    def __str__(self) -> str:
        return f"{self.email} · {self.course_key}"

"""Who says that they have read a page."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ReadReceiptQuerySet(models.QuerySet):
    def of(self, person):
        return self.filter(person=person) if person.is_authenticated else self.none()


class ReadReceipt(models.Model):
    """A person has read a page as it stood when `published_at` was its date: one row for each of its versions that they confirm.

    `page_key` is the page's translation key: read in one language, it is read. Neither a later version of the page nor its end takes it
    back; nor does the end of the person's account (NULL `person`), so that counts stay.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="read_receipts", verbose_name=_("person")
    )
    page_key = models.UUIDField(_("page"), db_index=True)
    language = models.CharField(_("language"), max_length=10)
    published_at = models.DateTimeField(_("version of"))
    read_at = models.DateTimeField(_("read"), default=timezone.now)

    objects = ReadReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt of a reading")
        verbose_name_plural = _("receipts of readings")
        ordering = ["-read_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "page_key", "language", "published_at"],
                condition=Q(person__isnull=False),
                name="a_version_is_confirmed_once_by_a_reader",
            )
        ]

    def __str__(self):
        return f"{self.person}: {self.page_key}"

"""What somebody brought to a quiz from elsewhere."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.exchange.plain import WhatWasRead
from courses.models.pages import QuizPage

if TYPE_CHECKING:
    from academy.models import User

KEPT_UNUSED = timedelta(days=7)


class QuestionImportQuerySet(models.QuerySet):
    def done(self) -> "QuestionImportQuerySet":
        return self.filter(imported_at__isnull=False)

    def for_user(self, user: "User") -> "QuestionImportQuerySet":
        """The reports of all, and what this person is looking at. (Who may edit the quiz is asked of its page.)"""
        return self.filter(Q(imported_at__isnull=False) | Q(created_by=user))

    def left_lying(self, now: datetime) -> "QuestionImportQuerySet":
        return self.filter(imported_at__isnull=True, created_at__lt=now - KEPT_UNUSED)


class QuestionImport(models.Model):
    """Questions read from a file, waiting for whoever brought them to choose; then the report of what became of them.

    Born when the file is read, so that nothing has to come back through a browser. `content` is what was read (a `WhatWasRead`) and is
    emptied by the import; `report` is empty before. One that nobody imports is forgotten after a week (`manage.py tick`).
    """

    class Format(models.TextChoices):
        GIFT = "gift", "GIFT"
        MOODLE_XML = "moodle_xml", "Moodle XML"
        CSV = "csv", _("table (CSV)")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    quiz = models.ForeignKey(QuizPage, on_delete=models.CASCADE, related_name="question_imports", verbose_name=_("quiz"))
    name = models.CharField(_("file"), max_length=200)
    format = models.CharField(_("format"), max_length=20, choices=Format.choices)
    content = models.JSONField(_("what was read"), default=dict, blank=True)
    report = models.JSONField(_("report"), default=dict, blank=True)
    created_at = models.DateTimeField(_("brought on"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("brought by")
    )
    imported_at = models.DateTimeField(_("imported on"), null=True, blank=True)

    objects = QuestionImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of questions")
        verbose_name_plural = _("imports of questions")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @property
    def was_read(self) -> WhatWasRead:
        return WhatWasRead.from_json(self.content or {"questions": [], "notes": []})

"""What was imported: where a page or a file came from, one import of many files, and the files of a section."""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from academy.extraction import ExtractionStatus
from academy.sentences import Sentence
from wiki.permissions import sections_for

ABANDONED_AFTER = timedelta(minutes=3)
KEPT_UNSTARTED = timedelta(days=7)


class ImportSource(models.Model):
    """Where an imported page or file came from. Born at the first import of a source; each later import of the same key updates it.

    A key is the path of a file below what was imported; with the section that it was imported into, it names the source for ever.
    NULL `page`: the page was deleted since, and the next import makes a new one; a file never has a page. `revision_id` is the revision
    that the last import wrote: another latest revision means that a person has edited the page since. Of a page the original stays
    in a private collection, served to nobody but staff; of a file the original is the file that readers get.
    """

    class Kind(models.TextChoices):
        PAGE = "page", _("page")
        SECTION = "section", _("section")
        DOCUMENT = "document", _("file")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    section = models.ForeignKey(
        "wiki.WikiSection",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="sources_imported_here",
        verbose_name=_("imported into"),
    )
    key = models.CharField(_("source"), max_length=500)
    kind = models.CharField(_("what it is"), max_length=10, choices=Kind.choices, default=Kind.PAGE)
    locale = models.ForeignKey("wagtailcore.Locale", on_delete=models.PROTECT, related_name="+", verbose_name=_("language"))
    sha256 = models.CharField(_("fingerprint"), max_length=64, blank=True, db_index=True)
    options = models.JSONField(_("choices made"), default=dict, blank=True)
    original = models.ForeignKey(
        settings.WAGTAILDOCS_DOCUMENT_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="import_sources",
        verbose_name=_("original file"),
    )
    page = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="import_sources", verbose_name=_("page")
    )
    revision = models.ForeignKey("wagtailcore.Revision", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    report = models.JSONField(_("report"), default=dict)
    imported_at = models.DateTimeField(_("imported on"))
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("imported by")
    )

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-imported_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["section", "key", "locale"],
                name="a_source_is_imported_once_per_section_and_language",
                violation_error_message=_("This source is already imported in this section."),
            )
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def was_written(self) -> bool:
        """An import has written on the page, or kept the file, before."""
        return bool(self.sha256 or (self.kind == self.Kind.PAGE and self.page_id and self.revision_id))

    def holds(self, sha256: str, options: dict) -> bool:
        """What these bytes would write, read with these choices, is here already."""
        has_something = self.original_id if self.kind == self.Kind.DOCUMENT else self.page_id
        is_file = self.kind == self.Kind.DOCUMENT
        before, now = (
            {name: one for name, one in all_of.items() if one and (name == "title" or not is_file)} for all_of in (self.options, options)
        )
        return bool(has_something) and self.sha256 == sha256 and before == now

    @property
    def is_edited_since(self) -> bool:
        """A person has written on the page since the last import, or has not yet taken over the draft that it left."""
        if self.page is None:
            return False
        if self.report.get("outcome") == "draft" and self.page.live_revision_id != self.revision_id:
            return True
        return self.page.latest_revision_id != self.revision_id


class ImportBatchQuerySet(models.QuerySet):
    def for_user(self, user: Any) -> "ImportBatchQuerySet":
        """Those into a section where this person may add pages."""
        return self.filter(section__in=sections_for(user))

    def abandoned(self) -> "ImportBatchQuerySet":
        """Asked for, and nobody has been at work for some minutes: the worker was ended."""
        return self.filter(state__in=ImportBatch.WORKING).exclude(beat_at__gt=timezone.now() - ABANDONED_AFTER)

    def left_lying(self) -> "ImportBatchQuerySet":
        """Read, and never started."""
        return self.filter(state=ImportBatch.State.PREPARED, created_at__lt=timezone.now() - KEPT_UNSTARTED)


class ImportBatch(models.Model):
    """One import: the files that a person brought, where they go, what became of each.

    Its files wait outside the media folder (wiki.staging) until it has ended. `beat_at` and `token` say that a process is at work on
    it; without a beat for some minutes the next one may take over (manage.py tick, or whoever looks at the page).
    """

    class State(models.TextChoices):
        READING = "reading", _("being read")
        PREPARED = "prepared", _("ready: look at it, then import")
        RUNNING = "running", _("being imported")
        DONE = "done", _("imported")
        CANCELLED = "cancelled", _("stopped")
        FAILED = "failed", _("failed")

    WORKING = (State.READING, State.RUNNING)
    MOVES = {
        State.READING: {State.PREPARED, State.CANCELLED, State.FAILED},
        State.PREPARED: {State.READING, State.RUNNING, State.CANCELLED},
        State.RUNNING: {State.DONE, State.CANCELLED, State.FAILED},
        State.DONE: set(),
        State.CANCELLED: set(),
        State.FAILED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    section = models.ForeignKey(
        "wiki.WikiSection", null=True, on_delete=models.CASCADE, related_name="import_batches", verbose_name=_("section")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.READING)
    publish = models.BooleanField(_("publish at once"), default=True)
    created_at = models.DateTimeField(_("brought on"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("brought by")
    )
    ended_at = models.DateTimeField(_("ended on"), null=True, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True, editable=False)
    token = models.UUIDField(null=True, blank=True, editable=False)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of files")
        verbose_name_plural = _("imports of files")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["done", "cancelled", "failed"], ended_at__isnull=False)
                | models.Q(state__in=["reading", "prepared", "running"], ended_at__isnull=True),
                name="an_import_that_has_ended_has_its_date",
                violation_error_message=_("An import that has ended has the date of its end."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.section} · {timezone.localtime(self.created_at):%Y-%m-%d %H:%M}"

    @property
    def is_working(self) -> bool:
        return self.state in self.WORKING

    @property
    def has_ended(self) -> bool:
        return not self.MOVES[self.State(self.state)]


class ImportItem(models.Model):
    """One file of an import, or one of its folders. Empty `outcome`: nothing has become of it yet."""

    class Becomes(models.TextChoices):
        SECTION = "section", _("section")
        TEXT = "text", _("text of the section")
        PAGE = "page", _("page")
        DOCUMENT = "document", _("file")
        IMAGE = "image", _("image")
        ORDER = "order", _("order and titles of the pages")
        NOTHING = "nothing", _("nothing")

    class Outcome(models.TextChoices):
        CREATED = "created", _("new")
        UPDATED = "updated", _("updated")
        DRAFT = "draft", _("draft to compare")
        UNCHANGED = "unchanged", _("already here, unchanged")
        DUPLICATE = "duplicate", _("the same as another file")
        USED = "used", _("used")
        LEFT_OUT = "left_out", _("left out")
        REFUSED = "refused", _("not imported")

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="items")
    number = models.PositiveIntegerField(default=0)
    path = models.CharField(_("file"), max_length=500)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    becomes = models.CharField(_("becomes"), max_length=10, choices=Becomes.choices, default=Becomes.NOTHING)
    title = models.CharField(_("title"), max_length=255, blank=True)
    expected = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    note = models.JSONField(default=dict, blank=True)
    report = models.JSONField(default=dict)
    suggestions = models.JSONField(default=list)
    options = models.JSONField(default=dict)
    wanted = models.BooleanField(default=True)
    links = models.JSONField(default=list)
    page = models.ForeignKey("wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    document = models.ForeignKey(settings.WAGTAILDOCS_DOCUMENT_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    image = models.ForeignKey(settings.WAGTAILIMAGES_IMAGE_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("file of an import")
        verbose_name_plural = _("files of an import")
        ordering = ["number", "path"]
        constraints = [models.UniqueConstraint(fields=["batch", "path"], name="a_file_is_once_in_an_import")]

    def __str__(self) -> str:
        return self.path

    @property
    def said(self) -> Sentence:
        """Why it is not imported, or what else is to be known of it; in the language of who reads it."""
        return Sentence.from_json(self.note)

    @property
    def unread(self) -> str:
        """What the search cannot find in a file that was kept, as far as it has been read; nothing when all of it is found."""
        document = self.document
        if document is None or not document.extraction_status:
            return ""
        if document.extraction_status != ExtractionStatus.OK:
            return str(document.get_extraction_status_display())
        blank = document.pages_without_text or 0
        said = ngettext(
            "%(number)d page is a picture without text: not searchable", "%(number)d pages are pictures without text: not searchable", blank
        )
        return said % {"number": blank} if blank else ""

    @property
    def takes_title(self) -> bool:
        """A page, or a file that stays a file, that waits to be imported may be called otherwise."""
        return not self.outcome and self.becomes in (self.Becomes.PAGE, self.Becomes.DOCUMENT)

    @property
    def folder(self) -> str:
        """The folder it lies in, with its last slash; empty at the top."""
        return self.path.rstrip("/").rpartition("/")[0] + "/" if "/" in self.path.rstrip("/") else ""

    @property
    def name(self) -> str:
        return self.path.rstrip("/").rpartition("/")[2]


class SectionFiles(models.Model):
    """The collection that holds the files of a section, and asks of readers what the section asks (wiki.section_files)."""

    section = models.OneToOneField("wiki.WikiSection", on_delete=models.CASCADE, related_name="files_kept")
    collection = models.OneToOneField("wagtailcore.Collection", on_delete=models.CASCADE, related_name="section_files")

    class Meta:
        verbose_name = _("files of a section")
        verbose_name_plural = _("files of sections")

    def __str__(self) -> str:
        return str(self.section)

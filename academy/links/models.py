"""What is known of links: tables that follow the live pages (academy.links.table writes them, nobody by hand)."""

import hashlib

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from academy.privacy import Hidden

LONGEST_KEY = 250


class NameKind(models.TextChoices):
    TITLE = "title", _("title")
    SLUG = "slug", _("address")
    SOURCE = "source", _("imported file")
    ANCHOR = "anchor", _("place in the page")


class PageName(models.Model):
    """A name to which a live page answers (a red link that asks for it turns blue), or a place in it that a link may point at.

    Born when the page is published, gone when it is unpublished or deleted. `key` is normalised (academy.links.keys), but for
    a place, which is written as the page writes it.
    """

    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="link_names")
    kind = models.CharField(max_length=10, choices=NameKind.choices)
    key = models.CharField(max_length=LONGEST_KEY)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "kind", "key"], name="a_page_has_a_name_once")]
        indexes = [models.Index(fields=["key", "kind"], name="page_name_by_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class GonePage(models.Model):
    """A page that was deleted while others may still link to its number: what it was called. A page of that name takes its place."""

    number = models.PositiveBigIntegerField(primary_key=True)
    title = models.CharField(max_length=255)
    key = models.CharField(max_length=LONGEST_KEY)
    gone_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.title


class LinkKind(models.TextChoices):
    PAGE = "page", _("page")
    WANTED = "wanted", _("page not written yet")
    PATH = "path", _("address of this site")
    FILE = "file", _("file")
    WEB = "web", _("other site")


class PageLinkQuerySet(models.QuerySet):
    def visible_to(self, hidden: Hidden) -> "PageLinkQuerySet":
        """Without the links that stand on pages which this reader may not open."""
        return hidden.exclude_from(self, "source__path")

    def red(self) -> "PageLinkQuerySet":
        """Links that ask for a page which does not exist: never written, or deleted."""
        return self.filter(target=None, kind__in=[LinkKind.PAGE, LinkKind.WANTED]).exclude(key="")


class PageLink(models.Model):
    """One link of a live page, as it is published; a link said twice is one row. Drafts have none.

    `number` is the id written in the text (page or file). `target` is the page that a reader reaches now; NULL: none, the words
    are red. `title` and `key` (with `short_key` for a path) name the page asked for; a deleted page leaves its own.
    """

    source = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="links_out")
    kind = models.CharField(max_length=10, choices=LinkKind.choices)
    target = models.ForeignKey("wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="links_in")
    number = models.PositiveBigIntegerField(null=True, blank=True)
    title = models.CharField(max_length=500, blank=True)
    key = models.CharField(max_length=LONGEST_KEY, blank=True, db_index=True)
    short_key = models.CharField(max_length=LONGEST_KEY, blank=True, db_index=True)
    anchor = models.CharField(max_length=LONGEST_KEY, blank=True)
    address = models.ForeignKey("academy.WebAddress", null=True, blank=True, on_delete=models.CASCADE, related_name="links")
    words = models.CharField(max_length=200, blank=True)

    objects = PageLinkQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["kind", "number"], name="page_link_by_number")]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.title or self.number or self.address_id}"


class WebState(models.TextChoices):
    UNCHECKED = "unchecked", _("not checked yet")
    OK = "ok", _("answers")
    MOVED = "moved", _("moved for good")
    GONE = "gone", _("not there any more")
    REFUSED = "refused", _("refuses to be checked")
    UNREACHABLE = "unreachable", _("does not answer")


class WebAddress(models.Model):
    """An address elsewhere that our pages link to, and how the last check went.

    A failure counts when it is seen again another day: `first_failed_on` is set by the first, `last_failed_on` by each; both are
    cleared by the first success. `digest` stands for the address, which may be longer than an index takes.
    """

    url = models.CharField(max_length=2000)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    state = models.CharField(max_length=12, choices=WebState.choices, default=WebState.UNCHECKED)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    leads_to = models.CharField(max_length=2000, blank=True)
    reason = models.CharField(max_length=100, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    first_failed_on = models.DateField(null=True, blank=True)
    last_failed_on = models.DateField(null=True, blank=True)

    FAILURES = (WebState.GONE, WebState.UNREACHABLE)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_failed_on=None, last_failed_on=None)
                | models.Q(first_failed_on__isnull=False, last_failed_on__gte=models.F("first_failed_on")),
                name="failures_have_a_first_and_a_last_day",
            )
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def is_broken(self) -> bool:
        """Two failures on different days: once may be a bad moment."""
        return self.state in self.FAILURES and self.first_failed_on != self.last_failed_on


def digest_of(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


class LinkCheck(models.Model):
    """One round of visits to other sites, asked for by somebody. NULL `finished_at`: waiting or under way; `stop_asked`: it ends soon.

    Only one is open at a time. `moved_at` is the last sign of life: a round without one for long is taken for dead.
    """

    asked_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    moved_at = models.DateTimeField(default=timezone.now)
    stop_asked = models.BooleanField(default=False)
    is_open = models.BooleanField(default=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_open"],
                name="one_check_of_links_at_a_time",
                condition=models.Q(is_open=True),
                violation_error_message=_("A check is already under way."),
            ),
            models.CheckConstraint(
                condition=models.Q(is_open=True, finished_at=None) | models.Q(is_open=False, finished_at__isnull=False),
                name="a_check_is_open_until_it_is_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}: {self.done}/{self.total}"


short_slug = RegexValidator(r"^[a-z0-9]+(?:-[a-z0-9]+)*$", _("Use small letters without accents, digits and hyphens: for example charter."))


class ShortLink(models.Model):
    """A short address that people can say and write down: /go/charter. It leads to a page, in the reader's language, or to a file.

    It stands under /go/ alone, so it can hide no other address. It goes with its target.
    """

    slug = models.CharField(
        _("short address"),
        max_length=50,
        unique=True,
        validators=[short_slug],
        help_text=_("What comes after /go/: small letters without accents, digits and hyphens."),
        error_messages={"unique": _("This short address is already taken.")},
    )
    page = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.CASCADE, related_name="short_links", verbose_name=_("page")
    )
    document = models.ForeignKey(
        settings.WAGTAILDOCS_DOCUMENT_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="short_links",
        verbose_name=_("or file"),
    )
    created_on = models.DateField(_("made on"), default=timezone.localdate, editable=False)

    panels = [FieldPanel("slug"), FieldPanel("page"), FieldPanel("document")]

    class Meta:
        verbose_name = _("short link")
        verbose_name_plural = _("short links")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(page__isnull=False, document__isnull=True) | models.Q(page__isnull=True, document__isnull=False),
                name="a_short_link_leads_to_one_thing",
                violation_error_message=_("Choose a page or a file: one of the two."),
            ),
        ]

    def __str__(self) -> str:
        return f"/go/{self.slug}"

    def clean(self) -> None:
        super().clean()
        self.slug = (self.slug or "").strip().lower()

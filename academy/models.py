"""The floor: people, files, the site and its brand, the outbox."""

import copy
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.documents.models import AbstractDocument, Document
from wagtail.fields import StreamField
from wagtail.images.models import AbstractImage, AbstractRendition, Image, get_upload_to
from wagtail.models import Locale, Page, PageViewRestriction

from academy import recordings
from academy.blocks import ContentBlock
from academy.brand import contrast_ratio
from academy.camera import PictureField, bare_file
from academy.countries import country_choices
from academy.extraction import ExtractionStatus
from academy.files import RefusedFile
from academy.links import models as link_models  # noqa: F401 (the tables of links: Django must see them)
from academy.lookups import in_locale
from academy.managers import UserManager
from academy.privacy import hidden_for, restrictions_of
from academy.remembered import remembered
from academy.search.models import DocumentPassage, SearchEntry, SearchLog, SearchWord  # noqa: F401 (Django looks for models here)
from academy.sentences import Sentence


def display_name(user: "User") -> str:
    """What other people see: the name, else the part of the address before the at sign."""
    if user.erased_at:
        return gettext("Erased person")
    return user.name or user.email.split("@")[0]


def validate_time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(_("This time zone is not known. Choose one such as Europe/Brussels."))


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Born at sign-up or by invitation of staff; signs in by e-mail; allauth owns verification and second factors.

    Roles are groups (`academy.roles`); being a promoter is not a group: it is being a member of a project.
    Erased, never deleted once they took part in something (`academy.erasure`): the row stays, empty, so that every count stays true.
    """

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(_("preferred language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    time_zone = models.CharField(_("time zone"), max_length=64, default=settings.TIME_ZONE, validators=[validate_time_zone])
    country = models.CharField(_("country"), max_length=2, blank=True, choices=country_choices)
    weekly_letter = models.BooleanField(
        _("One letter a week"),
        default=True,
        help_text=_("On Monday morning: your next step, what is late, what Smart owes you. Nothing to say, no letter."),
    )
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("Kept for Django; rights come from groups."))
    is_active = models.BooleanField(_("active"), default=True, help_text=_("An inactive person cannot sign in."))
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "email"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="user_email_unique_whatever_the_case", violation_error_message=_("This address is already used.")
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(is_active=False, is_superuser=False, name="", country=""),
                name="an_erased_person_is_nobody",
            ),
        ]

    def __str__(self) -> str:
        return display_name(self)

    def get_full_name(self) -> str:
        return display_name(self)

    def get_short_name(self) -> str:
        return display_name(self).split(" ")[0]

    @cached_property
    def roles(self) -> frozenset[str]:
        """Names of the groups, read once per request."""
        return frozenset(self.groups.values_list("name", flat=True))


class AcademyDocument(AbstractDocument):
    """A file. `sha256` lets the same file be recognised; NULL `text_extracted_at` means that nobody has read it yet.

    What came out of it is `extraction_status` and, page by page, `passages` (`academy.search.files`).
    """

    sha256 = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    text_extracted_at = models.DateTimeField(null=True, blank=True, editable=False)
    extraction_status = models.CharField(_("words inside"), max_length=20, blank=True, choices=ExtractionStatus.choices, editable=False)
    pages_without_text = models.PositiveIntegerField(null=True, blank=True, editable=False)

    admin_form_fields = Document.admin_form_fields

    class Meta(AbstractDocument.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    def clean(self) -> None:
        """Video, sound and captions are what their names say: a browser plays nothing else."""
        super().clean()
        if recordings.suffix_of(self.file.name or "") in recordings.TYPES and (problem := self.problem_as_recording()):
            raise ValidationError({"file": str(problem)})

    def problem_as_recording(self, kinds: Iterable[str] = recordings.TYPES) -> Sentence | None:
        """Why this file cannot be played or read as one of `kinds`, or nothing; the storage may have lost it, which says nothing of its kind."""
        try:
            with self.open_file() as file:
                return recordings.problem_in(file, self.filename, kinds)
        except OSError:
            return None


class AcademyImage(AbstractImage):
    """A picture, with what a blind reader should hear and who made it; without what the camera wrote into it."""

    file = PictureField(verbose_name=_("file"), upload_to=get_upload_to, width_field="width", height_field="height")
    alt_text = models.CharField(_("description for those who do not see it"), max_length=300, blank=True)
    credit = models.CharField(_("credit"), max_length=200, blank=True)

    admin_form_fields = (*Image.admin_form_fields, "alt_text", "credit")

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")

    @property
    def default_alt_text(self) -> str:
        return self.alt_text or self.title

    def clean(self) -> None:
        super().clean()
        try:
            self._make_bare()
        except RefusedFile as refusal:
            raise ValidationError({"file": str(refusal)}) from None

    def save(self, *args, **kwargs) -> None:
        self._make_bare()  # its width and height are read before it is stored
        super().save(*args, **kwargs)

    def _make_bare(self) -> None:
        if self.file and not self.file._committed:
            self.file = bare_file(self.file)

    def _set_image_file_metadata(self) -> None:
        """Of what will be stored. (The forms of Wagtail and `wiki.pictures` ask for it just before.)"""
        self._make_bare()
        super()._set_image_file_metadata()


class AcademyRendition(AbstractRendition):
    """One size of a picture, made by Wagtail when a page first needs it."""

    image = models.ForeignKey(AcademyImage, related_name="renditions", on_delete=models.CASCADE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="one_rendition_per_image_and_filter"),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} {self.filter_spec}"


class BasePage(Page):
    """What every page type of the house shares: behaviour, no table."""

    class Meta:
        abstract = True

    def route(self, request, path_components):
        self._asked_by = request
        return super().route(request, path_components)

    def get_view_restrictions(self):
        """While a request is served, the guards it has read already say whether there is anything to ask."""
        request = getattr(self, "_asked_by", None)
        if request is not None and not hidden_for(request).guards(self):
            return PageViewRestriction.objects.none()
        return restrictions_of(self)

    @property
    def listing_summary(self) -> str:
        return getattr(self, "summary", "") or self.search_description

    def source_names(self) -> list[str]:
        """Paths of the files that this page was made from: a link to one of them is a link to the page."""
        return []

    def uses(self, *, moves: bool = False, reader: Any = None) -> list[str]:
        """Sentences for whoever is about to take the page away, or to move it: what else stands on it, beside links.

        `reader` is who reads them: nobody is told a name that they may not know.
        """
        return []


class HomePage(BasePage):
    """The front door, one per language."""

    lead = models.TextField(_("what the Academy is, in one sentence"), blank=True)
    body = StreamField(ContentBlock(), blank=True, verbose_name=_("content"))

    content_panels = [*Page.content_panels, FieldPanel("lead"), FieldPanel("body")]
    parent_page_types = ["wagtailcore.Page"]
    template = "academy/home_page.html"

    class Meta:
        verbose_name = _("home page")

    @property
    def localized(self):
        """The home page of the active language, remembered in the process: every request starts with it."""
        locale = Locale.get_active()
        return self if locale.pk == self.locale_id else in_locale(self, locale) or self

    def route(self, request, path_components):
        """One look-up for the whole address instead of two for each of its parts.

        The page is remembered until something is published, and each reader is served a copy. An address that is no page of the
        tree goes Wagtail's way: a page in between may answer for it, else it is a 404. This object may be one that the process
        remembers, so the home page itself is read anew.
        """
        page = remembered(request, ("route", self.pk, *path_components), lambda: self._page_at(path_components))
        if page is None:
            return super().route(request, path_components)
        page = copy.copy(page)
        return super(HomePage, page).route(request, []) if isinstance(page, HomePage) else page.route(request, [])

    def _page_at(self, path_components: list[str]) -> Page | None:
        if not path_components:
            return type(self)._default_manager.filter(pk=self.pk).first()
        page = (
            Page.objects.filter(slug=path_components[-1], depth=self.depth + len(path_components))
            .filter(url_path=f"{self.url_path}{'/'.join(path_components)}/")
            .first()
        )
        return page.specific if page is not None else None


hex_colour = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour such as #b3321b."))


@register_setting(icon="cog", order=100)
class SiteSettings(BaseSiteSetting):
    """Who answers, and where the legal pages are."""

    contact_email = models.EmailField(_("contact address"), blank=True)
    organisation = models.CharField(_("organisation"), max_length=120, default="Smart")
    privacy_page = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("privacy page")
    )
    legal_page = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("legal page")
    )

    class Meta:
        verbose_name = _("site settings")

    def __str__(self) -> str:
        return str(_("Site settings"))


@register_setting(icon="image", order=101)
class Brand(BaseSiteSetting):
    """The graphic charter that each partner declines: name, logo, one accent in light and in dark."""

    name = models.CharField(_("name"), max_length=60, default="Smart Academy")
    logo = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("logo")
    )
    accent = models.CharField(_("accent on light"), max_length=7, default="#b3321b", validators=[hex_colour])
    accent_dark = models.CharField(_("accent on dark"), max_length=7, default="#ff8e72", validators=[hex_colour])

    PAPER, PAPER_DARK = "#fdfdfc", "#15171b"  # --paper of static/css/tokens.css (a test compares)

    panels = [FieldPanel("name"), FieldPanel("logo"), FieldPanel("accent"), FieldPanel("accent_dark")]

    class Meta:
        verbose_name = _("brand")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuses an accent that could not be read: links and buttons are text (WCAG 1.4.3, 4.5:1)."""
        super().clean()
        errors = {}
        for field, paper in (("accent", self.PAPER), ("accent_dark", self.PAPER_DARK)):
            value = getattr(self, field)
            try:
                hex_colour(value)
            except ValidationError:
                continue
            ratio = contrast_ratio(value, paper)
            if ratio < 4.5:
                errors[field] = _(
                    "This colour has a contrast of %(ratio).1f to 1 on the page; 4.5 is the least that everyone can read. Choose a %(way)s one."
                ) % {
                    "ratio": ratio,
                    "way": _("darker") if field == "accent" else _("lighter"),
                }
        if errors:
            raise ValidationError(errors)


SENDING = timedelta(minutes=15)  # so long a letter may be in the hands of the process that wrote it, or took it to send it


class MessageQuerySet(models.QuerySet):
    def in_state(self, state: str) -> "MessageQuerySet":
        """The same as `Message.state`, asked of many."""
        states, unsent = Message.State, Q(sent_at__isnull=True, cancelled_at__isnull=True)
        rows = {
            states.SENT: Q(sent_at__isnull=False),
            states.WAITING: unsent & Q(last_error=""),
            states.FAILED: unsent & ~Q(last_error=""),
            states.REPLACED: Q(cancelled_at__isnull=False),
        }
        return self.filter(rows[states(state)])

    def unsent(self) -> "MessageQuerySet":
        return self.filter(sent_at__isnull=True, cancelled_at__isnull=True)

    def to_try_again(self, now: datetime) -> "MessageQuerySet":
        """What failed, and what a process took, or wrote, so long ago that it is not in its hands any more."""
        dropped = Q(tried_at__isnull=True, created_at__lte=now - SENDING) | Q(tried_at__lte=now - SENDING)
        return self.unsent().filter(~Q(last_error="") | dropped)


class Message(models.Model):
    """One mail to one person, kept. Born with the event that caused it, sent once on commit; NULL `sent_at`: not sent yet.

    `cause` names the event (`cohorts.application.submitted:<uuid>`); a cause reaches a person once at most.
    `tried_at`: when a process last took it to send it; taken, with no error and not sent: it is leaving, or that process was killed.
    `cancelled_at`: what it said was replaced before it left, so it never leaves. `reply_to`: who wrote it, when a person did; empty:
    nobody reads an answer. `calendar`: an `.ics` file (iTIP, RFC 5546) that goes with it, frozen when the row was written.
    """

    class State(models.TextChoices):
        """What became of it; told by its dates, not kept."""

        SENT = "sent", pgettext_lazy("mail", "Sent")
        WAITING = "waiting", pgettext_lazy("mail", "Leaves in a moment")
        FAILED = "failed", pgettext_lazy("mail", "Could not be sent: tried again by itself")
        REPLACED = "replaced", pgettext_lazy("mail", "Replaced before it left: never sent")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="messages_received")
    address = models.EmailField()
    reply_to = models.EmailField(blank=True)
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=250)
    body_text = models.TextField()
    body_html = models.TextField(blank=True)
    calendar = models.TextField(blank=True)
    cause = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["cause", "address"], name="a_cause_reaches_a_person_once"),
            models.CheckConstraint(condition=Q(sent_at__isnull=True) | Q(cancelled_at__isnull=True), name="a_message_is_sent_or_cancelled"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.address}"

    @property
    def state(self) -> State:
        if self.sent_at:
            return self.State.SENT
        if self.cancelled_at:
            return self.State.REPLACED
        return self.State.FAILED if self.last_error else self.State.WAITING

    @property
    def is_unsent(self) -> bool:
        """It is still to leave."""
        return self.state in (self.State.WAITING, self.State.FAILED)


class SavedView(models.Model):
    """A listing as somebody left it: its filters, order and columns, as the query of its address. Shared: its colleagues see it too."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    listing = models.SlugField(max_length=50)
    name = models.CharField(_("name"), max_length=80)
    query = models.TextField(max_length=4000, blank=True)
    is_shared = models.BooleanField(_("shared with the team"), default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "listing", "name"],
                name="a_person_names_a_view_once",
                violation_error_message=_("You have a view with this name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

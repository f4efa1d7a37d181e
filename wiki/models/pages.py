"""The wiki: sections, pages, and where an imported page came from."""

from calendar import monthrange
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import ItemBase, TagBase
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.documents import get_document_model
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from academy.blocks import ContentBlock, contents_of, document_ids_in
from academy.html import text_of
from academy.links.panels import LinksPanel
from academy.menus import around
from academy.models import BasePage
from academy.prepared import Later, Prepared, columns_of, objects_of
from academy.privacy import Hidden, hidden_for
from academy.remembered import remembered
from wiki.permissions import can_verify_page
from wiki.querysets import WikiPageManager
from wiki.receipts import receipt_of

WORDS_A_MINUTE = 200


def months_after(day: date, months: int) -> date:
    """The same day some months later, or the last day of that month."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def words_of(body) -> str:
    """Every word of a body, in order: what the reader reads, for the count of minutes."""
    parts = []
    for child in body or ():
        parts += [str(part) for part in child.block.get_searchable_content(child.value)]
    return " ".join(text_of(part) for part in parts)


class WikiSection(BasePage):
    """A shelf of the wiki; sections nest. Who may read what is under it is its page privacy (public, members, staff)."""

    menus_show_title_alone = True

    summary = models.TextField(_("summary"), blank=True, max_length=500, help_text=_("One or two sentences: what a reader finds here."))
    body = StreamField(ContentBlock(), blank=True, verbose_name=_("content"))
    steward = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("steward"),
        help_text=_("Looks after the pages here that have no steward of their own."),
    )

    content_panels = [*Page.content_panels, FieldPanel("summary"), FieldPanel("body"), FieldPanel("steward")]
    promote_panels = [LinksPanel(), *Page.promote_panels]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]
    parent_page_types = ["academy.HomePage", "wiki.WikiSection"]
    subpage_types = ["wiki.WikiSection", "wiki.WikiPage", "wiki.MonographPage"]
    template = "wiki/wiki_section.html"

    class Meta:
        verbose_name = _("wiki section")
        verbose_name_plural = _("wiki sections")

    def get_context(self, request, *args, **kwargs):
        """Worked out when the template asks, like that of a wiki page: `seen_as` is all that the lists depend on beside what is published.

        Files are asked for each time: a new one stands here at once, and nothing else is made anew for it.
        """
        context = super().get_context(request, *args, **kwargs)
        hidden = hidden_for(request)
        near = SimpleLazyObject(lambda: around(self, request) if self.pk else None)
        pages = SimpleLazyObject(lambda: self._pages(request, hidden))
        files = _files_of_section.rows(section=self.pk) if self.pk else []
        context.update(
            near=near,
            crumbs=SimpleLazyObject(lambda: [*near.crumbs, (self.title, "")] if self.pk else []),
            sections=SimpleLazyObject(lambda: self._shelves(request, hidden)),
            pages=pages,
            has_monographs=lambda: any(page.content_type_id == _monograph() for page, _href in pages),
            files=SimpleLazyObject(lambda: objects_of(get_document_model(), files)),
            seen_as=(self.pk, hidden.paths, tuple(files)),
        )
        return context

    def _shelves(self, request, hidden: Hidden) -> list[tuple]:
        """The sections under it, each with its address and the titles of its pages: two queries."""
        sections = list(hidden.exclude_from(WikiSection.objects.child_of(self).live()).order_by("path")) if self.pk else []
        titles = {}
        if sections:
            under = WikiPage.objects.live().filter(path__startswith=self.path, depth=self.depth + 2)
            for path, title, url_path in hidden.exclude_from(under).order_by("path").values_list("path", "title", "url_path"):
                titles.setdefault(path[: -Page.steplen], []).append((title, Page(url_path=url_path).get_url(request)))
        return [(section, section.get_url(request), titles.get(section.path, [])) for section in sections]

    def _pages(self, request, hidden: Hidden) -> list[tuple]:
        pages = hidden.exclude_from(WikiPage.objects.child_of(self).live()).order_by("path").defer("body") if self.pk else []
        return [(page, page.get_url(request)) for page in pages]


def _monograph() -> int:
    return ContentType.objects.get_by_natural_key("wiki", "monographpage").pk


_files_of_section = Prepared(
    lambda: (
        get_document_model()
        .objects.filter(collection__section_files__section=Later("section", WikiSection._meta.pk))
        .order_by("title")
        .values_list(*columns_of(get_document_model()))
    )
)


class WikiTag(TagBase):
    """A word that wiki pages share."""

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")


class WikiPageTag(ItemBase):
    """A tag on one wiki page."""

    tag = models.ForeignKey(WikiTag, related_name="tagged_pages", on_delete=models.CASCADE)
    content_object = ParentalKey("wiki.WikiPage", related_name="tagged_items", on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"{self.tag} · {self.content_object}"


class Freshness(models.TextChoices):
    NEVER = "never", _("not verified yet")
    FRESH = "fresh", _("verified")
    DUE = "due", _("to be verified again")


class WikiPage(BasePage):
    """A page of the wiki. Editing and verifying are two things: a correction does not make a page true again.

    NULL `verified_at`: nobody has verified it yet. Only `wiki.actions.verify_page` writes the three verification fields;
    they belong to the live page, never to a draft.
    """

    menus_show_title_alone = True

    summary = models.TextField(_("summary"), blank=True, max_length=500, help_text=_("One or two sentences, shown in lists and in search."))
    body = StreamField(ContentBlock(), blank=True, verbose_name=_("content"))
    tags = ClusterTaggableManager(through=WikiPageTag, blank=True, verbose_name=_("tags"))
    steward = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="stewarded_pages",
        verbose_name=_("steward"),
        help_text=_("Who keeps this page true."),
    )
    review_months = models.PositiveSmallIntegerField(
        _("review every (months)"), default=12, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    verified_at = models.DateTimeField(_("verified on"), null=True, blank=True, editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("verified by"),
    )
    review_due_on = models.DateField(_("next review"), null=True, blank=True, editable=False, db_index=True)
    reading_minutes = models.PositiveSmallIntegerField(_("minutes to read"), default=1, editable=False)

    objects = WikiPageManager()

    VERIFICATION = ("verified_at", "verified_by_id", "review_due_on")
    content_panels = [*Page.content_panels, FieldPanel("summary"), FieldPanel("body"), FieldPanel("tags")]
    promote_panels = [
        MultiFieldPanel([FieldRowPanel([FieldPanel("steward"), FieldPanel("review_months")])], heading=_("Kept true")),
        LinksPanel(),
        *Page.promote_panels,
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.SearchField("body"),
        index.FilterField("review_due_on"),
        index.FilterField("verified_at"),
        index.RelatedFields("tags", [index.SearchField("name")]),
    ]
    parent_page_types = ["wiki.WikiSection"]
    subpage_types: list[str] = []
    template = "wiki/wiki_page.html"

    class Meta:
        verbose_name = _("wiki page")
        verbose_name_plural = _("wiki pages")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verified_at__isnull=True, verified_by__isnull=True, review_due_on__isnull=True)
                | models.Q(verified_at__isnull=False, verified_by__isnull=False, review_due_on__isnull=False),
                name="a_verification_has_its_date_author_and_next_review",
                violation_error_message=_("A verification has a date, an author and the day of the next review."),
            ),
        ]

    @property
    def freshness(self) -> Freshness:
        if self.verified_at is None:
            return Freshness.NEVER
        return Freshness.DUE if self.review_due_on < timezone.localdate() else Freshness.FRESH

    @property
    def is_out_of_date(self) -> bool:
        return self.freshness != Freshness.FRESH

    @property
    def whole_body(self):
        """Everything that a reader reads, as one stream of blocks: what is shown, exported, counted and searched."""
        return self.body

    def source_names(self) -> list[str]:
        return list(self.import_sources.values_list("key", flat=True)) if self.pk else []

    def printed_body(self) -> list[dict]:
        """What a PDF holds: for a page without drawings of its own, what goes out as markdown too."""
        return self.exported_body()

    def exported_body(self) -> list[dict]:
        """The same as raw blocks, for paper and markdown: with whatever the page shows that is not written as a block."""
        return list(self.whole_body.get_prep_value())

    def next_review(self, verified_at: datetime) -> date:
        return months_after(timezone.localtime(verified_at).date(), self.review_months)

    def save(self, *args, **kwargs):
        if kwargs.get("update_fields") is None:
            self.reading_minutes = max(1, min(999, round(len(words_of(self.whole_body).split()) / WORDS_A_MINUTE)))
        return super().save(*args, **kwargs)

    def with_content_json(self, content):
        """A draft never brings back an older verification when it is published."""
        page = super().with_content_json(content)
        kept = type(self).objects.filter(pk=self.pk).values(*self.VERIFICATION).first() or {}
        for name, value in kept.items():
            setattr(page, name, value)
        return page

    def attachments(self, request) -> list[tuple[str, Any]]:
        """The files of the page as (title, document), each once: those shown as blocks, then those that its words link to."""

        def read() -> list[tuple[str, Any]]:
            blocks = [child.value for child in self.whole_body if child.block_type == "file" and child.value.get("document")]
            found = {value["document"].pk: (value.get("title") or value["document"].title, value["document"]) for value in blocks}
            linked = [number for number in document_ids_in(self.whole_body) if number not in found]
            documents = get_document_model().objects.in_bulk(linked) if linked else {}
            return [*found.values(), *((documents[number].title, documents[number]) for number in linked if number in documents)]

        return remembered(request, ("files", self.pk, self.last_published_at), read) if self.pk else read()

    def get_context(self, request, *args, **kwargs):
        """Worked out when the template asks: most readers are given the words that another reader's request has made.

        `seen_as` is all that these words depend on beside the page itself: two readers with the same are shown the same.
        """
        context = super().get_context(request, *args, **kwargs)
        user = getattr(request, "user", None)
        may_verify = bool(self.pk and getattr(user, "is_authenticated", False) and can_verify_page(user, self))
        kinds = (WikiPage, *WikiPage.__subclasses__())
        near = SimpleLazyObject(lambda: around(self, request, kinds=kinds) if self.pk else None)
        context.update(
            near=near,
            crumbs=SimpleLazyObject(lambda: [*near.crumbs, (self.title, "")] if self.pk else []),
            contents=SimpleLazyObject(lambda: contents_of(self.whole_body)),
            tag_names=SimpleLazyObject(lambda: [tag.name for tag in self.tags.all()]),
            attachments=SimpleLazyObject(lambda: self.attachments(request)),
            may_verify=may_verify,
            receipt=SimpleLazyObject(lambda: receipt_of(self, request)),
            seen_as=(self.pk, hidden_for(request).paths, may_verify, timezone.localdate()),
        )
        return context

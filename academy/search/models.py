"""The rows of search: what can be found, its words, the passages of files, and what was searched for."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Access(models.IntegerChoices):
    """Who may find a row that is neither a page nor a file. Pages and files follow their own privacy, asked at each search."""

    PUBLIC = 0, _("everybody")
    MEMBERS = 1, _("people with an account")
    STAFF = 2, _("the team")
    CURATORS = 3, _("trainers and coordinators")
    PERSON = 9, _("one person")


class SearchEntry(models.Model):
    """One thing that can be found, or one part of it. Written by `academy.search.index` alone, after the thing is saved; never by hand.

    `owner` and `part` say whose row it is (`wiki.wikipage:12`, 0). What decides who may read it is not copied here: the page and the
    document are joined in the query, so a section that closes, moves or is unpublished is right at once. `person` may find it
    whatever `access` says. `*_words` are what the full-text index of the database reads (`academy.search.schema`).
    NULL `changed_at`, `fresh_until`: not known, nobody vouches for it. `version`: of the rules by which its words were made (`words.VERSION`).
    """

    kind = models.CharField(max_length=20)
    owner = models.CharField(max_length=80)
    part = models.PositiveIntegerField(default=0)
    number = models.PositiveIntegerField(default=0)
    language = models.CharField(max_length=10, blank=True)
    access = models.PositiveSmallIntegerField(choices=Access.choices, default=Access.PUBLIC)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    page = models.ForeignKey("wagtailcore.Page", null=True, on_delete=models.CASCADE, related_name="+")
    document = models.ForeignKey(settings.WAGTAILDOCS_DOCUMENT_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    changed_at = models.DateTimeField(null=True)
    fresh_until = models.DateField(null=True)
    indexed_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveSmallIntegerField(default=0)
    title_key = models.CharField(max_length=120, blank=True, db_index=True)
    title = models.CharField(max_length=255)
    address = models.CharField(max_length=500, blank=True)
    previous_titles = models.TextField(blank=True)
    headings = models.TextField(blank=True)
    title_words = models.TextField(blank=True)
    heading_words = models.TextField(blank=True)
    body_words = models.TextField(blank=True)
    body = models.TextField(blank=True)

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        constraints = [models.UniqueConstraint(fields=["owner", "part"], name="one_search_entry_per_part")]

    def __str__(self) -> str:
        return f"{self.title} ({self.owner}#{self.part})"


class SearchWord(models.Model):
    """A word that some row holds, without accents: where nearest words come from. It may outlive its rows until the next `reindex`."""

    word = models.CharField(max_length=30, primary_key=True)

    class Meta:
        verbose_name = _("word of the index")
        verbose_name_plural = _("words of the index")

    def __str__(self) -> str:
        return self.word


class DocumentPassage(models.Model):
    """The words of one page, slide or sheet of a file. `number` counts from 1; 0 is a file without pages. Made anew when the file is."""

    document = models.ForeignKey(settings.WAGTAILDOCS_DOCUMENT_MODEL, on_delete=models.CASCADE, related_name="passages")
    number = models.PositiveIntegerField()
    text = models.TextField()

    class Meta:
        verbose_name = _("passage of a document")
        verbose_name_plural = _("passages of documents")
        ordering = ["document", "number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="one_passage_per_page_of_a_document")]

    def __str__(self) -> str:
        return f"{self.document_id} · {self.number}"


class SearchLog(models.Model):
    """One search, without who made it. NULL `clicked`: no hit was opened; else the place of the first one opened."""

    query = models.CharField(_("words"), max_length=200)
    language = models.CharField(_("language"), max_length=10)
    results = models.PositiveIntegerField(_("results"))
    clicked = models.PositiveSmallIntegerField(_("hit opened"), null=True)
    searched_at = models.DateTimeField(_("date"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("search")
        verbose_name_plural = _("searches")
        ordering = ["-searched_at"]

    def __str__(self) -> str:
        return self.query

"""The words of the house, one row per language; rows that share a translation key are the same notion."""

from typing import Any

from django.db import models
from django.db.models.functions import Lower
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, PageChooserPanel
from wagtail.fields import RichTextField
from wagtail.models import TranslatableMixin

from academy.countries import country_choices, country_name
from academy.html import clean


class GlossaryTerm(TranslatableMixin, models.Model):
    """One word in one language. Everybody may read it. Born in the CMS or by `manage.py setup`.

    `slug` is its address on the glossary page: made from the word once, it stays when the word changes.
    """

    term = models.CharField(_("word"), max_length=120)
    slug = models.SlugField(max_length=130, editable=False)
    other_names = models.CharField(
        _("abbreviations and other words for it"),
        max_length=300,
        blank=True,
        help_text=_("Separated by commas. Readers who look for one of them find this word."),
    )
    definition = RichTextField(_("what we mean"), features=["bold", "italic", "link"], max_length=2000)
    applies_to = models.CharField(
        _("applies to"),
        max_length=2,
        blank=True,
        choices=country_choices,
        help_text=_("Leave empty when it means the same in every country."),
    )
    page = models.ForeignKey(
        "wagtailcore.Page",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("page that says more"),
    )

    panels = [
        FieldRowPanel([FieldPanel("term"), FieldPanel("applies_to")]),
        FieldPanel("other_names"),
        FieldPanel("definition"),
        PageChooserPanel("page", ["wiki.WikiPage", "wiki.WikiSection"]),
    ]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("glossary term")
        verbose_name_plural = _("glossary")
        ordering = ["term"]
        constraints = [
            models.UniqueConstraint(fields=["locale", "slug"], name="a_term_has_its_own_address"),
            models.UniqueConstraint(
                Lower("term"),
                "locale",
                "applies_to",
                name="a_word_is_explained_once_per_language_and_country",
                violation_error_message=_(
                    "This word is explained already, in this language and for this country. Change that entry instead."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.term

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.definition = clean(self.definition)
        if not self.slug:
            self.slug = self._free_slug()
        super().save(*args, **kwargs)

    @property
    def names(self) -> list[str]:
        """The other words for it."""
        return [name for name in (part.strip() for part in self.other_names.split(",")) if name]

    @property
    def country(self) -> str:
        return country_name(self.applies_to) if self.applies_to else ""

    def copy_for_translation(self, locale, exclude_fields=None):
        """Wagtail's translate button: the copy has an address of its own, and never the same word as an entry that is there."""
        copy = super().copy_for_translation(locale, exclude_fields=[*(exclude_fields or []), "slug"])
        if type(self).objects.filter(locale=locale, term__iexact=self.term, applies_to=self.applies_to).exists():
            copy.term = f"{self.term} ({self.locale.language_code})"[:120]
        return copy

    def _free_slug(self) -> str:
        stem = slugify(self.term)[:120].strip("-") or "word"
        taken = set(type(self).objects.filter(locale=self.locale_id, slug__startswith=stem).values_list("slug", flat=True))
        slug, number = stem, 2
        while slug in taken:
            slug, number = f"{stem}-{number}", number + 1
        return slug

"""A country or a project under the ten headings, and its key figures."""

import uuid

from babel.core import get_global
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.blocks import StreamValue
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from academy.blocks import ContentBlock, ContentsEntry, contents_of, rich_text_of, unused_anchor
from academy.countries import country_choices, country_name
from academy.permissions import is_coordinator, is_trainer
from academy.privacy import hidden_for
from academy.remembered import remembered
from wiki.figures import MONEY, Indicator, figure_table, table_block
from wiki.headings import FIGURES, HEADINGS, Heading
from wiki.models.pages import WikiPage
from wiki.querysets import KeyFigureQuerySet


def chapter(heading: Heading) -> StreamField:
    """The text under one heading."""
    return StreamField(ContentBlock(required=False), blank=True, verbose_name=heading.label, help_text=heading.asks)


def validate_currency(value: str) -> None:
    if value not in get_global("all_currencies"):
        raise ValidationError(_("Write the three letters of the currency, such as EUR, SEK or XOF."))


class MonographPage(WikiPage):
    """A wiki page that always says the same ten things, so that two countries can be read side by side.

    It is a WikiPage: it is verified, listed, searched, tagged and linked to as one. Each heading is a field of its own, named
    by its key in `wiki.headings`, so a dossier with the same keys becomes a monograph field by field. `body` stays empty.
    """

    class Kind(models.TextChoices):
        COUNTRY = "country", _("a country")
        PROJECT = "project", _("a project")

    kind = models.CharField(_("about"), max_length=10, choices=Kind.choices, default=Kind.COUNTRY)
    country = models.CharField(_("country"), max_length=2, blank=True, choices=country_choices)
    organisation = models.CharField(
        _("organisation"), max_length=150, blank=True, help_text=_("The project or the partner that the figures are of.")
    )
    (history, regulatory_context, competition, legal_organisation, publics, services, processes, team, key_figures, stakes) = map(
        chapter, HEADINGS
    )

    content_panels = [
        *Page.content_panels,
        MultiFieldPanel([FieldRowPanel([FieldPanel("kind"), FieldPanel("country"), FieldPanel("organisation")])], heading=_("About")),
        FieldPanel("summary"),
        *[FieldPanel(heading.key) for heading in HEADINGS],
        InlinePanel(
            "figures",
            heading=_("Key figures of three years"),
            label=_("figure"),
            help_text=_("One row for each figure and year. The page shows the last three years that have one."),
        ),
        FieldPanel("tags"),
    ]
    search_fields = [
        *WikiPage.search_fields,
        index.SearchField("organisation"),
        *[index.SearchField(heading.key) for heading in HEADINGS],
        index.FilterField("country"),
    ]
    subpage_types: list[str] = []
    template = "wiki/monograph_page.html"

    class Meta:
        verbose_name = _("monograph")
        verbose_name_plural = _("monographs")

    @property
    def place(self) -> str:
        """The country and the organisation, as far as they are known."""
        return " · ".join(filter(None, [country_name(self.country) if self.country else "", self.organisation]))

    @property
    def whole_body(self) -> StreamValue:
        """The chapters that are written, one after another, each under its heading; what a chapter calls a section is a part here."""
        taken = {heading.key for heading in HEADINGS}
        blocks = []
        for heading in HEADINGS:
            written = getattr(self, heading.key).get_prep_value() if getattr(self, heading.key) else []
            if not written:
                continue
            title = {"level": "2", "text": str(heading.label), "anchor": heading.key}
            blocks.append({"type": "heading", "value": title, "id": str(uuid.uuid5(uuid.NAMESPACE_OID, heading.key))})
            blocks += [_lowered(block, taken) for block in written]
        return StreamValue(self._meta.get_field("body").stream_block, blocks, is_lazy=True)

    def chapters(self, request) -> dict[str, SafeString]:
        """The HTML of each written chapter by its key, without its heading: one look-up of pages and files for all of them."""
        from academy.rich_text import link_targets, offer_to_write  # not before the models are loaded: it needs them

        def make() -> dict[str, SafeString]:
            body, found, key = self.whole_body, {}, ""
            context = {"page": self, "request": request, "body_contents": contents_of(body)}
            titles = {str(uuid.uuid5(uuid.NAMESPACE_OID, heading.key)): heading.key for heading in HEADINGS}
            with link_targets(rich_text_of(body), self if self.pk else None, hidden_for(request).guarded):
                for child in body:
                    if str(child.id) in titles:
                        key = titles[child.id]
                        found[key] = SafeString()
                    else:
                        found[key] += child.render(context)
            return found

        found = remembered(request, ("monograph", self.pk, self.last_published_at), make) if self.pk else make()
        return {key: offer_to_write(html, self if self.pk else None, getattr(request, "user", None)) for key, html in found.items()}

    def exported_body(self) -> list[dict]:
        """With the figures as a table, under their heading."""
        return self._with_figures(drawn=False)

    def printed_body(self) -> list[dict]:
        """With the table and, under it, the same charts as on the page."""
        return self._with_figures(drawn=True)

    def _with_figures(self, *, drawn: bool) -> list[dict]:
        blocks, table = super().exported_body(), figure_table(self.figures.all())
        if table is None:
            return blocks
        order = [heading.key for heading in HEADINGS]
        chapters = [(number, block["value"]["anchor"]) for number, block in enumerate(blocks) if block["type"] == "heading"]
        after = order[order.index(FIGURES) + 1 :]
        place = next((number for number, anchor in chapters if anchor in after), len(blocks))
        label = next(str(heading.label) for heading in HEADINGS if heading.key == FIGURES)
        if FIGURES not in [anchor for _number, anchor in chapters]:
            title = {"type": "heading", "value": {"level": "2", "text": label, "anchor": FIGURES}}
            blocks, place = [*blocks[:place], title, *blocks[place:]], place + 1
        charts = [{"type": "charts", "value": table}] if drawn and any(line.draws for line in table.lines) else []
        return [*blocks[:place], {"type": "table", "value": table_block(table, caption=label)}, *charts, *blocks[place:]]

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        user = getattr(request, "user", None)
        may_write = is_trainer(user) or is_coordinator(user)
        table = SimpleLazyObject(lambda: self._figures_shown(request))
        context.update(
            figures=table,
            chapters=SimpleLazyObject(lambda: self._chapters_shown(request, bool(table), may_write=may_write)),
            contents=SimpleLazyObject(lambda: self._contents_shown(bool(table))),
            seen_as=(*context["seen_as"], may_write),
        )
        return context

    def _figures_shown(self, request):
        return remembered(request, ("figures", self.pk, self.last_published_at), lambda: figure_table(self.figures.all()))

    def _chapters_shown(self, request, has_figures: bool, *, may_write: bool) -> list[tuple]:
        """Each heading with its HTML; one without words is shown only to those who may write them."""
        written = self.chapters(request)
        return [
            (heading, written.get(heading.key, ""), heading.key == FIGURES)
            for heading in HEADINGS
            if written.get(heading.key) or may_write or (heading.key == FIGURES and has_figures)
        ]

    def more_places(self) -> set[str]:
        """Anchors that are no heading of a block: the key figures have their place without a word about them."""
        return {FIGURES} if self.figures.exists() else set()

    def _contents_shown(self, has_figures: bool) -> list[ContentsEntry]:
        """The contents list with the key figures in their place, even when no word is written about them."""
        written = contents_of(self.whole_body)
        if not has_figures or any(entry.anchor == FIGURES for entry in written):
            return written
        order = [heading.key for heading in HEADINGS]
        after = {heading.key for heading in HEADINGS[order.index(FIGURES) + 1 :]}
        place = next((number for number, entry in enumerate(written) if entry.anchor in after), len(written))
        label = next(str(heading.label) for heading in HEADINGS if heading.key == FIGURES)
        return [*written[:place], ContentsEntry(2, label, FIGURES), *written[place:]]


def _lowered(block: dict, taken: set[str]) -> dict:
    """A heading of a chapter one level lower, with an address that no other heading of the page has."""
    if block["type"] != "heading":
        return block
    value = block["value"]
    level = str(min(4, int(value.get("level") or 2) + 1))
    return {**block, "value": {**value, "level": level, "anchor": unused_anchor(value.get("anchor") or value.get("text") or "", taken)}}


class KeyFigure(models.Model):
    """One number of one year. Amounts have a currency; only a result may be negative."""

    page = ParentalKey(MonographPage, on_delete=models.CASCADE, related_name="figures", verbose_name=_("monograph"))
    year = models.PositiveSmallIntegerField(_("year"), validators=[MinValueValidator(1900), MaxValueValidator(2100)])
    indicator = models.CharField(_("indicator"), max_length=10, choices=Indicator.choices)
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=2)
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, validators=[validate_currency], help_text=_("For amounts only: EUR, SEK, XOF…")
    )
    is_forecast = models.BooleanField(_("forecast"), default=False)
    source = models.CharField(_("source"), max_length=250, blank=True, help_text=_("Which accounts or report, and of which date."))

    objects = KeyFigureQuerySet.as_manager()

    panels = [
        FieldRowPanel([FieldPanel("year"), FieldPanel("indicator"), FieldPanel("value"), FieldPanel("currency")]),
        FieldRowPanel([FieldPanel("source"), FieldPanel("is_forecast")]),
    ]

    class Meta:
        verbose_name = _("key figure")
        verbose_name_plural = _("key figures")
        ordering = ["-year", "indicator"]
        constraints = [
            models.UniqueConstraint(
                fields=["page", "year", "indicator"],
                name="one_key_figure_per_monograph_year_and_indicator",
                violation_error_message=_("This indicator already has a figure for this year."),
            ),
            models.CheckConstraint(
                condition=(models.Q(indicator__in=list(MONEY)) & ~models.Q(currency=""))
                | (~models.Q(indicator__in=list(MONEY)) & models.Q(currency="")),
                name="an_amount_has_a_currency_and_nothing_else_has",
                violation_error_message=_("Turnover, shares and result are amounts: give their currency. The other figures have none."),
            ),
            models.CheckConstraint(
                condition=models.Q(value__gte=0) | models.Q(indicator=Indicator.RESULT),
                name="only_a_result_is_negative",
                violation_error_message=_("Only the result of a year can be negative."),
            ),
            models.CheckConstraint(
                condition=models.Q(value__lte=100) | ~models.Q(indicator=Indicator.FEE),
                name="a_levy_is_a_percentage",
                violation_error_message=_("The average levy is a percentage: 100 at most."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_indicator_display()} {self.year}"

    def clean(self) -> None:
        super().clean()
        self.currency = self.currency.strip().upper()

"""The wiki's listings in the CMS."""

import django_filters
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.ui.tables.pages import BulkActionsColumn, PageStatusColumn, PageTitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.snippets.views.snippets import SnippetViewSet

from academy.admin import GuardedModelViewSet
from wiki.models import Freshness, GlossaryTerm, ImportSource, WikiPage


class WikiPageFilter(WagtailFilterSet):
    freshness = django_filters.ChoiceFilter(
        label=_("Verification"), choices=[("out", _("Out of date")), ("never", _("Never verified"))], method="by_freshness"
    )

    class Meta:
        model = WikiPage
        fields = ["steward", "locale"]

    def by_freshness(self, pages, name, value):
        return pages.never_verified() if value == "never" else pages.out_of_date()


class WikiPageListing(PageListingViewSet):
    """Every wiki page in one list: who keeps it, when it was verified, what is overdue."""

    model = WikiPage
    icon = "doc-full-inverse"
    menu_label = _("Wiki pages")
    menu_order = 150
    add_to_admin_menu = True
    filterset_class = WikiPageFilter
    columns = [
        BulkActionsColumn("bulk_actions"),
        PageTitleColumn("title", label=_("Title"), sort_key="title", classname="title"),
        Column("steward", label=_("Steward"), sort_key="steward__name"),
        Column("freshness", label=_("Verification"), accessor=lambda page: Freshness(page.freshness).label),
        Column("review_due_on", label=_("Next review"), sort_key="review_due_on"),
        PageStatusColumn("status", label=_("Status"), sort_key="live"),
    ]


class ImportSourceIndex(IndexView):
    def get_base_queryset(self):
        return super().get_base_queryset().select_related("page", "section", "locale", "imported_by").defer("report")


class ImportSourceViewSet(GuardedModelViewSet):
    """Every source that was imported, and what became of it. Read only; reached from the import screen (wiki.cms_import)."""

    model = ImportSource
    index_view_class = ImportSourceIndex
    icon = "upload"
    menu_label = _("Imports")
    add_to_reference_index = False
    inspect_view_enabled = True
    copy_view_enabled = False
    exclude_form_fields = ["revision"]
    list_display = [
        TitleColumn("key", label=_("Source"), sort_key="key", get_url=lambda row: reverse("wiki_import_source", args=[row.pk])),
        "page",
        "section",
        "locale",
        "imported_at",
        "imported_by",
    ]
    list_filter = ["locale", "imported_at"]
    search_fields = ["key"]
    inspect_view_fields = ["key", "page", "locale", "sha256", "original", "imported_at", "imported_by", "report"]


class GlossaryTermViewSet(GuardedModelViewSet, SnippetViewSet):
    """The words of the house, in each language; Wagtail's own translate button makes the row of the other one."""

    model = GlossaryTerm
    icon = "openquote"
    menu_label = _("Glossary")
    menu_order = 155
    add_to_admin_menu = True
    copy_view_enabled = False
    list_display = ["term", "other_names", Column("country", label=_("Applies to")), "page"]
    list_filter = ["applies_to"]
    search_fields = ["term", "other_names", "definition"]
    ordering = ["term"]

"""Search in the CMS: which files are searchable, and what people looked for without finding it."""

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.reports import ReportView
from wagtail.documents.views.documents import IndexView

from academy.extraction import ExtractionStatus
from academy.models import AcademyDocument
from academy.permissions import is_coordinator, is_trainer
from academy.search.models import SearchLog


def may_read_searches(user) -> bool:
    return is_trainer(user) or is_coordinator(user)


def searchable(document: AcademyDocument) -> str:
    """What a trainer should know of the words of a file."""
    if document.text_extracted_at is None:
        return str(_("being read"))
    words = str(ExtractionStatus(document.extraction_status).label) if document.extraction_status else str(_("not read yet"))
    blank = document.pages_without_text or 0
    if document.extraction_status == ExtractionStatus.OK and blank:
        words += " · " + ngettext("%(count)d page without text", "%(count)d pages without text", blank) % {"count": blank}
    return words


class DocumentsIndex(IndexView):
    """Wagtail's listing, with a column that says what search knows of each file."""

    @cached_property
    def columns(self):
        return [*super().columns, Column("search", label=_("Search"), accessor=searchable)]


class SearchesWithoutResults(ReportView):
    """What people looked for and did not find, the most wanted first: what to write next. Nobody's name is in it."""

    page_title = _("Searches without results")
    header_icon = "search"
    index_url_name = "search_report"
    index_results_url_name = "search_report_results"
    results_template_name = "academy/search_report_results.html"
    list_export = ["words", "language", "times", "last"]
    export_headings = {"words": _("Words"), "language": _("Language"), "times": _("Times"), "last": _("Last time")}
    default_ordering = None
    is_searchable = False

    def dispatch(self, request, *args, **kwargs):
        if not may_read_searches(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def columns(self):
        return [
            Column("words", label=_("Words"), accessor="words"),
            Column("language", label=_("Language"), accessor="language"),
            Column("times", label=_("Times"), accessor="times"),
            DateColumn("last", label=_("Last time"), accessor="last"),
        ]

    def get_queryset(self):
        rows = SearchLog.objects.filter(results=0).order_by().annotate(words=Lower("query")).values("words", "language")
        return rows.annotate(times=Count("pk"), last=Max("searched_at")).order_by("-times", "-last")

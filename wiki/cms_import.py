"""The import in the CMS: bring files, look at what they become, start, watch, read the report. Four pages, all without script."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from wagtail import hooks
from wagtail.admin import messages, widgets
from wagtail.admin.menu import MenuItem

from academy.rules import RuleViolation
from wiki import actions
from wiki.import_forms import ImportForm
from wiki.import_report import as_csv, gather, told
from wiki.intake import LARGEST_FILE, LARGEST_WHOLE, MOST_FILES, Brought, LeftOut, file_or_zip
from wiki.models import ImportBatch, ImportItem, ImportSource, WikiPage, WikiSection
from wiki.permissions import can_import_documents
from wiki.uploads import Arrived, arriving

Becomes, Outcome, State = ImportItem.Becomes, ImportItem.Outcome, ImportBatch.State
RECENT = 20


def _crumbs(*items: tuple[str, str]) -> list[dict]:
    home = {"url": reverse("wagtailadmin_home"), "label": _("Home")}
    return [home, *({"url": url, "label": label} for label, url in items)]


@csrf_exempt  # the token is in the form, which is read as it arrives: `_start` asks for it
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    if not can_import_documents(request.user):
        raise PermissionDenied
    with arriving(request):
        return _start(request)


@csrf_protect
def _start(request: HttpRequest) -> HttpResponse:
    form = ImportForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        section = form.cleaned_data["section"]
        try:
            batch = actions.open_batch(section, brought=_brought(request), by=request.user, publish=_may_publish(form, request.user))
        except RuleViolation as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("wiki_import_batch", pk=batch.pk)
    recent = ImportBatch.objects.for_user(request.user).select_related("section__locale", "created_by").annotate(files=Count("items"))
    return render(
        request,
        "wiki/cms/import_start.html",
        {
            "form": form,
            "recent": list(recent[:RECENT]),
            "most": {"files": MOST_FILES, "file": LARGEST_FILE // 1024**2, "whole": LARGEST_WHOLE // 1024**2},
            "header_title": _("Import documents"),
            "header_icon": "upload",
            "breadcrumbs_items": _crumbs((_("Import documents"), "")),
        },
    )


def _brought(request: HttpRequest) -> Iterator[Brought | LeftOut]:
    """Every file of the form, zips opened. The folder that somebody chose is what was brought: it is not part of the paths."""
    for one in request.FILES.getlist("files"):
        yield from file_or_zip(one.file, one.path)
    inside: list[Arrived] = request.FILES.getlist("folder")
    tops = {one.path.replace("\\", "/").partition("/")[0] for one in inside}
    for one in inside:
        known = one.path.replace("\\", "/")
        yield from file_or_zip(one.file, known.partition("/")[2] if len(tops) == 1 and "/" in known else known)


@require_GET
def batch(request: HttpRequest, pk: Any) -> HttpResponse:
    """One import, in whatever state it is; a part of the page alone for the script that watches."""
    row = _batch(request, pk)
    actions.resume_batch(row, by=request.user)
    is_part = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    if is_part:
        return render(request, "wiki/cms/_import_progress.html", {"batch": row, "progress": _progress(row)})
    return _shown(request, row)


def _shown(request: HttpRequest, row: ImportBatch, refused: ImportForm | None = None) -> HttpResponse:
    """The page of an import. A form that was `refused` stands as it was sent: every title, tick and choice."""
    context = {"batch": row, "progress": _progress(row), **({} if row.is_working else _told(row))}
    title = _("Import into “%(section)s”") % {"section": row.section}
    context |= {
        "header_title": title,
        "header_icon": "upload",
        "breadcrumbs_items": _crumbs((_("Import documents"), reverse("wiki_import")), (title, "")),
    }
    if row.state == State.PREPARED:
        context["form"] = refused or ImportForm(initial={"section": row.section_id, "publish": row.publish}, user=request.user)
        for item, _report, _depth in context["lines"] if refused else ():
            _as_sent(item, request.POST)
    template = "prepared" if row.state == State.PREPARED else "working" if row.is_working else "report"
    return render(request, f"wiki/cms/import_{template}.html", context)


def _batch(request: HttpRequest, pk: Any) -> ImportBatch:
    rows = ImportBatch.objects.for_user(request.user).select_related("section__locale", "created_by")
    return get_object_or_404(rows, pk=pk)


def _progress(row: ImportBatch) -> dict:
    """How many files there are and how many are done, in one query."""
    done_field = "expected" if row.state == State.READING else "outcome"
    counts = dict(row.items.order_by().values_list(done_field).annotate(n=Count("pk")))
    total = sum(counts.values())
    done = total - counts.get("", 0)
    return {"total": total, "done": done, "percent": round(100 * done / total) if total else 0, "refused": counts.get(Outcome.REFUSED, 0)}


def _told(row: ImportBatch) -> dict:
    items = list(row.items.select_related("page", "document"))
    return {"summary": gather(items), "lines": [(item, told(item.report), item.path.rstrip("/").count("/")) for item in items]}


@require_POST
def stop(request: HttpRequest, pk: Any) -> HttpResponse:
    row = _batch(request, pk)
    try:
        actions.cancel_batch(row, by=request.user)
        messages.success(request, _("Stopped. What was imported before stays."))
    except RuleViolation as refusal:
        messages.error(request, str(refusal))
    return redirect("wiki_import_batch", pk=row.pk)


@require_POST
def choose(request: HttpRequest, pk: Any) -> HttpResponse:
    """Import what was brought as chosen, or only show what the choices change. Another section has to be looked at first."""
    row = _batch(request, pk)
    form = ImportForm(request.POST, user=request.user)
    if not form.is_valid():
        if row.state != State.PREPARED:
            return redirect("wiki_import_batch", pk=row.pk)
        messages.error(request, _("Choose a section where you may add pages."))
        return _shown(request, row, refused=form)
    section, choices = form.cleaned_data["section"], _choices(row, request.POST)
    publish = _may_publish(form, request.user)
    try:
        if "look" in request.POST or section.pk != row.section_id:
            actions.look_again(row, by=request.user, section=section, publish=publish, choices=choices)
        else:
            actions.start_batch(row, by=request.user, publish=publish, choices=choices)
    except RuleViolation as refusal:
        messages.error(request, str(refusal))
    return redirect("wiki_import_batch", pk=row.pk)


def _may_publish(form: ImportForm, user: Any) -> bool:
    return form.cleaned_data["publish"] and form.cleaned_data["section"].permissions_for_user(user).can_publish_subpage()


def _choices(row: ImportBatch, posted) -> dict[int, actions.Choice]:
    """A title that the form did not ask for stays what it is."""
    return {
        number: actions.Choice(
            wanted=f"wanted-{number}" in posted, promote=f"promote-{number}" in posted, title=posted.get(f"title-{number}", title)
        )
        for number, title in row.items.filter(outcome="").values_list("pk", "title")
    }


def _as_sent(item: ImportItem, posted) -> None:
    """One line of the preview as its form was filled in; nothing of it is saved."""
    if item.outcome:
        return
    item.wanted = f"wanted-{item.pk}" in posted
    item.title = posted.get(f"title-{item.pk}", item.title)
    item.options = {**item.options, "promote_bold_headings": f"promote-{item.pk}" in posted}


@require_GET
def report_file(request: HttpRequest, pk: Any) -> HttpResponse:
    """The report for a spreadsheet."""
    row = _batch(request, pk)
    response = HttpResponse(as_csv(row.items.all()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{row.created_at:%Y-%m-%d-%H%M}.csv"'
    return response


@require_GET
def source(request: HttpRequest, pk: Any) -> HttpResponse:
    """What became of one source: the report kept with a page."""
    if not can_import_documents(request.user):
        raise PermissionDenied
    rows = ImportSource.objects.select_related("page", "original", "imported_by", "locale", "section")
    row = get_object_or_404(rows, pk=pk)
    if row.page is not None and not row.page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    return render(
        request,
        "wiki/cms/import_source.html",
        {
            "source": row,
            "told": told(row.report),
            "is_draft": row.is_edited_since and row.page is not None and row.page.has_unpublished_changes,
            "header_title": _("Import report"),
            "header_icon": "upload",
            "breadcrumbs_items": _crumbs((_("Imports"), reverse("wiki_imports:index")), (row.key, "")),
        },
    )


@hooks.register("register_admin_urls")
def urls():
    return [
        path("import/", start, name="wiki_import"),
        path("import/source/<uuid:pk>/", source, name="wiki_import_source"),
        path("import/<uuid:pk>/", batch, name="wiki_import_batch"),
        path("import/<uuid:pk>/report.csv", report_file, name="wiki_import_report"),
        path("import/<uuid:pk>/start/", choose, name="wiki_import_begin"),
        path("import/<uuid:pk>/stop/", stop, name="wiki_import_stop"),
    ]


class ImportMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return can_import_documents(request.user)


@hooks.register("register_admin_menu_item")
def menu_item():
    return ImportMenuItem(gettext_lazy("Import"), reverse("wiki_import"), icon_name="upload", order=160)


@hooks.register("register_page_header_buttons")
def report_button(page, user, view_name, next_url=None):
    """The report of the import that a page came from, for those who may edit it."""
    if isinstance(page, WikiPage | WikiSection) and can_import_documents(user):
        row = ImportSource.objects.filter(page=page).exclude(sha256="").only("pk").first()
        if row is not None:
            yield widgets.Button(_("Import report"), reverse("wiki_import_source", args=[row.pk]), icon_name="upload", priority=60)

"""The network on the site: the directory with its map, the page of each project, what a lead shows, and messages."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods

from academy.brand import readable, stylesheet
from academy.http import accepted, as_uuid
from academy.models import Brand
from academy.privacy import hidden_for
from academy.rehearsal import shows_mails
from cohorts import actions
from cohorts.directory import Directory, card_of
from cohorts.models import DirectoryEntry, NetworkMessage, Partnership, Project, ProjectMember, Typology
from cohorts.models.network import of_the_network
from cohorts.network_forms import EntryForm, ReportForm, WriteForm
from cohorts.own_mails import readable_by
from cohorts.permissions import can_lead_project
from cohorts.who_writes import why_not_write


def _shown(request: HttpRequest, pk: UUID) -> DirectoryEntry:
    rows = DirectoryEntry.objects.shown_to(request.user).with_typology().select_related("project__monograph", "contact")
    return get_object_or_404(rows, pk=pk)


@require_GET
def network(request: HttpRequest) -> HttpResponse:
    """The map and the list, narrowed by the address."""
    rows = DirectoryEntry.objects.shown_to(request.user).with_typology()
    own = []
    if request.user.is_authenticated:
        led = ProjectMember.objects.filter(of_the_network(), person=request.user, role=ProjectMember.Role.LEAD)
        own = [row.project for row in led.select_related("project")]
    return render(request, "cohorts/network.html", {"directory": Directory(rows, request.GET), "own": own})


@require_GET
def entry(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = _shown(request, pk)
    typologies = {one.key: str(one.label) for one in Typology.objects.all()}
    receives = row.receives
    context = {
        "entry": row,
        "card": card_of(row, typologies),
        "is_partner": row.typology_key is not None,
        "receives": receives,
        "contact": row.contact.name if receives and row.shows_contact else "",
        "may_change": can_lead_project(request.user, row.project),
        "written": NetworkMessage.objects.sent_by(request.user).filter(entry=row).first(),
        "monograph": _readable_monograph(request, row.project),
    }
    return render(request, "cohorts/network_entry.html", context)


def _readable_monograph(request: HttpRequest, project: Project) -> str:
    """Where the reader reads its monograph; empty while it is a draft, or in a section that is closed to them."""
    page = project.monograph
    if page is None or not page.live or hidden_for(request).hides(page.path):
        return ""
    return page.get_url(request) or ""


def _branded(request: HttpRequest, pk: UUID) -> DirectoryEntry:
    """Of a partner; the people of the project see theirs before anybody else does."""
    return get_object_or_404(DirectoryEntry.objects.open_to(request.user).with_typology().filter(typology_key__isnull=False), pk=pk)


@require_GET
@cache_control(private=True, max_age=300)
def entry_css(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The partner's colour as custom properties, moved as far as it takes to be read on paper in light and in dark."""
    row = _branded(request, pk)
    if not row.accent:
        raise Http404
    accent, dark = (readable(row.accent, paper) for paper in (Brand.PAPER, Brand.PAPER_DARK))
    css = stylesheet(accent, dark, paper=Brand.PAPER, paper_dark=Brand.PAPER_DARK)
    return HttpResponse(css, content_type="text/css; charset=utf-8")


@require_GET
@cache_control(private=True, max_age=300)
def entry_logo(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = _branded(request, pk)
    if not row.logo:
        raise Http404
    try:
        content = row.logo.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, content_type="image/png")
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@shows_mails(readable_by)
@login_required
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A message to a project. Whoever has an account may write; nobody sees the other's address before they answer."""
    row = _shown(request, pk)
    form = WriteForm(request.POST or None)
    if accepted(form, lambda: actions.write_to_entry(row, by=request.user, words=form.cleaned_data["words"])):
        messages.success(request, _("Your message is on its way. The answer comes to your own address."))
        return redirect("cohorts_network_entry", pk=row.pk)
    context = {"entry": row, "form": form, "receives": row.receives, "refusal": why_not_write(request.user)}
    return render(request, "cohorts/network_write.html", context)


@shows_mails(readable_by)
@login_required
@require_http_methods(["GET", "POST"])
def own_entry(request: HttpRequest, project: UUID) -> HttpResponse:
    """What a project shows of itself: its lead chooses, its other people see what is chosen."""
    row = get_object_or_404(Project.objects.of_member(request.user), pk=project)
    found = DirectoryEntry.objects.with_typology().filter(project=row).select_related("project", "contact").first()
    is_partner = Partnership.objects.current().filter(project=row).exists()
    may_change = can_lead_project(request.user, row)
    form = None
    if may_change:
        kept = found or DirectoryEntry(project=row)
        form = EntryForm(request.POST or None, request.FILES or None, project=row, entry=kept, by=request.user, is_partner=is_partner)
    elif request.method == "POST":
        raise Http404
    at = {"town": "town", "contact": "contact", "place": "position"}
    if form and (saved := accepted(form, lambda: actions.save_entry(row, by=request.user, **form.chosen), at=at)):
        messages.success(request, _said(saved))
        return redirect("cohorts_network_own", project=row.pk)
    context = {
        "project": row,
        "entry": found,
        "form": form,
        "is_partner": is_partner,
        "is_in_network": Project.objects.filter(of_the_network(""), pk=row.pk).exists(),
    }
    return render(request, "cohorts/network_own.html", context)


def _said(entry: DirectoryEntry) -> str:
    return {
        DirectoryEntry.Audience.NOBODY: _("Saved. Nobody finds you in the directory."),
        DirectoryEntry.Audience.NETWORK: _("Saved. The people of the network find you in the directory."),
        DirectoryEntry.Audience.EVERYBODY: _("Saved. Everybody finds you in the directory."),
    }[DirectoryEntry.Audience(entry.audience)]


@login_required
@require_http_methods(["GET", "POST"])
def network_messages(request: HttpRequest) -> HttpResponse:
    """What I received through the directory and what I wrote, for which projects I receive it, and a button that ends it."""
    receiving = DirectoryEntry.objects.filter(contact=request.user).select_related("project")
    if request.method == "POST":
        row = get_object_or_404(receiving, pk=as_uuid(request.POST.get("entry")))
        actions.stop_messages(row, by=request.user)
        messages.success(request, _("You receive no messages for this project any more. Its lead may choose somebody else."))
        return redirect("cohorts_network_messages")
    received = NetworkMessage.objects.received_by(request.user).select_related("sender", "entry__project")[:50]
    written = NetworkMessage.objects.sent_by(request.user).select_related("entry__project")[:50]
    return render(request, "cohorts/network_messages.html", {"receiving": receiving, "rows": received, "written": written})


@shows_mails(readable_by)
@login_required
@require_http_methods(["GET", "POST"])
def network_message(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One message, for whoever received it: read it again, or report it."""
    row = get_object_or_404(NetworkMessage.objects.received_by(request.user).select_related("sender", "entry__project"), pk=pk)
    form = ReportForm(request.POST or None)
    if accepted(form, lambda: actions.report_message(row, by=request.user, report=form.cleaned_data["report"])):
        messages.success(request, _("The coordinators look at it. Until then, its writer writes to nobody here."))
        return redirect("cohorts_network_message", pk=row.pk)
    receives = row.entry.contact_id == request.user.pk
    return render(request, "cohorts/network_message.html", {"message": row, "form": form, "receives": receives})

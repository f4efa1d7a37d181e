"""The graduation file of a project inside the CMS: one page to look at, to print, and to decide from."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from wagtail import hooks
from wagtail.admin import widgets

from academy.cms_verbs import LettersFirst, Verb, crumbs, history, offered, perform
from academy.models import User
from academy.permissions import is_coordinator
from cohorts.cms import stations
from cohorts.graduation_acts import DRAFTING, GRADUATION_VERBS, SIGNING
from cohorts.graduation_file import GraduationFile, graduation_file
from cohorts.letters import graduation_letter
from cohorts.models import Participation, Partnership
from cohorts.monographs import READY, monograph_of
from cohorts.over_time import outlines
from cohorts.permissions import can_decide_graduation, can_sign, can_view_graduation_file
from wiki.models import MonographPage


@require_http_methods(["GET", "POST"])
def graduation(request: HttpRequest, pk, verb: str = "") -> HttpResponse:
    rows = Participation.objects.for_user(request.user).select_related(
        "project__dossier", "project__monograph", "cohort__rubric", "application"
    )
    row = get_object_or_404(rows, pk=pk)
    if not can_view_graduation_file(request.user, row):
        raise Http404
    verbs, refused = _verbs(request, row), None
    if request.method == "POST":
        if verb not in verbs:
            raise Http404
        refused = perform(request, verbs, row, verb)
        if isinstance(refused, LettersFirst):
            return refused.page(request, back=reverse("cohorts_cms_graduation", args=[row.pk]), **_head(row))
        if refused is None:
            return redirect("cohorts_cms_graduation", pk=row.pk)
    found = graduation_file(row, reader=request.user)
    return render(
        request, "cohorts/cms/graduation.html", {**_shown(found, request.user), "verbs": offered(verbs, row, request.user, refused)}
    )


def _verbs(request: HttpRequest, row: Participation) -> dict[str, Verb]:
    """What this person may do here at all; what the state allows is asked of each."""
    if is_coordinator(request.user):
        return GRADUATION_VERBS if can_decide_graduation(request.user, row) else {}
    pending = row.determinations.pending().first()
    return (SIGNING if pending and can_sign(request.user, pending) else {}) | DRAFTING


def _shown(found: GraduationFile, reader: User) -> dict:
    row = found.participation
    return {
        "participation": row,
        "file": found,
        "stations": stations(found.stages),
        "pillars": outlines(found.moments, kind="pillar"),
        "ingredients": outlines(found.moments, kind="ingredient"),
        "determinations": found.decisions,
        "letter": graduation_letter(found.pending) if found.pending else None,
        "partnership": Partnership.objects.for_user(reader).filter(determination__participation=row).order_by("-since").first(),
        "monograph": monograph_of(row),
        "history": history(row),
        **_head(row),
    }


def _head(row: Participation) -> dict:
    return {
        "header_title": _("Graduation file: %(project)s") % {"project": row.project},
        "header_icon": "clipboard-list",
        "breadcrumbs_items": crumbs(
            (str(row.cohort), reverse("cohorts_cms_cohort", args=[row.cohort_id])),
            (str(row.project), reverse("cohorts_cms_participation", args=[row.pk])),
            (_("Graduation file: %(project)s") % {"project": row.project}, ""),
        ),
    }


@hooks.register("register_page_header_buttons")
def file_button(page, user, view_name, next_url=None):
    """On the monograph that a dossier became: back to the graduation file, for those who may open it."""
    if not isinstance(page, MonographPage) or page.pk is None:
        return
    row = Participation.objects.for_user(user).filter(project__monograph=page, state__in=READY).order_by("-invited_at").first()
    if row is not None and can_view_graduation_file(user, row):
        yield widgets.Button(
            _("Graduation file"), reverse("cohorts_cms_graduation", args=[row.pk]), icon_name="clipboard-list", priority=58
        )

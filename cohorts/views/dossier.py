"""The dossier of a project that takes part: written heading by heading, kept as it is typed, with every wording it had."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from academy.http import refuse_politely, wants_json
from cohorts.actions import merge_dossier
from cohorts.application_form import DossierForm, dossier_answers
from cohorts.dossier_growth import wordings_of
from cohorts.merging import Merge, mark_of, why_both
from cohorts.models import Dossier, DossierVersion, Project, dossier_of
from cohorts.permissions import can_read_dossier, can_speak_for_project
from cohorts.views.autosaved import autosaved
from wiki.headings import HEADINGS


@login_required
@refuse_politely
def dossier(request: HttpRequest, project: UUID) -> HttpResponse:
    """Its members write; who only looks reads."""
    row = get_object_or_404(Project.objects.of_member(request.user).select_related("dossier"), pk=project)
    place = row.participations.holding_a_place().select_related("cohort").order_by("-invited_at").first()
    if place is None and request.method != "POST":
        return _read(request, row)
    if not can_speak_for_project(request.user, row):
        if request.method == "POST":
            raise Http404
        return _read(request, row)
    kept = dossier_of(row)
    form = DossierForm(request.POST if request.method == "POST" else None, dossier=kept)
    if request.method == "POST":
        return _save(request, row, form)
    return _show(request, row, form)


def _save(request: HttpRequest, row: Project, form: DossierForm) -> HttpResponse:
    valid = form.is_valid()
    merged = merge_dossier(row, by=request.user, answers=form.answers, since=form.since, choices=form.choices)
    kept = Dossier.objects.get(project=row)
    form.stored = dossier_answers(kept)
    if wants_json(request):
        return JsonResponse(_saved(request, kept, form, merged))
    if not valid or merged.both:
        form.show_others(merged)
        for name in merged.both:
            form.add_error(name, why_both(merged, name))
        return _show(request, row, form, merged)
    if merged.others:
        messages.info(request, _("Changed by somebody else meanwhile, and kept: %(names)s") % {"names": form.names(merged.others)})
    messages.success(request, _("Your dossier is saved."))
    return redirect("cohorts_dossier", project=row.pk)


def _saved(request: HttpRequest, kept: Dossier, form: DossierForm, merged: Merge) -> dict:
    """What a script needs to go on (`static/js/application.js`)."""
    rows = {one.name: form.row(one, merged) for one in form.questions if one.name in merged.both}
    marks = {name: mark_of(form.stored[name]) for name in form.fields if name not in merged.both}
    return autosaved(request, form, merged, saved=_saved_words(kept), marks=marks, both=rows, missing=())


def _saved_words(kept: Dossier) -> str:
    if not kept.pk:
        return _("Nothing is written yet.")
    return _("Saved on %(moment)s") % {"moment": date_format(timezone.localtime(kept.saved_at), "DATETIME_FORMAT")}


def _show(request: HttpRequest, row: Project, form: DossierForm, merged: Merge | None = None) -> HttpResponse:
    kept = dossier_of(row)
    shown = DossierVersion.objects.filter(dossier__project=row).values_list("heading", flat=True)
    context = {
        "project": row,
        "form": form,
        "sections": form.sections(merged),
        "saved_words": _saved_words(kept),
        "with_history": set(shown),
    }
    return render(request, "cohorts/dossier.html", context)


def _read(request: HttpRequest, row: Project) -> HttpResponse:
    kept = dossier_of(row)
    texts = [(heading, getattr(kept, heading.key)) for heading in HEADINGS]
    return render(request, "cohorts/dossier_read.html", {"project": row, "texts": texts})


@login_required
@require_safe
def heading_history(request: HttpRequest, project: UUID, heading: str) -> HttpResponse:
    """Every wording of one heading: who wrote it, when, and what it changed."""
    row = get_object_or_404(Project.objects.select_related("dossier"), pk=project)
    found = next((one for one in HEADINGS if one.key == heading), None)
    if found is None or not can_read_dossier(request.user, row):
        raise Http404
    kept = dossier_of(row)
    context = {
        "project": row,
        "heading": found,
        "words": getattr(kept, found.key),
        "wordings": wordings_of(kept, found.key) if kept.pk else [],
        "is_member": Project.objects.of_member(request.user).filter(pk=row.pk).exists(),
    }
    return render(request, "cohorts/heading_history.html", context)

"""The dossier of a project inside the CMS: as it stands, and what is different since the last review."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from academy.cms_verbs import crumbs
from cohorts.dossier_growth import ENTRY, REVIEW, growth_of
from cohorts.models import Participation, dossier_of
from cohorts.permissions import can_read_dossier
from wiki.headings import HEADINGS


@require_safe
def dossier(request: HttpRequest, pk) -> HttpResponse:
    rows = Participation.objects.for_user(request.user).select_related("project__dossier", "cohort")
    row = get_object_or_404(rows, pk=pk)
    if not can_read_dossier(request.user, row.project):
        raise Http404
    kept = dossier_of(row.project)
    since = ENTRY if request.GET.get("since") == ENTRY else REVIEW
    title = _("Dossier of %(project)s") % {"project": row.project}
    context = {
        "participation": row,
        "growth": growth_of(row, since),
        "since": since,
        "texts": [(heading, getattr(kept, heading.key)) for heading in HEADINGS],
        "header_title": title,
        "header_icon": "doc-full",
        "breadcrumbs_items": crumbs(
            (str(row.cohort), reverse("cohorts_cms_cohort", args=[row.cohort_id])),
            (str(row.project), reverse("cohorts_cms_participation", args=[row.pk])),
            (_("Dossier"), ""),
        ),
    }
    return render(request, "cohorts/cms/dossier.html", context)


def pages() -> list:
    return [path("participations/<uuid:pk>/dossier/", dossier, name="cohorts_cms_dossier")]

"""A partnership inside the CMS: its support plan and its agreements, run by coordinators without an interest in the project."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from academy.cms_verbs import LettersFirst, crumbs, history, offered, perform
from cohorts.models import Partnership
from cohorts.partnership import documents_of, plan_of, still_to_prepare
from cohorts.partnership_acts import PARTNERSHIP_VERBS
from cohorts.requirements import local_day


@require_http_methods(["GET", "POST"])
def partnership(request: HttpRequest, pk, verb: str = "") -> HttpResponse:
    rows = Partnership.objects.for_user(request.user).select_related("project", "typology", "determination__participation__cohort")
    row = get_object_or_404(rows, pk=pk)
    refused = None
    if request.method == "POST":
        if verb not in PARTNERSHIP_VERBS:
            raise Http404
        refused = perform(request, PARTNERSHIP_VERBS, row, verb)
        if isinstance(refused, LettersFirst):
            return refused.page(request, back=reverse("cohorts_cms_partnership", args=[row.pk]))
        if refused is None:
            return redirect("cohorts_cms_partnership", pk=row.pk)
    participation = row.determination.participation
    documents = documents_of(row.agreements.select_related("added_by", "sent_by", "signed_by"))
    context = {
        "partnership": row,
        "participation": participation,
        "plan": plan_of(row, today=local_day(timezone.now(), participation.cohort.time_zone)),
        "documents": documents,
        "to_prepare": still_to_prepare(row, documents),
        "history": history(row),
        "verbs": offered(PARTNERSHIP_VERBS, row, request.user, refused),
        "header_title": str(row.project),
        "header_icon": "link",
        "breadcrumbs_items": crumbs((_("Partnerships"), reverse("partnerships:index")), (str(row.project), "")),
    }
    return render(request, "cohorts/cms/partnership.html", context)

"""Who did what about one application: its own log, and that of its reviews, assessments, declarations and decisions."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from wagtail.models import ModelLogEntry

from cohorts.listing.access import require_coordinator
from cohorts.listing.cms import frame
from cohorts.models import Application

MOST = 500
PARTS = ("assignments", "assessments", "conflict_declarations", "determinations")


def log_of(application: Application) -> QuerySet:
    """The newest first. Whether the reader may know of the application is asked before."""
    kind = ContentType.objects.get_for_model
    wanted = Q(content_type=kind(Application), object_id=str(application.pk))
    for name in PARTS:
        rows = getattr(application, name)
        keys = [str(pk) for pk in rows.values_list("pk", flat=True)]
        wanted |= Q(content_type=kind(rows.model), object_id__in=keys)
    return ModelLogEntry.objects.filter(wanted).select_related("user").order_by("-timestamp", "-pk")


@require_GET
def history(request: HttpRequest, pk) -> HttpResponse:
    require_coordinator(request)
    row = get_object_or_404(Application.objects.for_staff(request.user).select_related("project", "cohort"), pk=pk)
    name = str(row.project)
    context = {
        "application": row,
        "entries": [(entry, "" if entry.object_id == str(row.pk) else entry.label) for entry in log_of(row)[:MOST]],
        **frame((name, reverse("cohorts_cms_application", args=[row.pk])), (_("History"), "")),
    }
    return render(request, "cohorts/cms/application_history.html", context)

"""Who did what about one application: its own log, and that of its reviews, assessments, declarations and decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

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
PARTS = {
    "assignments": ("reviewer",),
    "assessments": ("project",),
    "conflict_declarations": ("person",),
    "determinations": (),
}


def parts_of(application: Application) -> dict[tuple[int, str], str]:
    """What else its history is about, by content type and key, in words of the language that is read now."""
    found = {}
    for name, related in PARTS.items():
        rows = getattr(application, name)
        kind = ContentType.objects.get_for_model(rows.model).pk
        for row in rows.select_related(*related) if related else rows.all():
            row.application = application
            found[kind, str(row.pk)] = str(row)
    return found


def log_of(application: Application, parts: Iterable[tuple[int, str]]) -> QuerySet:
    """The newest first. Whether the reader may know of the application is asked before."""
    wanted = Q(content_type=ContentType.objects.get_for_model(Application), object_id=str(application.pk))
    keys = defaultdict(list)
    for kind, key in parts:
        keys[kind].append(key)
    for kind, some in keys.items():
        wanted |= Q(content_type=kind, object_id__in=some)
    return ModelLogEntry.objects.filter(wanted).select_related("user").order_by("-timestamp", "-pk")


@require_GET
def history(request: HttpRequest, pk) -> HttpResponse:
    require_coordinator(request)
    row = get_object_or_404(Application.objects.for_staff(request.user).select_related("project", "cohort"), pk=pk)
    name, parts = str(row.project), parts_of(row)
    context = {
        "application": row,
        "entries": [(entry, parts.get((entry.content_type_id, entry.object_id), "")) for entry in log_of(row, parts)[:MOST]],
        **frame((name, reverse("cohorts_cms_application", args=[row.pk])), (_("History"), "")),
    }
    return render(request, "cohorts/cms/application_history.html", context)

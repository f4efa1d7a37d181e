"""What follows graduation, for the project: what each side owes, and the agreements."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cohorts.models import Agreement, Partnership
from cohorts.partnership import documents_of, plan_of, still_to_prepare
from cohorts.requirements import local_day
from cohorts.whats_next import whom_to_ask
from courses.uploads import handed_out


@login_required
@require_GET
def partnership(request: HttpRequest, pk: UUID) -> HttpResponse:
    rows = Partnership.objects.of_member(request.user).select_related(
        "project", "typology", "determination__participation__cohort__coordinator"
    )
    row = get_object_or_404(rows, pk=pk)
    cohort = row.determination.participation.cohort
    documents = documents_of(Agreement.objects.for_user(request.user).filter(partnership=row))
    context = {
        "partnership": row,
        "plan": plan_of(row, today=local_day(timezone.now(), cohort.time_zone)),
        "documents": documents,
        "to_prepare": still_to_prepare(row, documents) if row.ended_at is None else [],
        "ask": whom_to_ask(cohort, row.project),
    }
    return render(request, "cohorts/partnership.html", context)


@login_required
@require_GET
def agreement_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One version, to those who may read it. PDF and pictures are shown, the rest is saved."""
    row = get_object_or_404(Agreement.objects.for_user(request.user), pk=pk)
    return handed_out(row.file, name=row.name, kind=row.kind)

"""What the readers of a project and those who decide say to each other, on the reader's side (coordinators: cohorts.cms_reading)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from academy.http import refuse_politely
from cohorts.actions import take_back_note, write_note
from cohorts.deliberation import notes_on
from cohorts.faces import face_of
from cohorts.forms import DiscussForm
from cohorts.models import DeliberationNote, ReviewAssignment


def _mine(request: HttpRequest, pk: UUID) -> ReviewAssignment:
    """One's own assignment of an application that one may discuss: own assessment in, no interest, names not hidden by the round."""
    rows = ReviewAssignment.objects.for_user(request.user).filter(reviewer=request.user)
    rows = rows.filter(application__in=DeliberationNote.objects.open_to(request.user).values("pk"))
    return get_object_or_404(rows.select_related("application__project", "application__cohort"), pk=pk)


@login_required
@refuse_politely
def discussion(request: HttpRequest, pk: UUID) -> HttpResponse:
    assignment = _mine(request, pk)
    form = DiscussForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        write_note(assignment.application, by=request.user, words=form.cleaned_data["words"])
        messages.success(request, _("Your words are in the discussion."))
        return redirect("cohorts_discussion", pk=assignment.pk)
    face = face_of(assignment.application, request.user)
    context = {"assignment": assignment, "face": face, "notes": notes_on(assignment.application, reader=request.user), "form": form}
    return render(request, "cohorts/discussion.html", context)


@login_required
@require_POST
@refuse_politely
def take_back(request: HttpRequest, pk: UUID, note: int) -> HttpResponse:
    """Only one's own words are found."""
    assignment = _mine(request, pk)
    row = get_object_or_404(
        DeliberationNote.objects.for_user(request.user), application=assignment.application_id, author=request.user, pk=note
    )
    take_back_note(row, by=request.user)
    messages.success(request, _("Taken back."))
    return redirect("cohorts_discussion", pk=assignment.pk)

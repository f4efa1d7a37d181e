"""The trip of one person to a session: who pays for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from academy.http import accepted, refuse_politely
from academy.rehearsal import shows_mails
from cohorts.actions import change_source, confirm_registration, declare_funding, remove_source
from cohorts.models import FundingSource, Registration, Session
from cohorts.own_mails import readable_by
from cohorts.places import Place
from cohorts.travel_forms import FundingForm, prefix_of
from cohorts.views.sessions import own_registration, show_session
from courses.uploads import handed_out


def _show(request: HttpRequest, row: Registration, **forms: Any) -> HttpResponse:
    return show_session(request, Session.objects.with_places().get(pk=row.session_id), **forms)


def _asks(row: Registration) -> bool:
    row.refresh_from_db()
    return Place(row).asks_funding


@shows_mails(readable_by)
@login_required
@require_POST
@refuse_politely
def registration_funding(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Adds one who pays; with an offered place this also accepts it. What is said already is enough to accept."""
    row = own_registration(request, pk)
    accepts = row.status == Registration.Status.OFFERED
    if accepts and "funding_payer" not in request.POST and row.funding.standing().exists():
        confirm_registration(row, by=request.user)
        messages.success(request, Place(row).headline)
        return redirect("cohorts_session", pk=row.session_id)
    form = FundingForm(request.POST, request.FILES)
    verb = confirm_registration if accepts else declare_funding
    if not accepted(form, lambda: verb(row, by=request.user, **form.said), has_form=lambda: _asks(row)):
        return _show(request, row, funding_form=form)
    row.refresh_from_db()
    messages.success(request, Place(row).headline if accepts else _("It is noted. The team looks at it."))
    return redirect("cohorts_session", pk=row.session_id)


@login_required
@require_POST
@refuse_politely
def funding_source(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Says one source again, or takes it back."""
    source = get_object_or_404(FundingSource.objects.for_user(request.user).select_related("registration__session"), pk=pk)
    row = own_registration(request, source.registration_id)
    if request.POST.get("verb") == "remove":
        remove_source(source, by=request.user)
        messages.success(request, _("It is taken back."))
        return redirect("cohorts_session", pk=row.session_id)
    form = FundingForm(request.POST, request.FILES, source=source, prefix=prefix_of(source))
    may_say_again = FundingSource.objects.filter(pk=source.pk, verified_at=None)
    if not accepted(
        form, lambda: change_source(source, by=request.user, **form.said), has_form=lambda: _asks(row) and may_say_again.exists()
    ):
        return _show(request, row, source_form=(source.pk, form))
    messages.success(request, _("It is noted. The team looks at it."))
    return redirect("cohorts_session", pk=row.session_id)


@login_required
@require_GET
def funding_proof(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What shows that somebody pays: to the person and to coordinators. PDF and pictures are shown, the rest is saved."""
    row = get_object_or_404(FundingSource.objects.for_user(request.user).exclude(proof=""), pk=pk)
    return handed_out(row.proof, name=row.proof_name, kind=row.proof_kind)

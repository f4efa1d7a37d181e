"""The two minutes after a session, for whoever was checked in."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from academy.http import accepted
from cohorts.actions import answer_satisfaction
from cohorts.models import Registration
from cohorts.models.satisfaction import LEAST_ANSWERS
from cohorts.satisfaction import asked_of
from cohorts.satisfaction_form import SatisfactionForm


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def satisfaction(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form with what one answered before; before the end of the session, and once it is closed, why there is none."""
    row = get_object_or_404(Registration.objects.filter(person=request.user).select_related("session"), pk=pk)
    asked = asked_of(row)
    if asked is None:
        raise Http404
    form = SatisfactionForm(request.POST if request.method == "POST" else None, answer=asked.answer) if asked.is_over else None
    if form is not None and form.is_bound and accepted(form, lambda: answer_satisfaction(row, by=request.user, **form.cleaned_data)):
        messages.success(request, _("Thank you: your answer is in."))
        return redirect("cohorts_session", pk=row.session_id)
    context = {"asked": asked, "session": row.session, "form": form, "least": LEAST_ANSWERS}
    return render(request, "cohorts/satisfaction.html", context)

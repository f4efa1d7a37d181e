"""Am I ready? Asked before an account exists; the answers go nowhere until somebody applies with them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cohorts.calls import calls_for, next_call
from cohorts.models import Cohort
from cohorts.readiness import ReadyForm, helpful_pages, overall, replies_to, sealed, unsealed

CARRIED = "cohorts_ready"  # in the session of somebody who has begun to apply, until the draft is open


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ready(request: HttpRequest) -> HttpResponse:
    """The questions; once answered, the answers to the answers above them. Posted, so that they stand in no address and in no log."""
    form = ReadyForm(request.POST if request.method == "POST" else None)
    context = {"form": form}
    if request.method == "POST" and form.is_valid():
        calls = calls_for(request.user)
        replies = replies_to(form.cleaned_data, helpful_pages(request))
        context |= {
            "replies": replies,
            "overall": overall(replies),
            "carried": sealed(form.cleaned_data),
            "calls": calls,
            "next_call": None if calls else next_call(),
        }
    return render(request, "cohorts/ready.html", context)


@require_POST
def apply_ready(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begins an application with the answers: from here on they are carried, through the making of an account, into the draft."""
    cohort = get_object_or_404(Cohort.objects.announced(), pk=pk)
    if answers := unsealed(request.POST.get("carried", "")):
        request.session[CARRIED] = sealed(answers)
    return redirect("cohorts_start", pk=cohort.pk)


def carried(request: HttpRequest) -> dict[str, int]:
    return unsealed(request.session.get(CARRIED, ""))

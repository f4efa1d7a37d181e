"""What the weekly letter would say today, to the person who gets it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cohorts.digest import digest_of


@require_safe
@login_required
def my_week(request: HttpRequest) -> HttpResponse:
    return render(request, "cohorts/my_week.html", {"digest": digest_of(request.user), "gets_it": request.user.weekly_letter})

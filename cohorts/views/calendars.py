"""The address at which a calendar program fetches a person's dates."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from academy.http import refuse_politely
from cohorts.actions import close_feed, open_feed, renew_feed
from cohorts.feeds import feed_of
from cohorts.models import CalendarFeed

VERBS = {
    "open": (open_feed, _("Here is your address. Give it to your calendar.")),
    "renew": (renew_feed, _("You have a new address. The old one shows nothing any more.")),
    "close": (close_feed, _("The address is closed.")),
}


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever has the address reads it: calendars do not sign in. Nobody's cache keeps it, no search engine lists it."""
    found = get_object_or_404(CalendarFeed.objects.opened_by(token).select_related("person"))
    with translation.override(found.person.language):
        body = feed_of(found.person)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="academy.ics"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@login_required
def my_calendar(request: HttpRequest) -> HttpResponse:
    """What the address is for, the address, and how to take it back."""
    own = CalendarFeed.objects.filter(person=request.user).first()
    address = settings.BASE_URL.rstrip("/") + reverse("cohorts_calendar_feed", args=[own.token]) if own else ""
    return render(
        request, "cohorts/my_calendar.html", {"feed": own, "address": address, "subscribe": "webcal:" + address.partition(":")[2]}
    )


@login_required
@require_POST
@refuse_politely
def my_calendar_act(request: HttpRequest, verb: str) -> HttpResponse:
    if verb not in VERBS:
        raise Http404
    act, words = VERBS[verb]
    act(request.user, by=request.user)
    messages.success(request, words)
    return redirect("cohorts_my_calendar")

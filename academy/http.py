"""Where HTTP meets the rules."""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.crypto import get_random_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe

from academy.rules import RuleViolation

Made = TypeVar("Made")


def ascii_html(html: str) -> bytes:
    """HTML as it is sent, whose letters beyond ASCII are written as references."""
    return html.encode("ascii", "xmlcharrefreplace")


def render_around(request: HttpRequest, template: str, context: dict[str, Any], **parts: bytes) -> HttpResponse:
    """A page with parts that are made already, each where the template says `{{ name }}`: HTML that is escaped, as it is sent.

    A template joins its text again at every block around it, and then it is encoded: of thousands of cells, that costs more than to make them.
    """
    marks = {name: f"<!--{get_random_string(22)}-->" for name in parts}
    page = render_to_string(template, {**context, **{name: mark_safe(mark) for name, mark in marks.items()}}, request)  # noqa: S308 (ours)
    sent = page.encode()
    for name, mark in marks.items():
        sent = sent.replace(mark.encode(), parts[name])
    return HttpResponse(sent)


def back(request: HttpRequest, default: str = "/") -> str:
    """The page the person comes from, when it is ours."""
    for candidate in (request.POST.get("next"), request.headers.get("Referer")):
        if candidate and url_has_allowed_host_and_scheme(candidate, {request.get_host()}, require_https=request.is_secure()):
            return candidate
    return default


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def as_uuid(typed: str | None) -> UUID | None:
    """A key as it came; nonsense is no key."""
    try:
        return UUID((typed or "").strip())
    except ValueError:
        return None


def accepted(
    form: Form, act: Callable[[], Made], *, at: Mapping[str, str] | None = None, has_form: Callable[[], bool] = lambda: True
) -> Made | None:
    """What the verb made of a valid form. None: the form is not valid, or the verb refuses; the reason stands in the form then, beside
    the field that `at` names for the code of the refusal. `has_form`: whether the page still has such a form; where it has none any more,
    the refusal goes on, to be told anyway.
    """
    if not form.is_valid():
        return None
    try:
        return act()
    except RuleViolation as refusal:
        if not has_form():
            raise
        form.add_error((at or {}).get(refusal.code), str(refusal))
        return None


def go_on(request: HttpRequest, address: str) -> HttpResponse:
    """Where a form leads when it is done; a script is told the address, and goes there itself."""
    return JsonResponse({"go": address}) if wants_json(request) else redirect(address)


HEARD, MARK = "academy-heard", re.compile(r"[a-z0-9]{1,20}")


def heard_on_leaving(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Says that it came to a page that is gone when the answer comes: in a cookie of a minute, which the next page reads (outbox.js).

    The mark is a number that the page drew for this one sending; it says nothing of anybody.
    """
    mark = request.POST.get("leaving", "")
    if MARK.fullmatch(mark):
        response.set_cookie(HEARD, mark, max_age=60, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response


def refuse_politely(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A refused action becomes a message on the page the person comes from, or 409 with the sentence for a script."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except RuleViolation as refusal:
            if wants_json(request):
                return JsonResponse({"error": str(refusal), "code": refusal.code}, status=409)
            messages.error(request, str(refusal))
            return redirect(back(request))

    return wrapped

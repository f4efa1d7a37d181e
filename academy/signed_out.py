"""Who was signed out while they wrote, and sent it: nothing is taken from nobody, and nothing is lost.

A form that says whose it is (`{% writer user %}`) is kept in the session, field by field, until that same person has signed in: one
button then sends it as it was, and the view judges it as ever. Of any other form, long texts are shown to be copied.
"""

import time
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from academy.http import back, wants_json
from academy.models import User

NOT_SENT = "academy.not_sent"  # in the session of who is signed out, until they have signed in
UNSENT = "academy.unsent"  # what is kept, by the address it was sent to: {writer, fields, page, files, at}
MOST, LONGEST, SECONDS = 4, 150_000, 24 * 3600
SECRET = ("password", "token", "code")
WRITER = "writer"
_signer = Signer(salt="academy.writer")


def writer_mark(user: User) -> str:
    """Whose form it is, which nobody else can write."""
    return _signer.sign(str(user.pk))


def _writer(request: HttpRequest) -> str:
    try:
        return _signer.unsign(request.POST.get(WRITER, ""))
    except BadSignature:
        return ""


def _is_led_to_sign_in(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether the answer is the one of `login_required`: sign in, then come back to this same address, which may only hear a POST. A view that
    keeps what was sent until its writer has signed in says so (`keeps_what_was_sent`), and is left alone."""
    to = urlsplit(response.headers.get("Location", "")) if response.status_code == 302 else None
    if to is None or getattr(response, "keeps_what_was_sent", False) or to.path != reverse("account_login"):
        return False
    there = urlsplit(parse_qs(to.query).get("next", [""])[0])
    return f"{there.path}?{there.query}".rstrip("?") == request.get_full_path()


def _fields(request: HttpRequest) -> list[list[str]]:
    sent = [[name, value] for name, values in request.POST.lists() for value in values]
    return [one for one in sent if not any(word in one[0] for word in SECRET)]


def _in_words(fields: list[list[str]]) -> list[str]:
    """What somebody wrote in words; a choice or a key says nothing to its reader."""
    return [value.strip() for _name, value in fields if any(map(str.isspace, value.strip()))]


def _still_kept(request: HttpRequest) -> dict[str, dict]:
    since = time.time() - SECONDS
    return {address: one for address, one in request.session.get(UNSENT, {}).items() if one["at"] > since}


def _set_kept(request: HttpRequest, kept: dict[str, dict]) -> None:
    if kept:
        request.session[UNSENT] = kept
    else:
        request.session.pop(UNSENT, None)


def _keep(request: HttpRequest) -> bool:
    """Whether this form is kept: it says whose it is, and is not larger than what somebody types."""
    address, writer, fields = request.get_full_path(), _writer(request), _fields(request)
    if not writer or sum(len(name) + len(value) for name, value in fields) > LONGEST:
        return False
    kept = _still_kept(request)
    kept.pop(address, None)
    one = {"writer": writer, "fields": fields, "page": back(request, ""), "files": bool(request.FILES), "at": time.time()}
    _set_kept(request, dict([*kept.items(), (address, one)][-MOST:]))
    return True


def _sent_again(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """What was kept and is taken now, or refused in words on its page, is kept no longer."""
    kept = request.session.get(UNSENT)
    if kept and response.status_code < 400 and request.get_full_path() in kept and not getattr(response, "keeps_what_was_sent", False):
        _set_kept(request, {address: one for address, one in kept.items() if address != request.get_full_path()})
    return response


class SignedOutMiddleware:
    """A form that is sent by nobody leads back to its page after the sign-in; what it held is kept, or shown. A script is answered as ever."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method != "POST":
            return response
        if request.user.is_authenticated:
            return _sent_again(request, response)
        if wants_json(request) or not _is_led_to_sign_in(request, response):
            return response
        if _keep(request):
            return _to_sign_in(request)
        address = f"{reverse('account_login')}?{urlencode({'next': back(request, request.get_full_path())})}"
        request.session[NOT_SENT] = True
        if texts := _in_words(_fields(request)):
            page = render(request, "signed_out.html", {"texts": texts, "address": address}, status=403)
            add_never_cache_headers(page)
            return page
        messages.warning(
            request, _("You are signed out: what you sent was not taken. Sign in, and you are back on your page to send it again.")
        )
        return redirect(address)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("You are signed out. What you sent is kept: sign in, then send it with one button."))
    return redirect(f"{reverse('account_login')}?{urlencode({'next': reverse('unsent')})}")


def refused_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page had stayed open while its reader signed out, or in again, in another window: what they sent is kept all the same."""
    mine = not request.user.is_authenticated or _writer(request) == str(request.user.pk)
    if wants_json(request) or not request.COOKIES or not mine or not _keep(request):
        return csrf_failure(request, reason)
    response = redirect("unsent") if request.user.is_authenticated else _to_sign_in(request)
    response.keeps_what_was_sent = True
    return response


def tell_not_sent(request: HttpRequest, user: User) -> None:
    """After the sign-in: what is theirs waits for their button, what is somebody else's is forgotten, and of what is lost they hear."""
    session = getattr(request, "session", None)
    if session is None:
        return
    lost, had, kept = session.pop(NOT_SENT, False), UNSENT in session, _still_kept(request)
    mine = {address: one for address, one in kept.items() if one["writer"] == str(user.pk)}
    if had:
        _set_kept(request, mine)
    if mine and request.POST.get("next") != reverse("unsent"):
        words = _("What you sent while you were signed out is kept:")
        messages.warning(request, format_html('{} <a href="{}">{}</a>', words, reverse("unsent"), _("send it")), fail_silently=True)
    elif lost:
        messages.warning(request, _("You had been signed out: what you sent then was not taken. Send it again."), fail_silently=True)


@require_safe
@never_cache
@login_required
def unsent(request: HttpRequest) -> HttpResponse:
    """What its reader sent while they were signed out, each with the button that sends it as it was."""
    kept = {address: one for address, one in _still_kept(request).items() if one["writer"] == str(request.user.pk)}
    if not kept:
        return redirect("my")
    rows = [
        {**one, "address": address, "texts": _in_words(one["fields"]), "sent_at": datetime.fromtimestamp(one["at"], UTC)}
        for address, one in reversed(kept.items())
    ]
    for row in rows:
        if row["page"] and not any(name == "next" for name, _value in row["fields"]):
            row["fields"] = [*row["fields"], ["next", row["page"]]]  # a refusal is told there
    return render(request, "academy/unsent.html", {"rows": rows})

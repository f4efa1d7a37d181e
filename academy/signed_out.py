"""Who was signed out while they wrote, and sent it: they come back to the page of their form, are told that it was not taken, and lose no text."""

from urllib.parse import parse_qs, urlencode, urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from academy.http import back, wants_json

NOT_SENT = "academy.not_sent"  # in the session of who is signed out, until they have signed in
SECRET = ("password", "token", "code")


def _is_led_to_sign_in(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether the answer is the one of `login_required`: sign in, then come back to this same address, which may only hear a POST. A view that
    keeps what was sent until its writer has signed in says so (`keeps_what_was_sent`), and is left alone."""
    to = urlsplit(response.headers.get("Location", "")) if response.status_code == 302 else None
    if to is None or getattr(response, "keeps_what_was_sent", False) or to.path != reverse("account_login"):
        return False
    there = urlsplit(parse_qs(to.query).get("next", [""])[0])
    return f"{there.path}?{there.query}".rstrip("?") == request.get_full_path()


def _texts(request: HttpRequest) -> list[str]:
    """What somebody wrote in words; a choice or a key is quickly chosen again, and says nothing to its reader."""
    fields = [(name, value.strip()) for name, values in request.POST.lists() for value in values]
    return [value for name, value in fields if any(map(str.isspace, value)) and not any(word in name for word in SECRET)]


class SignedOutMiddleware:
    """A form that is sent by nobody leads back to its page after the sign-in; long texts are shown, to be copied. A script is answered as ever."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method != "POST" or request.user.is_authenticated or wants_json(request) or not _is_led_to_sign_in(request, response):
            return response
        address = f"{reverse('account_login')}?{urlencode({'next': back(request, request.get_full_path())})}"
        request.session[NOT_SENT] = True
        if texts := _texts(request):
            page = render(request, "signed_out.html", {"texts": texts, "address": address}, status=403)
            add_never_cache_headers(page)
            return page
        messages.warning(
            request, _("You are signed out: what you sent was not taken. Sign in, and you are back on your page to send it again.")
        )
        return redirect(address)


def tell_not_sent(request: HttpRequest) -> None:
    """After the sign-in, back on the page: it looks as if it had been sent, and was not."""
    session = getattr(request, "session", None)
    if session is not None and session.pop(NOT_SENT, False):
        messages.warning(request, _("You had been signed out: what you sent then was not taken. Send it again."), fail_silently=True)

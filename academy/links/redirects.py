"""Old addresses lead to where the page is now, in one step, for those who may read it.

Wagtail keeps the old addresses of a page and of its live descendants, pointing at the page itself: no chain, no loop. Its
middleware would tell anybody the new address of a private page; this one asks first.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from wagtail.contrib.redirects.middleware import get_redirect
from wagtail.contrib.redirects.models import Redirect

from academy.privacy import hidden_for


class RedirectMiddleware:
    """For an address that is nobody's. A visitor is asked to sign in at the old address; a person without the right gets the 404."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 404 or request.method not in ("GET", "HEAD"):
            return response
        found = _find(request)
        return response if found is None else _answer(request, found) or response


def _find(request: HttpRequest) -> Redirect | None:
    """The row for this address: with its query string, else without."""
    whole = Redirect.normalise_path(request.get_full_path(), decode_unicode=False)
    bare = urlsplit(whole).path
    for path in dict.fromkeys((whole, bare)):
        found = get_redirect(request, path)
        if found is not None:
            return found
    return None


def _answer(request: HttpRequest, found: Redirect) -> HttpResponse | None:
    page = found.redirect_page
    if page is not None:
        if not page.live:
            return None
        if hidden_for(request).hides(page):
            return None if request.user.is_authenticated else ask_to_sign_in(request)
    address = found.link
    if not address or (urlsplit(address).path == request.path and not urlsplit(address).netloc):
        return None  # a page that does not answer at its own address must not be asked again and again
    if page is not None and request.META.get("QUERY_STRING"):
        address = f"{address}?{request.META['QUERY_STRING']}"
    response = (HttpResponsePermanentRedirect if found.is_permanent else HttpResponseRedirect)(address)
    # a browser that kept it for ever would go in circles once the page has moved back
    response.headers["Cache-Control"] = "private, no-cache" if request.user.is_authenticated else "no-cache"
    patch_vary_headers(response, ["Cookie"])
    return response


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back to the very address that was asked for: nothing is said of what is behind it."""
    response = HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}")
    response.headers["Cache-Control"] = "private, no-store"
    return response

"""What every request of a person carries: their time zone, and the language they last read in."""

import zoneinfo

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import render
from django.utils import timezone, translation


class PersonMiddleware:
    """Activates the person's time zone, and remembers the language of the last prefixed page in a cookie.

    Pages without a prefix (sign-in, verification, the CMS) then answer in that language. Writes nothing to the database.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        if request.session.session_key and user.is_authenticated:
            request.user = user = get_user(request)  # itself, not what stands for it until it is asked for: hundreds of questions follow
            with timezone.override(zoneinfo.ZoneInfo(user.time_zone or settings.TIME_ZONE)):
                response = self.get_response(request)
        else:
            response = self.get_response(request)
        language = translation.get_language_from_path(request.path_info)
        if language and request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) != language and response.status_code == 200:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                language,
                max_age=365 * 24 * 3600,
                secure=settings.HTTPS,
                httponly=True,
                samesite="Lax",
            )
        return response


class PrefixMiddleware(LocaleMiddleware):
    """Leads an address without a language to the one with it, but only when the address is nobody's.

    Django's own redirects every 404, since Wagtail answers under each prefix: a page that is refused to somebody at
    `/cms/…` would become a redirect to `/fr/cms/…`.
    """

    def process_response(self, request, response):
        if response.status_code == 404 and request.resolver_match is not None:
            response.headers.setdefault("Content-Language", translation.get_language())
            return response
        return super().process_response(request, response)


class PostOnlyMiddleware:
    """An address that only takes what a form sends, opened as a page: Django answers nothing at all, and this says so in words."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET" or "text/html" not in request.headers.get("Accept", ""):
            return response
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = response.headers.get("Allow", "POST")
        return page

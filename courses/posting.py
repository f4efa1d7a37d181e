"""Addresses that only take what a form sends. Who opens one as a page, after a sign-in for instance, is led to the page of its form."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from courses.access import readable_activity, readable_course
from courses.models import ActivityPage, CoursePage
from courses.syllabus import page_address


def _address(page: ActivityPage | CoursePage | None) -> str:
    if page is None:
        raise Http404
    return page_address(page.locale.language_code, page.url_path)


def page_of_activity(request: HttpRequest, *, key: UUID, **_rest) -> str:
    return _address(readable_activity(request.user, key))


def page_of_course(request: HttpRequest, *, key: UUID) -> str:
    return _address(readable_course(request.user, key))


def page_of_attempt(request: HttpRequest, *, key: UUID, number: int) -> str:
    return reverse("courses_attempt", args=[key, number])


def takes_post(page: Callable[..., str]) -> Callable:
    """`page` says where the form is; to a program, which asks for no page, the method is refused as ever."""

    def decorator(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        heard = require_POST(view)

        @wraps(view)
        def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
                return redirect(page(request, **kwargs))
            return heard(request, *args, **kwargs)

        return wrapped

    return decorator

"""“See the mails first”: an act is done, its letters are noted, and all of it is taken back before anybody has seen it.

The button (`{% mails_first %}`) opens the letters in a tab of their own, so that the form stays as it is. Only a view that says so
(`shows_mails`) is ever rehearsed: it must change nothing beside the database. Decision 0059.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.contrib.messages import ERROR, get_messages
from django.contrib.messages.storage import default_storage
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.datastructures import MultiValueDict

from academy.messages import noted
from academy.models import Message
from academy.permissions import works_in_cms

LOOK = "look_at_mails"
View = TypeVar("View", bound=Callable[..., HttpResponse])


def shows_mails(*causes: str) -> Callable[[View], View]:
    """For a view whose act may be rehearsed. Inside the CMS every letter is shown; on the site those to the person, and those to others whose
    cause begins so: they must say nothing that the person may not read.
    """

    def mark(view: View) -> View:
        view.shows_mails = causes  # type: ignore[attr-defined]
        return view

    return mark


class RehearsalMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        """Who is signed out is led to sign in, as by the act itself."""
        if request.method != "POST" or LOOK not in request.POST or not request.user.is_authenticated:
            return None
        causes = getattr(view, "shows_mails", None)
        if causes is None:
            raise Http404
        return _rehearsed(request, lambda: view(request, *args, **kwargs), causes)


def _rehearsed(request: HttpRequest, act: Callable[[], HttpResponse], causes: tuple[str, ...]) -> HttpResponse:
    """The letters; or the answer of the act where it is refused. Files do not come along: what is stored is not taken back."""
    request._files = MultiValueDict()
    shown, request._messages = request._messages, default_storage(request)
    try:
        with transaction.atomic(), noted() as letters:
            response = act()
            transaction.set_rollback(True)
        said = list(get_messages(request))
    finally:
        request._messages = shown
    if response.status_code != 302 or any(one.level >= ERROR for one in said):
        for one in said:
            request._messages.add(one.level, one.message, one.extra_tags)
        return response
    in_cms = bool(request.resolver_match and request.path_info.startswith("/cms/")) and works_in_cms(request.user)
    template = "academy/cms/mails_first.html" if in_cms else "mails_first.html"
    open_to = letters if in_cms else [one for one in letters if _is_open(one, request, causes)]
    page = render(request, template, {"letters": open_to})
    add_never_cache_headers(page)
    return page


def _is_open(letter: Message, request: HttpRequest, causes: tuple[str, ...]) -> bool:
    return letter.to_id == request.user.pk or (bool(causes) and letter.cause.startswith(causes))

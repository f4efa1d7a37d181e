"""“See the mails first”: an act is done, its letters are noted, and all of it is taken back before anybody has seen it.

The button (`{% mails_first %}`) opens the letters in a tab of their own, so that the form stays as it is. Only a view that says so
(`shows_mails`) is ever rehearsed: it must change nothing beside the database. Decision 0060.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from django.contrib.messages import ERROR, get_messages
from django.contrib.messages.storage import default_storage
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from academy.messages import noted
from academy.models import Message, User
from academy.permissions import works_in_cms

LOOK = "look_at_mails"
View = TypeVar("View", bound=Callable[..., HttpResponse])


@dataclass(frozen=True)
class OwnMail:
    """A letter as whoever causes it may read it. `who`: to whom it goes, in their words."""

    who: str
    language: str
    subject: str
    text: str


Read = Callable[[Message], OwnMail | None]


def shows_mails(readable_by: Callable[[User], Read] | None = None) -> Callable[[View], View]:
    """For a view whose act may be rehearsed. Inside the CMS every letter is shown, with its address; on the site what `readable_by` lets its
    reader see, as they are before the act (it may part them from others); of the rest, how many there are.
    """

    def mark(view: View) -> View:
        view.shows_mails = readable_by or _own  # type: ignore[attr-defined]
        return view

    return mark


def to_oneself(letter: Message) -> OwnMail:
    return OwnMail(_("To yourself"), letter.language, letter.subject, letter.body_text)


def _own(reader: User) -> Read:
    return lambda letter: to_oneself(letter) if letter.to_id == reader.pk else None


class RehearsalMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        """Who is signed out is led to sign in, as by the act itself. A view that chooses how uploads are read has not read its form yet, and is
        left alone: Django has it exempt from the question of the CSRF middleware, and none of them is marked.
        """
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        if LOOK not in request.POST or not request.user.is_authenticated:
            return None
        readable_by = getattr(view, "shows_mails", None)
        if readable_by is None:
            raise Http404
        return _rehearsed(request, lambda: view(request, *args, **kwargs), readable_by(request.user))


def keep_back(request: HttpRequest, words: str) -> None:
    """What is read only by who has done it (the link of a call) is not read by who looks first."""
    if words:
        request.__dict__.setdefault("kept_back", []).append(words)


def _kept_back(request: HttpRequest, mail: OwnMail | None) -> OwnMail | None:
    for words in request.__dict__.get("kept_back", ()) if mail else ():
        mail = replace(mail, text=mail.text.replace(words, "…"))
    return mail


def _rehearsed(request: HttpRequest, act: Callable[[], HttpResponse], read: Read) -> HttpResponse:
    """The letters; or the answer of the act where it is refused. Files do not come along: what is stored is not taken back."""
    request._files = MultiValueDict()
    shown, request._messages = request._messages, default_storage(request)
    try:
        with transaction.atomic(), noted() as letters:
            response = act()
            mails = [_kept_back(request, read(letter)) for letter in letters]
            transaction.set_rollback(True)
        said = list(get_messages(request))
    finally:
        request._messages = shown
    if response.status_code != 302 or any(one.level >= ERROR for one in said):
        for one in said:
            request._messages.add(one.level, one.message, one.extra_tags)
        return response
    if request.path_info.startswith("/cms/") and works_in_cms(request.user):
        page = render(request, "academy/cms/mails_first.html", {"letters": letters})
    else:
        page = render(request, "mails_first.html", {"mails": [one for one in mails if one], "others": mails.count(None)})
    add_never_cache_headers(page)
    return page

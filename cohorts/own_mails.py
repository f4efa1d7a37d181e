"""What somebody's own act on the site writes, shown to them before: a second button beside the form opens it in another tab.

The act is done, its letters are noted, and all of it is taken back (as decision 0058 does for the CMS). Only for views that change
nothing outside the database. Nobody reads an address there, nor what goes to people whom they do not know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps

from django.contrib.messages.storage import default_storage
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from academy.messages import noted
from academy.models import Message, User
from academy.permissions import works_in_cms
from cohorts.models import NetworkMessage, Project, ProjectMember

FIELD, LOOK = "letters", "look"


@dataclass(frozen=True)
class OwnMail:
    """`who`: in words of the reader."""

    who: str
    language: str
    subject: str
    text: str


def mails_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Put it nearest to the view: a refusal goes on to whoever tells it (`refuse_politely`), and a form that is not valid comes back."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.method != "POST" or request.POST.get(FIELD) != LOOK:
            return view(request, *args, **kwargs)
        kept, request._messages = request._messages, default_storage(request)  # “It is done” is not said of what is taken back
        fellows = _fellows(request.user)  # as they are before the act: it may part them
        with transaction.atomic(), noted() as letters:
            answer = view(request, *args, **kwargs)
            mails, others = seen_by(request.user, letters, fellows)
            for words in request.__dict__.get("kept_back", ()):
                mails = [replace(one, text=one.text.replace(words, "…")) for one in mails]
            transaction.set_rollback(True)
        if answer.status_code != 302:
            return answer
        request._messages = kept
        return render(request, "cohorts/own_mails.html", {"mails": mails, "others": others})

    return wrapped


def keep_back(request: HttpRequest, words: str) -> None:
    """What is read only by who has done it (the link of a call) is not read by who looks first."""
    if words:
        request.__dict__.setdefault("kept_back", []).append(words)


def _fellows(reader: User) -> set[int]:
    projects = Project.objects.of_member(reader).values("pk")
    return set(ProjectMember.objects.filter(project__in=projects).values_list("person", flat=True))


def seen_by(reader: User, letters: list[Message], fellows: set[int]) -> tuple[list[OwnMail], int]:
    """What they may read of it, and how many letters go to other people, about their own matters."""
    mails = [_seen(letter, reader, fellows) for letter in letters]
    return [one for one in mails if one], mails.count(None)


def _seen(letter: Message, reader: User, fellows: set[int]) -> OwnMail | None:
    text = letter.body_text
    if letter.to_id == reader.pk:
        who = _("To yourself")
    elif letter.to_id in fellows or (letter.to and works_in_cms(letter.to)):
        who = _("To %(name)s") % {"name": letter.to}
    elif letter.cause.startswith(NetworkMessage.LETTERS):
        who = _("To whoever receives the messages of this project")
        text = text.partition("\n\n")[2]  # without the greeting: it says their name
    else:
        return None
    return OwnMail(who, letter.language, letter.subject, text)

"""Verbs on pages of our own inside the CMS: each is one action with the questions it asks of staff.

A page shows the verbs that the row's machine allows now (`templates/academy/cms/_verbs.html`); each posts to its own address, and the
action itself has the last word (RuleViolation): refused, the page comes back with what was typed and the reason beside the question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.models import ModelLogEntry

from academy.dates import stopped_at
from academy.messages import noted
from academy.models import Message, User
from academy.rules import RuleViolation

LETTERS = "letters"  # the field of a page that shows letters first: their stamp, CHANGE, or LOOK where somebody asks to see them
CHANGE, LOOK = "change", "look"
SHOWN_FOR = 2 * 60 * 60  # seconds in which letters that were shown leave as they are, with the deadlines that they name


def words(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class NothingForm(forms.Form):
    """A verb that asks nothing: the button is enough."""


@dataclass(frozen=True)
class Verb:
    """`act(row, by, **answers)` does it; `is_open(row, user)` says whether the button is shown; `takes_row`, `takes_user`: the form
    needs the row, needs to know who asks. `writes`: its letters are always shown before they leave (`LettersFirst`); those of the others, to whoever asks."""

    name: str
    label: Any
    act: Callable[..., Any]
    is_open: Callable[[Any, User], bool]
    form: type[forms.Form] = NothingForm
    explanation: Any = ""
    is_grave: bool = False
    takes_row: bool = False
    takes_user: bool = False
    writes: bool = False

    def bind(self, row: Any, user: User, data: Any = None, files: Any = None) -> forms.Form:
        extra = {"files": files} if files else {}
        extra |= ({"row": row} if self.takes_row else {}) | ({"user": user} if self.takes_user else {})
        return self.form(data, prefix=self.name, **extra)


@dataclass(frozen=True)
class OfferedVerb:
    """A verb on a page: its form, opened when it was refused."""

    verb: Verb
    form: forms.Form
    is_refused: bool = False


def in_state(*states: str, field: str = "state") -> Callable[[Any, User], bool]:
    return lambda row, user: getattr(row, field) in states


def offered(verbs: dict[str, Verb], row: Any, user: User, refused: tuple[str, forms.Form] | None = None) -> list[OfferedVerb]:
    """The verbs to show for a row, in order; the refused one keeps what was typed."""
    name, bound = refused or ("", None)
    return [
        OfferedVerb(verb, bound if verb.name == name else verb.bind(row, user), verb.name == name)
        for verb in verbs.values()
        if verb.name == name or verb.is_open(row, user)
    ]


@dataclass(frozen=True)
class LettersFirst:
    """What a verb would write, word for word, before anything is done. Posted again with its stamp, that is what leaves."""

    verb: Verb
    form: forms.Form
    letters: list[Message]
    is_changed: bool
    at: datetime

    @property
    def stamp(self) -> str:
        """What the button sends back: the letters as they were shown, and the moment at which they were written."""
        return stamped(self.letters, self.at)

    def page(self, request: HttpRequest, *, back: str, **context: Any) -> HttpResponse:
        """`back`: the page of the row; `context`: the head of that page, else the name of the verb."""
        context = {
            "header_title": self.verb.label,
            "header_icon": "mail",
            "breadcrumbs_items": crumbs((str(self.verb.label), "")),
            **context,
        }
        shown = {"first": self, "stamp": self.stamp, "address": request.path, "back": back, "field": LETTERS, "change": CHANGE}
        return render(request, "academy/cms/letters_first.html", {**shown, **context}, status=409 if self.is_changed else 200)


def stamp_of(letters: Iterable[Message]) -> str:
    """Changes with every word of every letter, and with who receives it."""
    seen = hashlib.sha256()
    for letter in letters:
        seen.update("\0".join([letter.address, letter.language, letter.subject, letter.body_text]).encode())
    return seen.hexdigest()


def stamped(letters: Iterable[Message], at: datetime) -> str:
    """What the button of letters that were shown sends back; nobody else can write it."""
    return signing.dumps([at.isoformat(), stamp_of(letters)], salt=LETTERS)


def _shown(stamp: str) -> tuple[datetime, str]:
    """When the letters were shown, and which. What is too old, or was never ours, is shown again at this moment."""
    try:
        at, letters = signing.loads(stamp, salt=LETTERS, max_age=SHOWN_FOR)
    except signing.BadSignature:
        return timezone.now(), ""
    return datetime.fromisoformat(at), letters


def _do(verb: Verb, row: Any, request: HttpRequest, form: forms.Form) -> LettersFirst | None:
    """Does it, unless its letters are to be shown and are not those that were: then nothing of it stays."""
    answer = request.POST.get(LETTERS, "")
    if not verb.writes and not answer:
        verb.act(row, by=request.user, **form.cleaned_data)
        return None
    at, shown = _shown(answer)
    with transaction.atomic(), noted() as letters, stopped_at(at):
        verb.act(row, by=request.user, **form.cleaned_data)
        if stamp_of(letters) == shown:
            return None
        transaction.set_rollback(True)
    return LettersFirst(verb, form, letters, answer not in ("", LOOK), at)


def perform(request: HttpRequest, verbs: dict[str, Verb], row: Any, name: str) -> tuple[str, forms.Form] | LettersFirst | None:
    """Does the verb. None when it is done; else its name and its form, with the refusal in it; or the letters to look at first."""
    verb = verbs.get(name)
    if verb is None:
        raise Http404
    form = verb.bind(row, request.user, request.POST, request.FILES)
    if request.POST.get(LETTERS) == CHANGE:
        form.is_valid()
        return name, form
    if form.is_valid():
        try:
            first = _do(verb, row, request, form)
        except RuleViolation as refusal:
            form.add_error(None, str(refusal))
        else:
            if first is not None:
                return first
            messages.success(request, _("Done: %(verb)s.") % {"verb": verb.label})
            return None
    messages.error(request, _("Not done. The reason is written beside the question."))
    return name, form


def crumbs(*items: tuple[str, str]) -> list[dict]:
    home = {"url": reverse("wagtailadmin_home"), "label": _("Home")}
    return [home, *({"url": url, "label": label} for label, url in items)]


def history(row: Any) -> list[ModelLogEntry]:
    return list(ModelLogEntry.objects.for_instance(row).select_related("user").order_by("-timestamp", "-pk")[:30])

"""What becomes of everything when a person is erased, and what stands in the way (design.md §3, invariant 12).

The row of the person stays, empty: everything that counts goes on counting. Each app says here what it holds of a person beyond foreign
keys (`register`); the keys themselves go the way that deleting the row would send them, and those that a deletion would refuse
(a signature, a place at a session) keep pointing to somebody without a name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry, PageLogEntry

from academy.models import Message, User

SHORTEST_NAME = 3  # characters: a shorter name is part of too many words to be taken out of them
NO_ADDRESS = "erased.invalid"  # RFC 2606: no mail ever goes there


@dataclass(frozen=True)
class Obstacle:
    """Something that others wait for: a sentence for the person who asked, and where it is put in order."""

    sentence: str
    address: str = ""


_obstacles: list[Callable[[User], Iterable[Obstacle]]] = []
_forget: list[Callable[[User], Any]] = []


def register(*, obstacles: Callable[[User], Iterable[Obstacle]] | None = None, forget: Callable[[User], Any] | None = None) -> None:
    """Called by `AppConfig.ready`. `forget` runs inside the transaction of the erasure, while the person still has their address."""
    if obstacles and obstacles not in _obstacles:
        _obstacles.append(obstacles)
    if forget and forget not in _forget:
        _forget.append(forget)


def obstacles_to(person: User) -> list[Obstacle]:
    """Why this person cannot be erased now: what others would be left waiting for."""
    found = [one for ask in _obstacles for one in ask(person)]
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=person.pk)
    if person.is_superuser and not others.exists():
        found.insert(0, Obstacle(_("Nobody else administers the Academy: make somebody else an administrator first.")))
    return found


def empty(person: User) -> None:
    """Takes away all that says who somebody is. Only `actions.erase_person` calls it, under its lock."""
    for forget in _forget:
        forget(person)
    _empty_letters(person)
    _empty_history(person)
    for relation in User._meta.get_fields(include_hidden=True):  # hidden: related_name="+"
        if not (relation.auto_created and (relation.one_to_many or relation.one_to_one)):
            continue
        rows = relation.related_model._base_manager.filter(**{relation.field.name: person})
        if relation.on_delete is models.CASCADE:
            rows.delete()
        elif relation.on_delete is models.SET_NULL:
            rows.update(**{relation.field.name: None})
    person.groups.clear()
    person.user_permissions.clear()


def _empty_history(person: User) -> None:
    """What was done and when is kept; a line of the history that names them names nobody any more.

    Only whole words, and only in what was said: an Ed takes nothing out of a Frédéric, nor a Rea out of the name of a reason.
    """
    words = [word for word in (person.email, person.name) if len(word) >= SHORTEST_NAME]
    for log in (ModelLogEntry, PageLogEntry):
        for word in words:
            named = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
            said = models.Q(said__icontains=word) | models.Q(said__icontains=json.dumps(word)[1:-1])  # as text, as JSON escapes it
            rows = log.objects.annotate(said=Cast("data", models.TextField())).filter(models.Q(label__icontains=word) | said)
            for row in rows:
                row.label, row.data = _without(named, row.label), _without(named, row.data)
                row.save(update_fields=["label", "data"])


def _without(named: re.Pattern[str], said: Any) -> Any:
    """The same, without the name: in every text that it holds, at any depth; keys are ours."""
    if isinstance(said, str):
        return named.sub("—", said)
    if isinstance(said, list):
        return [_without(named, one) for one in said]
    if isinstance(said, dict):
        return {key: _without(named, one) for key, one in said.items()}
    return said


def _empty_letters(person: User) -> None:
    """That a letter went, when and why, is kept; not to which address nor what it said. What has not left never does."""
    mine = Message.objects.filter(models.Q(to=person) | models.Q(address__iexact=person.email))
    for letter in mine.only("pk"):
        Message.objects.filter(pk=letter.pk).update(
            address=f"{letter.pk.hex}@{NO_ADDRESS}", reply_to="", subject="—", body_text="", body_html="", calendar="", last_error=""
        )
    gone = Message.objects.filter(address__endswith=f"@{NO_ADDRESS}").unsent()
    gone.update(cancelled_at=Now())
    Message.objects.filter(reply_to__iexact=person.email).update(reply_to="")

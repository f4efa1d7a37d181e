"""“Am I ready?”: five described choices, an honest answer to each, and what to read. Nothing is kept of it unless the person applies.

The answers travel as one signed word in the page (`sealed`, `unsealed`), so that nobody has to keep them for whoever only looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django import forms
from django.core import signing
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from academy.fields import LocalizedText
from academy.management.starter.texts import content, key_of, read_yaml
from academy.privacy import hidden_for
from cohorts.models import Application, SelfCheck

SALT = "cohorts.ready"
LONGEST = timedelta(days=2)  # from the last question to the application: an account is made in between


@dataclass(frozen=True)
class Choice:
    """`value` goes from 0 (nothing yet) to 3 (solid)."""

    value: int
    says: LocalizedText
    answer: LocalizedText


@dataclass(frozen=True)
class Ingredient:
    """`is_wanted`: without it one comes back later; the others may grow along the pathway. `pages` are translation keys."""

    key: str
    title: LocalizedText
    question: LocalizedText
    is_wanted: bool
    pages: tuple[UUID, ...]
    choices: tuple[Choice, ...]


@cache
def ingredients() -> tuple[Ingredient, ...]:
    rows = read_yaml(content("cohorts") / "readiness.yaml")
    return tuple(
        Ingredient(
            row["key"],
            LocalizedText(row["title"]),
            LocalizedText(row["question"]),
            row["wanted"],
            tuple(key_of(f"wiki/{slug}") for slug in row["pages"]),
            tuple(Choice(n, LocalizedText(one["says"]), LocalizedText(one["answer"])) for n, one in enumerate(row["choices"])),
        )
        for row in rows
    )


class ReadyForm(forms.Form):
    """One choice per ingredient."""

    use_required_attribute = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for one in ingredients():
            self.fields[one.key] = forms.TypedChoiceField(
                label=str(one.title),
                choices=[(str(choice.value), str(choice.says)) for choice in one.choices],
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose what is nearest to where you stand.")},
            )

    @property
    def questions(self) -> list[tuple[Ingredient, forms.BoundField]]:
        return [(one, self[one.key]) for one in ingredients()]


@dataclass(frozen=True)
class Reply:
    """What is said of one ingredient. `state`: later (come back), begin (you can begin), ready."""

    ingredient: Ingredient
    choice: Choice
    pages: list[Page]

    @property
    def state(self) -> str:
        if self.choice.value >= 2:
            return "ready"
        return "later" if self.choice.value == 0 and self.ingredient.is_wanted else "begin"


def overall(replies: list[Reply]) -> str:
    """`later` when what is wanted is not there at all; `ready` when at most one ingredient is thin; else `begin`."""
    states = [reply.state for reply in replies]
    if "later" in states:
        return "later"
    return "ready" if states.count("begin") <= 1 else "begin"


def replies_to(answers: Mapping[str, int], pages: Mapping[UUID, Page] | None = None) -> list[Reply]:
    """In the order of the ingredients; one that was not answered, or is no longer asked so, is left out."""
    pages = pages or {}
    return [
        Reply(one, one.choices[answers[one.key]], [pages[key] for key in one.pages if key in pages])
        for one in ingredients()
        if answers.get(one.key) in range(len(one.choices))
    ]


def helpful_pages(request: HttpRequest) -> dict[UUID, Page]:
    """The pages that help, as far as they are there and open to this reader, in their language where there is one. One query."""
    keys = {key for one in ingredients() for key in one.pages}
    found: dict[UUID, Page] = {}
    rows = Page.objects.live().filter(translation_key__in=keys, alias_of__isnull=True).select_related("locale").order_by("pk")
    for page in hidden_for(request).exclude_from(rows):
        if page.translation_key not in found or page.locale.language_code == get_language():
            found[page.translation_key] = page
    return found


def sealed(answers: Mapping[str, int]) -> str:
    return signing.dumps(dict(answers), salt=SALT)


def unsealed(word: str) -> dict[str, int]:
    """The answers in a word made by `sealed`; none when it is old or was touched."""
    try:
        found: Any = signing.loads(word, salt=SALT, max_age=LONGEST)
    except signing.BadSignature:
        return {}
    if not isinstance(found, dict):
        return {}
    return {reply.ingredient.key: reply.choice.value for reply in replies_to(found)}


def said_of(application: Application) -> list[Reply]:
    """What a project said before it began to apply, for its own people only. One query."""
    kept = SelfCheck.objects.filter(application=application).first()
    return replies_to(kept.answers) if kept else []

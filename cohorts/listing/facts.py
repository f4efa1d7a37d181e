"""What a list needs to name things: cohorts, the calls' questions that its address speaks of, reviewers. Asked once for each page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import FilteredRelation, Q
from django.http import QueryDict
from django.utils.functional import SimpleLazyObject

from academy.countries import country_choices
from academy.models import User
from cohorts.models import CallQuestion, Cohort, ReviewAssignment

NAMED = re.compile(r"a-([0-9a-f]{32})")
QUESTION = ("kind", "label", "public_name", "choices")


def key_of(question: CallQuestion) -> str:
    """What a question is called in the address, as a filter and as a column."""
    return f"a-{question.pk.hex}"


@dataclass
class Facts:
    """`questions` are in the order of their calls. `countries` and `reviewers` are read when somebody asks for them."""

    cohorts: dict[str, str]
    questions: list[CallQuestion] = field(default_factory=list)
    countries: Mapping[str, str] = field(default_factory=lambda: lazily(lambda: dict(country_choices())))
    reviewers: Mapping[str, str] = field(default_factory=lambda: lazily(everybody_asked))


def lazily(read: Callable[[], dict]) -> Any:
    return SimpleLazyObject(read)


def everybody_asked() -> dict[str, str]:
    """Whoever was ever asked to read an application, by name."""
    asked = User.objects.filter(pk__in=ReviewAssignment.objects.order_by().values("reviewer"))
    return {str(pk): name or email for pk, name, email in asked.order_by("name", "email").values_list("pk", "name", "email")}


def named_in(query: QueryDict) -> set[UUID]:
    """The questions that an address speaks of, as filters or as columns."""
    spoken = [*query, *query.getlist("column"), *query.getlist("order")]
    return {UUID(found[1]) for found in map(NAMED.search, spoken) if found}


def read_facts(reader: Any, questions: set[UUID] | None) -> Facts:
    """Of every cohort that this person knows of, with these questions (None: all). One query."""
    rows = Cohort.objects.for_user(reader).order_by("-starts_at", "pk")
    if questions is not None and not questions:
        return Facts({str(pk): str(title) for pk, title in rows.values_list("pk", "title")})
    if questions is not None:
        rows = rows.annotate(asked=FilteredRelation("questions", condition=Q(questions__pk__in=questions)))
    asked = "questions" if questions is None else "asked"
    columns = [f"{asked}__{name}" for name in ("pk", *QUESTION)]
    rows = rows.order_by("-starts_at", "pk", f"{asked}__sort_order", f"{asked}__pk")
    facts = Facts({})
    for pk, title, question, *said in rows.values_list("pk", "title", *columns):
        facts.cohorts[str(pk)] = str(title)
        if question is not None:
            facts.questions.append(CallQuestion(pk=question, cohort_id=pk, **dict(zip(QUESTION, said, strict=True))))
    return facts

"""The names in braces of a letter, `{project}`: which there are, whether a text uses them well, and what stands in their place.

A person types them in the CMS, where what is wrong is said in words (`check`). What is sent never fails (`fill`): an unknown name stays
as it was typed. Nothing but a plain name is understood, so that no text reaches into an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NAMES: dict[str, Any] = {
    "project": gettext_lazy("name of the project"),
    "cohort": gettext_lazy("title of the cohort"),
    "starts": gettext_lazy("day on which the cohort starts"),
    "coordinator": gettext_lazy("name of the coordinator"),
    "reasons": gettext_lazy("the reasons, as they were written for this project"),
    "conditions": gettext_lazy("the conditions, if there are any"),
    "due": gettext_lazy("until when to send it again, if a date is set"),
    "answer_by": gettext_lazy("until when to answer, if a date is set"),
}
ALWAYS = ("project", "cohort", "starts", "coordinator")
BY_OCCASION: dict[str, tuple[str, ...]] = {
    "received": ALWAYS,
    "returned": (*ALWAYS, "reasons", "due"),
    "ineligible": (*ALWAYS, "reasons"),
    "admitted": (*ALWAYS, "reasons", "conditions", "answer_by"),
    "reserve": (*ALWAYS, "reasons", "conditions"),
    "declined": (*ALWAYS, "reasons"),
}
LETTER_NAMES = (  # of a letter for a visa (cohorts.invitation)
    "name", "nationality", "born", "passport", "expires",
    "session", "place", "address", "starts", "ends", "project", "organisation", "coordinator",
)  # fmt: skip
_PLACE = re.compile(r"\{\s*(\w+)\s*\}")


def names_in(text: str) -> list[str]:
    return _PLACE.findall(text)


def in_braces(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def check(text: str, allowed: Iterable[str]) -> None:
    """Raises ValidationError, in words, for a name that this letter does not know and for a brace without its pair."""
    allowed = tuple(allowed)
    there_are = _("This letter knows %(names)s.") % {"names": in_braces(allowed)}
    unknown = [name for name in names_in(text) if name not in allowed]
    if unknown:
        raise ValidationError(_("%(name)s is not known here.") % {"name": in_braces(unknown[:1])} + " " + there_are)
    if re.search(r"[{}]", _PLACE.sub("", text)):
        raise ValidationError(_("A brace { or } stands alone. Write each name between two of them.") + " " + there_are)


def fill(line: str, values: Mapping[str, str]) -> str:
    """The line with its names replaced; empty when it names something that there is not (no conditions, no date)."""
    if any(values.get(name) == "" for name in names_in(line)):
        return ""
    return _PLACE.sub(lambda found: str(values.get(found[1], found[0])), line)


def always_says_something(text: str) -> bool:
    """Whether a line stays when there are no reasons, no conditions and no dates."""
    return any(line.strip() and set(names_in(line)) <= set(ALWAYS) for line in text.splitlines())

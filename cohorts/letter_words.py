"""The built-in words of the letters about an application: sent where a call has none of its own, shown beside the form that writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from cohorts.models import CallLetter

Occasion = CallLetter.Occasion

ACTION_REQUIRED = _("Action required: {subject}")
ABOUT = _("This letter is about {project}, which applied to: {cohort}.")  # its reader may be of several projects
_paragraphs = lazy(lambda *sentences: "\n\n".join(str(one) for one in (*sentences, ABOUT)), str)


@dataclass(frozen=True)
class Words:
    """Lazy, with names in braces (`cohorts.placeholders`)."""

    subject: Any
    body: Any


@dataclass(frozen=True)
class Link:
    """The button under a letter: a page of the site. `must_act`: the project has to do something, and the subject says so."""

    page: str = ""
    label: Any = ""
    must_act: bool = False


BUILT_IN: dict[str, Words] = {
    Occasion.RECEIVED: Words(
        _("We have received your application"),
        _paragraphs(
            _("Thank you. Your application reached us complete."),
            _("While we read it, assess your own project with the same criteria as we do: it helps both of us."),
            _("We decide after the call closes, and before the cohort starts on {starts}. You receive the reasons."),
        ),
    ),
    Occasion.RETURNED: Words(
        _("Action required: complete your application"),
        _paragraphs(
            _("We have begun to read your application and need something more from you:"),
            "{reasons}",
            _("Send it again by {due} at the latest. If nothing comes, we go on with your application as you last sent it."),
        ),
    ),
    Occasion.INELIGIBLE: Words(
        _("About your application"),
        _paragraphs(_("We cannot take your application in this call, for this reason:"), "{reasons}"),
    ),
    Occasion.ADMITTED: Words(
        _("Action required: your project is admitted"),
        _paragraphs(
            _("Good news: your project is admitted to the Academy. Say that you take the place, and the first steps open."),
            "{reasons}",
            _("There are conditions: {conditions}"),
            _("Answer by {answer_by}: after that the place may be given to another project."),
        ),
    ),
    Occasion.RESERVE: Words(
        _("Your project is on the reserve list"),
        _paragraphs(
            _("Your project is on the reserve list. We write to you at once when a place is free."),
            "{reasons}",
            _("There are conditions: {conditions}"),
        ),
    ),
    Occasion.DECLINED: Words(
        _("Our decision on your application"),
        _paragraphs(
            _("We cannot admit your project to this cohort. Here are our reasons, which we hope are of use."),
            "{reasons}",
        ),
    ),
}

# What a project must learn whatever the call wrote: added below its own words when they do not name it.
MUST_BE_SAID: dict[str, Any] = {
    "reasons": "{reasons}",
    "conditions": _("There are conditions: {conditions}"),
    "due": _("Send it again by {due} at the latest. If nothing comes, we go on with your application as you last sent it."),
    "answer_by": _("Answer by {answer_by}: after that the place may be given to another project."),
}

LINKS: dict[str, Link] = {
    Occasion.RECEIVED: Link("cohorts_my_pathway", _("See what happens next")),
    Occasion.RETURNED: Link("cohorts_apply", _("Complete the application"), must_act=True),
    Occasion.INELIGIBLE: Link(),
    Occasion.ADMITTED: Link("cohorts_my_pathway", _("Open my pathway"), must_act=True),
    Occasion.RESERVE: Link("cohorts_my_pathway", _("Open my pathway")),
    Occasion.DECLINED: Link("cohorts_my_pathway", _("Open my pathway")),
}

"""What people are told by mail. Words are lazy: the outbox renders them in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import lazy

from academy import messages
from cohorts.models import Project, ProjectMember


def _fill(sentence, moment: datetime, zone: str) -> str:
    return str(sentence) % {"day": date_format(timezone.localtime(moment, ZoneInfo(zone)), "DATE_FORMAT")}


# A sentence with a `%(day)s` in it, filled when the letter is written, in the reader's language.
with_day = lazy(_fill, str)


def people_of(project: Project) -> list:
    """Those who speak for the project: the lead and the members."""
    rows = project.memberships.exclude(role=ProjectMember.Role.VIEWER).select_related("person")
    return [row.person for row in rows]


def tell(people: Iterable, *, subject, lines: list, cause: str, by=None, link: str = "", link_label="") -> None:
    """Queues one short letter. `link` is the name of a page of the site; `cause` keeps it from being sent twice."""
    for person in people:
        messages.queue(
            person,
            template="cohorts_notice",
            context={"subject_line": subject, "lines": [line for line in lines if line], "link": link, "link_label": link_label},
            cause=cause,
            by=by,
        )


def tell_project(project: Project, **letter) -> None:
    tell(people_of(project), **letter)

"""Announcements as they are read: on *My pathway*, in a letter; and who is inside a cohort."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.functional import lazy
from django.utils.translation import get_language, get_language_info, override
from django.utils.translation import gettext as _

from academy.html import text_of
from academy.models import User
from academy.prepared import Later, Prepared, columns_of, objects_of
from cohorts.models import Announcement, Cohort, MentorAssignment, Participation, ProjectMember
from cohorts.models.announcement import InLanguage
from cohorts.models.participation import PLACE_HOLDING

MOST_ON_PATHWAY = 3


def people_inside(cohort: Cohort) -> QuerySet[User]:
    """Whom a letter to the cohort reaches: who speaks for a project that holds a place in it, and who accompanies one."""
    projects = Participation.objects.holding_a_place().filter(cohort=cohort).values("project")
    speak = ProjectMember.objects.speaking().filter(project__in=projects)
    accompany = MentorAssignment.objects.filter(project__in=projects, until__isnull=True)
    inside = Q(pk__in=speak.values("person")) | Q(pk__in=accompany.values("mentor"))
    return User.objects.filter(inside, is_active=True).order_by("name", "pk")


def language_name(code: str, *, said_in: str) -> str:
    """The name of a language inside a sentence of another: only English writes it with a capital."""
    with override(said_in):
        name = get_language_info(code)["name_translated"]
    return name if said_in.startswith("en") else name.lower()


def written_in(code: str) -> str:
    """Said above a text that is not in the language of its reader."""
    language = get_language() or code
    return _("Written in %(language)s only.") % {"language": language_name(code, said_in=language)}


def paragraphs_of(html: str) -> str:
    """The words with their paragraphs and lists, for a letter of plain text."""
    spaced = re.sub(r"<li\b[^>]*>", "\n– ", html)
    parts = re.split(r"</?(?:p|h[2-4]|ul|ol|li|blockquote|pre|tr|hr)\b[^>]*>|\n|<br\s*/?>", spaced)
    return "\n".join(line for line in map(text_of, parts) if line)


def _read(row: Announcement) -> InLanguage:
    return row.in_language((get_language() or "").split("-")[0])


def _body(row: Announcement) -> str:
    found = _read(row)
    said = f"{written_in(found.language)}\n" if found.is_other else ""
    return said + paragraphs_of(found.html)


# In the language of whoever the letter is for: read when it is written.
title_for_letter = lazy(lambda row: _read(row).title, str)
body_for_letter = lazy(_body, str)


@dataclass(frozen=True)
class Announced:
    """One announcement in the language of the page. It depends on nothing else of its reader."""

    announcement: Announcement
    read: InLanguage

    @property
    def other_language(self) -> str:
        """Said when it is not written in the language of the page."""
        return written_in(self.read.language) if self.read.is_other else ""

    @property
    def words(self) -> str:
        return text_of(self.read.html)

    @property
    def seen_as(self) -> tuple[str, str, bool, datetime | None]:
        row = self.announcement
        return (str(row.pk), self.read.title, row.is_pinned, row.changed_at)


def announced(rows: list[Announcement]) -> list[Announced]:
    return [Announced(row, _read(row)) for row in rows]


_latest = Prepared(
    lambda: (
        Announcement.objects.standing()
        .filter(cohort=Later("cohort", Cohort._meta.pk))
        .pinned_first()
        .values_list(*columns_of(Announcement))[:MOST_ON_PATHWAY]
    )
)


def latest_for(participation: Participation | None) -> list[Announced]:
    """The first few for *My pathway*, of a project that holds a place. One query."""
    if participation is None or participation.state not in PLACE_HOLDING:
        return []
    return announced(objects_of(Announcement, _latest.rows(cohort=participation.cohort_id)))

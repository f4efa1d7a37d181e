"""How a dossier has grown: every wording of a heading, and what is different since the last review. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from cohorts.changes import Change, Piece, compare_words
from cohorts.models import ApplicationSnapshot, Assessment, Dossier, DossierVersion, Participation, Project, dossier_of
from wiki.headings import HEADINGS, Heading


@dataclass(frozen=True)
class Review:
    """The last time that somebody of Smart assessed the project on its rubric. `version`: what they read, when it was an application."""

    at: datetime
    words: str
    version: ApplicationSnapshot | None


def last_review(project: Project) -> Review | None:
    """One query. Who reviewed is not said here."""
    rows = Assessment.objects.submitted().not_recused().filter(project=project).exclude(kind=Assessment.Kind.SELF)
    row = rows.select_related("version_read").order_by("-submitted_at").first()
    return Review(row.submitted_at, str(row.get_moment_display()), row.version_read) if row else None


@dataclass(frozen=True)
class Wording:
    """One version with what it changed in the one before it, ready to read."""

    version: DossierVersion
    pieces: list[Piece]


def wordings_of(dossier: Dossier, heading: str) -> list[Wording]:
    """Newest first. One query."""
    rows = list(dossier.versions.filter(heading=heading).select_related("written_by").order_by("written_at", "pk"))
    before = ["", *(row.words for row in rows)]
    return [Wording(row, compare_words(old, row.words)) for old, row in reversed(list(zip(before, rows, strict=False)))]


def _sent_words(snapshot: ApplicationSnapshot | None) -> dict[str, str]:
    content = snapshot.content if snapshot else {}
    return {key: str(content.get("dossier", {}).get(key) or "") for key in Dossier.KEYS}


def words_at(dossier: Dossier, moment: datetime, *, sent: ApplicationSnapshot | None) -> dict[str, str]:
    """The dossier as it stood then: the last wording of each heading; one that was not changed until then, as it was sent, and one that
    never changed since, as it stands."""
    found: dict[str, str] = {}
    later: set[str] = set()
    for row in dossier.versions.order_by("written_at", "pk"):
        if row.begun_at <= moment:
            found[row.heading] = row.words
        else:
            later.add(row.heading)
    asked = _sent_words(sent)
    return {key: found[key] if key in found else asked[key] if key in later else getattr(dossier, key) for key in Dossier.KEYS}


@dataclass(frozen=True)
class Growth:
    """What is different since `since`, heading by heading; `since` in words."""

    changed: list[Change]
    since: str
    at: datetime | None

    @property
    def same(self) -> list[Heading]:
        titles = {change.section for change in self.changed}
        return [heading for heading in HEADINGS if str(heading.label) not in titles]


REVIEW, ENTRY = "review", "entry"


def growth_of(participation: Participation, since: str = REVIEW) -> Growth:
    """Since the last review, or since what was sent at entry (also where nobody has reviewed yet). Four queries."""
    project = participation.project
    dossier = dossier_of(project)
    sent = _entered_with(participation)
    review = last_review(project) if since == REVIEW else None
    if review is None:
        return Growth(
            _differences(_sent_words(sent), dossier), _("what was sent with the application"), sent.submitted_at if sent else None
        )
    if review.version is not None and review.at < participation.invited_at:
        before = _sent_words(review.version)  # what its readers had before them
    else:
        before = words_at(dossier, review.at, sent=sent) if dossier.pk else _sent_words(sent)
    return Growth(_differences(before, dossier), _("the last review (%(moment)s)") % {"moment": review.words}, review.at)


def _entered_with(participation: Participation) -> ApplicationSnapshot | None:
    rows = ApplicationSnapshot.objects.filter(application__project=participation.project_id, submitted_at__lte=participation.invited_at)
    if participation.application_id:
        rows = rows.filter(application=participation.application_id)
    return rows.order_by("-submitted_at", "-number").first()


def _differences(before: dict[str, str], dossier: Dossier) -> list[Change]:
    found = []
    for heading in HEADINGS:
        old, new = before[heading.key], getattr(dossier, heading.key)
        if old.split() != new.split():
            found.append(Change(str(heading.label), str(heading.asks), compare_words(old, new)))
    return found

"""The dossier after admission: it grows under its ten headings, and every wording is kept with who wrote it and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.audit import record
from academy.locking import lock
from academy.models import User
from academy.rules import RuleViolation
from cohorts.dossier_growth import last_review
from cohorts.merging import Choice, Merge, merge
from cohorts.models import Dossier, DossierVersion, Project

ONE_SITTING = timedelta(minutes=30)
MOST = Dossier._meta.get_field("history").max_length


@transaction.atomic
def merge_dossier(
    project: Project, *, by: User, answers: Mapping[str, Any], since: Mapping[str, str], choices: Mapping[str, Choice] | None = None
) -> Merge:
    """Keeps what one page changed, heading by heading, beside what others changed meanwhile (see `cohorts.merging`)."""
    unknown = set(answers) - set(Dossier.KEYS)
    if unknown:
        raise ValueError(f"not headings of a dossier: {sorted(unknown)}")
    lock(project)
    if not project.participations.holding_a_place().exists():
        raise RuleViolation(_("Your project takes part in no cohort now: its dossier is kept as it stands."), code="closed")
    dossier, _new = Dossier.objects.get_or_create(project=project)
    kept = {key: getattr(dossier, key) for key in Dossier.KEYS}
    found = merge(answers, kept, since=since, choices=choices, texts=dict.fromkeys(Dossier.KEYS, MOST))
    if found.written:
        before, saved_at = {key: kept[key] for key in found.written}, dossier.saved_at
        for key, words in found.written.items():
            setattr(dossier, key, words)
        dossier.save(update_fields=[*found.written, "saved_at"])
        keep_wordings(dossier, by=by, before=before, saved_at=saved_at)
    return found


def keep_wordings(dossier: Dossier, *, by: User, before: Mapping[str, str], saved_at: datetime) -> None:
    """A version of each heading that was changed. `before`: what stood there, since `saved_at`. Only of a project that takes part: before
    that, what it writes is read by nobody, and what it sends is kept whole (`ApplicationSnapshot`).
    """
    if not dossier.project.participations.exists():
        return
    now, review = timezone.now(), last_review(dossier.project)
    last: dict[str, DossierVersion] = {}
    for row in dossier.versions.filter(heading__in=before).order_by("written_at", "pk"):
        last[row.heading] = row
    for key, old in before.items():
        row = last.get(key)
        if row is None and old:
            DossierVersion.objects.create(dossier=dossier, heading=key, words=old, begun_at=saved_at, written_at=saved_at)
        if row is not None and _is_the_same_sitting(row, by, now, review.at if review else None):
            row.words, row.written_at = getattr(dossier, key), now
            row.save(update_fields=["words", "written_at"])
            continue
        words = getattr(dossier, key)
        DossierVersion.objects.create(dossier=dossier, heading=key, words=words, begun_at=now, written_at=now, written_by=by)
        record(dossier.project, "cohorts.write_heading", by=by, data={"heading": key})


def _is_the_same_sitting(row: DossierVersion, by: User, now: datetime, reviewed_at: datetime | None) -> bool:
    """The same person goes on writing, and nobody has reviewed in between what they had written."""
    goes_on = row.written_by_id == by.pk and now - row.written_at <= ONE_SITTING
    return goes_on and (reviewed_at is None or row.begun_at > reviewed_at)

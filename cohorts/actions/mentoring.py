"""The notes of the meetings with a project: written once, put right by a note that takes their place."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.audit import record
from academy.locking import lock, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.letters import tell_project
from cohorts.models import MeetingNote, Participation


@transaction.atomic
def write_meeting_note(participation: Participation, *, by: User, met_on: date, words: str, visibility: str) -> MeetingNote:
    """Keeps what came out of a meeting. The project is told of what is shared with it."""
    lock(participation)
    note = _write(participation, by=by, met_on=met_on, words=words, visibility=visibility)
    record(participation, "cohorts.write_meeting_note", by=by, data={"note": note.pk, "visibility": visibility})
    return note


@transaction.atomic
def correct_meeting_note(note: MeetingNote, *, by: User, met_on: date, words: str, visibility: str) -> MeetingNote:
    """A note that takes the place of this one, for whoever reads it from now on. The project no longer reads what was replaced."""
    lock(note.participation)
    if MeetingNote.objects.filter(corrects=note).exists():
        raise RuleViolation(_("Somebody has corrected this note since you opened it. Look at it again."), code="changed")
    if (note.met_on, note.words, note.visibility) == (met_on, words.strip(), visibility):
        raise RuleViolation(_("Nothing is different from the note as it stands."), code="same")
    row = _write(note.participation, by=by, met_on=met_on, words=words, visibility=visibility, corrects=note)
    record(note.participation, "cohorts.correct_meeting_note", by=by, data={"note": row.pk, "visibility": visibility})
    return row


def _write(participation: Participation, *, by: User, met_on: date, words: str, visibility: str, corrects=None) -> MeetingNote:
    words = wanted(words, _("Write what was said and agreed."))
    now = timezone.now()
    if met_on > timezone.localdate(now, ZoneInfo(by.time_zone)):
        raise RuleViolation(_("A meeting that is still to come has no notes yet."), code="future")
    note = MeetingNote.objects.create(
        participation=participation, met_on=met_on, author=by, words=words, visibility=visibility, written_at=now, corrects=corrects
    )
    if note.is_shared:
        _tell(note, by=by)
    return note


def _tell(note: MeetingNote, *, by: User) -> None:
    corrected = note.corrects is not None and note.corrects.is_shared
    subject = gettext_lazy("The notes of a meeting were corrected") if corrected else gettext_lazy("The notes of your meeting")
    tell_project(
        note.participation.project,
        subject=subject,
        lines=[gettext_lazy("What was said and agreed is written down. Read it, and say if you remember it differently.")],
        link="cohorts_my_mentor",
        link_label=gettext_lazy("Read the notes"),
        cause=f"meeting-note:{note.pk}",
        by=by,
    )

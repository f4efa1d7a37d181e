"""Work that is handed in: written in drafts, handed in as versions, read and answered. Each verb locks the submission first, then records."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from academy import audit
from academy.models import User
from academy.rules import RuleViolation
from courses.completion import locked_record, mark_complete
from courses.due import due_of
from courses.groups import Owner
from courses.heard import heard, is_heard, wrote_last
from courses.locks import check_open
from courses.models import ActivityRecord, AssignmentPage, Extension, Submission, SubmissionVersion, WorkFile
from courses.progress import HANDED_IN
from courses.rules_of import with_rules
from courses.terms import frozen_terms, terms_of
from courses.uploads import Brought
from courses.works import keep_file, tell_records


def _locked_work(page: AssignmentPage, owner: Owner, redo_in: str) -> Submission:
    """The owner's row for this assignment, locked; made now at the first save. Two first saves at once give one row."""
    whose = {"activity_key": page.translation_key, "redo_in": redo_in, **owner.fields}
    rows = Submission.objects.select_for_update(no_key=True).filter(**whose)
    work = rows.first()
    if work is None:
        Submission.objects.bulk_create([Submission(**whose)], ignore_conflicts=True)
        work = rows.get()
    return work


def _check_open(work: Submission) -> None:
    """Says why nothing more can be written: the sentence stands beside what was typed."""
    if work.is_editable:
        return
    if work.is_waiting:
        words = _("This work is handed in already: it can be changed again when a trainer asks for it. What you typed was not saved.")
    else:
        words = _("A trainer has answered this work: it can no longer be changed. What you typed was not saved.")
    raise RuleViolation(words, code="closed")


def _check_edition(work: Submission, edition: int, client: str = "") -> None:
    """Nobody overwrites what they have not seen; one tab follows itself."""
    if edition != work.edition and not wrote_last(work.saves, client):
        raise RuleViolation(
            _("Somebody has changed this work since you opened the page, in another window or in your project."), code="stale"
        )


def _begin(work: Submission, page: AssignmentPage, *, by: User, course_key: UUID | None) -> None:
    """The first thing that is written, if the assignment is open by then. A work that somebody of a project has begun goes on for all of it."""
    if work.edited_at is None:
        check_open(locked_record(by, page.translation_key, work.redo_in), page, by=by, course_key=course_key)


def _edited(work: Submission, by: User, *fields: str) -> None:
    work.edition += 1
    work.edited_at, work.edited_by = timezone.now(), by
    work.save(update_fields=["edition", "edited_at", "edited_by", *fields])


@transaction.atomic
def save_work(
    page: AssignmentPage,
    *,
    owner: Owner,
    by: User,
    edition: int,
    text: str = "",
    link: str = "",
    client: str = "",
    sequence: int = 0,
    redo_in: str = "",
    course_key: UUID | None = None,
) -> Submission:
    """Keeps what is written so far. The same save twice, or a late one of the same tab, changes nothing.

    `edition` is the one that was on the screen. `course_key`: the course in which it is written, for its locks. Raises RuleViolation: not
    open yet, handed in already, changed by somebody else meanwhile.
    """
    work = _locked_work(page, owner, redo_in)
    if is_heard(work.saves, client, sequence):
        return work
    text = text.replace("\r\n", "\n").rstrip()
    if work.edited_at and (text, link) == (work.text, work.link):
        return work
    _check_open(work)
    _check_edition(work, edition, client)
    _begin(work, page, by=by, course_key=course_key)
    work.text, work.link, work.saves = text, link, heard(work.saves, client, sequence)
    _edited(work, by, "text", "link", "saves")
    return work


@transaction.atomic
def add_file(
    page: AssignmentPage, *, owner: Owner, brought: Brought, by: User, redo_in: str = "", course_key: UUID | None = None
) -> WorkFile:
    """One more file in the draft. Raises RuleViolation: not open yet, closed, not taken here, too many, the same file again."""
    work = _locked_work(page, owner, redo_in)
    _check_open(work)
    terms, files = work.terms or terms_of(with_rules(page)), work.files.filter(in_draft=True)
    if "files" not in terms["takes"]:
        raise RuleViolation(_("This assignment takes no files."), code="file")
    if files.count() >= terms["most_files"]:
        words = _("There are %(most)d files already, which is the most: remove one before you add another.")
        raise RuleViolation(words % {"most": terms["most_files"]}, code="file")
    if files.filter(sha256=brought.sha256).exists():
        raise RuleViolation(_("%(name)s is there already.") % {"name": brought.name}, code="file")
    _begin(work, page, by=by, course_key=course_key)
    row = keep_file(work, brought=brought, by=by)
    _edited(work, by)
    return row


@transaction.atomic
def remove_file(file: WorkFile, *, by: User) -> None:
    """Out of the draft. What was handed in keeps it; else it is gone for good."""
    work = Submission.objects.select_for_update(no_key=True).get(pk=file.submission_id)
    _check_open(work)
    row = work.files.filter(pk=file.pk, in_draft=True).first()
    if row is None:
        return
    row.take_out(was_sent=row.versions.exists())
    _edited(work, by)


def _check_complete(work: Submission, terms: dict, files: list[WorkFile]) -> None:
    """Something of what is asked must be there; what is no longer asked does not count."""
    given = {"text": work.text, "files": files, "link": work.link}
    if not any(given[name] for name in terms["takes"]):
        raise RuleViolation(_("There is nothing to hand in yet: write something, add a file or give a link."), code="empty")


@transaction.atomic
def hand_in(page: AssignmentPage, *, owner: Owner, by: User, edition: int, reason: str = "", redo_in: str = "") -> SubmissionVersion:
    """Freezes the draft as the next version; it waits for a trainer from now on. Handing in twice at once gives one version.

    Late is told and marked, never refused; `reason` is what they say about it. Raises RuleViolation: handed in already, changed since it
    was shown, empty.
    """
    work = _locked_work(page, owner, redo_in)
    if not work.is_editable:
        raise RuleViolation(_("This work is handed in already."), code="handed_in")
    _check_edition(work, edition)
    page = with_rules(page)
    work.terms = work.terms or frozen_terms(page)
    files = list(work.files.filter(in_draft=True))
    _check_complete(work, work.terms, files)
    due, now = due_of(page, owner, place=redo_in, since=work.handed_in_at), timezone.now()
    late = due.is_past(now)
    last = work.versions.order_by("number").last()
    version = SubmissionVersion.objects.create(
        submission=work,
        number=last.number + 1 if last else 1,
        text=work.text if "text" in work.terms["takes"] else "",
        link=work.link if "link" in work.terms["takes"] else "",
        language=page.locale.language_code if page.locale_id else get_language(),
        submitted_at=now,
        submitted_by=by,
        due_at=due.at,
        is_late=late,
        reason=reason.strip() if late else "",
    )
    version.files.set(files if "files" in work.terms["takes"] else [])
    work.state, work.handed_in_at, work.is_late, work.answered_at = Submission.State.HANDED_IN, now, late, None
    work.revision = work.revision or page.live_revision_id
    work.save(update_fields=["terms", "revision", "state", "handed_in_at", "is_late", "answered_at"])
    audit.record(work, "courses.hand_in", by=by, data={"number": version.number, "late": late, "reason": version.reason})
    tell_records(work, owner, HANDED_IN)
    return version


@transaction.atomic
def count_for_me(work: Submission, *, page: AssignmentPage, owner: Owner, by: User) -> ActivityRecord:
    """Somebody who joined after the work was accepted has read it: it counts for them too, by their own word."""
    work = Submission.objects.select_for_update(no_key=True).get(pk=work.pk)
    if work.state != Submission.State.ACCEPTED or by.pk not in owner.workers:
        raise RuleViolation(_("This work is not accepted yet."), code="not_accepted")
    record = locked_record(by, work.activity_key, work.redo_in)
    mark_complete(record, activity=page, source=ActivityRecord.Source.SELF, by=by)
    return record


@transaction.atomic
def extend(page: AssignmentPage, *, owner: Owner, until: datetime, reason: str, by: User, redo_in: str = "") -> Extension:
    """More time for this person or this project, with a reason. The last extension counts, also a shorter one.

    In a course that asks for it again (`redo_in`), it is more time there alone.
    """
    if not reason.strip():
        raise RuleViolation(_("Say why there is more time."), code="no_reason")
    if until <= timezone.now():
        raise RuleViolation(_("Give a day that is still to come."), code="past")
    whose = {"activity_key": page.translation_key, "redo_in": redo_in, **owner.fields}
    extension = Extension.objects.create(until=until, reason=reason.strip(), given_by=by, **whose)
    about = Submission.objects.filter(**whose).first() or extension
    audit.record(about, "courses.extend", by=by, data={"until": until.isoformat(), "reason": extension.reason})
    return extension

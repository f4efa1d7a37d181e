"""A form of the pathway: kept while a project writes it, sent, and sent again as often as it likes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.audit import record
from academy.locking import lock
from academy.models import User
from academy.rules import RuleViolation
from cohorts.actions.drafts import MOST_FILES
from cohorts.form_answers import place_for, reply_of, sendings_of, sheet_of
from cohorts.merging import Choice, Merge, merge
from cohorts.models import FormFile, FormQuestion, FormReply, FormSending, Project, Requirement
from courses.uploads import Brought


def _opened(project: Project, requirement: Requirement) -> FormReply:
    """The reply, under the lock of its project; not saved yet where nothing was ever written."""
    lock(project)
    if requirement.kind != Requirement.Kind.FORM:
        raise ValueError(f"not a form: {requirement.pk}")
    if place_for(project, requirement) is None:
        raise RuleViolation(_("Your project is not asked for this form now: what it sent is kept as it stands."), code="closed")
    return reply_of(project, requirement) or FormReply(project=project, requirement=requirement)


def _begun(reply: FormReply) -> FormReply:
    if reply._state.adding:
        reply.save()
    return reply


@transaction.atomic
def merge_form(
    project: Project,
    *,
    by: User,
    requirement: Requirement,
    answers: Mapping[str, Any],
    since: Mapping[str, str],
    choices: Mapping[str, Choice] | None = None,
) -> Merge:
    """Keeps what one page changed, answer by answer, beside what others changed meanwhile (see `cohorts.merging`). Sends nothing."""
    reply = _opened(project, requirement)
    sheet = sheet_of(requirement, reply)
    unknown = set(answers) - sheet.names
    if unknown:
        raise ValueError(f"not answers of this form: {sorted(unknown)}")
    found = merge(answers, sheet.answers, since=since, choices=choices, texts=sheet.texts)
    if found.written:
        reply.answers = {**reply.answers, **found.written}
        _touch(reply, by)
    return found


def _touch(reply: FormReply, by: User) -> None:
    reply.saved_at, reply.saved_by = timezone.now(), by
    _begun(reply).save(update_fields=["answers", "saved_at", "saved_by"])


@transaction.atomic
def attach_to_form(project: Project, *, by: User, question: FormQuestion, brought: Brought) -> FormFile:
    """One more file in the draft. The same file again is the one that is there: a page that lost its answer may send twice."""
    if question.kind != FormQuestion.Kind.FILE:
        raise ValueError(f"not a question that a file answers: {question.pk}")
    reply = _begun(_opened(project, question.requirement))
    files = reply.files.filter(in_draft=True)
    there = files.filter(sha256=brought.sha256, question=question).first()
    if there is not None:
        return there
    if files.count() >= MOST_FILES:
        words = _("There are %(most)d files already, which is the most: remove one before you add another.")
        raise RuleViolation(words % {"most": MOST_FILES}, code="file")
    row = FormFile(reply=reply, question=question, added_by=by)
    row.keep(brought)
    _touch(reply, by)
    record(project, "cohorts.attach_to_form", by=by, data={"file": str(row.pk)})
    return row


@transaction.atomic
def remove_from_form(file: FormFile, *, by: User) -> None:
    """Out of the draft. What was sent with it keeps it; else it is gone for good."""
    project = file.reply.project
    reply = _opened(project, file.reply.requirement)
    row = reply.files.filter(pk=file.pk, in_draft=True).first()
    if row is None:
        return  # removed by somebody else a moment ago
    row.take_out(was_sent=row.sendings.exists())
    _touch(reply, by)
    record(project, "cohorts.remove_from_form", by=by, data={"file": str(file.pk)})


@transaction.atomic
def send_form(project: Project, *, by: User, requirement: Requirement) -> FormSending:
    """What is kept becomes what counts. Sent again without a change for the same place, it is the one that was sent."""
    reply = _opened(project, requirement)
    sheet = sheet_of(requirement, reply)
    if wanting := sheet.missing:
        raise RuleViolation(" ".join(str(one) for one in wanting), code="missing")
    last = reply.sendings.order_by("-number").first()
    if last is not None and last.content == sheet.content and last in sendings_of(reply, place_for(project, requirement).cohort):
        return last
    row = FormSending.objects.create(
        reply=_begun(reply), number=last.number + 1 if last else 1, content=sheet.content, sent_at=timezone.now(), sent_by=by
    )
    row.files.set(reply.files.filter(in_draft=True))
    record(project, "cohorts.send_form", by=by, data={"requirement": requirement.pk, "number": row.number})
    return row

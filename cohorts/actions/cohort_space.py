"""Inside a cohort: what a project shows of its dossier, and what people say to each other about it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.audit import record
from academy.locking import lock, wanted
from academy.models import User
from academy.rules import RuleViolation
from academy.sheets import printable
from cohorts.answers import count_words
from cohorts.cohort_space import voice_of
from cohorts.letters import tell
from cohorts.models import Announcement, CohortComment, CommentReport, Dossier, Participation, SharedHeading
from cohorts.models.participation import PLACE_HOLDING
from cohorts.organisers import judges_of_comment

MOST_AN_HOUR = 20


@transaction.atomic
def share_headings(participation: Participation, *, by: User, headings: Collection[str]) -> list[str]:
    """What the project shows to its cohort from now on: exactly these headings. Comments under one that is taken away are kept, unread,
    until it is shown again.
    """
    lock(participation)
    if participation.state not in PLACE_HOLDING:
        raise RuleViolation(_("Your project is not in this cohort any more."), code="wrong_state")
    unknown = set(headings) - set(Dossier.KEYS)
    if unknown:
        raise ValueError(f"not headings of a dossier: {sorted(unknown)}")
    before = set(participation.shared_headings.values_list("heading", flat=True))
    now = timezone.now()
    participation.shared_headings.exclude(heading__in=headings).delete()
    rows = [
        SharedHeading(participation=participation, heading=key, shared_at=now, shared_by=by)
        for key in Dossier.KEYS
        if key in headings and key not in before
    ]
    SharedHeading.objects.bulk_create(rows)
    if before != set(headings):
        record(participation.project, "cohorts.share_headings", by=by, data={"headings": sorted(headings)})
    return [key for key in Dossier.KEYS if key in headings]


def _checked(words: str) -> str:
    words = wanted(printable(words).replace("\r\n", "\n"), _("Write something first."))
    number = count_words(words)
    if number > CohortComment.MOST_WORDS or len(words) > CohortComment.MOST_CHARACTERS:
        said = {"words": number, "most": CohortComment.MOST_WORDS}
        raise RuleViolation(
            _("This has %(words)d words; %(most)d are the most. What you typed is kept here: shorten it.") % said, code="long"
        )
    return words


@transaction.atomic
def post_comment(
    subject: Announcement | Participation, *, by: User, words: str, key: UUID, heading: str = "", answers: CohortComment | None = None
) -> CohortComment:
    """Under an announcement, or under a heading that a project shares; or as an answer to a comment there. Nobody gets a mail for it."""
    lock(User(pk=by.pk))  # one’s comments are counted one after the other
    there = CohortComment.objects.filter(author=by, key=key).first()
    if there is not None:
        return there  # the same form, sent twice
    voice = voice_of(by, subject.cohort)
    if voice is None:
        raise RuleViolation(
            _("You read here, and do not write: only who speaks for a project of the cohort, or accompanies one."), code="closed"
        )
    announcement, participation = _open(subject, heading)
    if answers is not None:
        answers = _answered(answers, announcement, participation, heading)
    words = _checked(words)
    if CohortComment.objects.filter(author=by, posted_at__gt=timezone.now() - timedelta(hours=1)).count() >= MOST_AN_HOUR:
        raise RuleViolation(_("You have written much in this hour. What you typed is kept here: send it later."), code="later")
    row = CohortComment.objects.create(
        cohort=subject.cohort,
        announcement=announcement,
        participation=participation,
        heading=heading,
        answers=answers,
        author=by,
        project=voice.project,
        words=words,
        key=key,
        posted_at=timezone.now(),
    )
    record(subject.cohort, "cohorts.post_comment", by=by, data={"comment": str(row.pk)})
    return row


def _open(subject: Announcement | Participation, heading: str) -> tuple[Announcement | None, Participation | None]:
    """What it stands under, if it may still be written under."""
    lock(subject)
    if isinstance(subject, Announcement):
        if subject.withdrawn_at is not None:
            raise RuleViolation(_("This announcement is withdrawn."), code="withdrawn")
        return subject, None
    if subject.state not in PLACE_HOLDING or not subject.shared_headings.filter(heading=heading).exists():
        raise RuleViolation(_("The project does not show this heading any more."), code="withdrawn")
    return None, subject


def _answered(row: CohortComment, announcement, participation, heading: str) -> CohortComment:
    """An answer to an answer stands beside it: one level, never deeper."""
    row = row.answers or row
    if (row.announcement, row.participation, row.heading) != (announcement, participation, heading):
        raise ValueError("not a comment on this")
    lock(row)
    if row.deleted_at or row.hidden_at:
        raise RuleViolation(_("What you answer is not there any more. Write it as a comment of your own."), code="gone")
    return row


@transaction.atomic
def edit_comment(comment: CohortComment, *, by: User, words: str) -> CohortComment:
    """By its author, for half an hour."""
    lock(comment)
    _check_own(comment, by)
    if not comment.is_open_to_edits:
        raise RuleViolation(_("Half an hour is over: write another comment, or delete this one."), code="late")
    words = _checked(words)
    if words != comment.words:
        comment.words, comment.edited_at = words, timezone.now()
        comment.save(update_fields=["words", "edited_at"])
    return comment


@transaction.atomic
def delete_comment(comment: CohortComment, *, by: User) -> CohortComment:
    """Its words go for good. Its place stays where somebody answered."""
    lock(comment)
    _check_own(comment, by)
    comment.words, comment.deleted_at = "", timezone.now()
    comment.save(update_fields=["words", "deleted_at"])
    comment.reports.filter(settled_at__isnull=True).update(settled_at=comment.deleted_at, settled_by=by)
    record(comment.cohort, "cohorts.delete_comment", by=by, data={"comment": str(comment.pk)})
    return comment


def _check_own(comment: CohortComment, by: User) -> None:
    if comment.author_id != by.pk:
        raise RuleViolation(_("Only who wrote a comment changes or deletes it."), code="stranger")
    if comment.deleted_at or comment.hidden_at:
        raise RuleViolation(_("This comment is not there any more."), code="gone")


@transaction.atomic
def report_comment(comment: CohortComment, *, by: User, reason: str) -> CommentReport:
    """Shows it to the coordinator, or who decides in their place (`judges_of_comment`); until then it stays."""
    lock(comment)
    if comment.deleted_at or comment.hidden_at:
        raise RuleViolation(_("This comment is not there any more."), code="gone")
    if comment.author_id == by.pk:
        raise RuleViolation(_("This is your own comment: you can delete it."), code="oneself")
    if comment.reports.filter(reported_by=by).exists():
        raise RuleViolation(_("You have reported this comment already."), code="twice")
    reason = wanted(reason, _("Say in a few words what is wrong with it."))
    row = CommentReport.objects.create(comment=comment, reported_by=by, reported_at=timezone.now(), reason=reason)
    record(comment.cohort, "cohorts.report_comment", by=by, data={"comment": str(comment.pk)})
    tell(
        judges_of_comment(comment),
        subject=gettext_lazy("A comment in your cohort was reported"),
        lines=[gettext_lazy("Read it, and decide whether it stays. Until then everybody in the cohort reads it.")],
        link="cohorts_comment",
        link_to=comment.pk,
        link_label=gettext_lazy("Read it and decide"),
        cause=f"comment-reported:{comment.pk}",
        by=by,
    )
    return row


@transaction.atomic
def hide_comment(comment: CohortComment, *, by: User, reason: str) -> CohortComment:
    """By a coordinator: the cohort reads it no more, and its author is told why. What was reported about it is settled."""
    lock(comment)
    if comment.deleted_at or comment.hidden_at:
        raise RuleViolation(_("This comment is not there any more."), code="gone")
    reason = wanted(reason, _("Say why it is hidden: its author reads it."))
    now = timezone.now()
    comment.hidden_at, comment.hidden_by, comment.hidden_reason = now, by, reason
    comment.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    comment.reports.filter(settled_at__isnull=True).update(settled_at=now, settled_by=by)
    record(comment.cohort, "cohorts.hide_comment", by=by, data={"comment": str(comment.pk), "reason": reason})
    if comment.author:
        tell(
            [comment.author],
            subject=gettext_lazy("A comment of yours was hidden"),
            lines=[gettext_lazy("A coordinator hid what you wrote in the space of your cohort, for this reason:"), reason],
            link="cohorts_space",
            link_to=comment.cohort_id,
            cause=f"comment-hidden:{comment.pk}:{now.timestamp()}",
            by=by,
        )
    return comment


@transaction.atomic
def keep_comment(comment: CohortComment, *, by: User) -> CohortComment:
    """A coordinator finds nothing wrong with it: it stays, or is shown again."""
    lock(comment)
    if comment.deleted_at:
        raise RuleViolation(_("This comment is not there any more."), code="gone")
    if not comment.hidden_at and not comment.reports.filter(settled_at__isnull=True).exists():
        raise RuleViolation(_("Nobody reported this comment, and it is not hidden."), code="same")
    comment.hidden_at, comment.hidden_by, comment.hidden_reason = None, None, ""
    comment.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    comment.reports.filter(settled_at__isnull=True).update(settled_at=timezone.now(), settled_by=by)
    record(comment.cohort, "cohorts.keep_comment", by=by, data={"comment": str(comment.pk)})
    return comment

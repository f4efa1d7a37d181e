"""The verbs of polls in the room. What the team does is logged with its author; a ballot never is."""

from __future__ import annotations

import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.audit import record
from academy.fields import LocalizedText
from academy.locking import check_move, lock, move, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.models import POLL_MOVES, Ballot, Poll, PollState, Session
from cohorts.models.poll import CODE_LENGTH, new_code
from cohorts.polls import Answer, checked, voter_of


def _complete(poll: Poll) -> None:
    """Refuses what cannot be asked as it is, in the words of its first fault."""
    try:
        poll.full_clean(exclude=["session"])
    except ValidationError as refusal:
        raise RuleViolation(refusal.messages[0], code="incomplete") from None


def _free_code() -> str:
    code = new_code()
    while Poll.objects.filter(code=code).exists():
        code = new_code()
    return code


@transaction.atomic
def add_poll(
    session: Session, *, by: User, question: LocalizedText, choices: LocalizedText, kind: str = Poll.Kind.ONE, allows_other: bool = False
) -> Poll:
    """A draft: nobody but the team sees it, and its code opens nothing yet."""
    poll = Poll(session=session, kind=kind, question=question, choices=choices, allows_other=allows_other, code=_free_code())
    _complete(poll)
    poll.save()
    record(poll, "cohorts.add_poll", by=by)
    return poll


@transaction.atomic
def change_poll(poll: Poll, *, by: User, question: LocalizedText, choices: LocalizedText, kind: str, allows_other: bool) -> Poll:
    """Only while it is a draft: what people answer is what they were asked."""
    lock(poll)
    if not poll.is_draft:
        raise RuleViolation(_("This poll was opened: its words stay as people read them. Make another one."), code="wrong_state")
    poll.question, poll.choices, poll.kind, poll.allows_other = question, choices, kind, allows_other
    _complete(poll)
    poll.save(update_fields=["question", "choices", "kind", "allows_other"])
    record(poll, "cohorts.change_poll", by=by)
    return poll


@transaction.atomic
def open_poll(poll: Poll, *, by: User) -> Poll:
    """From now on whoever has the code votes. A draft from when codes were shorter has a new one, of today's length."""
    session = lock(poll.session)  # against a cancellation at the same moment
    lock(poll)
    check_move(poll, to=PollState.OPEN, moves=POLL_MOVES)
    if session.is_cancelled:
        raise RuleViolation(_("This session is cancelled."), code="cancelled")
    _complete(poll)
    code = poll.code if len(poll.code) == CODE_LENGTH else _free_code()
    move(poll, to=PollState.OPEN, moves=POLL_MOVES, code=code, secret=secrets.token_hex(32), opened_at=timezone.now(), opened_by=by)
    record(poll, "cohorts.open_poll", by=by)
    return poll


@transaction.atomic
def close_poll(poll: Poll, *, by: User) -> Poll:
    """Ends the vote for good and tells the results. The secret is destroyed: what is a person's ballot, nobody can find out any more."""
    lock(poll)
    move(poll, to=PollState.CLOSED, moves=POLL_MOVES, secret="", closed_at=timezone.now(), closed_by=by)
    record(poll, "cohorts.close_poll", by=by)
    return poll


def close_with_session(session: Session, *, by: User) -> None:
    """A session that is cancelled: its votes end with it, at the same moment. What was answered is kept. Only under the session's lock."""
    for poll in session.polls.filter(state=PollState.OPEN).select_for_update(no_key=True).order_by("pk"):
        move(poll, to=PollState.CLOSED, moves=POLL_MOVES, secret="", closed_at=session.cancelled_at, closed_by=by)
        record(poll, "cohorts.close_poll", by=by, data={"session": "cancelled"})


@transaction.atomic
def cast_ballot(poll: Poll, *, by: User | None, device: str = "", answer: Answer, other: str = "") -> Ballot:
    """One's answer, in place of the one given before. `by` (else `device`, the cookie of a visitor) only makes the mark: it is kept nowhere."""
    lock(poll)
    if not poll.is_open:
        raise RuleViolation(_("The vote is closed: this answer is not counted."), code="closed")
    voter = voter_of(by, device)
    if not voter:
        raise RuleViolation(_("Your browser keeps no cookie: allow it for this site, load the page again, then vote."), code="device")
    answer, other = checked(poll, answer, other)
    ballot, _made = Ballot.objects.update_or_create(poll=poll, mark=poll.mark_of(voter), defaults={"answer": answer, "other": other})
    return ballot


@transaction.atomic
def hide_words(ballot: Ballot, *, by: User, reason: str) -> Ballot:
    """What somebody wrote is shown nowhere any more. It still counts, as another answer."""
    lock(ballot)
    if not ballot.poll.is_closed:
        raise RuleViolation(_("Close the vote first: until then nobody reads what people wrote."), code="wrong_state")
    if not ballot.other or ballot.hidden_at:
        raise RuleViolation(_("These words are hidden already."), code="twice")
    ballot.hidden_reason = wanted(reason, _("Say why these words are hidden."))
    ballot.hidden_at, ballot.hidden_by = timezone.now(), by
    ballot.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    record(ballot.poll, "cohorts.hide_words", by=by, data={"reason": ballot.hidden_reason})
    return ballot

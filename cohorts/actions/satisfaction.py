"""Asking those who came how it was. That they were asked is logged; who answered, never (decision 0053)."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.audit import record
from academy.locking import lock
from academy.models import User
from academy.rules import RuleViolation
from cohorts.letters import tell, with_day
from cohorts.models import Registration, RegistrationStatus, Satisfaction, SatisfactionAnswer, Session
from cohorts.models.satisfaction import ASKED_FOR, MOST_CHARACTERS, SCORED
from cohorts.satisfaction import cause_of, letters_from, to_be_asked


def _kept(session: Session) -> Satisfaction:
    """The questions of this session, held; made at the first need."""
    fresh = {"closes_at": session.ends_at + ASKED_FOR, "secret": secrets.token_hex(32)}
    kept, _made = Satisfaction.objects.get_or_create(session=session, defaults=fresh)
    return lock(kept)


def _check_asked(session: Session, now: datetime) -> None:
    if session.is_cancelled:
        raise RuleViolation(_("This session is cancelled."), code="cancelled")
    if now < session.ends_at:
        raise RuleViolation(_("The session is not over yet."), code="early")


@transaction.atomic
def ask_satisfaction(session: Session, *, by: User | None, now: datetime | None = None) -> int:
    """A letter to each person who was checked in and has none yet, once. Gives back how many were written. `by` None when the clock does it."""
    lock(session)
    now = now or timezone.now()
    _check_asked(session, now)
    if by is None and now < letters_from(session):
        raise RuleViolation(_("They are asked on the morning after the session."), code="early")
    kept = _kept(session)
    if kept.is_closed or now >= kept.closes_at:
        raise RuleViolation(_("The time to answer is over."), code="closed")
    new = to_be_asked(session)
    for row in new:
        tell(
            [row.person],
            subject=gettext_lazy("Two minutes: how was the session?"),
            lines=[
                session.title,
                gettext_lazy("You were there. Four questions and one free line tell us what to keep and what to change."),
                gettext_lazy("Nobody sees your answer: the team reads totals, and none at all if fewer than five people answer."),
                with_day(gettext_lazy("You may answer, and change your answer, until %(day)s."), kept.closes_at, session.time_zone),
            ],
            link="cohorts_satisfaction",
            link_to=row.pk,
            link_label=gettext_lazy("Say how it was"),
            cause=cause_of(row),
            by=by,
        )
    if new:
        record(session, "cohorts.ask_satisfaction", by=by, data={"people": len(new)})
    return len(new)


@transaction.atomic
def answer_satisfaction(
    registration: Registration,
    *,
    by: User,
    useful: int | None = None,
    meetings: int | None = None,
    organisation: int | None = None,
    place: int | None = None,
    words: str = "",
) -> SatisfactionAnswer:
    """One's answer, in place of the one given before. `by` is checked, and kept nowhere."""
    lock(registration)
    session = registration.session
    if registration.person_id != by.pk or registration.status != RegistrationStatus.ATTENDED:
        raise RuleViolation(_("Only those who were checked in are asked."), code="absent")
    now = timezone.now()
    _check_asked(session, now)
    kept = _kept(session)
    if kept.is_closed or now >= kept.closes_at:
        raise RuleViolation(_("The time to answer is over: this answer is not counted."), code="closed")
    said = dict(zip(SCORED, (useful, meetings, organisation, place), strict=True))
    words = words.strip()
    if any(score is not None and score not in range(1, 6) for score in said.values()):
        raise RuleViolation(_("This answer is not one of those that are asked. Load the page again."), code="unknown")
    if len(words) > MOST_CHARACTERS:
        raise RuleViolation(_("This is too long: write at most %(most)d characters.") % {"most": MOST_CHARACTERS}, code="long")
    if not words and all(score is None for score in said.values()):
        raise RuleViolation(_("Answer one question at least."), code="empty")
    answer, _made = SatisfactionAnswer.objects.update_or_create(
        satisfaction=kept, mark=kept.mark_of(registration), defaults={**said, "words": words}
    )
    return answer


@transaction.atomic
def close_satisfaction(kept: Satisfaction, *, by: User | None, now: datetime | None = None) -> Satisfaction:
    """When its time is over: the totals are told, and the secret is destroyed. Whose an answer is, nobody can find out any more."""
    lock(kept)
    now = now or timezone.now()
    if kept.is_closed:
        raise RuleViolation(_("This is closed already."), code="twice")
    if now < kept.closes_at:
        raise RuleViolation(_("People were told that they may answer until a later day."), code="early")
    kept.closed_at, kept.secret = now, ""
    kept.save(update_fields=["closed_at", "secret"])
    record(kept.session, "cohorts.close_satisfaction", by=by)
    return kept


def drop_answer(registration: Registration, *, by: User | None) -> int:
    """It was somebody else who came: their answer goes, as long as it can be found. Inside the transaction of the verb that says so."""
    kept = Satisfaction.objects.open().filter(session=registration.session_id).select_for_update(no_key=True).first()
    if kept is None:
        return 0
    return kept.answers.filter(mark=kept.mark_of(registration)).delete()[0]


def forget_words(person: User, *, by: User | None = None) -> None:
    """Of somebody who is erased the scores go on counting; the words go, as long as it can be found whose they are."""
    came = Registration.objects.filter(person=person, status=RegistrationStatus.ATTENDED)
    for row in came.filter(session__satisfaction__closed_at__isnull=True, session__satisfaction__isnull=False):
        kept = Satisfaction.objects.select_for_update(no_key=True).get(session=row.session_id)
        answer = kept.answers.filter(mark=kept.mark_of(row)).first()
        if answer is None:
            continue
        if all(getattr(answer, name) is None for name in SCORED):
            answer.delete()
        elif answer.words:
            answer.words = ""
            answer.save(update_fields=["words"])

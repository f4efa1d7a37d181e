"""Visas: said to be needed or not, the letter for a consulate asked for, issued or refused, and its data deleted at their date.

Every verb locks the registration. What a passport says is in no history, no letter by mail and no message of an error.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.audit import record
from academy.locking import check_move, lock, move, wanted
from academy.models import Message, User
from academy.rules import RuleViolation
from cohorts.actions.funding import make_ready, purge_proofs
from cohorts.actions.travel_letters import (
    remind_to_ask,
    tell_letter_asked,
    tell_letter_issued,
    tell_letter_refused,
    tell_of_purge,
)
from cohorts.invitation import frozen, hash_of
from cohorts.models import (
    LETTER_MOVES,
    MAY_HAVE_A_LETTER,
    REGISTRATION_MOVES,
    InvitationLetter,
    LetterState,
    Registration,
    RegistrationStatus,
    Session,
    Visa,
)
from cohorts.sealed import seal
from cohorts.visa_causes import purge_cause, reminder_cause


def _say(registration: Registration, visa: str, *, by: User | None) -> None:
    """Only under the lock. Whoever was ready and needs a visa after all is confirmed again; whoever lacks nothing more is ready."""
    if registration.visa == visa:
        return
    if visa == Visa.NEEDED and registration.status == RegistrationStatus.READY:
        move(registration, to=RegistrationStatus.CONFIRMED, moves=REGISTRATION_MOVES, field="status", visa=visa)
    else:
        registration.visa = visa
        registration.save(update_fields=["visa"])
    record(registration, f"cohorts.visa_{visa}", by=by)
    make_ready(registration, by=by)


def _check_lives(registration: Registration) -> None:
    if not registration.is_live or registration.status == RegistrationStatus.ATTENDED:
        raise RuleViolation(_("This registration is over."), code="wrong_state")


@transaction.atomic
def say_visa(registration: Registration, *, by: User, needed: bool) -> Registration:
    """The person says whether they need a visa to come. That they do not takes back a letter that was asked for."""
    lock(registration)
    _check_lives(registration)
    if needed and registration.visa == Visa.SETTLED:
        raise RuleViolation(_("Your visa is settled already. Write to the team if that has changed."), code="settled")
    if not needed:
        _close_letters(registration, by=by)
    _say(registration, Visa.NEEDED if needed else Visa.NOT_NEEDED, by=by)
    return registration


@transaction.atomic
def settle_visa(registration: Registration, *, by: User) -> Registration:
    """The team knows that the person can enter the country: they have the visa, or need no letter for it."""
    lock(registration)
    _check_lives(registration)
    if registration.visa != Visa.NEEDED:
        raise RuleViolation(_("Nobody has said that a visa is needed."), code="wrong_state")
    _say(registration, Visa.SETTLED, by=by)
    return registration


@transaction.atomic
def ask_letter(registration: Registration, *, by: User, facts: dict[str, str], language: str) -> InvitationLetter:
    """Asks the coordinator for the letter. `facts`: name, nationality, born, passport, expires (ISO dates), consulate. They are sealed at once."""
    lock(registration)
    session, now = registration.session, timezone.now()
    if registration.status not in MAY_HAVE_A_LETTER or session.is_cancelled:
        raise RuleViolation(_("A letter is for people who have a place, or to whom one is offered."), code="wrong_state")
    if now >= session.letters_until:
        words = _("It is too late for a letter: a visa would not come in time. Write to the team at once, it may know another way.")
        raise RuleViolation(words, code="late")
    if registration.letters.filter(state=LetterState.ASKED).exists() or _has_one(registration):
        raise RuleViolation(_("A letter is asked for already."), code="twice")
    if date.fromisoformat(facts["expires"]) <= timezone.localdate(session.ends_at, ZoneInfo(session.time_zone)):
        raise RuleViolation(_("Your passport is not valid until the end of the session: renew it first."), code="passport")
    for old in registration.letters.sealed():
        _purge(old, by=by)
    letter = InvitationLetter(registration=registration, language=language, asked_at=now)
    letter.sealed = seal(facts, about=letter.pk)
    letter.save(force_insert=True)
    record(registration, "cohorts.ask_letter", by=by)
    _say(registration, Visa.NEEDED, by=by)
    tell_letter_asked(letter, by=by)
    return letter


def _has_one(registration: Registration) -> bool:
    return registration.letters.filter(state=LetterState.ISSUED, purged_at__isnull=True).exists()


def _held(letter: InvitationLetter) -> Registration:
    """The registration, then the letter: in this order everywhere."""
    registration = lock(letter.registration)
    lock(letter)
    return registration


@transaction.atomic
def issue_letter(letter: InvitationLetter, *, by: User) -> InvitationLetter:
    """Checked, and right. The words are frozen with their hash; with the letter the visa is settled as far as we can help."""
    registration = _held(letter)
    _check_lives(registration)
    check_move(letter, to=LetterState.ISSUED, moves=LETTER_MOVES)
    text = frozen(letter, by=by)
    move(letter, to=LetterState.ISSUED, moves=LETTER_MOVES, issued_at=timezone.now(), issued_by=by, text=text, text_sha256=hash_of(text))
    record(registration, "cohorts.issue_letter", by=by, data={"sha256": letter.text_sha256})
    _say(registration, Visa.SETTLED, by=by)
    tell_letter_issued(letter, by=by)
    return letter


@transaction.atomic
def refuse_letter(letter: InvitationLetter, *, by: User, reason: str) -> InvitationLetter:
    """It cannot be written like this. The reason is read on the page alone: it may say something of the passport."""
    registration = _held(letter)
    check_move(letter, to=LetterState.REFUSED, moves=LETTER_MOVES)
    said = wanted(reason, _("Say why."))
    move(letter, to=LetterState.REFUSED, moves=LETTER_MOVES, refused_at=timezone.now(), refused_by=by, refused_reason=said)
    record(registration, "cohorts.refuse_letter", by=by)
    tell_letter_refused(letter, by=by)
    return letter


@transaction.atomic
def withdraw_letter(letter: InvitationLetter, *, by: User) -> InvitationLetter:
    """The person needs it no more: what they typed is deleted at once, whatever became of the letter."""
    _held(letter)
    if letter.is_purged:
        raise RuleViolation(_("These data are deleted already."), code="twice")
    _close(letter, by=by)
    return letter


def _close(letter: InvitationLetter, *, by: User | None) -> None:
    now = timezone.now()
    if letter.state == LetterState.ASKED:
        move(letter, to=LetterState.WITHDRAWN, moves=LETTER_MOVES, withdrawn_at=now, **_emptied(now))
        record(letter.registration, "cohorts.withdraw_letter", by=by)
        record(letter.registration, "cohorts.purge_letter", by=by)
    else:
        _purge(letter, by=by)


def _emptied(now: datetime) -> dict:
    return {"sealed": "", "refused_reason": "", "purged_at": now}


def _purge(letter: InvitationLetter, *, by: User | None) -> None:
    """Only under the registration's lock."""
    for name, value in _emptied(timezone.now()).items():
        setattr(letter, name, value)
    letter.save(update_fields=["sealed", "refused_reason", "purged_at"])
    record(letter.registration, "cohorts.purge_letter", by=by)


def _close_letters(registration: Registration, *, by: User | None) -> None:
    for letter in registration.letters.sealed().select_for_update(no_key=True).order_by("pk"):
        letter.registration = registration
        _close(letter, by=by)


def close_letters(registration: Registration, *, by: User | None) -> None:
    """A registration that ends needs no letter: what was typed for it is deleted. Only under its lock."""
    _close_letters(registration, by=by)


def purge_visa_data(*, by: User | None, now: datetime) -> int:
    """What the clock deletes: passports, and the proofs of who paid, of sessions that are over for long enough. Gives back how many letters."""
    purged = 0
    for letter in InvitationLetter.objects.due_for_purge(now).select_related("registration__session"):
        with transaction.atomic():
            _held(letter)
            if not letter.is_purged:
                _close(letter, by=by)
                purged += 1
    ended = now - timedelta(days=settings.VISA_DATA_DAYS)
    purge_proofs(Registration.objects.filter(session__ends_at__lte=ended), by=by)
    return purged


@transaction.atomic
def forget_letters(person: User, *, by: User | None = None) -> None:
    """Erasure: nothing of a passport stays, every letter counts."""
    for registration in Registration.objects.filter(person=person, letters__purged_at__isnull=True, letters__isnull=False).distinct():
        lock(registration)
        _close_letters(registration, by=by)


REMINDED = (14, 3)  # days before the last one to ask for a letter
TOLD_OF_PURGE = timedelta(days=7)


def remind_of_visa(session: Session, *, by: User | None, now: datetime) -> int:
    """Who needs a visa and has asked for no letter is reminded, and had said so before that day. Gives back how many were written."""
    until = session.letters_until
    due = [days for days in REMINDED if until - timedelta(days=days) <= now]
    if not due or now >= until or session.is_cancelled:
        return 0
    days = min(due)
    rows = session.registrations.filter(status__in=MAY_HAVE_A_LETTER, visa=Visa.NEEDED)
    rows = rows.exclude(letters__state__in=[LetterState.ASKED, LetterState.ISSUED]).select_related("session", "person")
    causes = {reminder_cause(row, days): row for row in rows}
    known = set(Message.objects.filter(cause__in=causes).values_list("cause", flat=True))
    for cause, row in causes.items():
        if cause not in known:
            remind_to_ask(row, days=days, by=by)
    return len(causes) - len(known & set(causes))


def remind_of_purge(*, by: User | None, now: datetime) -> int:
    """A week before a letter is deleted, its person is told, so that they keep a copy. Gives back how many were written."""
    written = 0
    soon = InvitationLetter.objects.due_for_purge(now + TOLD_OF_PURGE).filter(state=LetterState.ISSUED)
    for letter in soon.select_related("registration__session", "registration__person"):
        if letter.purge_on > now and not Message.objects.filter(cause=purge_cause(letter)).exists():
            tell_of_purge(letter, by=by)
            written += 1
    return written

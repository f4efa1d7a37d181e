"""What makes a letter about a visa the same letter, so that it is sent once."""

from __future__ import annotations

from cohorts.models import InvitationLetter, Registration

PREFIX = "place-visa"  # apart from what is shown to the team beside a seat


def reminder_cause(registration: Registration, days: int) -> str:
    """Of one last day: where that moves, it is told again."""
    return f"{PREFIX}:{registration.pk}:remind-{days}:{registration.session.letters_until:%Y-%m-%d}"


def purge_cause(letter: InvitationLetter) -> str:
    return f"{PREFIX}:{letter.registration_id}:purge-{letter.purge_on:%Y-%m-%d}:{letter.pk}"

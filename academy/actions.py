"""Verbs of the floor: what a person does to their own account (sign-in itself belongs to allauth)."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from academy import audit, invitations
from academy.models import User


@transaction.atomic
def update_profile(person: User, *, name: str, language: str, time_zone: str, country: str, by: Any) -> User:
    """How the Academy names and reaches a person. Writes only what changed; the audit line names the fields, not the values."""
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    wanted = {"name": name, "language": language, "time_zone": time_zone, "country": country}
    changed = [field for field, value in wanted.items() if getattr(person, field) != value]
    if changed:
        for field in changed:
            setattr(person, field, wanted[field])
        person.save(update_fields=changed)
        audit.record(person, "academy.update_profile", by=by, data={"fields": changed})
    return person


@transaction.atomic
def invite_person(person: User, *, by: Any) -> User:
    """Asks somebody, by mail, to choose a password. The link is secret: it is sent on commit and kept nowhere."""
    audit.record(person, "academy.invite", by=by)
    transaction.on_commit(lambda: invitations.send_invitation(person))
    return person


@transaction.atomic
def note_roles(person: User, *, given: Iterable[str], taken: Iterable[str], by: Any) -> User:
    """Says in the history which roles somebody gave or took."""
    audit.record(person, "academy.change_roles", by=by, data={"given": sorted(given), "taken": sorted(taken)})
    return person

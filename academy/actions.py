"""Verbs of the floor: what a person does to their own account (sign-in itself belongs to allauth)."""

from typing import Any

from django.db import transaction

from academy import audit
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

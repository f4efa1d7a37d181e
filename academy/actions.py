"""Verbs of the floor: what a person does to their own account (sign-in itself belongs to allauth)."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from academy import audit, erasure, invitations, messages
from academy.models import Message, SavedView, User
from academy.permissions import is_administrator
from academy.rules import RuleViolation


@transaction.atomic
def update_profile(person: User, *, name: str, language: str, time_zone: str, country: str, weekly_letter: bool, by: Any) -> User:
    """How the Academy names and reaches a person. Writes only what changed; the audit line names the fields, not the values."""
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    wanted = {"name": name, "language": language, "time_zone": time_zone, "country": country, "weekly_letter": weekly_letter}
    changed = [field for field, value in wanted.items() if getattr(person, field) != value]
    if changed:
        for field in changed:
            setattr(person, field, wanted[field])
        person.save(update_fields=changed)
        audit.record(person, "academy.update_profile", by=by, data={"fields": changed})
    return person


@transaction.atomic
def erase_person(person: User, *, by: Any, reason: str = "") -> User:
    """For ever: who they are goes, what they did goes on counting under nobody's name. Themselves, or an administrator who says why.

    Raises RuleViolation while somebody still waits for them (`erasure.obstacles_to`). One last mail, which is not kept, says it is done.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.erased_at:
        raise RuleViolation(_("This person is erased already."), code="twice")
    if by.pk != person.pk and not is_administrator(by):
        raise RuleViolation(_("Only administrators erase somebody else."), code="role")
    if by.pk != person.pk and not reason.strip():
        raise RuleViolation(_("Say why this person is erased: the history keeps it."), code="reason")
    obstacles = erasure.obstacles_to(person)
    if obstacles:
        raise RuleViolation(" ".join(str(one.sentence) for one in obstacles), code="obstacles")
    address, language = person.email, person.language
    erasure.empty(person)
    person.email = f"{person.pk}@{erasure.NO_ADDRESS}"
    person.name, person.country, person.time_zone, person.language = "", "", settings.TIME_ZONE, settings.LANGUAGE_CODE
    person.is_active = person.is_staff = person.is_superuser = person.weekly_letter = False
    person.last_login, person.erased_at = None, timezone.now()
    person.set_unusable_password()
    person.save()
    ModelLogEntry.objects.for_instance(person).update(label=str(person))
    audit.record(person, "academy.erase", by=by, data={"reason": reason.strip()} if reason.strip() else {})
    transaction.on_commit(lambda: invitations.send_farewell(address, language))
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


# --- mails


def send_again(mail: Message, *, by: Any) -> Message:
    """Sends now what could not leave: whoever has mended the server or the address does not wait for the clock. No transaction: the mail
    is out whatever follows.

    Raises RuleViolation when it has left meanwhile or is not to leave any more, and when it could not be sent again, with the reason.
    """
    mail.refresh_from_db()
    if not mail.is_unsent:
        raise RuleViolation(_("This mail has left meanwhile, or is not to leave any more: nothing was sent."), code="wrong_state")
    if not messages.deliver(mail):
        why = mail.last_error or _("another process is sending it")
        raise RuleViolation(_("It could not be sent: %(why)s") % {"why": why}, code="not_sent")
    # in the history of who received it, without its subject: that may name what is closed to a reader of the history
    audit.record(mail.to or by, "academy.send_again", by=by, data={"mail": str(mail.pk)})
    return mail


# --- saved views of a list

LONGEST_QUERY = 4000


@transaction.atomic
def save_view(listing: str, *, by: Any, name: str, query: str, is_shared: bool = False) -> SavedView:
    """Keeps how a list stands under a name of one's own. The same name again is refused: that view is changed instead."""
    view = SavedView(owner=by, listing=listing)
    _write_view(view, name=name, query=query, is_shared=is_shared)
    audit.record(view, "academy.save_view", by=by, data={"shared": is_shared})
    return view


@transaction.atomic
def change_view(view: SavedView, *, by: Any, **said: Any) -> SavedView:
    """Its `name`, whether it `is_shared`, its `query`: only what is given changes."""
    view = SavedView.objects.select_for_update(no_key=True).get(pk=view.pk)
    if view.owner_id != by.pk:
        raise RuleViolation(_("Only its owner changes a view. Save one of your own."), code="owner")
    _write_view(view, **{"name": view.name, "query": view.query, "is_shared": view.is_shared, **said})
    audit.record(view, "academy.save_view", by=by, data={"shared": view.is_shared})
    return view


def _write_view(view: SavedView, *, name: str, query: str, is_shared: bool) -> None:
    view.name, view.query, view.is_shared = " ".join(name.split()), query, is_shared
    if not view.name:
        raise RuleViolation(_("Give the view a name."), code="name")
    if len(query) > LONGEST_QUERY:
        raise RuleViolation(_("This view asks for too much to be kept. Remove some filters."), code="long")
    same = SavedView.objects.filter(owner=view.owner_id, listing=view.listing, name=view.name).exclude(pk=view.pk)
    if same.exists():
        raise RuleViolation(_("You have a view with this name already."), code="twice")
    view.save()


@transaction.atomic
def delete_view(view: SavedView, *, by: Any) -> None:
    """Whoever had opened it keeps the list as it stands."""
    view = SavedView.objects.select_for_update(no_key=True).get(pk=view.pk)
    if view.owner_id != by.pk:
        raise RuleViolation(_("Only its owner changes a view. Save one of your own."), code="owner")
    audit.record(view, "academy.delete_view", by=by)
    view.delete()

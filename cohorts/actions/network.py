"""The directory of the network: what a project shows of itself, and messages to it that show nobody's address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy import messages
from academy.audit import record
from academy.locking import lock, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.interests import check_decides_freely
from cohorts.letters import tell, with_words
from cohorts.models import DirectoryEntry, NetworkMessage, Partnership, Project
from cohorts.organisers import judges_of
from cohorts.who_writes import BARRED, of_today, why_not_write
from cohorts.world_map import lies_in, to_halves, towns_of


def _where(project: Project, position: str, town: str, entry: DirectoryEntry) -> dict[str, Any]:
    """The half-degrees of the town, which is forgotten at once. Without a town, a place that is there already stays."""
    if position != DirectoryEntry.Position.AREA:
        return {"north": None, "east": None}
    if town:
        place = towns_of(project.country).get(town)
        if place is None:
            raise RuleViolation(_("Choose a town of the list."), code="town")
        north, east = to_halves(place)
        return {"north": north, "east": east}
    if not lies_in(project.country, entry.north, entry.east):  # none, or one of where it was before
        raise RuleViolation(_("Choose the larger town that is nearest to you."), code="town")
    return {"north": entry.north, "east": entry.east}


def _contact(project: Project, contact: User | None, *, shows: bool, by: User) -> dict[str, Any]:
    """Only who speaks for the project receives its messages; one shows one's own name, nobody else's."""
    if contact and not project.memberships.speaking().filter(person=contact, person__is_active=True).exists():
        raise RuleViolation(_("Choose somebody who speaks for the project."), code="contact")
    if shows and contact != by:
        raise RuleViolation(_("Only who receives the messages may show their own name: they would have to save this page."), code="contact")
    return {"contact": contact, "shows_contact": shows}


@transaction.atomic
def save_entry(project: Project, *, by: User, shown: Mapping[str, Any], town: str = "", logo: bytes | None = None) -> DirectoryEntry:
    """What the lead chose, field by field. `town` only serves to find its half-degrees; `logo` is a PNG, empty takes it away."""
    lock(project)
    entry = DirectoryEntry.objects.filter(project=project).first() or DirectoryEntry(project=project)
    before = entry.contact_id
    values = {**shown, **_where(project, shown["position"], town, entry)}
    values |= _contact(project, shown["contact"], shows=shown["shows_contact"], by=by)
    if values["position"] != DirectoryEntry.Position.NOWHERE and not values["shows_country"]:
        raise RuleViolation(_("A place on the map tells the country: show the country too, or leave the map."), code="place")
    if (values["accent"] or logo) and not Partnership.objects.current().filter(project=project).exists():
        raise RuleViolation(_("A logo and colours of one’s own come with a partnership."), code="brand")
    for name, value in values.items():
        setattr(entry, name, value)
    entry.changed_at, entry.changed_by = timezone.now(), by
    if logo is not None:
        _change_logo(entry, logo)
    entry.save()
    record(project, "cohorts.save_entry", by=by, data={"audience": entry.audience})
    if entry.contact and entry.contact_id not in (before, by.pk):
        _tell_contact(entry, by=by)
    return entry


def _change_logo(entry: DirectoryEntry, logo: bytes) -> None:
    """The old file goes once the new one counts: a change that is rolled back has its picture still."""
    storage, old = entry.logo.storage, entry.logo.name
    if logo:
        entry.logo.save("logo.png", ContentFile(logo), save=False)
    else:
        entry.logo = ""
    if old:
        transaction.on_commit(lambda: storage.delete(old))


def _tell_contact(entry: DirectoryEntry, *, by: User) -> None:
    tell(
        [entry.contact],
        subject=gettext_lazy("You receive the messages of the network for your project"),
        lines=[
            with_words(gettext_lazy("The lead of %(words)s chose you for this. Your address is shown to nobody."), entry.project.name),
            gettext_lazy("If you do not want it, one button on this page ends it."),
        ],
        link="cohorts_network_messages",
        link_label=gettext_lazy("See the messages"),
        cause=f"network-contact:{entry.pk}:{entry.changed_at.timestamp()}",
        by=by,
    )


def _check_writer(by: User, entry: DirectoryEntry, words: str) -> None:
    if refusal := why_not_write(by):
        raise refusal
    if of_today(by).filter(entry=entry, words=words).exists():
        raise RuleViolation(_("You have sent this already."), code="twice")


@transaction.atomic
def write_to_entry(entry: DirectoryEntry, *, by: User, words: str) -> NetworkMessage:
    """Hands a message on to who receives them for the project. The answer goes to the writer's own address; theirs is shown to nobody."""
    lock(User(pk=by.pk))  # one’s messages are counted one after the other
    lock(entry)
    words = wanted(words, _("Write your message."))
    to = entry.contact
    if not entry.receives or not DirectoryEntry.objects.shown_to(by).filter(pk=entry.pk).exists():
        raise RuleViolation(_("This project receives no messages now."), code="closed")
    if to == by:
        raise RuleViolation(_("You receive the messages of this project yourself."), code="oneself")
    _check_writer(by, entry, words)
    row = NetworkMessage.objects.create(entry=entry, sender=by, to=to, words=words)
    record(row, "cohorts.write_to_entry", by=by)
    who = {"name": by.get_full_name() or _("Somebody"), "project": entry.project.name}
    messages.queue(
        to,
        template="cohorts_network",
        context={"message": row, "who": who, "sender": by},
        cause=row.letter_cause,
        by=by,
        reply_to=by.email,
    )
    return row


@transaction.atomic
def report_message(message: NetworkMessage, *, by: User, report: str) -> NetworkMessage:
    """Whoever received it shows it to the coordinators; until one of them has looked, its writer writes to nobody here."""
    lock(message)
    if message.to_id != by.pk:
        raise RuleViolation(_("Only who received a message can report it."), code="stranger")
    if message.reported_at:
        raise RuleViolation(_("You have reported this message already."), code="twice")
    message.report = wanted(report, _("Say in a few words what is wrong with it."))
    message.reported_at = timezone.now()
    message.save(update_fields=["report", "reported_at"])
    record(message, "cohorts.report_message", by=by)
    tell(
        judges_of(message),
        subject=gettext_lazy("A message of the network was reported"),
        lines=[gettext_lazy("Its writer writes to nobody here until you have looked at it.")],
        link="cohorts_cms_network_message",
        link_to=message.pk,
        link_label=gettext_lazy("Read it and decide"),
        cause=f"network-reported:{message.pk}",
        by=by,
    )
    return message


@transaction.atomic
def settle_report(message: NetworkMessage, *, by: User, verdict: str) -> NetworkMessage:
    """A coordinator has read it: its writer may go on, or writes to nobody here any more. May be decided again."""
    lock(message)
    if by.pk in (message.sender_id, message.to_id):
        raise RuleViolation(_("You wrote or received this message: somebody else decides about it."), code="interest")
    check_decides_freely(message.entry.project, by=by)
    if message.reported_at is None:
        raise RuleViolation(_("Nobody reported this message."), code="wrong_state")
    if verdict not in NetworkMessage.Verdict.values:
        raise RuleViolation(_("Choose what follows."), code="invalid")
    message.verdict, message.settled_at, message.settled_by = verdict, timezone.now(), by
    message.save(update_fields=["verdict", "settled_at", "settled_by"])
    record(message, "cohorts.settle_report", by=by, data={"verdict": verdict})
    _tell_verdict(message, by=by)
    return message


def _tell_verdict(message: NetworkMessage, *, by: User) -> None:
    """Its writer learns whether they may go on, who reported it what came of it."""
    fine = message.verdict == NetworkMessage.Verdict.FINE
    cause = f"network-settled:{message.pk}:{message.settled_at.timestamp()}"
    to_writer = gettext_lazy("A coordinator has read it and found nothing wrong: you can write to projects again.") if fine else BARRED
    letters = (
        (message.sender, gettext_lazy("Your message that was reported"), to_writer, {"link": "cohorts_network"}),
        (
            message.to,
            gettext_lazy("The message that you reported"),
            NetworkMessage.Verdict(message.verdict).label,
            {"link": "cohorts_network_message", "link_to": message.pk},
        ),
    )
    for person, subject, line, link in letters:
        if person is not None and person.is_active:
            about = with_words(gettext_lazy("It was written to %(words)s."), message.entry.project.name)
            tell([person], subject=subject, lines=[line, about], link_label=gettext_lazy("Open the network"), cause=cause, by=by, **link)


@transaction.atomic
def stop_messages(entry: DirectoryEntry, *, by: User) -> DirectoryEntry:
    """Whoever receives the messages of a project wants them no more. The lead may choose somebody else."""
    lock(entry)
    if entry.contact_id != by.pk:
        raise RuleViolation(_("You do not receive the messages of this project."), code="stranger")
    entry.contact, entry.shows_contact = None, False
    entry.save(update_fields=["contact", "shows_contact"])
    record(entry.project, "cohorts.stop_messages", by=by)
    return entry

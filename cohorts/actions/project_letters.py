"""A letter that a coordinator writes to a project about its application."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from academy import messages
from academy.audit import record
from academy.models import User
from academy.rules import RuleViolation
from cohorts.letters import people_of
from cohorts.models import Application


@transaction.atomic
def write_to_project(application: Application, *, by: User, subject: str, text: str, letter: UUID) -> int:
    """Queues one mail to each who speaks for the project and answers how many. `letter` names this sending: whoever has it already, for
    this project or another, receives nothing again. Answers go to the person who wrote.
    """
    subject, text = " ".join(subject.split()), text.strip()
    if not subject or not text:
        raise RuleViolation(_("Write a subject and a text."), code="empty")
    people = people_of(application.project)
    if not people:
        raise RuleViolation(_("Nobody speaks for this project any more."), code="nobody")
    context = {"subject_line": subject, "text": text, "author": by, "project": application.project.name}
    sent = [
        person.pk
        for person in people
        if messages.queue(person, template="cohorts_letter", context=context, cause=f"cohorts.letter:{letter}", by=by, reply_to=by.email)
    ]
    if sent:
        record(application, "cohorts.write", by=by, data={"reason": subject, "people": sent})
    return len(sent)

"""A letter from whoever follows a course to some of its learners."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from academy import audit, messages
from academy.models import User
from academy.rules import RuleViolation
from courses.models import CoursePage


@transaction.atomic
def write_to_learners(course: CoursePage, *, people: Iterable[User], subject: str, text: str, letter: UUID, by: User) -> int:
    """Queues one mail to each and answers how many. `letter` names this sending: whoever has it already receives nothing again.

    Answers go to the person who wrote. Nobody sees who else received it.
    """
    subject, text = " ".join(subject.split()), text.strip()
    if not subject or not text:
        raise RuleViolation(_("Write a subject and a text."), code="empty")
    context = {"subject_line": subject, "text": text, "author": by, "course": course.title}
    sent = [
        person.pk
        for person in people
        if messages.queue(person, template="courses_letter", context=context, cause=f"courses.letter:{letter}", by=by, reply_to=by.email)
    ]
    if sent:
        audit.record(course, "courses.write", by=by, data={"reason": subject, "people": sent})
    return len(sent)

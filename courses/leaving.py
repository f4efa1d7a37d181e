"""What a person who is erased leaves behind in courses (`academy.erasure`): records keep counting under nobody's name, by their keys."""

from __future__ import annotations

from academy.erasure import register
from academy.models import User
from courses.models import ActivityRecord, AwaitedEnrolment, QuizAttempt
from courses.settling import settle_waiting

FORGOTTEN = "—"


def forget(person: User) -> None:
    """Invitations to their address, and what they wrote in their own words; what they finished is counted first.

    What they handed in for assignments is forgotten by the clock, with its files (`actions.forget_erased`).
    """
    settle_waiting(person)
    AwaitedEnrolment.objects.filter(email__iexact=person.email).delete()
    ActivityRecord.objects.of(person).update(checks={})
    _forget_texts(person)


def _forget_texts(person: User) -> None:
    """Of a quiz, the long texts and what was said of them. That there was one, and what it was worth, stays; so do the choices."""
    for attempt in QuizAttempt.objects.of(person).only("questions", "answers", "marks"):
        long = {one["id"] for one in attempt.questions if one["kind"] == "long"}
        if not long:
            continue
        answers = {key: [FORGOTTEN] if given and key in long else given for key, given in attempt.answers.items()}
        marks = {key: {**mark, "comment": ""} for key, mark in attempt.marks.items()}
        QuizAttempt.objects.filter(pk=attempt.pk).update(answers=answers, marks=marks)


def install() -> None:
    """Called once, by CoursesConfig.ready."""
    register(forget=forget)

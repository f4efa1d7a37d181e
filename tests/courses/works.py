"""Work on its way: typed, handed in, answered; and a rubric well and thinly met."""

import pytest

from academy.rules import RuleViolation
from courses import actions
from courses.models import ActivityRecord, Submission
from courses.uploads import Brought

NOTES = Brought("notes.txt", "txt", b"Ten conversations.")
SOLID = {"1": {"level": "2", "comment": "Well asked."}, "2": {"level": "2", "comment": ""}}
THIN = {"1": {"level": "1", "comment": ""}, "2": {"level": "1", "comment": ""}}


def refused(code, act, *args, **kwargs):
    with pytest.raises(RuleViolation) as refusal:
        act(*args, **kwargs)
    assert refusal.value.code == code


def written(page, owner, by, text="Forty workers were asked."):
    """The next thing typed, by somebody who sees what is saved."""
    now = Submission.objects.filter(activity_key=page.translation_key, **owner.fields).first()
    return actions.save_work(page, owner=owner, by=by, edition=now.edition if now else 0, text=text)


def handed_in(page, owner, by, text="Forty workers were asked."):
    work = written(page, owner, by, text)
    return actions.hand_in(page, owner=owner, by=by, edition=work.edition)


def accepted(page, owner, by, trainer):
    return actions.give_feedback(handed_in(page, owner, by), by=trainer, verdict="accepted")


def record_of(page, person):
    return ActivityRecord.objects.get(user=person, activity_key=page.translation_key)

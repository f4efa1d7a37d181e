"""Asking readers for many applications at once, writing to them as a group, and waking those who sleep."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.audit import record
from academy.locking import lock, wanted
from academy.models import User
from academy.permissions import is_coordinator
from academy.rules import RuleViolation
from cohorts.actions.reviews import ask, release_reviewer
from cohorts.coverage import RELEASED_AFTER, TO_READ, asleep_since, coverage_of, language_name, reader_of
from cohorts.faces import name_for
from cohorts.letters import tell
from cohorts.models import (
    LIVE_ASSIGNMENT_STATES,
    Application,
    AssignmentState,
    ReleasedBy,
    ReviewAssignment,
    ReviewerProfile,
    ReviewRound,
)
from cohorts.organisers import organisers_of


@dataclass(frozen=True)
class Asked:
    """What came of asking: the assignments made, and why each of the others was not."""

    made: list[ReviewAssignment]
    passed_over: list[str]


@transaction.atomic
def ask_reviewers(round: ReviewRound, *, by: User, pairs: Iterable[tuple[Application, User]], due_on: date | None = None) -> Asked:
    """Asks all of them, each reader by one letter that lists theirs. What another window has asked meanwhile is passed over, not asked twice."""
    lock(round)
    if round.is_over:
        raise RuleViolation(
            _("The reading is closed: move its closing, or plan another round, before you ask somebody."), code="round_closed"
        )
    made, passed_over = [], []
    for application, reviewer in sorted(pairs, key=lambda pair: (str(pair[0].pk), pair[1].pk)):
        lock(application)
        try:
            with transaction.atomic():
                _check_still_needed(application, round)
                _check_can_take(application, reviewer)
                made.append(ask(application, by=by, reviewer=reviewer, round=round, due_on=due_on))
        except RuleViolation as refusal:
            passed_over.append(f"{application.project} · {reviewer}: {refusal}")
    _tell_what_is_asked(made, round, by=by)
    return Asked(made, passed_over)


def _check_still_needed(application: Application, round: ReviewRound) -> None:
    if application.state not in TO_READ or not coverage_of(application, round).need:
        raise RuleViolation(_("Enough readers are asked for it by now."), code="enough")


def _check_can_take(application: Application, reviewer: User) -> None:
    """What the proposal goes by, once more: meanwhile somebody may be away, or have been asked for enough. (`assign_reviewer` is free of it.)"""
    reader = reader_of(reviewer)
    if reader.is_away(timezone.localdate()):
        raise RuleViolation(_("They are away."), code="away")
    if not reader.reads(application.language):
        raise RuleViolation(_("They do not read %(language)s.") % {"language": language_name(application.language)}, code="language")
    if not reader.room:
        raise RuleViolation(_("They have all that they can take."), code="full")


def _tell_what_is_asked(made: list[ReviewAssignment], round: ReviewRound, *, by: User) -> None:
    theirs: dict[User, list[ReviewAssignment]] = defaultdict(list)
    for assignment in made:
        theirs[assignment.reviewer].append(assignment)
    for reviewer, rows in theirs.items():
        several = len(rows) > 1
        tell(
            [reviewer],
            subject=gettext_lazy("Applications to read") if several else gettext_lazy("An application to read"),
            lines=[
                gettext_lazy("You are asked to assess these projects:")
                if several
                else gettext_lazy("You are asked to assess this project:"),
                *(name_for(row.application, reviewer) for row in rows),
            ],
            link="cohorts_reviews",
            link_label=gettext_lazy("Say whether anything stands in the way"),
            cause=f"reviews-asked:{round.pk}:{min(row.pk for row in rows)}",
            by=by,
        )


@transaction.atomic
def message_readers(round: ReviewRound, *, by: User, subject: str, words: str) -> int:
    """One letter to each person who reads in the round, and to nobody twice with the same words. Gives how many were written to."""
    lock(round)
    subject, words = wanted(subject, _("Give it a subject.")), wanted(words, _("Write the message."))
    readers = User.objects.filter(review_assignments__round=round, review_assignments__state__in=LIVE_ASSIGNMENT_STATES, is_active=True)
    people = list(readers.distinct())
    if not people:
        raise RuleViolation(_("Nobody reads in this round yet."), code="nobody")
    digest = hashlib.sha256(f"{subject}\n{words}".encode()).hexdigest()[:16]
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    letter = {"link": "cohorts_reviews", "link_label": gettext_lazy("My reviews"), "cause": f"round-message:{round.pk}:{digest}"}
    tell(people, subject=subject, lines=lines, by=by, **letter)
    record(round, "cohorts.message_readers", by=by, data={"subject": subject, "people": len(people)})
    return len(people)


@transaction.atomic
def remind_reviewer(assignment: ReviewAssignment, *, by: User | None, now: datetime | None = None) -> ReviewAssignment:
    """Says once to somebody who has not answered, or who is late, that the application waits, and what happens if nothing comes."""
    lock(assignment)
    now = now or timezone.now()
    is_over = now >= assignment.round.closes_at
    is_read = assignment.application.state in TO_READ
    if not is_read or asleep_since(assignment, now) is None or assignment.reminded_at or is_over or not assignment.reviewer.is_active:
        raise RuleViolation(_("There is nothing to remind of."), code="awake")
    assignment.reminded_at = now
    assignment.save(update_fields=["reminded_at"])
    record(assignment, "cohorts.remind_reviewer", by=by)
    silent = assignment.state == AssignmentState.PROPOSED
    asks = gettext_lazy("You are asked to assess this project, and we do not know yet whether you will:")
    late = gettext_lazy("Your assessment of this project was wanted by now:")
    tell(
        [assignment.reviewer],
        subject=gettext_lazy("Action required: an application waits for you"),
        lines=[
            asks if silent else late,
            name_for(assignment.application, assignment.reviewer),
            gettext_lazy("If you cannot read it, say so: somebody else is asked at once. In five days we ask somebody else in any case."),
        ],
        link="cohorts_reviews",
        link_label=gettext_lazy("My reviews"),
        cause=f"review-asleep:{assignment.pk}:{assignment.state}:{now:%Y-%m-%d}",
        by=by,
    )
    return assignment


@transaction.atomic
def release_sleeper(assignment: ReviewAssignment, *, by: User | None, now: datetime | None = None) -> ReviewAssignment:
    """Stops asking somebody who was reminded and from whom nothing came; or whose round is closed. What they began stays readable."""
    lock(assignment)
    now = now or timezone.now()
    since = asleep_since(assignment, now)
    is_over = now >= assignment.round.closes_at
    if since is None or (since + RELEASED_AFTER > now and assignment.reviewer.is_active):
        raise RuleViolation(_("It is too early to ask somebody else."), code="early")
    if not assignment.reviewer.is_active:
        reason = ReleasedBy.NO_ACCOUNT
    elif is_over:
        reason = ReleasedBy.CLOSED
    elif assignment.reminded_at is None or assignment.reminded_at + RELEASED_AFTER > now:
        raise RuleViolation(_("Remind them first."), code="early")
    else:
        reason = ReleasedBy.SILENCE
    return release_reviewer(assignment, by=by, reason=reason)


def tell_released(round: ReviewRound, *, by: User | None, released: list[ReviewAssignment]) -> None:
    """Tells who organises the reading whom the clock released of what is still to be read, each of the applications that are open to them."""
    lines: dict[User, list[str]] = defaultdict(list)
    for row in released:
        for person in organisers_of(row.application) if row.application.state in TO_READ else ():
            lines[person].append(format_lazy("{} · {}: {}", row.application.project, row.reviewer, row.reason_in_words))
    for person, theirs in lines.items():
        tell(
            [person],
            subject=gettext_lazy("Readers are wanted again"),
            lines=[gettext_lazy("These readers are no longer asked, so somebody else can be:"), *theirs],
            link="applications:index",
            link_label=gettext_lazy("Read the applications"),
            cause=f"reviews-released:{round.pk}:{min(row.pk for row in released)}",
            by=by,
        )


@transaction.atomic
def save_reviewer_profile(
    person: User, *, by: User, languages: list[str], pillars: list[str], capacity: int, away_until: date | None = None
) -> ReviewerProfile:
    """What a reader can take: said by the person, or by a coordinator for them."""
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if by.pk != person.pk and not is_coordinator(by):
        raise RuleViolation(_("This is said by the person, or by a coordinator."), code="not_yours")
    found = {"languages": sorted(languages), "pillars": sorted(pillars), "capacity": capacity, "away_until": away_until}
    profile, _made = ReviewerProfile.objects.update_or_create(person=person, defaults=found)
    record(profile, "cohorts.save_reviewer_profile", by=by)
    return profile

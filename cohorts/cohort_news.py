"""What the weekly letter says of the cohorts of one person. Reads only."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from django.db.models import Q
from django.utils.translation import ngettext

from academy.models import User
from academy.permissions import is_coordinator
from cohorts.announcements import announced
from cohorts.models import Announcement, Cohort, CohortComment, PeerFeedback, PeerOpening, ProjectMember
from cohorts.models.announcement import cohorts_walked_by
from cohorts.organisers import judges_of_comment, judges_of_feedback

News = tuple[str, datetime | None]


def cohort_news(person: User, *, since: datetime, until: datetime) -> dict[Cohort, list[News]]:
    """By cohort, in words: announcements left for the letter, who answered them, what was said of their dossier, what was reported."""
    found: dict[Cohort, list[News]] = defaultdict(list)
    fresh = Announcement.objects.standing().filter(cohort__in=cohorts_walked_by(person).values("pk"), delivery=Announcement.Delivery.WEEKLY)
    fresh = fresh.filter(posted_at__gt=since, posted_at__lte=until).exclude(posted_by=person).select_related("cohort")
    for one in announced(list(fresh.order_by("cohort", "posted_at"))):
        found[one.announcement.cohort].append((one.read.title, one.announcement.posted_at))
    _add_comments(found, person, since, until)
    _add_works(found, person, since, until)
    if is_coordinator(person):
        _add_reported(found, person)
    return found


def _add_comments(found: dict, person: User, since: datetime, until: datetime) -> None:
    """Each counted once: an answer to one's own words, else words about one's dossier. Never one's own."""
    mine = ProjectMember.objects.speaking().filter(person=person).values_list("project", flat=True)
    said = CohortComment.objects.for_user(person).standing().filter(posted_at__gt=since, posted_at__lte=until).exclude(author=person)
    own = set(mine)
    said = said.filter(Q(answers__author=person) | Q(participation__project__in=own)).select_related("cohort", "answers")
    counts: dict = defaultdict(lambda: [0, 0])
    for row in said:
        if row.answers and row.answers.author_id == person.pk:
            counts[row.cohort][0] += 1
        else:
            counts[row.cohort][1] += 1
    for cohort, (answers, comments) in counts.items():
        if answers:
            words = ngettext("%(n)d answer to what you wrote", "%(n)d answers to what you wrote", answers)
            found[cohort].append((words % {"n": answers}, None))
        if comments:
            words = ngettext("%(n)d comment on what you show of your dossier", "%(n)d comments on what you show of your dossier", comments)
            found[cohort].append((words % {"n": comments}, None))


def _add_works(found: dict, person: User, since: datetime, until: datetime) -> None:
    """Works that others show, feedback that came, and answers to what one’s own project said."""
    own = set(ProjectMember.objects.speaking().filter(person=person).values_list("project", flat=True))
    if not own:
        return
    week = {"gt": since, "lte": until}

    def within(name: str) -> dict:
        return {f"{name}__{way}": moment for way, moment in week.items()}

    shown = PeerOpening.objects.for_user(person).standing().filter(**within("opened_at"))
    shown = shown.filter(participation__cohort__in=cohorts_walked_by(person).values("pk")).exclude(participation__project__in=own)
    feedback = PeerFeedback.objects.for_user(person).standing()
    cohort = "participation__cohort"
    counts = (
        (shown.select_related(cohort), lambda row: row.participation.cohort, _works_shown),
        (
            feedback.filter(owner__in=own, **within("sent_at")).select_related(f"opening__{cohort}"),
            lambda row: row.opening.participation.cohort,
            _feedback_received,
        ),
        (
            feedback.filter(project__in=own, **within("answered_at")).select_related(f"opening__{cohort}"),
            lambda row: row.opening.participation.cohort,
            _feedback_answered,
        ),
    )
    for rows, cohort_of, words_for in counts:
        numbers = Counter(cohort_of(row) for row in rows)
        for row, number in numbers.items():
            found[row].append((words_for(number) % {"n": number}, None))


def _works_shown(n: int) -> str:
    return ngettext("%(n)d work is shown to your cohort for feedback", "%(n)d works are shown to your cohort for feedback", n)


def _feedback_received(n: int) -> str:
    return ngettext("%(n)d project gave feedback on your work", "%(n)d projects gave feedback on your work", n)


def _feedback_answered(n: int) -> str:
    return ngettext("%(n)d answer to feedback of your project", "%(n)d answers to feedback of your project", n)


def _add_reported(found: dict, person: User) -> None:
    """For whoever has to decide: as long as nobody has."""
    feedback = PeerFeedback.objects.for_user(person).settled_by(person).reported()
    waiting: dict = defaultdict(int)
    for one in feedback.select_related("opening__participation__cohort", "owner", "project"):
        if person in judges_of_feedback(one):
            waiting[one.opening.participation.cohort] += 1
    for cohort, number in waiting.items():
        words = ngettext("%(n)d reported feedback waits for you", "%(n)d reported feedbacks wait for you", number)
        found[cohort].insert(0, (words % {"n": number}, None))
    rows = CohortComment.objects.for_user(person).settled_by(person).reported()
    counts: dict = defaultdict(int)
    for row in rows.select_related("cohort", "project", "participation__project"):
        if person in judges_of_comment(row):
            counts[row.cohort] += 1
    for cohort, number in counts.items():
        words = ngettext("%(n)d reported comment waits for you", "%(n)d reported comments wait for you", number)
        found[cohort].insert(0, (words % {"n": number}, None))

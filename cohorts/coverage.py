"""Who reads what in a round: what each application still needs, what each reader has in hand, and whom to ask next, with the reasons.

The proposal only adds: what was asked or accepted is never moved to somebody else. A reader who sleeps counts less with each day, so that
another is proposed before the clock releases the sleeper (cohorts.clock). Pure, but for the four queries of `read_round`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import floor
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language, get_language_info, ngettext
from django.utils.translation import gettext as _

from academy.models import User
from academy.permissions import REVIEWERS
from cohorts.models import (
    LIVE_ASSIGNMENT_STATES,
    Application,
    ApplicationState,
    Assessment,
    AssignmentState,
    ConflictDeclaration,
    MentorAssignment,
    ProjectMember,
    ReviewAssignment,
    ReviewerProfile,
    ReviewRound,
    RubricPart,
)

ANSWER_WITHIN = timedelta(days=5)  # asked and silent, or late: asleep, and reminded
RELEASED_AFTER = timedelta(days=5)  # asleep for so long: released
KEPT_AWAKE = timedelta(days=3)  # by what was written in the assessment

TO_READ = (ApplicationState.SUBMITTED, ApplicationState.UNDER_REVIEW)
LOADS = (*TO_READ, ApplicationState.RETURNED)  # its readers still have it in hand
ENDS = (*TO_READ, ApplicationState.DELIBERATION)  # its readers may sleep, and are released
OVER = frozenset(set(ApplicationState) - {ApplicationState.DRAFT, *LOADS, *ENDS})  # nobody is asked to read it any more
UNFINISHED = LIVE_ASSIGNMENT_STATES - {AssignmentState.SUBMITTED}


def language_name(code: str) -> str:
    return str(get_language_info(code)["name_translated"])


def in_a_sentence(code: str) -> str:
    """French writes the name of a language without a capital, English with one."""
    name = language_name(code)
    return name if get_language() == "en" else name.lower()


def languages() -> list[tuple[str, str]]:
    return [(code, language_name(code)) for code, _name in settings.LANGUAGES]


def pillars() -> list[tuple[str, str]]:
    """The pillars that any rubric has, each under its newest name."""
    rows = RubricPart.objects.filter(kind=RubricPart.Kind.PILLAR).order_by("rubric__version", "sort_order")
    return list({row.key: str(row.label) for row in rows}.items())


def asleep_since(assignment: ReviewAssignment, now: datetime) -> datetime | None:
    """Since when nothing comes of it: not answered in time, late, left when the round closed or by who has no account.

    None: awake, or done; or nothing is waited for, because the project completes its application, or the application is over.
    """
    if assignment.state not in UNFINISHED or assignment.application.state not in ENDS:
        return None
    if not assignment.reviewer.is_active:
        return assignment.proposed_at
    ends = [assignment.round.closes_at]
    if assignment.state == AssignmentState.PROPOSED:
        ends.append(assignment.proposed_at + ANSWER_WITHIN)
    elif assignment.due_on:
        ends.append(datetime.combine(assignment.due_on + timedelta(days=1), time(), tzinfo=assignment.application.cohort.zone))
    since = min(ends)
    if assignment.state == AssignmentState.IN_PROGRESS and now < assignment.round.closes_at:
        since = max(since, assignment.assessment.saved_at + KEPT_AWAKE)
    return since if since <= now else None


def has_spoken(assignment: ReviewAssignment) -> bool:
    """Whether their review counts: submitted, whoever was let go since."""
    if assignment.state != AssignmentState.RELEASED:
        return assignment.state == AssignmentState.SUBMITTED
    review = getattr(assignment, "assessment", None)
    return review is not None and review.state == Assessment.State.SUBMITTED


def weight(assignment: ReviewAssignment, now: datetime) -> float:
    """What it counts for in the need of its application: 1 while awake or done, less and less while asleep."""
    if not assignment.reviewer.is_active and assignment.state in UNFINISHED:
        return 0.0
    since = asleep_since(assignment, now)
    return 1.0 if since is None else max(0.0, 1 - (now - since) / RELEASED_AFTER)


@dataclass(frozen=True)
class Reading:
    """One assignment that is live, or whose review counts, as the page of the round shows it."""

    assignment: ReviewAssignment
    asleep: datetime | None
    weight: float


@dataclass
class Coverage:
    """One application in the round: who reads it, and how many readers it still needs."""

    application: Application
    readings: list[Reading]
    wanted: int
    closed_to: set[int] = field(default_factory=set)  # asked before in this round, of the project, or with an interest

    @property
    def done(self) -> int:
        return sum(has_spoken(row.assignment) for row in self.readings)

    @property
    def in_hand(self) -> int:
        return sum(row.assignment.state in UNFINISHED for row in self.readings)

    @property
    def asleep(self) -> int:
        return sum(row.asleep is not None for row in self.readings)

    @property
    def need(self) -> int:
        """Readers to ask now. A half-asleep reader counts by half; rounded to whole people."""
        return max(0, floor(self.wanted - sum(row.weight for row in self.readings) + 0.5))


@dataclass
class Reader:
    """A person who reads, with their profile. `in_hand` is all that they have to do, in any round; `counts` what this coordinator sees."""

    person: User
    profile: ReviewerProfile
    in_hand: int = 0
    given: int = 0  # of the proposal that is being made
    counts: Counter[str] = field(default_factory=Counter)
    asleep: int = 0
    pillar_names: list[str] = field(default_factory=list)

    @property
    def room(self) -> int:
        return max(0, self.profile.capacity - self.in_hand - self.given)

    def is_away(self, today: date) -> bool:
        return bool(self.profile.away_until and self.profile.away_until >= today)

    def reads(self, language: str) -> bool:
        return not self.profile.languages or language in self.profile.languages

    def knows(self, keys: Iterable[str]) -> set[str]:
        """Of these pillars; a profile that names none says nothing of what its person knows."""
        return set(self.profile.pillars) & set(keys)

    @property
    def to_do(self) -> int:
        return sum(number for state, number in self.counts.items() if state in UNFINISHED)

    @property
    def done(self) -> int:
        return self.counts[AssignmentState.SUBMITTED]

    @property
    def language_names(self) -> str:
        return ", ".join(language_name(code) for code in self.profile.languages)


@dataclass(frozen=True)
class Line:
    """One proposed assignment, and why."""

    application: Application
    reader: Reader
    reasons: list[str]

    @property
    def value(self) -> str:
        return f"{self.application.pk}:{self.reader.person.pk}"


@dataclass(frozen=True)
class Shortage:
    """An application for which nobody more can be asked, and why."""

    application: Application
    missing: int
    reasons: list[str]


@dataclass(frozen=True)
class Proposal:
    lines: list[Line]
    shortages: list[Shortage]


@dataclass(frozen=True)
class RoundState:
    """All that is known of a round by one coordinator: applications that are closed to them are not in it, nor in its numbers."""

    round: ReviewRound
    coverage: list[Coverage]
    readers: list[Reader]
    now: datetime

    @property
    def covered(self) -> int:
        return sum(row.done >= row.wanted for row in self.coverage)

    @property
    def reads_done(self) -> int:
        return sum(min(row.done, row.wanted) for row in self.coverage)

    @property
    def reads_wanted(self) -> int:
        return sum(row.wanted for row in self.coverage)


def readers_of(round: ReviewRound) -> QuerySet[User]:
    """Those who can be asked, and those who are asked already."""
    asked = ReviewAssignment.objects.live().filter(round=round).values("reviewer")
    reviewers = Q(is_active=True, groups__name=REVIEWERS)
    return User.objects.filter(reviewers | Q(pk__in=asked)).select_related("reviewer_profile").distinct().order_by("name", "pk")


def profile_of(person: User) -> ReviewerProfile:
    """What they can read; unsaved defaults when they have said nothing."""
    try:
        return person.reviewer_profile
    except ReviewerProfile.DoesNotExist:
        return ReviewerProfile(person=person)


def in_hand_of(people: Iterable[User | int]) -> dict[int, int]:
    """How many assessments each of these people has to do, in any round, of what is still to be read. One query."""
    rows = ReviewAssignment.objects.filter(state__in=UNFINISHED, reviewer__in=people, application__state__in=LOADS).order_by()
    return dict(rows.values_list("reviewer").annotate(Count("pk")))


def reader_of(person: User) -> Reader:
    """One person, with all that they have to do. Two queries."""
    return Reader(person, profile_of(person), in_hand_of([person]).get(person.pk, 0))


def coverage_of(application: Application, round: ReviewRound, now: datetime | None = None) -> Coverage:
    """Of one application, whoever asks."""
    now = now or timezone.now()
    rows = ReviewAssignment.objects.filter(round=round, application=application).select_related("round", "assessment", "reviewer")
    rows = [row for row in rows if row.state in LIVE_ASSIGNMENT_STATES or has_spoken(row)]
    for row in rows:
        row.application = application
    readings = [Reading(row, asleep_since(row, now), weight(row, now)) for row in rows]
    return Coverage(application, readings, round.min_reviews)


def read_round(round: ReviewRound, coordinator: User, names: dict[str, str] | None = None, now: datetime | None = None) -> RoundState:
    """The round as this coordinator may see it; `names` are those of the pillars. A number of queries that depends on nothing."""
    now = now or timezone.now()
    open_to = Application.objects.for_staff(coordinator).filter(cohort=round.cohort_id)
    wanted = open_to.filter(Q(state__in=TO_READ) | Q(assignments__round=round)).distinct()
    applications = {row.pk: row for row in wanted.select_related("project", "cohort").order_by("submitted_at", "pk")}
    rows = list(
        ReviewAssignment.objects.filter(round=round, application__in=applications)
        .select_related("reviewer", "assessment")
        .order_by("proposed_at")
    )
    for row in rows:
        row.round, row.application = round, applications[row.application_id]
    readers = {person.pk: Reader(person, profile_of(person)) for person in readers_of(round)}
    for reader in readers.values():
        reader.pillar_names = [(names or {}).get(key, key) for key in reader.profile.pillars]
    for person, number in in_hand_of(readers).items():
        readers[person].in_hand = number
    readings: dict[UUID, list[Reading]] = defaultdict(list)
    for row in rows:
        asleep = asleep_since(row, now)
        if row.state in LIVE_ASSIGNMENT_STATES or has_spoken(row):
            readings[row.application_id].append(Reading(row, asleep, weight(row, now)))
        if row.reviewer_id in readers:
            readers[row.reviewer_id].counts[row.state] += 1
            readers[row.reviewer_id].asleep += asleep is not None
    closed = _closed_to(applications, rows)
    coverage = [Coverage(row, readings[row.pk], round.min_reviews, closed[row.pk]) for row in applications.values()]
    return RoundState(round, coverage, list(readers.values()), now)


def _closed_to(applications: dict[UUID, Application], rows: list[ReviewAssignment]) -> dict[UUID, set[int]]:
    """Who is not proposed for an application: asked in this round already, whatever came of it; of the project, its mentor; interested."""
    closed: dict[UUID, set[int]] = defaultdict(set)
    for row in rows:
        closed[row.application_id].add(row.reviewer_id)
    of_project = defaultdict(set)
    projects = {row.project_id for row in applications.values()}
    declared = ConflictDeclaration.objects.standing().filter(application__project__in=projects)
    for project, person in declared.values_list("application__project", "person"):
        of_project[project].add(person)
    for project, person in ProjectMember.objects.filter(project__in=projects).values_list("project", "person"):
        of_project[project].add(person)
    for project, person in MentorAssignment.objects.filter(project__in=projects).values_list("project", "mentor"):
        of_project[project].add(person)
    for row in applications.values():
        closed[row.pk] |= of_project[row.project_id]
    return closed


def propose(state: RoundState, names: dict[str, str]) -> Proposal:
    """Whom to ask for what: the application that needs most first, then the one with the fewest readers, then the oldest."""
    today = timezone.localdate(state.now)
    able = [reader for reader in state.readers if reader.person.is_active and not reader.is_away(today)]
    picks: dict[UUID, list[Reader]] = {row.application.pk: [] for row in state.coverage}
    needs = {row.application.pk: row.need if row.application.state in TO_READ else 0 for row in state.coverage}
    known = {row.application.pk: _known(row, state, names) for row in state.coverage}
    order = {row.application.pk: place for place, row in enumerate(state.coverage)}
    missing: dict[UUID, int] = {}
    while any(needs.values()):
        row = max(
            (one for one in state.coverage if needs[one.application.pk]),
            key=lambda one: (needs[one.application.pk], -len(one.readings) - len(picks[one.application.pk]), -order[one.application.pk]),
        )
        key = row.application.pk
        fit = [one for one in able if one.room and _fits(one, row) and one not in picks[key]]
        if not fit:
            missing[key], needs[key] = needs[key], 0
            continue
        covered = known[key].union(*(one.knows(names) for one in picks[key]))
        best = min(fit, key=lambda one: _rank(one, covered, names, row.application.language))
        best.given += 1
        picks[key].append(best)
        needs[key] -= 1
    _even_out(state, picks, able)
    shortages = [
        Shortage(row.application, missing[row.application.pk], _why_nobody(row, picks[row.application.pk], state, today))
        for row in state.coverage
        if row.application.pk in missing
    ]
    return Proposal(
        [line for row in state.coverage for line in _lines(row, picks[row.application.pk], known[row.application.pk], names)], shortages
    )


def _fits(reader: Reader, row: Coverage) -> bool:
    """Whether this person could be asked for this application, whatever they have in hand."""
    taken = {one.assignment.reviewer_id for one in row.readings}
    return reader.reads(row.application.language) and reader.person.pk not in row.closed_to | taken


def _known(row: Coverage, state: RoundState, names: dict[str, str]) -> set[str]:
    """The pillars that its readers of now know."""
    readers = {reader.person.pk: reader for reader in state.readers}
    asked = [readers[one.assignment.reviewer_id] for one in row.readings if one.assignment.reviewer_id in readers]
    return set().union(*(reader.knows(names) for reader in asked))


def _even_out(state: RoundState, picks: dict[UUID, list[Reader]], able: list[Reader]) -> None:
    """One by one in turn, the last applications fall on the same people: pass them on while somebody has two less, and knows as much."""
    by_key = {row.application.pk: row for row in state.coverage}

    def hand_over() -> bool:
        for most in sorted(able, key=lambda one: one.in_hand + one.given, reverse=True):
            for least in sorted(able, key=lambda one: one.in_hand + one.given):
                if most.in_hand + most.given - least.in_hand - least.given < 2 or not least.room:
                    continue
                for key, readers in picks.items():
                    same = set(least.profile.pillars) == set(most.profile.pillars)
                    if most in readers and least not in readers and same and _fits(least, by_key[key]):
                        readers[readers.index(most)] = least
                        most.given, least.given = most.given - 1, least.given + 1
                        return True
        return False

    while hand_over():
        pass


def _lines(row: Coverage, readers: list[Reader], known: set[str], names: dict[str, str]) -> list[Line]:
    lines = []
    for reader in readers:
        lines.append(Line(row.application, reader, _reasons(reader, known, names, row.application.language)))
        known = known | reader.knows(names)
    return lines


def _rank(reader: Reader, known: set[str], names: dict[str, str], language: str) -> tuple:
    """Smaller is better: new pillars, then the least loaded of their capacity, then who says that they read the language, then who did least."""
    new = len(reader.knows(names) - known)
    load = (reader.in_hand + reader.given) / max(reader.profile.capacity, 1)
    return (-new, load, language not in reader.profile.languages, reader.done, reader.person.pk)


def _reasons(reader: Reader, known: set[str], names: dict[str, str], language: str) -> list[str]:
    said = _("reads %(language)s") if language in reader.profile.languages else _("reads every language")
    reasons = [said % {"language": in_a_sentence(language)}]
    new = [names[key] for key in names if key in reader.knows(names) - known]
    if new:
        reasons.append(_("knows %(pillars)s, as no reader of it does yet") % {"pillars": ", ".join(new)})
    load = reader.to_do
    words = _("has %(load)s of %(capacity)s in hand") if load else _("has nothing in hand, of %(capacity)s")
    reasons.append(words % {"load": load, "capacity": reader.profile.capacity})
    return reasons


def _why_nobody(row: Coverage, picked: list[Reader], state: RoundState, today: date) -> list[str]:
    """How many readers cannot be asked, by reason; the first that holds for each."""
    why: Counter[str] = Counter()
    for reader in state.readers:
        if reader in picked:
            why["given"] += 1
        elif reader.person.pk in row.closed_to or not reader.person.is_active:
            why["closed"] += 1
        elif reader.is_away(today):
            why["away"] += 1
        elif not reader.reads(row.application.language):
            why["language"] += 1
        else:
            why["full"] += 1
    language = in_a_sentence(row.application.language)
    words = {
        "closed": ngettext(
            "%(n)s has read it, declined it or may not read it", "%(n)s have read it, declined it or may not read it", why["closed"]
        ),
        "away": ngettext("%(n)s is away", "%(n)s are away", why["away"]),
        "language": ngettext("%(n)s does not read %(language)s", "%(n)s do not read %(language)s", why["language"]),
        "full": ngettext("%(n)s has all they can take", "%(n)s have all they can take", why["full"]),
        "given": ngettext("%(n)s is proposed already", "%(n)s are proposed already", why["given"]),
    }
    found = [words[key] % {"n": why[key], "language": language} for key in words if why[key]]
    return found or [_("there is no reviewer yet")]

"""A cohort before its decisions leave: who is prepared as what, how many places that takes, and every letter as it will be read.

Everything is as one person may see it: where they have an interest there is no line, no letter and no number.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from academy.models import Message, User
from cohorts.decisions import letters_of, signatures_needed, valid_signatures
from cohorts.letters import Letter, decision_letter, own_words
from cohorts.models import (
    APPLICATION_MOVES,
    REOPENING_MOVES,
    Application,
    ApplicationState,
    Assessment,
    AssignmentState,
    Cohort,
    CohortState,
    DeliberationNote,
    Determination,
    PartComment,
    Participation,
    ParticipationState,
    ProjectMember,
    ReviewAssignment,
)
from cohorts.reserve import by_rank, means_of, reserve_list
from cohorts.results import Line, Results, results_of

ADMITTED, RESERVE = Determination.Outcome.ADMITTED, Determination.Outcome.RESERVE
DECIDABLE = {ApplicationState.DELIBERATION, *REOPENING_MOVES}


@dataclass(frozen=True)
class Places:
    """`taken`: by projects that hold one; `coming` and `leaving`: what the prepared decisions would change."""

    capacity: int
    taken: int
    coming: int
    leaving: int

    @property
    def free(self) -> int:
        return self.capacity - self.taken

    @property
    def left(self) -> int:
        """After the release; below zero: so many too many."""
        return self.free + self.leaving - self.coming

    @property
    def over(self) -> int:
        return max(0, -self.left)


@dataclass(frozen=True)
class Standing:
    """One project on the board. `in_force`: what it was told; `pending`: what is prepared; `rank`: on the reserve list, from 1."""

    line: Line
    pending: Determination | None
    in_force: Determination | None
    signed_by: list[User]
    needed: int
    notes: int
    place: Participation | None
    rank: int | None = None

    @property
    def is_unsigned(self) -> bool:
        return self.pending is not None and len(self.signed_by) < self.needed

    @property
    def is_undecided(self) -> bool:
        return self.pending is None and self.in_force is None

    @property
    def answer_is_late(self) -> bool:
        """A place is offered, nobody has answered, and the date is past."""
        until = self.in_force.answer_by if self.in_force and self.in_force.outcome == ADMITTED else None
        waits = self.place is not None and self.place.state == ParticipationState.INVITED
        return bool(waits and until and until <= timezone.now())


@dataclass(frozen=True)
class Board:
    results: Results
    standings: list[Standing]
    places: Places

    @property
    def counts(self) -> Counter:
        found: Counter = Counter(row.pending.outcome for row in self.standings if row.pending)
        found["undecided"] = sum(row.is_undecided for row in self.standings)
        found["unsigned"] = sum(row.is_unsigned for row in self.standings)
        return found


def decisions_of(cohort: Cohort, *, reader: User) -> list[Determination]:
    """What is prepared or in force for the cohort's applications. One query."""
    rows = Determination.objects.for_user(reader).filter(application__cohort=cohort, superseded_at__isnull=True)
    found = list(rows.select_related("application__project", "decided_by").order_by("decided_at", "pk"))
    for row in found:
        row.application.cohort = cohort
    return found


def board_of(cohort: Cohort, *, reader: User) -> Board:
    """The same number of queries for one project and for two hundred."""
    results = results_of(cohort, reader=reader)
    decisions = decisions_of(cohort, reader=reader)
    pending = {row.application_id: row for row in decisions if row.released_at is None}
    in_force = {row.application_id: row for row in decisions if row.released_at is not None}
    signed = valid_signatures(pending.values())
    open_notes = DeliberationNote.objects.for_user(reader).filter(application__cohort=cohort).order_by()
    notes = dict(open_notes.values_list("application").annotate(n=Count("pk")))
    held = {row.application_id: row for row in cohort.participations.holding_a_place()}
    lines = [line for line in results.lines if line.state in DECIDABLE or line.pk in pending]
    ranks = reserve_order(cohort, lines, pending, in_force)
    rows = [
        Standing(
            line,
            pending.get(line.pk),
            in_force.get(line.pk),
            signed[pending[line.pk].pk] if line.pk in pending else [],
            cohort.signatures_needed,
            notes.get(line.pk, 0),
            held.get(line.pk),
            ranks.get(line.pk),
        )
        for line in lines
    ]
    return Board(results, rows, places_of(cohort, list(pending.values()), held))


def places_of(cohort: Cohort, pending: list[Determination], held: dict) -> Places:
    """Places as one prepares: an admission takes one, another decision on a project that was invited gives one back."""
    coming = sum(row.outcome == ADMITTED for row in pending)
    invited = {pk for pk, row in held.items() if row.state == ParticipationState.INVITED}
    leaving = sum(row.outcome != ADMITTED and row.application_id in invited for row in pending)
    return Places(cohort.capacity, len(held), coming, leaving)


def reserve_order(cohort: Cohort, lines: list[Line], pending: dict, in_force: dict) -> dict[UUID, int]:
    """The place of each project on the reserve list, told or prepared, among those that are shown: sorted as `reserve_list` is.

    One whose scores are hidden from the reader stands at its end, as one that nobody has read. One query.
    """
    waiting = []
    for line in lines:
        latest = pending.get(line.pk) or in_force.get(line.pk)
        if latest is not None and latest.outcome == RESERVE:
            waiting.append(line)
    means = means_of(cohort, [line.pk for line in waiting if not line.is_hidden])
    waiting.sort(key=lambda line: by_rank(means.get(line.pk), line.project))
    return {line.pk: number for number, line in enumerate(waiting, start=1)}


# --- the letters, before they leave


@dataclass(frozen=True)
class Copy:
    """The letter as it is read in one language, by these people."""

    language: str
    people: list[User]
    subject: str
    paragraphs: list[str]
    button: str


@dataclass(frozen=True)
class Prepared:
    """One decision with its letters. `stops`: why it cannot be released; `warnings`: what to think of first; `sent`: what left before."""

    determination: Determination
    copies: list[Copy]
    stops: list[str]
    warnings: list[str]
    sent: list[Message]
    cancelled: list[Message]

    @property
    def project(self):
        return self.determination.application.project


@dataclass(frozen=True)
class Release:
    """Everything prepared for a cohort. `stamp` changes with every word of every letter and with who receives it."""

    prepared: list[Prepared]
    places: Places
    overtakes: bool = False  # some of them pass others on the reserve list: why is asked

    @property
    def stops(self) -> int:
        return sum(bool(row.stops) for row in self.prepared)

    @property
    def stamp(self) -> str:
        seen = hashlib.sha256()
        for row in self.prepared:
            seen.update(str(row.determination.pk).encode())
            for copy in row.copies:
                addresses = sorted(person.email for person in copy.people)
                seen.update("\0".join([copy.language, *addresses, copy.subject, *copy.paragraphs]).encode())
        return seen.hexdigest()


def release_of(cohort: Cohort, *, reader: User, only: Collection[str] | None = None) -> Release:
    """The letters of all that is prepared, or of the decisions named in `only`. A constant number of queries."""
    results = results_of(cohort, reader=reader)
    decisions = decisions_of(cohort, reader=reader)
    pending = [row for row in decisions if row.released_at is None and (not only or str(row.pk) in only)]
    in_force = {row.application_id: row for row in decisions if row.released_at is not None}
    held = {row.application_id: row for row in cohort.participations.holding_a_place()}
    applications = [row.application_id for row in pending]
    told = _feedback(applications)
    people = _people([row.application.project_id for row in pending])
    letters = _letters([in_force[pk] for pk in applications if pk in in_force])
    signed = valid_signatures(pending)
    words = own_words(cohort)
    lines = {line.pk: line for line in results.lines}
    overtaken = overtaking(cohort, pending)
    rows = []
    for row in sorted(pending, key=lambda row: row.application.project.name.casefold()):
        old = in_force.get(row.application_id)
        before = letters.get(letters_of(old), []) if old else []
        line, who = lines.get(row.application_id), people[row.application.project_id]
        rows.append(
            Prepared(
                row,
                _copies(decision_letter(row, words=words), who),
                _stops(row, signed[row.pk], held.get(row.application_id)),
                _warnings(row, line, results.wanted, has_feedback=row.application_id in told, who=who, overtaken=overtaken),
                [letter for letter in before if letter.sent_at],
                [letter for letter in before if not letter.sent_at],
            )
        )
    return Release(rows, places_of(cohort, pending, held), bool(overtaken))


def overtaking(cohort: Cohort, pending: list[Determination]) -> set[UUID]:
    """Of the admissions prepared from the reserve list, those that would pass somebody who waits before them."""
    moving = {row.application_id: row.outcome for row in pending}
    admitted = {pk for pk, outcome in moving.items() if outcome == ADMITTED}
    if not admitted:
        return set()
    found, somebody_waits = set(), False
    for pk in reserve_list(cohort):
        if pk in admitted and somebody_waits:
            found.add(pk)
        somebody_waits = somebody_waits or pk not in moving or moving[pk] == RESERVE
    return found


def _feedback(applications: list[UUID]) -> set[UUID]:
    """Those for which a reader wrote something to the project."""
    counted = Assessment.objects.submitted().not_recused().filter(application__in=applications)
    written = PartComment.objects.exclude(for_project="").filter(assessment__in=counted.values("pk"))
    return set(written.values_list("assessment__application", flat=True))


def _people(projects: list[UUID]) -> dict[UUID, list[User]]:
    found: dict = defaultdict(list)
    rows = ProjectMember.objects.speaking().filter(project__in=projects, person__is_active=True)
    for row in rows.select_related("person").order_by("pk"):
        found[row.project_id].append(row.person)
    return found


def _letters(decisions: list[Determination]) -> dict[str, list[Message]]:
    """What was written about the decisions that these ones replace."""
    found: dict = defaultdict(list)
    for row in Message.objects.filter(cause__in=[letters_of(one) for one in decisions], cancelled_at__isnull=True).order_by("created_at"):
        found[row.cause].append(row)
    return found


def _copies(letter: Letter, people: list[User]) -> list[Copy]:
    by_language: dict[str, list[User]] = defaultdict(list)
    for person in people:
        by_language[person.language].append(person)
    copies = []
    for language, readers in sorted(by_language.items()):
        with translation.override(language):
            copies.append(Copy(language, readers, letter.subject, letter.lines, letter.link_label))
    return copies


def _stops(row: Determination, signed_by: list[User], place: Participation | None) -> list[str]:
    """What the release would refuse, foreseen; the action has the last word."""
    found, application = [], row.application
    moves = APPLICATION_MOVES.get(application.state, frozenset()) | REOPENING_MOVES.get(application.state, frozenset())
    if row.outcome not in moves:
        state = application.get_state_display()
        found.append(_("This cannot be done now: it stands at “%(state)s”.") % {"state": state})
    elif row.outcome != Determination.Outcome.DECLINED and application.cohort.state == CohortState.CLOSED:
        found.append(_("This cohort is closed: it has no place to give, and none to wait for."))
    elif place is not None and place.state != ParticipationState.INVITED:
        found.append(_("The project takes part already. End its participation first."))
    needed = signatures_needed(row)
    if len(signed_by) < needed:
        found.append(_("%(valid)s of %(needed)s signatures.") % {"valid": len(signed_by), "needed": needed})
    if _is_past(row.answer_by):
        found.append(_("The date to answer by is past. Prepare the decision again with a later one."))
    return found


def _is_past(moment: datetime | None) -> bool:
    return moment is not None and moment <= timezone.now()


def _warnings(
    row: Determination, line: Line | None, wanted: int, *, has_feedback: bool, who: list[User], overtaken: set[UUID]
) -> list[str]:
    found = []
    if not who:
        found.append(_("Nobody of this project can be written to."))
    if not row.reasons:
        found.append(_("No reasons are written."))
    if not has_feedback:
        found.append(_("No reader wrote a comment for the project."))
    if line is not None and line.reviews < wanted:
        found.append(_("%(reviews)s of %(wanted)s assessments.") % {"reviews": line.reviews, "wanted": wanted})
    if row.outcome == ADMITTED and row.answer_by is None:
        found.append(_("No date to answer by: the place is kept as long as nobody answers."))
    if row.outcome == ADMITTED and row.application_id in overtaken:
        found.append(_("Others on the reserve list come before it."))
    return found


# --- one project


def discussed_by(reader: User) -> list[ReviewAssignment]:
    """Own assessments that are in, of the projects that this reader may discuss. One query."""
    rows = ReviewAssignment.objects.for_user(reader).filter(reviewer=reader, state=AssignmentState.SUBMITTED)
    rows = rows.filter(application__in=DeliberationNote.objects.open_to(reader).values("pk"))
    return list(rows.select_related("application__project").order_by("application__project__name", "pk"))


def decisions_on(reader: User, **subject) -> list[Determination]:
    """All that was ever decided on an application or a participation, the latest first, with who signed."""
    rows = Determination.objects.for_user(reader).filter(**subject)
    return list(rows.select_related("decided_by", "released_by", "typology").prefetch_related("signatures__signed_by"))


def notes_on(application: Application, *, reader: User) -> list[DeliberationNote]:
    """The discussion of one project, oldest first."""
    rows = DeliberationNote.objects.for_user(reader).filter(application=application)
    return list(rows.select_related("author").order_by("written_at", "pk"))

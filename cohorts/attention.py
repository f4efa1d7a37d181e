"""What the rules of attention find today. Reads only, in a number of queries that depends on the cohorts that run, not on their projects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max, Model, Q, QuerySet
from django.utils import timezone

from academy.models import Message, User
from academy.permissions import COORDINATORS, TRAINERS
from cohorts.coverage import ENDS, UNFINISHED, asleep_since
from cohorts.decisions import offer_letters_of
from cohorts.funding import funding_in
from cohorts.matrix import MatrixRow, cohort_matrix
from cohorts.models import (
    LIVE_REGISTRATION,
    Assessment,
    AttentionItem,
    AttentionKind,
    AttentionRule,
    Cohort,
    CohortComment,
    CohortState,
    ConflictDeclaration,
    Determination,
    DossierVersion,
    FormReply,
    FundingSource,
    LetterState,
    MentorAssignment,
    OfficeHourBooking,
    Participation,
    ParticipationState,
    PeerFeedback,
    PeerOpening,
    Project,
    ProjectMember,
    Registration,
    RegistrationStatus,
    Requirement,
    ReviewAssignment,
    SupportPlanItem,
)
from courses.models import ActivityRecord, Submission
from wiki.models import ReadReceipt

ON_THE_WAY = frozenset({ParticipationState.ACTIVE, ParticipationState.ELIGIBLE})
REMINDERS = ("courses.due:", "courses.letter:", "cohorts.letter:", "cohorts.attention:")  # causes of letters that ask for something
K = AttentionKind


@dataclass(frozen=True)
class Found:
    """One thing that a rule says of a project now. `key` is what makes it the same thing tomorrow."""

    kind: str
    project: Project
    cohort: Cohort
    since: datetime
    subject: str = ""
    person: User | None = None
    requirement: Requirement | None = None
    count: int = 1
    owner: User | None = None

    @property
    def key(self) -> tuple[str, UUID, str]:
        return (self.kind, self.project.pk, self.subject)


def find(now: datetime | None = None) -> list[Found]:
    """Everything that the rules in use say now."""
    now = now or timezone.now()
    rules = {rule.kind: rule for rule in AttentionRule.objects.filter(is_on=True)}
    found = [*_in_cohorts(rules, now), *_places(rules, now), *_seats(rules, now), *_reviews(rules, now), *_plans(rules, now)]
    projects = {one.project.pk for one in found}
    mentors, team, closed = _mentors(projects), _team(), _closed(projects)
    return [_given(one, rules[one.kind], mentors, team, closed) for one in found]


def _given(one: Found, rule: AttentionRule, mentors: dict[UUID, User], team: set[int], closed: set[tuple[int, UUID]]) -> Found:
    """Whose it is: nobody's in particular where that person has left the team, or has an interest in the project."""
    mentor = mentors.get(one.project.pk) if rule.falls_to == AttentionRule.FallsTo.MENTOR else None
    able = [
        person
        for person in (one.owner, mentor, one.cohort.coordinator)
        if person and person.pk in team and (person.pk, one.project.pk) not in closed
    ]
    return replace(one, owner=next(iter(able), None))


def left_alone(items: Iterable[AttentionItem]) -> set[UUID]:
    """Those whose owner reads them no more: they have left the team since, or have an interest in the project."""
    owned = [row for row in items if row.owner_id]
    if not owned:
        return set()
    team, closed = _team(), _closed({row.project_id for row in owned})
    return {row.pk for row in owned if row.owner_id not in team or (row.owner_id, row.project_id) in closed}


def _team() -> set[int]:
    """Who reads these things at all."""
    people = User.objects.filter(Q(groups__name__in=[COORDINATORS, TRAINERS]) | Q(is_superuser=True), is_active=True)
    return set(people.values_list("pk", flat=True))


def _closed(projects: set[UUID]) -> set[tuple[int, UUID]]:
    """(person, project) where the person has an interest in it."""
    members = ProjectMember.objects.filter(project__in=projects).values_list("person", "project")
    declared = ConflictDeclaration.objects.standing().filter(application__project__in=projects)
    return {*members, *declared.values_list("person", "application__project")}


def _mentors(projects: set[UUID]) -> dict[UUID, User]:
    rows = MentorAssignment.objects.filter(project__in=projects, until__isnull=True, mentor__is_active=True)
    return {row.project_id: row.mentor for row in rows.select_related("mentor").order_by("-since")}


def _patience(rules: dict[str, AttentionRule], kind: str) -> timedelta | None:
    return timedelta(days=rules[kind].days) if kind in rules else None


def _in_cohorts(rules: dict[str, AttentionRule], now: datetime) -> Iterator[Found]:
    """What the matrix of each running cohort says, and how long nothing was done."""
    for cohort in Cohort.objects.filter(state=CohortState.RUNNING).select_related("coordinator"):
        rows = [row for row in cohort_matrix(cohort).rows if row.participation.state in ON_THE_WAY]
        last = _last_acts(rows)
        for row in rows:
            for kind, promoter in ((K.OVERDUE, True), (K.SMART_LATE, False)):
                if (patience := _patience(rules, kind)) is not None:
                    yield from _late(kind, row, cohort, now - patience, promoter=promoter)
            yield from _silences(rules, row, cohort, last[row.project.pk], now)


def _late(kind: str, row: MatrixRow, cohort: Cohort, before: datetime, *, promoter: bool) -> Iterator[Found]:
    """One thing for all that is late: twelve lines about one project would hide the others."""
    zone = ZoneInfo(cohort.time_zone)
    late = [
        (datetime.combine(cell.due_on + timedelta(days=1), time(), zone), cell)
        for cell in row.cells
        if cell.is_overdue and cell.owed_by_promoter == promoter and (cell.requirement.mandatory or not promoter)
    ]
    late = sorted(((at, cell) for at, cell in late if at <= before), key=lambda pair: pair[0])
    if late:
        since, first = late[0]
        yield Found(kind, row.project, cohort, since, requirement=first.requirement, count=len(late))


def _silences(rules: dict, row: MatrixRow, cohort: Cohort, last: tuple[datetime, list[datetime]], now: datetime) -> Iterator[Found]:
    acted, reminded = last
    patience = _patience(rules, K.SILENT)
    if patience is not None and acted <= now - patience:
        yield Found(K.SILENT, row.project, cohort, acted)
    patience = _patience(rules, K.UNMOVED)
    after = sorted(at for at in reminded if at > acted)
    if patience is not None and len(after) > 1 and after[1] <= now - patience:
        yield Found(K.UNMOVED, row.project, cohort, after[1])


def _last_acts(rows: list[MatrixRow]) -> dict[UUID, tuple[datetime, list[datetime]]]:
    """When somebody of each project last did something (else when its place was taken), and the days on which it was reminded."""
    started = {row.project.pk: row.participation.activated_at for row in rows}
    if not rows:
        return {}
    members, people = defaultdict(set), defaultdict(set)
    for project, person in ProjectMember.objects.filter(project__in=started).values_list("project", "person"):
        members[project].add(person)
        people[person].add(project)
    acted = dict(started)

    def did(project: UUID, at: datetime | None) -> None:
        if at and at > acted[project]:
            acted[project] = at

    learned = ActivityRecord.objects.filter(user__in=people).order_by().values_list("user").annotate(last=Max("last_seen_at"))
    read = ReadReceipt.objects.filter(person__in=people).order_by().values_list("person").annotate(last=Max("read_at"))
    for person, at in [*learned, *read]:
        for project in people[person]:
            did(project, at)
    keys = {str(pk): pk for pk in started}
    for key, edited, handed_in in Submission.objects.filter(group_key__in=keys).values_list("group_key", "edited_at", "handed_in_at"):
        did(keys[key], edited)
        did(keys[key], handed_in)
    for project, at in _own_acts(started):
        did(project, at)
    seats = Registration.objects.filter(project__in=started).order_by().values_list("project")
    for project, asked, confirmed in seats.annotate(asked=Max("requested_at"), confirmed=Max("confirmed_at")):
        did(project, asked)
        did(project, confirmed)
    reminded = defaultdict(set)
    causes = Q()
    for start in REMINDERS:
        causes |= Q(cause__startswith=start)
    for person, at in Message.objects.filter(causes, to__in=people, sent_at__isnull=False).values_list("to", "sent_at"):
        for project in people[person]:
            reminded[project].add(at.replace(second=0, microsecond=0))  # one letter to three people is one reminder
    return {project: (at, sorted(reminded[project])) for project, at in acted.items()}


def _own_acts(projects: Iterable[UUID]) -> QuerySet:
    """`(project, when)` of what its people wrote, sent, showed, said or booked for it. One query."""
    projects = list(projects)

    def of(rows: type[Model], at: str, project: str = "project", **only) -> QuerySet:
        return (
            rows.objects.filter(**{f"{project}__in": projects}, **only)
            .order_by()
            .values_list(project)
            .annotate(at=Max(at))
            .values_list(project, "at")
        )

    first, *others = [
        of(FormReply, "saved_at"),
        of(DossierVersion, "written_at", "dossier__project", written_by__isnull=False),
        of(CohortComment, "posted_at"),
        of(PeerOpening, "opened_at", "participation__project"),
        of(PeerFeedback, "saved_at"),
        of(OfficeHourBooking, "booked_at"),
        of(FundingSource, "sent_at", "registration__project"),
        of(Assessment, "submitted_at", kind=Assessment.Kind.SELF),
    ]
    return first.union(*others)


def _places(rules: dict[str, AttentionRule], now: datetime) -> Iterator[Found]:
    patience = _patience(rules, K.PLACE)
    if patience is None:
        return
    invited = Participation.objects.filter(state=ParticipationState.INVITED).values("application")
    rows = Determination.objects.in_force().filter(outcome=Determination.Outcome.ADMITTED, application__in=invited)
    rows = rows.filter(answer_by__lte=now + patience).select_related("application__project", "application__cohort__coordinator")
    for row in rows:
        yield Found(K.PLACE, row.application.project, row.application.cohort, row.released_at)


def _seats(rules: dict[str, AttentionRule], now: datetime) -> Iterator[Found]:
    """What is asked of each seat to come: an answer, the money, our look at it."""
    patience = {kind: _patience(rules, kind) for kind in (K.SEAT, K.FUNDING, K.GAP, K.PROOF, K.VISA) if kind in rules}
    if not patience:
        return
    coming = Registration.objects.filter(status__in=LIVE_REGISTRATION, session__cancelled_at__isnull=True, session__starts_at__gt=now)
    held = Q(status__in=[RegistrationStatus.OFFERED, RegistrationStatus.CONFIRMED])
    said = Q(pk__in=FundingSource.objects.waiting().values("registration"))
    asked = Q(letters__state=LetterState.ASKED)  # one at most
    rows = list(coming.filter(held | said | asked).with_funding().with_letters().select_related("session", "person", "project"))
    cohorts = _cohorts_of(rows)
    for row in rows:
        cohort = cohorts.get((row.session_id, row.project_id))
        if cohort is None:
            continue
        for kind, since in _asked_of(row, patience, now):
            yield Found(kind, row.project, cohort, since, subject=str(row.pk), person=row.person)


def _asked_of(row: Registration, patience: dict[str, timedelta], now: datetime) -> Iterator[tuple[str, datetime]]:
    """What calls for somebody about one seat, and since when."""
    money, ahead = funding_in(row, row.session.estimated_cost), row.session.starts_at - now
    offered, confirmed = row.status == RegistrationStatus.OFFERED, row.status == RegistrationStatus.CONFIRMED
    if K.SEAT in patience and offered and row.offer_expires_at and now < row.offer_expires_at <= now + patience[K.SEAT]:
        yield K.SEAT, row.requested_at
    if K.VISA in patience and row.letter_waits_since and row.letter_waits_since <= now - patience[K.VISA]:
        yield K.VISA, row.letter_waits_since
    if money.is_settled:
        return
    if K.FUNDING in patience and confirmed and not money.is_missing and ahead <= patience[K.FUNDING]:
        yield K.FUNDING, row.confirmed_at
    if K.GAP in patience and (offered or confirmed) and money.is_missing and ahead <= patience[K.GAP]:
        yield K.GAP, row.confirmed_at or row.requested_at
    if K.PROOF in patience and money.waits_since and money.waits_since <= now - patience[K.PROOF]:
        yield K.PROOF, money.waits_since


def _cohorts_of(rows: list[Registration]) -> dict[tuple[UUID, UUID], Cohort]:
    """The cohort in which a project comes to a session."""
    walked = Participation.objects.holding_a_place().filter(project__in={row.project_id for row in rows})
    of_session = defaultdict(set)
    through = Registration._meta.get_field("session").related_model.cohorts.through
    for session, cohort in through.objects.filter(session__in={row.session_id for row in rows}).values_list("session", "cohort"):
        of_session[session].add(cohort)
    found = {}
    for one in walked.select_related("cohort__coordinator"):
        for session, cohorts in of_session.items():
            if one.cohort_id in cohorts:
                found[session, one.project_id] = one.cohort
    return found


def _reviews(rules: dict[str, AttentionRule], now: datetime) -> Iterator[Found]:
    patience = _patience(rules, K.REVIEW)
    if patience is None:
        return
    rows = ReviewAssignment.objects.filter(state__in=UNFINISHED, application__state__in=ENDS)
    rows = rows.select_related("round", "reviewer", "assessment", "application__project", "application__cohort__coordinator")
    for row in rows:
        since = asleep_since(row, now)
        if since is not None and since <= now - patience:
            yield Found(K.REVIEW, row.application.project, row.application.cohort, since, subject=str(row.pk), person=row.reviewer)


@dataclass(frozen=True)
class Stock:
    """What taking stock changes: `items` stand before it, by the key of what is found."""

    found: list[Found]
    items: dict[tuple[str, UUID, str], AttentionItem]
    opened: list[Found]
    ended: list[AttentionItem]


def as_item(one: Found, now: datetime | None = None) -> AttentionItem:
    """As a row that is not saved: to be, or for its words."""
    return AttentionItem(
        kind=one.kind,
        project=one.project,
        cohort=one.cohort,
        subject=one.subject,
        person=one.person,
        requirement=one.requirement,
        count=one.count,
        since=one.since,
        owner=one.owner,
        opened_at=now or timezone.now(),
    )


FUNDING_LETTERS = "place-papers"  # and then the seat: `cohorts.actions.travel_letters`
SEAT_LETTERS = ("place-waiting", "place-offered", "place-confirmed", "place-ended")


def written_about(project: UUID) -> str:
    """How the cause of every letter begins that is written from here to those who speak for the project."""
    return f"cohorts.attention:{project}:"


def letters_about(item: AttentionItem, people: Iterable[User]) -> QuerySet[Message]:
    """What these people were told of this project on its way: its seats, its offered place, and what was written from here.

    Only causes that name a row of the project: whoever speaks for two has letters about the other that are nobody's business here. No
    decision and no letter about an application, which are not open to everybody of the team.
    """
    about = Q(cause__startswith=written_about(item.project_id))
    causes = []
    for seat in Registration.objects.filter(project=item.project_id).values_list("pk", flat=True):
        causes += [f"{name}:{seat}" for name in SEAT_LETTERS]
        about |= Q(cause__startswith=f"{FUNDING_LETTERS}:{seat}:") | Q(cause__startswith=f"place-shortened:{seat}:")
        about |= Q(cause__startswith="session-reminder-", cause__contains=f":{seat}:")
    offers = Determination.objects.filter(application__project=item.project_id, application__cohort=item.cohort_id)
    causes += [cause for offer in offers for cause in offer_letters_of(offer)]
    rows = Message.objects.filter(about | Q(cause__in=causes), to__in=list(people), cancelled_at__isnull=True)
    return rows.select_related("to").order_by("-created_at")


def stock_of(found: list[Found]) -> Stock:
    """What stands, beside what is found. Three queries."""
    items = {
        (row.kind, row.project_id, row.subject): row
        for row in AttentionItem.objects.standing().select_related("project", "cohort", "person", "requirement")
    }
    keys = {one.key for one in found}
    done = set(
        AttentionItem.objects.filter(resolved_by__isnull=False, project__in={one.project.pk for one in found}).values_list(
            "kind", "project", "subject", "since"
        )
    )
    opened = [one for one in found if one.key not in items and (*one.key, one.since) not in done]
    ended = [row for key, row in items.items() if key not in keys]
    return Stock(found, items, opened, ended)


def _plans(rules: dict[str, AttentionRule], now: datetime) -> Iterator[Found]:
    """What Smart owes a partner and has not given: one thing for each plan, of whoever sees to its oldest line."""
    if (patience := _patience(rules, K.SMART_LATE)) is None:
        return
    before = now - patience
    owed = SupportPlanItem.objects.filter(
        partnership__ended_at=None, owed_by=SupportPlanItem.Party.SMART, state=SupportPlanItem.State.OPEN, due_on__lte=before.date()
    )
    late: dict[UUID, list[tuple[datetime, SupportPlanItem]]] = defaultdict(list)
    about = ("owner", "partnership__project", "partnership__determination__participation__cohort__coordinator")
    for row in owed.select_related(*about).order_by("due_on", "pk"):
        zone = ZoneInfo(row.partnership.determination.participation.cohort.time_zone)
        since = datetime.combine(row.due_on + timedelta(days=1), time(), zone)
        if since <= before:
            late[row.partnership_id].append((since, row))
    for rows in late.values():
        since, first = rows[0]
        cohort = first.partnership.determination.participation.cohort
        yield Found(K.SMART_LATE, first.partnership.project, cohort, since, subject=AttentionItem.PLAN, count=len(rows), owner=first.owner)

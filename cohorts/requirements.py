"""When a requirement is met: facts gathered for many projects at once, then one pure rule per kind.

Used by the promoter's pathway, the cohort's matrix and graduation, so that all three say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from academy.prepared import Later, Prepared, columns_of, objects_of
from cohorts.models import (
    Application,
    Assessment,
    Cohort,
    FormSending,
    Moment,
    ParticipationState,
    Project,
    ProjectMember,
    Registration,
    RegistrationStatus,
    Requirement,
    RequirementRecord,
)
from cohorts.models.participation import ON_THE_WAY
from courses.models import ActivityRecord, Enrolment, Submission
from courses.settling import settle_waiting
from wiki.models import ReadReceipt

MET, WAIVED, OVERDUE, OPEN = "met", "waived", "overdue", "open"
SETTLED = frozenset({MET, WAIVED})


@dataclass(frozen=True)
class Work:
    """What a project has handed in for a deliverable. `answer_by`: the day that was promised for the answer it waits for, if any."""

    state: str
    waits: bool
    answer_by: date | None = None


@dataclass(frozen=True)
class Facts:
    """What is known about projects of one cohort. Every key begins with a project's id."""

    submitted: dict[UUID, datetime] = field(default_factory=dict)
    self_assessed: frozenset[tuple[UUID, str]] = frozenset()
    reviews: Counter[tuple[UUID, str]] = field(default_factory=Counter)
    completed: frozenset[tuple[UUID, UUID]] = frozenset()
    attended: Counter[UUID] = field(default_factory=Counter)
    registered: Counter[UUID] = field(default_factory=Counter)
    records: dict[tuple[UUID, int], RequirementRecord] = field(default_factory=dict)
    needed: dict[tuple[UUID, str], int] = field(default_factory=dict)  # of the same keys as `reviews`
    works: dict[tuple[UUID, UUID], Work] = field(default_factory=dict)  # by assignment
    read: frozenset[tuple[UUID, UUID]] = frozenset()  # by page
    sent: frozenset[tuple[UUID, int]] = frozenset()  # by form


@dataclass(frozen=True)
class Standing:
    """Where one project stands with one requirement. While Smart has a work to answer it is Smart's debt, due when the answer was promised."""

    requirement: Requirement
    state: str
    due_on: date | None
    record: RequirementRecord | None = None
    work: Work | None = None

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED

    @property
    def is_overdue(self) -> bool:
        return self.state == OVERDUE

    @property
    def waits_for_answer(self) -> bool:
        return not self.is_settled and self.work is not None and self.work.waits

    @property
    def owed_by_promoter(self) -> bool:
        return self.requirement.owed_by == Requirement.Party.PROMOTER and not self.waits_for_answer

    @property
    def said(self) -> str:
        """Where it stands, in a word or two."""
        if self.state in SETTLED:
            return _("Done") if self.state == MET else _("Waived")
        if self.waits_for_answer:
            return _("Handed in: Smart’s answer is late") if self.is_overdue else _("Handed in: Smart answers")
        return _("Late") if self.is_overdue else _("Open")

    @property
    def title(self) -> str:
        title = str(self.requirement.title)
        return _("Answer to “%(title)s”") % {"title": title} if self.waits_for_answer else title


_PROJECT, _COHORT = Project._meta.pk, Cohort._meta.pk
_HERE = {"project__in": Later("projects", _PROJECT), "cohort": Later("cohort", _COHORT)}


def _led_by(projects: Later) -> dict:
    return {"user__project_memberships__project__in": projects, "user__project_memberships__role": ProjectMember.Role.LEAD}


_completed = Prepared(
    lambda: (
        Enrolment.objects.filter(course_key__in=Later("courses", Enrolment._meta.get_field("course_key")))
        .filter(**_led_by(Later("projects", _PROJECT)))
        .annotate(unsettled=Exists(ActivityRecord.objects.unsettled().filter(user=OuterRef("user"))))
        .filter(Q(completed_at__isnull=False) | Q(unsettled=True))
        .values_list("user__project_memberships__project_id", "course_key", "completed_at", "unsettled")
    )
)
_submitted = Prepared(lambda: Application.objects.submitted().filter(**_HERE).values_list("project_id", "submitted_at"))
_assessed = Prepared(
    lambda: (
        Assessment.objects.submitted()
        .filter(**_HERE)
        .not_recused()
        .of_the_last_application()
        .order_by()
        .values_list("project_id", "kind", "moment", "assignment__round__number", "assignment__round__min_reviews")
    )
)
_seats = Prepared(
    lambda: (
        Registration.objects.live()
        .filter(project__in=Later("projects", _PROJECT), session__cohorts=Later("cohort", _COHORT))
        .order_by()
        .values("project_id", "status")
        .annotate(sessions=Count("session", distinct=True))
        .values_list("project_id", "status", "sessions")
    )
)
_by_hand = Prepared(
    lambda: (
        RequirementRecord.objects.filter(annulled_at__isnull=True)
        .filter(participation__project__in=Later("projects", _PROJECT), participation__cohort=Later("cohort", _COHORT))
        .values_list(*columns_of(RequirementRecord), "participation__project_id")
    )
)
_works = Prepared(
    lambda: (
        Submission.objects.counting_in("")
        .filter(
            group_key__in=Later("groups", Submission._meta.get_field("group_key")),
            activity_key__in=Later("activities", Submission._meta.get_field("activity_key")),
        )
        .values_list("group_key", "activity_key", "state", "handed_in_at", "terms")
    )
)
_read = Prepared(
    lambda: (
        ReadReceipt.objects.filter(page_key__in=Later("pages", ReadReceipt._meta.get_field("page_key")))
        .filter(
            person__project_memberships__project__in=Later("projects", _PROJECT),
            person__project_memberships__role=ProjectMember.Role.LEAD,
        )
        .order_by()
        .values_list("person__project_memberships__project_id", "page_key")
        .distinct()
    )
)
_sent = Prepared(
    lambda: (
        FormSending.objects.filter(
            reply__project__in=Later("projects", _PROJECT),
            reply__requirement__in=Later("forms", Requirement._meta.pk),
        )
        .counting_in(Later("cohort", _COHORT))
        .order_by()
        .values_list("reply__project_id", "reply__requirement_id")
        .distinct()
    )
)


def works_of(projects: Collection[UUID], activities: Collection[UUID], time_zone: str) -> dict[tuple[UUID, UUID], Work]:
    """What projects have handed in for these assignments. The promised days are those of the day when it was first handed in."""
    found = {}
    for group, activity, state, handed_in_at, terms in _works.rows(groups=[str(pk) for pk in projects], activities=list(activities)):
        waits, days = state in Submission.WAITING, terms.get("answer_days")
        answer_by = local_day(handed_in_at + timedelta(days=days), time_zone) if waits and days else None
        found[UUID(group), activity] = Work(state, waits, answer_by)
    return found


def courses_completed(projects: Collection[UUID], course_keys: Collection[UUID]) -> frozenset[tuple[UUID, UUID]]:
    """(project, course) pairs that count as done: the project's lead has completed the course. The only door to the courses app."""
    asked = {"projects": list(projects), "courses": list(course_keys)}
    rows = _completed.rows(**asked)
    if any(unsettled for *_pair, _at, unsettled in rows):
        settle_waiting()
        rows = _completed.rows(**asked)
    return frozenset((project, course) for project, course, at, _unsettled in rows if at is not None)


def requirements_of(cohort: Cohort) -> list[Requirement]:
    """The pathway's requirements in order, each with its stage."""
    rows = Requirement.objects.filter(stage__pathway=cohort.pathway_id).select_related("stage")
    return list(rows.order_by("stage__sort_order", "stage_id", "sort_order", "pk"))


def gather(
    cohort: Cohort,
    projects: Iterable[UUID],
    requirements: Iterable[Requirement],
    *,
    submitted: dict[UUID, datetime] | None = None,
    sent: Collection[tuple[UUID, int]] | None = None,
) -> Facts:
    """Reads everything that the rules need, in a number of queries that does not depend on how many projects there are.

    `submitted`: when each project's application was sent, and `sent`: which forms were, for who has read them already.
    """
    asked = {"projects": list(projects), "cohort": cohort.pk}
    self_assessed, reviews, needed, last = set(), Counter(), {}, {}
    for project, kind, moment, number, minimum in sorted(_assessed.rows(**asked), key=lambda row: row[3] or 0):
        about = (project, moment)
        if kind == Assessment.Kind.SELF:
            self_assessed.add(about)
        elif last.setdefault(about, number) == number:
            reviews[about] += 1
            needed[about] = minimum or 1
        else:  # read again in a later round: only that one counts
            reviews[about], needed[about], last[about] = 1, minimum, number
    seats, attended = Counter(), Counter()
    for project, status, sessions in _seats.rows(**asked):
        seats[project] += sessions
        if status == RegistrationStatus.ATTENDED:
            attended[project] = sessions
    by_hand = _by_hand.rows(**asked)
    rows = list(requirements)
    if sent is None:
        sent = _sent.rows(**asked, forms=[row.pk for row in rows if row.kind == Requirement.Kind.FORM])
    records = zip(by_hand, objects_of(RequirementRecord, by_hand), strict=True)
    return Facts(
        submitted={project: at for project, at in _submitted.rows(**asked) if at} if submitted is None else submitted,
        self_assessed=frozenset(self_assessed),
        reviews=reviews,
        completed=courses_completed(asked["projects"], {row.course_key for row in rows if row.course_key}),
        attended=attended,
        registered=seats,
        records={(row[-1], record.requirement_id): record for row, record in records},
        needed=needed,
        works=works_of(asked["projects"], {row.activity_key for row in rows if row.activity_key}, cohort.time_zone),
        read=frozenset(_read.rows(projects=asked["projects"], pages=[row.page_key for row in rows if row.page_key])),
        sent=frozenset(sent),
    )


def local_day(moment: datetime, time_zone: str) -> date:
    return moment.astimezone(ZoneInfo(time_zone)).date()


def due_on(requirement: Requirement, cohort: Cohort, closes_at: datetime | None = None) -> date | None:
    """The day before whose end it is due, in the cohort's time zone. An application without a date is due when the call closes, and nothing
    that belongs to it before: whoever may still send it is late with none of it. `closes_at`: when the call closes for this project.
    """
    day = None
    if requirement.offset_days is not None:
        day = local_day(cohort.starts_at, cohort.time_zone) + timedelta(days=requirement.offset_days)
    if requirement.kind == Requirement.Kind.APPLICATION or (day and belongs_to_applying(requirement)):
        closes = local_day(closes_at or cohort.intake_closes_at, cohort.time_zone)
        return max(day, closes) if day else closes
    return day


def belongs_to_applying(requirement: Requirement) -> bool:
    return requirement.kind == Requirement.Kind.APPLICATION or requirement.moment == Moment.ENTRY


def session_numbers(requirements: Iterable[Requirement]) -> dict[int, int]:
    """The first “session” of a pathway is met by one attended session, the second by two, and so on."""
    sessions = [row.pk for row in requirements if row.kind == Requirement.Kind.SESSION]
    return {pk: number for number, pk in enumerate(sessions, start=1)}


def is_met(requirement: Requirement, project: UUID, facts: Facts, *, session_number: int = 1) -> bool:
    """The rule of each kind. Kinds recorded by hand are met by their record alone."""
    kind = requirement.kind
    if kind == Requirement.Kind.APPLICATION:
        return project in facts.submitted
    if kind == Requirement.Kind.SELF_ASSESSMENT:
        return (project, requirement.moment) in facts.self_assessed
    if kind == Requirement.Kind.REVIEWER_ASSESSMENT:
        about = (project, requirement.moment)
        return facts.reviews[about] >= facts.needed.get(about, 1)
    if kind == Requirement.Kind.COURSE:
        return (project, requirement.course_key) in facts.completed
    if kind == Requirement.Kind.SESSION:
        return facts.attended[project] >= session_number
    if kind == Requirement.Kind.READING:
        return (project, requirement.page_key) in facts.read
    if kind == Requirement.Kind.FORM:
        return (project, requirement.pk) in facts.sent
    if kind == Requirement.Kind.DELIVERABLE:
        work = facts.works.get((project, requirement.activity_key))
        return work is not None and work.state == Submission.State.ACCEPTED
    return False


def met_by_facts(cohort: Cohort, project: UUID) -> set[int]:
    """Of which requirements what is asked has happened, whatever is recorded by hand."""
    requirements = requirements_of(cohort)
    facts, numbers = gather(cohort, [project], requirements), session_numbers(requirements)
    return {row.pk for row in requirements if is_met(row, project, facts, session_number=numbers.get(row.pk, 1))}


def standings(
    requirements: list[Requirement],
    cohort: Cohort,
    project: UUID,
    facts: Facts,
    *,
    today: date,
    closes_at: datetime | None = None,
    is_decided: bool = False,
    place: str = "",
) -> list[Standing]:
    """Where a project stands with each requirement. Pure: no query. Once its application is decided, nothing that belongs to it has a date.

    `place`: the state of its participation. Of one that is over nothing is late; of one that pauses nothing that the project owes is.
    """
    numbers = session_numbers(requirements)
    rows = []
    for requirement in requirements:
        record = facts.records.get((project, requirement.pk))
        work = facts.works.get((project, requirement.activity_key)) if requirement.activity_key else None
        due = work.answer_by if work and work.waits else due_on(requirement, cohort, closes_at)
        if is_decided and belongs_to_applying(requirement):
            due = None
        if record is not None:
            state = WAIVED if record.outcome == RequirementRecord.Outcome.WAIVED else MET
        elif is_met(requirement, project, facts, session_number=numbers.get(requirement.pk, 1)):
            state = MET
        else:
            state = OVERDUE if due and due < today and _runs(requirement, work, place) else OPEN
        rows.append(Standing(requirement, state, due, record, work))
    return rows


def _runs(requirement: Requirement, work: Work | None, place: str) -> bool:
    """Whether the clock runs for it. What a project does only if it likes is never late."""
    by_smart = requirement.owed_by == Requirement.Party.SMART or bool(work and work.waits)
    if not requirement.mandatory and not by_smart:
        return False
    if place == ParticipationState.PAUSED:
        return by_smart
    return not place or place in ON_THE_WAY


def still_owed(cohort: Cohort, project: UUID, *, today: date | None = None) -> list[Standing]:
    """Mandatory requirements neither met nor waived: what stands between a project and graduation."""
    requirements = requirements_of(cohort)
    facts = gather(cohort, [project], requirements)
    rows = standings(requirements, cohort, project, facts, today=today or date.max)
    return [row for row in rows if row.requirement.mandatory and not row.is_settled]


def has_attended_or_waived(cohort: Cohort, project: UUID) -> bool:
    """At least one session attended, or a session requirement waived."""
    attended = Registration.objects.filter(project=project, session__cohorts=cohort, status=RegistrationStatus.ATTENDED).exists()
    if attended:
        return True
    waived = RequirementRecord.objects.filter(
        participation__project=project,
        participation__cohort=cohort,
        requirement__kind=Requirement.Kind.SESSION,
        outcome=RequirementRecord.Outcome.WAIVED,
        annulled_at__isnull=True,
    )
    return waived.exists()

"""Walking the pathway: taking the place, pausing, leaving; what is recorded or waived; who accompanies."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.audit import record
from academy.locking import check_move, lock, move, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.actions.determinations import check_graduation_is_earned, set_prepared_aside
from cohorts.actions.freed import free_seats, free_what_it_holds
from cohorts.actions.office_hours import give_back_office_hours
from cohorts.actions.sessions import go_on_in_line
from cohorts.interests import check_decides_freely
from cohorts.letters import people_of, tell, tell_project, with_words
from cohorts.models import (
    PARTICIPATION_MOVES,
    Cohort,
    CohortState,
    MentorAssignment,
    Participation,
    ParticipationState,
    Project,
    ProjectMember,
    Requirement,
    RequirementRecord,
    Session,
)
from cohorts.offers import hold_back_reminders
from cohorts.organisers import who_answers_about
from cohorts.requirements import met_by_facts
from courses.actions import enrol
from courses.models import CoursePage


@transaction.atomic
def accept_place(participation: Participation, *, by: User) -> Participation:
    """The project takes its place and accepts what is asked. Its people are enrolled in the courses of the pathway."""
    lock(participation)
    if participation.state != ParticipationState.INVITED:  # paused → active is `resume_participation`
        raise RuleViolation(_("This place is taken already, or no longer offered."), code="wrong_state")
    now = timezone.now()
    move(participation, to=ParticipationState.ACTIVE, moves=PARTICIPATION_MOVES, activated_at=now, activated_by=by)
    hold_back_reminders(participation, now=now)
    record(participation, "cohorts.accept_place", by=by)
    _enrol_people(participation, by=by)
    return participation


def _enrol_people(participation: Participation, *, by: User, people: Iterable[User] | None = None) -> None:
    """Those who speak for the project; or of them only these `people`."""
    courses = Requirement.objects.filter(stage__pathway=participation.cohort.pathway_id, course_key__isnull=False)
    keys = set(courses.values_list("course_key", flat=True))
    pages = {page.translation_key: page for page in CoursePage.objects.live().filter(translation_key__in=keys)}
    for person in people_of(participation.project) if people is None else people:
        for course in pages.values():
            enrol(course, user=person, by=by, cohort_key=participation.cohort_id)


def enrol_newcomer(project: Project, *, by: User, person: User) -> None:
    """Whoever comes to speak for a project that is on its way follows the courses of its pathway, as those who were there when it began."""
    for participation in project.participations.on_the_way().exclude(state=ParticipationState.INVITED).select_related("cohort"):
        _enrol_people(participation, by=by, people=[person])


@transaction.atomic
def pause_participation(participation: Participation, *, by: User, reason: str) -> Participation:
    """Stops the clock for a project that cannot go on now. Its seats at sessions stay until somebody cancels them; who waits for one
    keeps their place in the line, and is offered none meanwhile."""
    lock(participation)
    check_decides_freely(participation.project, by=by)
    reason = wanted(reason, _("Say why the project pauses."))
    move(participation, to=ParticipationState.PAUSED, moves=PARTICIPATION_MOVES, state_reason=reason)
    record(participation, "cohorts.pause", by=by, data={"reason": reason})
    tell_project(
        participation.project,
        subject=gettext_lazy("Your participation is paused"),
        lines=[
            gettext_lazy("Nothing is asked of your project meanwhile. Its place in the cohort, and the seats it has at sessions, stay."),
            with_words(gettext_lazy("The reason that was given: %(words)s"), reason),
            gettext_lazy("Write to the coordinator when you want to go on."),
        ],
        link="cohorts_my_pathway",
        link_label=gettext_lazy("Open my pathway"),
        cause=f"paused:{participation.pk}:{timezone.now().isoformat()}",
        by=by,
    )
    return participation


@transaction.atomic
def resume_participation(participation: Participation, *, by: User) -> Participation:
    lock(participation)
    check_decides_freely(participation.project, by=by)
    if participation.state != ParticipationState.PAUSED:
        raise RuleViolation(_("This project is not paused."), code="wrong_state")
    move(participation, to=ParticipationState.ACTIVE, moves=PARTICIPATION_MOVES, state_reason="")
    record(participation, "cohorts.resume", by=by)
    tell_project(
        participation.project,
        subject=gettext_lazy("Your project goes on"),
        lines=[gettext_lazy("The pause is over: your next step, and who owes what until when, are on your pathway.")],
        link="cohorts_my_pathway",
        link_label=gettext_lazy("Open my pathway"),
        cause=f"resumed:{participation.pk}:{timezone.now().isoformat()}",
        by=by,
    )
    for session in Session.objects.upcoming().filter(cohorts=participation.cohort_id).order_by("pk"):
        go_on_in_line(session, by=by, project=participation.project)
    return participation


def _end(participation: Participation, *, to: str, by: User, reason: str, verb: str, goes_to: Cohort | None = None) -> Participation:
    """`goes_to`: the cohort in which it goes on, whose sessions it still comes to."""
    lock(participation)
    check_move(participation, to=to, moves=PARTICIPATION_MOVES)
    reason = wanted(reason, _("Say why it ends."))
    move(participation, to=to, moves=PARTICIPATION_MOVES, state_reason=reason, ended_at=timezone.now(), ended_by=by)
    record(participation, verb, by=by, data={"reason": reason})
    set_prepared_aside(participation, by=by)
    hold_back_reminders(participation, now=participation.ended_at)
    if to == ParticipationState.TRANSFERRED:  # what it has booked depends on where it goes
        free_seats(participation, by=by, reason=reason, goes_to=goes_to)
    else:
        free_what_it_holds(participation, by=by, reason=reason)
    return participation


@transaction.atomic
def withdraw_participation(participation: Participation, *, by: User, reason: str) -> Participation:
    """The project leaves the cohort, or does not take its place; its lead says so, or a coordinator without an interest in it writes it
    down. Its seats at coming sessions go to whoever waits. Its people, the coordinator and the mentors are told.
    """
    if not participation.project.memberships.filter(person=by, role=ProjectMember.Role.LEAD).exists():
        check_decides_freely(participation.project, by=by)
    ended = _end(participation, to=ParticipationState.WITHDRAWN, by=by, reason=reason, verb="cohorts.withdraw_participation")
    tell_project(
        ended.project,
        subject=gettext_lazy("Your project has left the cohort"),
        lines=[
            with_words(gettext_lazy("It is written down that your project leaves this cohort: %(words)s"), ended.cohort.title),
            gettext_lazy("What it wrote and what its people learned stays theirs: the dossier, the courses, the certificates."),
            with_words(gettext_lazy("The reason that was given: %(words)s"), ended.state_reason),
        ],
        link="cohorts_my_pathway",
        link_label=gettext_lazy("Open my pathway"),
        cause=f"cohort-left:{ended.pk}",
        by=by,
    )
    mentors = [row.mentor for row in ended.project.mentor_assignments.filter(until__isnull=True).select_related("mentor")]
    told = {person.pk: person for person in (who_answers_about(ended.project, ended.cohort.coordinator), *mentors) if person.pk != by.pk}
    tell(
        told.values(),
        subject=gettext_lazy("A project has left its cohort"),
        lines=[
            with_words(gettext_lazy("Project: %(words)s"), ended.project.name),
            with_words(gettext_lazy("Cohort: %(words)s"), ended.cohort.title),
            with_words(gettext_lazy("The reason that was given: %(words)s"), ended.state_reason),
            gettext_lazy("Its place is free, and its seats at sessions to come went to whoever waits."),
        ],
        cause=f"cohort-left-team:{ended.pk}",
        by=by,
    )
    return ended


@transaction.atomic
def dismiss_participation(participation: Participation, *, by: User, reason: str) -> Participation:
    """The Academy ends it, with a reason that the project reads."""
    check_decides_freely(participation.project, by=by)
    ended = _end(participation, to=ParticipationState.DISMISSED, by=by, reason=reason, verb="cohorts.dismiss_participation")
    tell_project(
        ended.project,
        subject=gettext_lazy("Your project leaves the cohort"),
        lines=[gettext_lazy("The Academy ends the participation of your project, for this reason:"), reason],
        cause=f"dismissed:{ended.pk}",
        by=by,
    )
    return ended


@transaction.atomic
def transfer_participation(participation: Participation, *, by: User, to: Cohort, reason: str) -> Participation:
    """Moves an active project to another cohort; gives back the new participation. Exactly one of the two goes on, with the seats at the
    sessions of both, and its people follow the courses of where it goes.
    """
    for cohort in sorted([participation.cohort, to], key=lambda row: row.pk):
        lock(cohort)
    check_decides_freely(participation.project, by=by)
    if to.pk == participation.cohort_id:
        raise RuleViolation(_("The project is in this cohort already."), code="same")
    if to.state == CohortState.CLOSED:
        raise RuleViolation(_("That cohort is closed. Choose one that goes on."), code="closed")
    if to.participations.holding_a_place().count() >= to.capacity:
        raise RuleViolation(_("That cohort is full."), code="full")
    if to.participations.holding_a_place().filter(project=participation.project_id).exists():
        raise RuleViolation(_("The project is in that cohort already."), code="twice")
    ended = _end(participation, to=ParticipationState.TRANSFERRED, by=by, reason=reason, verb="cohorts.transfer", goes_to=to)
    now = timezone.now()
    moved = Participation.objects.create(
        project_id=ended.project_id,
        cohort=to,
        application_id=ended.application_id,
        transferred_from=ended,
        state=ParticipationState.ACTIVE,
        invited_at=now,
        invited_by=by,
        activated_at=now,
        activated_by=by,
    )
    _enrol_people(moved, by=by)
    give_back_office_hours(ended.project, by=by, reason=reason)
    tell_project(
        ended.project,
        subject=gettext_lazy("Your project moves to another cohort"),
        lines=[gettext_lazy("Your project goes on in this cohort:"), to.title, reason],
        link="cohorts_my_pathway",
        link_label=gettext_lazy("Open my pathway"),
        cause=f"transferred:{ended.pk}",
        by=by,
    )
    return moved


@transaction.atomic
def mark_eligible(participation: Participation, *, by: User | None) -> Participation:
    """Says that a project may graduate: everything mandatory is settled. `by` None when the clock finds it."""
    lock(participation)
    check_decides_freely(participation.project, by=by)
    check_move(participation, to=ParticipationState.ELIGIBLE, moves=PARTICIPATION_MOVES)
    check_graduation_is_earned(participation, by=by)
    move(participation, to=ParticipationState.ELIGIBLE, moves=PARTICIPATION_MOVES, eligible_at=timezone.now())
    record(participation, "cohorts.mark_eligible", by=by)
    return participation


@transaction.atomic
def reopen_pathway(participation: Participation, *, by: User | None) -> Participation:
    """Something mandatory is open again: the project walks on, and graduates once it is settled. `by` None when the clock finds it.

    Refused while everything is settled: then nothing keeps the project, and the clock would say so again at once.
    """
    lock(participation)
    check_decides_freely(participation.project, by=by)
    if participation.state != ParticipationState.ELIGIBLE:
        raise RuleViolation(_("This project is not marked as ready to graduate."), code="wrong_state")
    try:
        check_graduation_is_earned(participation, by=by)
    except RuleViolation as missing:
        why = str(missing)
    else:
        words = _(
            "Everything that it needs to graduate is settled. Take back first what is not: a record, a waiver, an answer to its work."
        )
        raise RuleViolation(words, code="settled")
    move(participation, to=ParticipationState.ACTIVE, moves=PARTICIPATION_MOVES, eligible_at=None)
    record(participation, "cohorts.reopen_pathway", by=by, data={"reason": why})
    set_prepared_aside(participation, by=by)
    return participation


@transaction.atomic
def become_alumnus(participation: Participation, *, by: User | None) -> Participation:
    """A graduate whose cohort has closed stays in the network."""
    lock(participation)
    move(participation, to=ParticipationState.ALUMNUS, moves=PARTICIPATION_MOVES)
    record(participation, "cohorts.become_alumnus", by=by)
    return participation


def _record(participation: Participation, *, by: User, requirement: Requirement, outcome: str, reason: str) -> RequirementRecord:
    check_decides_freely(participation.project, by=by)
    if requirement.stage.pathway_id != participation.cohort.pathway_id:
        raise RuleViolation(_("This requirement belongs to another pathway."), code="pathway")
    if participation.state in (ParticipationState.TRANSFERRED, ParticipationState.WITHDRAWN, ParticipationState.DISMISSED):
        raise RuleViolation(_("This project is no longer in the cohort."), code="wrong_state")
    if participation.records.filter(requirement=requirement, annulled_at__isnull=True).exists():
        raise RuleViolation(_("This is recorded already."), code="twice")
    row = RequirementRecord.objects.create(
        participation=participation, requirement=requirement, outcome=outcome, reason=reason, recorded_at=timezone.now(), recorded_by=by
    )
    record(participation, f"cohorts.{outcome}", by=by, data={"requirement": requirement.pk, "reason": reason})
    return row


@transaction.atomic
def record_met(participation: Participation, *, by: User, requirement: Requirement, note: str = "") -> RequirementRecord:
    """Says that something is done which nothing on the site can know (`Requirement.is_by_hand`). The rest is met by what happens, never by hand."""
    lock(participation)
    if not requirement.is_by_hand:
        raise RuleViolation(_("This is done when it happens, not by hand. Waive it if it does not apply."), code="kind")
    return _record(participation, by=by, requirement=requirement, outcome=RequirementRecord.Outcome.MET, reason=note.strip())


@transaction.atomic
def waive(participation: Participation, *, by: User, requirement: Requirement, reason: str) -> RequirementRecord:
    """Frees a project from a requirement of any kind that it has not met. Author and reason stay."""
    lock(participation)
    if requirement.pk in met_by_facts(participation.cohort, participation.project_id):
        raise RuleViolation(_("It is done already: there is nothing to waive."), code="met")
    reason = wanted(reason, _("Say why this requirement is waived."))
    return _record(participation, by=by, requirement=requirement, outcome=RequirementRecord.Outcome.WAIVED, reason=reason)


@transaction.atomic
def annul_record(row: RequirementRecord, *, by: User, reason: str) -> RequirementRecord:
    """Takes back a record or a waiver, before graduation. The row stays, with the reason."""
    lock(row.participation)
    lock(row)
    check_decides_freely(row.participation.project, by=by)
    if row.annulled_at:
        raise RuleViolation(_("This is annulled already."), code="twice")
    if row.participation.graduated_at:
        raise RuleViolation(_("The project has graduated: what led there is kept."), code="graduated")
    row.annulled_at, row.annulled_by, row.annulled_reason = timezone.now(), by, wanted(reason, _("Say why."))
    row.save(update_fields=["annulled_at", "annulled_by", "annulled_reason"])
    record(row.participation, "cohorts.annul_record", by=by, data={"requirement": row.requirement_id, "reason": reason})
    if row.participation.state == ParticipationState.ELIGIBLE:
        with suppress(RuleViolation):  # it is settled all the same
            reopen_pathway(row.participation, by=by)
    return row


@transaction.atomic
def assign_mentor(project: Project, *, by: User, mentor: User, since: date | None = None) -> MentorAssignment:
    """From now on this person accompanies the project, and signs nothing about it."""
    lock(project)
    check_decides_freely(project, by=by)
    if project.memberships.filter(person=mentor).exists():
        raise RuleViolation(_("A member of the project cannot be its mentor."), code="member")
    if project.mentor_assignments.filter(mentor=mentor, until__isnull=True).exists():
        raise RuleViolation(_("This person is the project's mentor already."), code="twice")
    assignment = MentorAssignment.objects.create(project=project, mentor=mentor, since=since or timezone.localdate())
    record(project, "cohorts.assign_mentor", by=by, data={"mentor": mentor.pk})
    return assignment


@transaction.atomic
def end_mentoring(assignment: MentorAssignment, *, by: User, until: date | None = None) -> MentorAssignment:
    lock(assignment)
    check_decides_freely(assignment.project, by=by)
    if assignment.until:
        raise RuleViolation(_("This has ended already."), code="twice")
    assignment.until = max(until or timezone.localdate(), assignment.since)
    assignment.save(update_fields=["until"])
    record(assignment.project, "cohorts.end_mentoring", by=by, data={"mentor": assignment.mentor_id})
    return assignment

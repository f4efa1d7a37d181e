"""Deciding quietly, signing, releasing. Releasing is what changes where a project stands."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.audit import record
from academy.dates import academy_day
from academy.locking import check_move, lock, move, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.actions.freed import free_what_it_holds
from cohorts.actions.partnerships import begin_plan
from cohorts.actions.reviews import release_readers
from cohorts.conditions import check_or_refuse
from cohorts.decisions import ineligible_letters_of, letters_of, offer_letters_of, signatures_needed, valid_signatures
from cohorts.graduation import certify, revoke_certificates
from cohorts.interests import check_decides_freely
from cohorts.letters import decision_letter, graduation_letter, hold_back, send_letter, tell_project
from cohorts.models import (
    APPLICATION_MOVES,
    PARTICIPATION_MOVES,
    REOPENING_MOVES,
    Application,
    ApplicationState,
    Cohort,
    CohortState,
    ConflictDeclaration,
    Determination,
    Participation,
    ParticipationState,
    Partnership,
    ProjectMember,
    Signature,
    Typology,
)
from cohorts.models.application import is_mentor_of
from cohorts.requirements import has_attended_or_waived, still_owed
from cohorts.reserve import reserve_list

ANY = object()  # whatever is prepared or in force: the caller has not looked


def _interest_of(person: User, determination: Determination) -> str:
    """Why this person may not put their name under this decision; empty when nothing stands in the way."""
    project = determination.project
    if determination.kind == Determination.Kind.GRADUATION and is_mentor_of(person, project):
        return _("You are or were the project's mentor: two other people sign.")
    if ProjectMember.objects.filter(project=project, person=person).exists():
        return _("You are a member of this project: two other people sign.")
    if ConflictDeclaration.objects.standing().filter(application__project=project, person=person).exists():
        return _("You declared an interest in this project: two other people sign.")
    return ""


def _write(
    *, kind: str, by: User, replaces: Determination | None, pending: Determination | None, logged: dict | None = None, **values
) -> Determination:
    """A new decision. A pending one that it replaces is closed now; one in force only when the new one is released."""
    now = timezone.now()
    if pending is not None:
        pending.superseded_at = now
        pending.save(update_fields=["superseded_at"])
    determination = Determination.objects.create(kind=kind, decided_at=now, decided_by=by, supersedes=pending or replaces, **values)
    record(determination, "cohorts.decide", by=by, data={"outcome": determination.outcome, **(logged or {})})
    return determination


@transaction.atomic
def decide_admission(
    application: Application,
    *,
    by: User,
    outcome: str,
    reasons: str = "",
    conditions: str = "",
    answer_by: datetime | None = None,
    seen: UUID | object | None = ANY,
) -> Determination:
    """Prepares a decision; the project learns of it on release. Deciding again before release replaces what was prepared.

    On an application already decided this reopens it: the new decision supersedes the old one when it is released, with reasons.
    `seen`: the decision (prepared, else in force) that `by` had before their eyes, None for none; another one there now is a refusal.
    """
    lock(application)
    check_decides_freely(application.project, by=by)
    if outcome not in Determination.ADMISSION_OUTCOMES:
        raise RuleViolation(_("Choose between admitted, reserve list and not admitted."), code="outcome")
    in_force = Determination.objects.in_force().filter(application=application).first()
    pending = Determination.objects.pending().filter(application=application).first()
    _check_seen(seen, pending or in_force)
    _check_decidable(application, outcome)
    if in_force or outcome == Determination.Outcome.DECLINED:
        reasons = wanted(reasons, _("Write the reasons for the project."))
    if answer_by is not None and outcome != Determination.Outcome.ADMITTED:
        answer_by = None  # only a place is waited for
    if answer_by is not None and answer_by <= timezone.now():
        raise RuleViolation(_("The date to answer by is past. Choose a later one."), code="answer_by")
    return _write(
        kind=Determination.Kind.ADMISSION,
        application=application,
        outcome=outcome,
        reasons=reasons.strip(),
        conditions=conditions.strip(),
        answer_by=answer_by,
        by=by,
        replaces=in_force,
        pending=pending,
    )


def _check_seen(seen: UUID | object | None, standing: Determination | None) -> None:
    if seen is not ANY and seen != (standing.pk if standing else None):
        raise RuleViolation(_("Somebody has decided on this project since you opened the page. Load it again and look."), code="changed")


def _check_decidable(application: Application, outcome: str) -> None:
    if outcome != Determination.Outcome.DECLINED and application.cohort.state == CohortState.CLOSED:
        raise RuleViolation(_("This cohort is closed: it has no place to give, and none to wait for."), code="closed")
    if outcome in REOPENING_MOVES.get(application.state, ()):
        taking_part = application.participations.exclude(state=ParticipationState.INVITED).holding_a_place()
        if taking_part.exists():
            raise RuleViolation(_("The project takes part already. End its participation first."), code="takes_part")
    else:
        check_move(application, to=outcome, moves=APPLICATION_MOVES)


@transaction.atomic
def decide_graduation(
    participation: Participation,
    *,
    by: User,
    outcome: str,
    reasons: str = "",
    typology: Typology | None = None,
    seen: UUID | object | None = ANY,
) -> Determination:
    """Prepares a graduation, a “not yet”, or a revocation. Two people sign before it is released. `seen`: as for an admission."""
    lock(participation)
    check_decides_freely(participation.project, by=by)
    if outcome not in Determination.GRADUATION_OUTCOMES:
        raise RuleViolation(_("Choose between graduated, not yet and revoked."), code="outcome")
    in_force = Determination.objects.in_force().filter(participation=participation).first()
    pending = Determination.objects.pending().filter(participation=participation).first()
    _check_seen(seen, pending or in_force)
    _check_graduable(participation, outcome)
    if (outcome == Determination.Outcome.GRADUATED) != (typology is not None):
        raise RuleViolation(_("A graduation names its typology, and no other decision does."), code="typology")
    conditions = []
    if typology is not None:
        conditions = [(row.condition.pk, row.state) for row in check_or_refuse(participation, typology).conditions]
    else:
        reasons = wanted(reasons, _("Write the reasons for the project."))
    return _write(
        kind=Determination.Kind.GRADUATION,
        logged={"conditions": conditions},
        participation=participation,
        outcome=outcome,
        typology=typology,
        reasons=reasons.strip(),
        by=by,
        replaces=in_force,
        pending=pending,
    )


def _check_graduable(participation: Participation, outcome: str) -> None:
    if outcome == Determination.Outcome.REVOKED:
        check_move(participation, to=ParticipationState.REVOKED, moves=PARTICIPATION_MOVES)
        return
    check_move(participation, to=ParticipationState.GRADUATED, moves=PARTICIPATION_MOVES)
    if outcome == Determination.Outcome.GRADUATED:
        check_graduation_is_earned(participation, by=None)


def check_graduation_is_earned(participation: Participation, *, by: User | None) -> None:
    """Every mandatory requirement met or waived, and at least one session attended or waived; else says what is missing."""
    owed = still_owed(participation.cohort, participation.project_id)
    if owed:
        raise RuleViolation(
            _("Still open: %(first)s. In all %(count)s requirements are neither done nor waived.")
            % {"first": owed[0].requirement.title, "count": len(owed)},
            code="owed",
        )
    if not has_attended_or_waived(participation.cohort, participation.project_id):
        raise RuleViolation(_("Nobody of this project attended a session. Waive the session with a reason, or wait."), code="session")


@transaction.atomic
def sign(determination: Determination, *, by: User) -> Signature:
    """Puts one's name under a pending decision. A graduation takes two people, neither of them the project's mentor."""
    lock(determination)
    if determination.released_at or determination.superseded_at:
        raise RuleViolation(_("This decision is released or replaced: nothing is left to sign."), code="wrong_state")
    refusal = _interest_of(by, determination)
    if refusal:
        raise RuleViolation(refusal, code="interest")
    if determination.signatures.filter(signed_by=by).exists():
        raise RuleViolation(_("You have signed this decision already. It needs somebody else."), code="twice")
    signature = Signature.objects.create(determination=determination, signed_by=by, signed_at=timezone.now())
    record(determination, "cohorts.sign", by=by)
    return signature


def set_prepared_aside(participation: Participation, *, by: User | None, reason: str = "") -> bool:
    """What was prepared about its graduation can be released no more. The row and its signatures stay. False when there was nothing."""
    found = list(Determination.objects.pending().filter(participation=participation).select_for_update(no_key=True))
    for decision in found:
        decision.superseded_at = timezone.now()
        decision.save(update_fields=["superseded_at"])
        record(decision, "cohorts.set_aside", by=by, data={"reason": reason} if reason else {})
    return bool(found)


@transaction.atomic
def set_graduation_aside(participation: Participation, *, by: User, reason: str) -> Participation:
    """A graduation, or a revocation, that was prepared is not released after all. The project never knew of it."""
    lock(participation)
    check_decides_freely(participation.project, by=by)
    reason = wanted(reason, _("Say why it is set aside."))
    if not set_prepared_aside(participation, by=by, reason=reason):
        raise RuleViolation(_("No decision is prepared for this project."), code="wrong_state")
    record(participation, "cohorts.set_aside", by=by, data={"reason": reason})
    return participation


def _check_signatures(determination: Determination) -> None:
    needed = signatures_needed(determination)
    valid = len(valid_signatures([determination])[determination.pk])
    if valid < needed:
        raise RuleViolation(
            _("This decision has %(valid)s of %(needed)s signatures. None may be that of the project’s mentor.")
            % {"valid": valid, "needed": needed},
            code="signatures",
        )


def _check_answerable(determination: Determination, now: datetime) -> None:
    if determination.answer_by is not None and determination.answer_by <= now:
        raise RuleViolation(_("The date to answer by is past. Prepare the decision again with a later one."), code="answer_by")


def _supersede(old: Determination, *, now: datetime) -> None:
    """From now on it is history, and what it had to say and has not left yet never leaves."""
    old.superseded_at = now
    old.save(update_fields=["superseded_at"])
    hold_back([letters_of(old), *offer_letters_of(old)], now=now)


@transaction.atomic
def release(determination: Determination, *, by: User, order_reason: str = "", is_first: bool = False) -> Determination:
    """Tells the project, and moves its application or participation. What was in force until now is superseded.

    `order_reason`: why somebody is taken from the reserve list before those who stand higher on it. `is_first`: released from a page that
    shows no letter of before, so it may replace none.
    """
    admission = determination.kind == Determination.Kind.ADMISSION
    if admission:
        lock(determination.application.cohort)  # first: places are counted under it
    subject = lock(determination.subject)
    lock(determination)
    if determination.released_at or determination.superseded_at:
        raise RuleViolation(_("This decision is released or replaced already."), code="wrong_state")
    check_decides_freely(determination.project, by=by)
    _check_signatures(determination)
    now = timezone.now()
    _check_answerable(determination, now)
    told = Determination.objects.in_force().filter(application=determination.application, participation=determination.participation)
    for old in told:
        if is_first:
            words = _("This replaces a decision that was told: release it from the deliberation, beside the letters that were sent.")
            raise RuleViolation(words, code="not_first")
        _supersede(old, now=now)
    determination.released_at, determination.released_by = now, by
    determination.save(update_fields=["released_at", "released_by"])
    record(determination, "cohorts.release", by=by, data={"outcome": determination.outcome})
    if admission:
        _apply_admission(determination, subject, by=by, now=now, order_reason=order_reason)
    else:
        _apply_graduation(determination, subject, by=by, now=now)
    return determination


def _keep_order(application: Application, *, by: User, reason: str) -> None:
    """The first of the reserve list is taken first; another one with a reason, kept in its history. (Those whom it passes have no word of
    it in theirs: who reads them may have an interest in this one.)"""
    order = reserve_list(application.cohort)
    rank = order.index(application.pk) + 1
    if rank == 1:
        return
    reason = wanted(reason, _("Others on the reserve list come before it. Say why it is taken before them."))
    record(application, "cohorts.out_of_order", by=by, data={"reason": reason, "rank": rank})
    for passed in Application.objects.filter(pk__in=order[: rank - 1]):
        record(passed, "cohorts.passed_over", by=by)


def _apply_admission(determination: Determination, application: Application, *, by: User, now: datetime, order_reason: str) -> None:
    outcome = determination.outcome
    _check_decidable(application, outcome)
    if application.state == ApplicationState.RESERVE and outcome == Determination.Outcome.ADMITTED:
        _keep_order(application, by=by, reason=order_reason)
    moves = REOPENING_MOVES if outcome in REOPENING_MOVES.get(application.state, ()) else APPLICATION_MOVES
    move(application, to=outcome, moves=moves, state_reason="")
    release_readers(application, by=by)
    hold_back([ineligible_letters_of(application)], now=now)
    if outcome == Determination.Outcome.ADMITTED:
        cohort = application.cohort
        _check_place(cohort)
        Participation.objects.create(
            project_id=application.project_id, cohort=cohort, application=application, invited_at=now, invited_by=by
        )
    else:
        for invited in application.participations.filter(state=ParticipationState.INVITED):
            move(invited, to=ParticipationState.DISMISSED, moves=PARTICIPATION_MOVES, ended_at=now, ended_by=by)
    send_letter(decision_letter(determination), cause=letters_of(determination), by=by)


def _check_place(cohort: Cohort) -> None:
    if cohort.participations.holding_a_place().count() >= cohort.capacity:
        raise RuleViolation(_("The cohort is full. Put the project on the reserve list, or raise the number of places."), code="full")


def _apply_graduation(determination: Determination, participation: Participation, *, by: User, now: datetime) -> None:
    outcome = determination.outcome
    _check_graduable(participation, outcome)
    project = participation.project
    if outcome == Determination.Outcome.GRADUATED:
        check_or_refuse(participation, determination.typology)
        move(participation, to=ParticipationState.GRADUATED, moves=PARTICIPATION_MOVES, graduated_at=now)
        Partnership.objects.current().filter(project=project).update(ended_at=now, ended_by=by)
        partnership = Partnership.objects.create(
            project=project, typology=determination.typology, determination=determination, since=academy_day(now)
        )
        begin_plan(partnership, by=by)
        certify(participation, determination, by=by)
    elif outcome == Determination.Outcome.REVOKED:
        ended = {"ended_at": now, "ended_by": by, "state_reason": determination.reasons}
        move(participation, to=ParticipationState.REVOKED, moves=PARTICIPATION_MOVES, **ended)
        Partnership.objects.current().filter(project=project).update(ended_at=now, ended_by=by)
        revoke_certificates(participation, by=by, reason=determination.reasons)
        free_what_it_holds(participation, by=by, reason=determination.reasons)
    tell_project(project, **graduation_letter(determination), cause=letters_of(determination), by=by)

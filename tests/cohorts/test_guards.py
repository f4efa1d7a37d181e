"""Invariants 3, 9 and 10 of design.md §3, each with its negative control: the same attempt once the guard is taken away.

A constraint of the database is taken away by writing into a copy of the table that has none; a guard of the code by patching it out.
Each control ends with what the invariant forbids, so the test that stands on the guard could not pass without it.
"""

import pytest
from django.db import IntegrityError
from django.utils import timezone

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.actions import determinations, participations
from cohorts.decisions import valid_signatures
from cohorts.models import Determination, MentorAssignment, Participation, Partnership, Requirement, Signature
from cohorts.requirements import has_attended_or_waived, still_owed
from tests.cohorts.guards import rows_in, write_again
from tests.factories import cohorts as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def settle(participation, *, except_for=()):
    for requirement in Requirement.objects.filter(stage__pathway=participation.cohort.pathway, mandatory=True).exclude(key__in=except_for):
        make.RequirementRecordFactory(participation=participation, requirement=requirement, outcome="waived", reason="Known.")


@pytest.fixture
def eligible(participation, coordinator):
    settle(participation)
    return actions.mark_eligible(participation, by=coordinator)


@pytest.fixture
def graduation(eligible, coordinator):
    return actions.decide_graduation(eligible, by=coordinator, outcome="graduated", typology=make.TypologyFactory())


# 3. A released determination has a date, an outcome and its signatures; graduation ⇔ typology; at most one unsuperseded

IN_TWO = {
    "released by nobody": {"released_at": timezone.now()},
    "graduated to no typology": {"typology_id": None},
    "not yet, with a typology": {"outcome": "not_yet"},
    "an outcome of an admission": {"outcome": "admitted"},
    "about nothing": {"participation_id": None},
}


@pytest.mark.parametrize("changed", IN_TWO.values(), ids=IN_TWO)
def test_what_a_decision_cannot_be_is_refused_by_its_table_alone(changed, graduation, unguarded):
    table = unguarded(Determination)
    alone = {"superseded_at": timezone.now(), "supersedes_id": None}  # so that nothing but the change is in the way
    write_again(graduation, id=make.GraduationFactory.build().id, **alone)
    with pytest.raises(IntegrityError):
        write_again(graduation, id=make.GraduationFactory.build().id, **alone, **changed)
    write_again(graduation, into=table, id=make.GraduationFactory.build().id, **alone, **changed)
    assert rows_in(table) == 2


@pytest.mark.parametrize("released", [False, True])
def test_two_decisions_stand_at_once_only_without_the_constraint(released, graduation, coordinator, unguarded):
    told = {"released_at": timezone.now(), "released_by_id": coordinator.pk} if released else {}
    table = unguarded(Determination)
    if released:
        Determination.objects.filter(pk=graduation.pk).update(**told)
    with pytest.raises(IntegrityError):
        write_again(graduation, id=make.GraduationFactory.build().id, **told)
    write_again(graduation, into=table, id=make.GraduationFactory.build().id, **told)
    assert rows_in(table, "superseded_at IS NULL") == 2


def test_a_decision_is_told_unsigned_only_without_the_count_of_signatures(graduation, coordinator, monkeypatch):
    with pytest.raises(RuleViolation, match="0 of 2 "):
        actions.release(graduation, by=coordinator)
    monkeypatch.setattr(determinations, "_check_signatures", lambda _determination: None)
    actions.release(graduation, by=coordinator)
    assert valid_signatures(Determination.objects.in_force()) == {graduation.pk: []}


# 9. A participation graduates only with every mandatory requirement met or waived and at least one session attended, or a waiver


def not_earned() -> list[Participation]:
    """Those who graduated against invariant 9, asked of the rows as they stand."""
    graduated = Participation.objects.filter(graduated_at__isnull=False).select_related("cohort")
    return [row for row in graduated if still_owed(row.cohort, row.project_id) or not has_attended_or_waived(row.cohort, row.project_id)]


def graduate(participation, *, by, signers):
    actions.mark_eligible(participation, by=by)
    decision = actions.decide_graduation(participation, by=by, outcome="graduated", typology=make.TypologyFactory())
    for person in signers:
        actions.sign(decision, by=person)
    return actions.release(decision, by=by)


def test_a_requirement_is_skipped_only_without_its_check(participation, coordinator, reviewer, trainer, monkeypatch):
    settle(participation, except_for=["plan"])
    with pytest.raises(RuleViolation, match="plan"):
        graduate(participation, by=coordinator, signers=(reviewer, trainer))
    assert not_earned() == []
    monkeypatch.setattr(determinations, "still_owed", lambda *_about: [])
    graduate(participation, by=coordinator, signers=(reviewer, trainer))
    assert not_earned() == [participation]


def test_nobody_need_come_only_without_the_check_on_sessions(coordinator, reviewer, trainer, monkeypatch):
    cohort = make.CohortFactory()
    make.RequirementFactory(stage__pathway=cohort.pathway, mandatory=False)
    participation = make.ParticipationFactory(cohort=cohort)
    with pytest.raises(RuleViolation, match="attended a session"):
        graduate(participation, by=coordinator, signers=(reviewer, trainer))
    assert not_earned() == []
    monkeypatch.setattr(determinations, "has_attended_or_waived", lambda *_about: True)
    graduate(participation, by=coordinator, signers=(reviewer, trainer))
    assert not_earned() == [participation]


@pytest.mark.parametrize("guard_stands", [True, False])
def test_what_is_taken_back_after_the_decision_counts_at_the_release(
    guard_stands, graduation, eligible, coordinator, reviewer, trainer, monkeypatch
):
    for person in (reviewer, trainer):
        actions.sign(graduation, by=person)
    wrong = {"annulled_at": timezone.now(), "annulled_by": coordinator, "annulled_reason": "Another plan."}
    eligible.records.filter(requirement__key="plan").update(**wrong)  # as what happens in another app: nobody looked yet
    if guard_stands:
        with pytest.raises(RuleViolation, match="plan"):
            actions.release(graduation, by=coordinator)
        assert (not_earned(), Partnership.objects.count()) == ([], 0)
    else:
        monkeypatch.setattr(determinations, "check_graduation_is_earned", lambda *_about, **_by: None)
        actions.release(graduation, by=coordinator)
        assert (not_earned(), Partnership.objects.count()) == ([eligible], 1)


def test_marking_as_ready_asks_it_too(participation, coordinator, monkeypatch):
    with pytest.raises(RuleViolation, match="application"):
        actions.mark_eligible(participation, by=coordinator)
    monkeypatch.setattr(participations, "check_graduation_is_earned", lambda *_about, **_by: None)
    assert actions.mark_eligible(participation, by=coordinator).state == "eligible"


# 10. Graduation needs two signatures, of two people, neither of them the project's mentor


def wrongly_signed() -> list[Determination]:
    """Graduations told to a project against invariant 10, asked of the rows as they stand."""
    found = []
    for row in Determination.objects.in_force().filter(kind="graduation"):
        mentors = MentorAssignment.objects.filter(project=row.project).values("mentor")
        if row.signatures.exclude(signed_by__in=mentors).values("signed_by").distinct().count() < 2:
            found.append(row)
    return found


def test_one_person_signs_twice_only_without_the_constraint(graduation, reviewer, unguarded):
    signature = actions.sign(graduation, by=reviewer)
    with pytest.raises(RuleViolation, match="somebody else"):
        actions.sign(graduation, by=reviewer)
    table = unguarded(Signature)
    with pytest.raises(IntegrityError):
        write_again(signature, id=signature.pk + 1)
    write_again(signature, into=table, id=signature.pk + 1)
    assert rows_in(table) == 2


def test_one_signature_is_enough_only_without_the_count(graduation, coordinator, reviewer, monkeypatch):
    actions.sign(graduation, by=reviewer)
    with pytest.raises(RuleViolation, match="1 of 2 "):
        actions.release(graduation, by=coordinator)
    assert wrongly_signed() == []
    monkeypatch.setattr(determinations, "signatures_needed", lambda _determination: 1)
    actions.release(graduation, by=coordinator)
    assert wrongly_signed() == [graduation]


def test_a_mentor_signs_only_without_both_questions(graduation, coordinator, reviewer, trainer, monkeypatch):
    """Asked when they sign, and again at the release: who signed may have become the mentor since."""
    actions.sign(graduation, by=reviewer)
    make.MentorAssignmentFactory(project=graduation.project, mentor=trainer)
    with pytest.raises(RuleViolation, match="mentor"):
        actions.sign(graduation, by=trainer)
    monkeypatch.setattr(determinations, "_interest_of", lambda _person, _determination: "")
    actions.sign(graduation, by=trainer)
    with pytest.raises(RuleViolation, match="1 of 2 "):
        actions.release(graduation, by=coordinator)
    assert wrongly_signed() == []
    monkeypatch.setattr(determinations, "valid_signatures", lambda rows: {row.pk: list(row.signatures.all()) for row in rows})
    actions.release(graduation, by=coordinator)
    assert wrongly_signed() == [graduation]

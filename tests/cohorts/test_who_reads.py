"""Invariants 6, 7 and 13: who reads which application, assessment, decision and registration. Asked of the querysets."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.utils import timezone

from cohorts import actions
from cohorts.comparison import compare, voices_of
from cohorts.models import (
    Application,
    Assessment,
    Cohort,
    ConflictDeclaration,
    Determination,
    Participation,
    Project,
    Registration,
    ReviewAssignment,
    Session,
)
from cohorts.permissions import can_decide_admission, can_handle_application, can_release, can_sign, can_view_application
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def second_reviewer():
    person = UserFactory(name="Second Reviewer")
    person.groups.add(Group.objects.get(name="Reviewers"))
    return person


def review(application, person, state, *, assessment_state=None):
    submitted = timezone.now() if state == "submitted" else None
    assignment = make.ReviewAssignmentFactory(application=application, reviewer=person, state=state, submitted_at=submitted)
    if assessment_state:
        done = {"submitted_at": timezone.now(), "submitted_by": person} if assessment_state == "submitted" else {}
        make.AssessmentFactory(
            application=application, assignment=assignment, kind="reviewer", assessor=person, state=assessment_state, **done
        )
    return assignment


def everything_of(person):
    """Rows of every reading surface that this person has."""
    models = (Application, ReviewAssignment, Assessment, Determination)
    return {model.__name__: model.objects.for_user(person).count() for model in models}


NOTHING = {"Application": 0, "ReviewAssignment": 0, "Assessment": 0, "Determination": 0}


def test_visitor_reads_nothing(submitted, participation, session):
    visitor = AnonymousUser()
    assert everything_of(visitor) == NOTHING
    for model in (Project, Participation, Session, Registration):
        assert model.objects.for_user(visitor).count() == 0


def test_stranger_reads_nothing_and_the_promoter_their_own(submitted, participation, session, promoter, other_promoter):
    make.RegistrationFactory(session=session, project=submitted.project, person=promoter)
    for model in (Application, Project, Participation, Session, Registration):
        assert model.objects.for_user(other_promoter).count() == 0
        assert model.objects.for_user(promoter).count() == 1


def test_planned_cohort_is_known_to_staff_only(cohort, promoter, reviewer):
    make.CohortFactory(pathway=cohort.pathway, rubric=cohort.rubric)
    assert Cohort.objects.for_user(promoter).count() == 1
    assert Cohort.objects.for_user(reviewer).count() == 2


def test_draft_is_the_project_s_own(draft, promoter, coordinator, reviewer):
    assert Application.objects.for_user(promoter).count() == 1
    assert Application.objects.for_user(coordinator).count() == 0
    assert Application.objects.for_user(reviewer).count() == 0


@pytest.mark.parametrize(
    ("state", "reads"),
    [("proposed", 0), ("accepted", 1), ("in_progress", 1), ("submitted", 1), ("declined", 0), ("recused", 0), ("released", 0)],
)
def test_reviewer_reads_what_they_accepted(state, reads, submitted, reviewer):
    review(submitted, reviewer, state)
    assert Application.objects.for_user(reviewer).count() == reads


@pytest.mark.parametrize("state", ["proposed", "accepted", "in_progress", "submitted"])
@pytest.mark.parametrize("role", ["reviewer", "coordinator"])
def test_conflict_closes_every_surface(role, state, submitted, reviewer, coordinator, second_reviewer):
    person = {"reviewer": reviewer, "coordinator": coordinator}[role]
    review(submitted, person, state, assessment_state="submitted" if state == "submitted" else None)
    review(submitted, second_reviewer, "submitted", assessment_state="submitted")
    decision = make.DeterminationFactory(application=submitted)
    actions.declare_interest(submitted, by=person, conflict=True, reason="My brother's project.")
    assert everything_of(person) == NOTHING
    assert ReviewAssignment.objects.get(reviewer=person).state == "recused"
    assert compare(submitted.project, cohort=submitted.cohort, application=submitted, reader=person).reviews == []
    for may in (can_view_application, can_handle_application, can_decide_admission):
        assert not may(person, submitted)
    for may in (can_sign, can_release):
        assert not may(person, decision)
    assert everything_of(second_reviewer)["Application"] == 1


def test_recused_review_is_kept_and_not_counted(submitted, reviewer, coordinator):
    assignment = review(submitted, reviewer, "submitted", assessment_state="submitted")
    assert Assessment.objects.counted().count() == 1
    actions.recuse_reviewer(assignment, by=coordinator, reason="Found late.")
    assert Assessment.objects.counted().count() == 0
    assert Assessment.objects.count() == 1
    assert everything_of(reviewer) == NOTHING


def test_waiver_opens_again_and_is_somebody_else_s_act(submitted, reviewer, coordinator):
    review(submitted, reviewer, "proposed")
    declaration = actions.declare_interest(submitted, by=reviewer, conflict=True, reason="We met once.")
    actions.waive_conflict(declaration, by=coordinator, reason="Everybody met once.")
    assert ConflictDeclaration.objects.standing().count() == 0
    again = actions.assign_reviewer(type(submitted).objects.get(pk=submitted.pk), by=coordinator, reviewer=reviewer)
    assert actions.accept_review(again, by=reviewer).state == "accepted"


def test_member_of_the_project_judges_nothing_of_it(submitted, second_reviewer, coordinator):
    make.ProjectMemberFactory(project=submitted.project, person=coordinator, role="member")
    review(submitted, second_reviewer, "submitted", assessment_state="submitted")
    make.DeterminationFactory(application=submitted)
    assert everything_of(coordinator) == {"Application": 1, "ReviewAssignment": 0, "Assessment": 0, "Determination": 0}
    assert not can_decide_admission(coordinator, submitted)


@pytest.mark.parametrize(("state", "others"), [("accepted", 0), ("in_progress", 0), ("submitted", 1)])
def test_nobody_reads_another_review_before_submitting_their_own(state, others, submitted, reviewer, second_reviewer):
    review(submitted, reviewer, state, assessment_state={"in_progress": "draft", "submitted": "submitted"}.get(state))
    theirs = review(submitted, second_reviewer, "submitted", assessment_state="submitted").assessment
    assert Assessment.objects.for_user(reviewer).filter(pk=theirs.pk).count() == others


def test_draft_of_another_reviewer_is_never_read(submitted, reviewer, second_reviewer):
    review(submitted, reviewer, "submitted", assessment_state="submitted")
    theirs = review(submitted, second_reviewer, "in_progress", assessment_state="draft").assessment
    assert theirs not in Assessment.objects.for_user(reviewer)


def test_taking_a_review_back_closes_the_others_again(submitted, reviewer, second_reviewer):
    Application.objects.filter(pk=submitted.pk).update(state="under_review")
    mine = review(submitted, reviewer, "submitted", assessment_state="submitted")
    theirs = review(submitted, second_reviewer, "submitted", assessment_state="submitted").assessment
    assert theirs in Assessment.objects.for_user(reviewer)
    actions.reopen_review(mine, by=reviewer)
    assert theirs not in Assessment.objects.for_user(reviewer)


def test_coordinator_who_reviews_waits_like_everybody(submitted, coordinator, second_reviewer):
    theirs = review(submitted, second_reviewer, "submitted", assessment_state="submitted").assessment
    assert theirs in Assessment.objects.for_user(coordinator)
    review(submitted, coordinator, "accepted")
    assert theirs not in Assessment.objects.for_user(coordinator)


@pytest.mark.parametrize(("state", "reads"), [("under_review", 0), ("deliberation", 0), ("admitted", 1), ("declined", 1)])
def test_project_reads_the_reviews_once_the_decision_is_told(state, reads, submitted, reviewer, promoter):
    review(submitted, reviewer, "submitted", assessment_state="submitted")
    Application.objects.filter(pk=submitted.pk).update(state=state)
    assert Assessment.objects.for_user(promoter).filter(kind="reviewer").count() == reads


def test_project_reads_a_decision_once_it_is_released(submitted, promoter, coordinator):
    Application.objects.filter(pk=submitted.pk).update(state="deliberation")
    decision = actions.decide_admission(Application.objects.get(), by=coordinator, outcome="admitted")
    assert Determination.objects.for_user(promoter).count() == 0
    actions.release(decision, by=coordinator)
    assert Determination.objects.for_user(promoter).get() == decision


@pytest.mark.parametrize("state", ["under_review", "admitted"])
@pytest.mark.parametrize("role", ["promoter", "coordinator", "second_reviewer", "trainer"])
def test_of_one_s_own_project_a_member_reads_what_members_read(role, state, request, submitted, reviewer):
    """`My pathway` asks as a member: of one's own project no other right adds anything, and of another's it gives nothing."""
    person = request.getfixturevalue(role)
    review(submitted, reviewer, "submitted", assessment_state="submitted")
    make.AssessmentFactory(application=submitted, state="submitted", submitted_at=timezone.now(), submitted_by=reviewer)
    Application.objects.filter(pk=submitted.pk).update(state=state)
    if role != "promoter":
        assert voices_of(submitted.project, cohort=submitted.cohort, application=submitted, reader=person, as_member=True).own is None
        make.ProjectMemberFactory(project=submitted.project, person=person, role="member")
    found = [
        voices_of(submitted.project, cohort=submitted.cohort, application=submitted, reader=person, as_member=asked)
        for asked in (True, False)
    ]
    assert found[0] == found[1]
    assert (len(found[0].reviews), found[0].own is None) == ({"under_review": 0, "admitted": 1}[state], False)

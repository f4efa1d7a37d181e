"""A project that moves to another cohort: its seats, its courses, and where it cannot go."""

import pytest

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import Cohort, Participation
from courses.models import Enrolment
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.courses import make_course

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def course(db):
    return make_course("Second")


@pytest.fixture
def to(rubric, coordinator, course):
    pathway = make.PathwayFactory()
    stage = make.StageFactory(pathway=pathway, key="walk")
    make.RequirementFactory(stage=stage, kind="course", key="second", course_key=course.translation_key)
    return make.open_now(make.CohortFactory(pathway=pathway, rubric=rubric, coordinator=coordinator))


def move(one, to, by):
    return actions.transfer_participation(one.project.participations.get(), by=by, to=to, reason="Another year.")


def test_a_seat_at_a_session_of_both_cohorts_stays_and_another_goes(cohort, to, crowd, coordinator):
    (one,) = crowd(1)
    both, former = make.SessionFactory(cohorts=[cohort, to]), make.SessionFactory(cohorts=[cohort])
    rows = [actions.register(each, by=one.person, person=one.person, project=one.project, payer="project") for each in (both, former)]
    move(one, to, coordinator)
    for row in rows:
        row.refresh_from_db()
    assert [row.status for row in rows] == ["confirmed", "cancelled"]


def test_its_people_follow_the_courses_of_where_it_goes(to, course, crowd, coordinator):
    (one,) = crowd(1)
    move(one, to, coordinator)
    assert list(Enrolment.objects.filter(user=one.person).values_list("course_key", "cohort_key")) == [(course.translation_key, str(to.pk))]


def test_nobody_moves_to_a_closed_cohort(to, crowd, coordinator):
    (one,) = crowd(1)
    Cohort.objects.filter(pk=to.pk).update(state="closed")
    to.refresh_from_db()
    with pytest.raises(RuleViolation, match="closed"):
        move(one, to, coordinator)
    assert list(Participation.objects.filter(project=one.project).values_list("state", flat=True)) == ["active"]


@pytest.mark.parametrize("comes", ["as a member", "as somebody who looks"])
def test_who_joins_a_project_on_its_way_follows_its_courses(to, course, coordinator, comes):
    """As those who were there when it began; who only looks, once they speak for it."""
    place, newcomer = make.ParticipationFactory(cohort=to), UserFactory()
    role = "member" if comes == "as a member" else "viewer"
    membership = actions.add_member(place.project, by=coordinator, person=newcomer, role=role)
    followed = Enrolment.objects.filter(user=newcomer, course_key=course.translation_key, cohort_key=str(to.pk))
    assert followed.exists() == (role == "member")
    actions.change_role(membership, by=coordinator, role="member")
    assert followed.exists()

"""What is next, who owes what, until when; the matrix; the gap. Each in a constant number of queries."""

import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.actions import ScoreInput
from cohorts.comparison import compare
from cohorts.gap import gaps, gaps_by_part
from cohorts.matrix import cohort_matrix
from cohorts.models import Application, Criterion, Participation, Requirement
from cohorts.pathway_state import pathway_state
from tests.factories import cohorts as make
from tests.factories.courses import EnrolmentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def queries(read):
    with CaptureQueriesContext(connection) as captured:
        result = read()
    return result, len(captured)


def rail(state):
    return [stage.state for stage in state.stages]


def test_project_without_a_cohort_has_nothing_to_do(project):
    state = pathway_state(project)
    assert (state.cohort, state.stages, state.next_step) == (None, [], None)


def test_draft_is_the_next_step_until_the_call_closes(draft, project, cohort):
    state = pathway_state(project)
    assert rail(state) == ["here", "next"]
    assert state.next_step.requirement.kind == "application"
    assert state.next_step.due_on == cohort.intake_closes_at.astimezone(ZoneInfo("Europe/Brussels")).date()


def test_after_submission_the_project_assesses_itself_then_smart_owes(submitted, project, promoter):
    state = pathway_state(project)
    assert state.next_step.requirement.kind == "self_assessment"
    assert [row.requirement.kind for row in state.waiting_for_smart] == ["reviewer_assessment"]
    make.AssessmentFactory(application=submitted, state="submitted", submitted_at=timezone.now(), submitted_by=promoter)
    assert pathway_state(project).next_step is None


def test_taking_part_shows_dates_and_what_is_late(participation, project, cohort):
    make.SubmittedApplicationFactory(project=project, cohort=cohort, state="admitted")
    start = cohort.starts_at.astimezone(ZoneInfo(cohort.time_zone)).date()
    rows = {item.requirement.key: item for stage in pathway_state(project).stages for item in stage.items}
    assert rows["plan"].due_on == start + timedelta(days=30)
    assert rows["charter"].due_on is None
    late = pathway_state(project, today=start + timedelta(days=31))
    assert [row.requirement.key for row in late.overdue] == ["plan"]


def test_record_and_waiver_settle_and_annulling_opens_again(participation, project, trainer, coordinator):
    plan = Requirement.objects.get(key="plan")
    row = actions.record_met(participation, by=trainer, requirement=plan, note="Read together.")

    def state_of_plan():
        return next(item.state for stage in pathway_state(project).stages for item in stage.items if item.requirement == plan)

    assert state_of_plan() == "met"
    actions.annul_record(row, by=coordinator, reason="Not theirs.")
    assert state_of_plan() == "open"
    actions.waive(participation, by=coordinator, requirement=plan, reason="Has one.")
    assert state_of_plan() == "waived"


def test_course_is_met_when_the_lead_has_completed_it(rubric, promoter, project):
    cohort = make.CohortFactory(rubric=rubric)
    course = uuid.uuid4()
    make.RequirementFactory(stage__pathway=cohort.pathway, kind="course", course_key=course)
    make.open_now(cohort)
    make.ParticipationFactory(project=project, cohort=cohort)
    colleague = make.ProjectMemberFactory(project=project, role="member").person
    EnrolmentFactory(user=colleague, course_key=course, completed_at=timezone.now())
    enrolment = EnrolmentFactory(user=promoter, course_key=course)
    assert not pathway_state(project).stages[0].items[0].is_settled
    type(enrolment).objects.filter(pk=enrolment.pk).update(completed_at=timezone.now())
    assert pathway_state(project).stages[0].items[0].state == "met"


def test_second_session_wants_a_second_attendance(project, coordinator, rubric):
    cohort = make.CohortFactory(rubric=rubric)
    stage = make.StageFactory(pathway=cohort.pathway)
    for _n in range(2):
        make.RequirementFactory(stage=stage, kind="session")
    make.open_now(cohort)
    make.ParticipationFactory(project=project, cohort=cohort)
    came = {"status": "attended", "confirmed_at": timezone.now()}
    came |= {"funding_verified_at": timezone.now(), "funding_verified_by": coordinator}
    first = make.SessionFactory(cohorts=[cohort])
    for _person in range(2):
        make.RegistrationFactory(session=first, project=project, **came)
    assert [item.state for item in pathway_state(project).stages[0].items] == ["met", "open"]
    make.RegistrationFactory(session=make.SessionFactory(cohorts=[cohort]), project=project, **came)
    assert [item.state for item in pathway_state(project).stages[0].items] == ["met", "met"]


def test_pathway_state_takes_at_most_ten_queries(participation, submitted, project, promoter):
    row = type(submitted).objects.get(pk=submitted.pk).project
    state, count = queries(lambda: pathway_state(row))
    assert state.participation == participation
    assert count <= 10


def test_matrix_takes_as_many_queries_for_60_projects_as_for_3(cohort, crowd, django_assert_max_num_queries):
    crowd(3)
    _matrix, few = queries(lambda: cohort_matrix(cohort))
    crowd(57)
    for participation in Participation.objects.all():
        make.SubmittedApplicationFactory(project=participation.project, cohort=cohort, state="admitted")
    matrix, many = queries(lambda: cohort_matrix(cohort))
    assert (len(matrix.rows), len(matrix.requirements)) == (60, 6)
    assert many == few <= 12
    assert matrix.settled(matrix.requirements[0]) == 60
    with django_assert_max_num_queries(0):
        assert {(row.done, row.total, row.overdue) for row in matrix.rows} == {(1, 5, 0)}
        assert [[stage.state for stage in row.rail] for row in matrix.rows[:1]] == [["here", "next"]]
        assert [str(row.project) for row in matrix.rows]


# The gap


def test_gap_counts_cannot_judge_as_nothing():
    rows = gaps(["need", "network"], {"need": 4, "network": None}, [{"need": 1, "network": 2}, {"need": 3}, {"need": None}])
    need, network = rows
    assert (need.own, need.mean, need.gap, need.spread, need.to_discuss) == (4, 2, 2, 2, True)
    assert (network.own, network.mean, network.gap, network.to_discuss) == (None, 2, None, False)


def test_gap_of_a_part_is_the_mean_of_its_criteria():
    rows = gaps(["a", "b", "c"], {"a": 4, "b": 2}, [{"a": 1, "b": 3}])
    part, empty = gaps_by_part({"impact": ["a", "b"], "craft": ["c"]}, rows)
    assert (part.own, part.mean, part.gap) == (3, 2, 1)
    assert (empty.own, empty.mean, empty.gap) == (None, None, None)


def test_scores_are_kept_draft_by_draft_and_submitted_whole(submitted, promoter):
    assessment = actions.start_self_assessment(submitted.project, by=promoter, cohort=submitted.cohort)
    assert actions.start_self_assessment(submitted.project, by=promoter, cohort=submitted.cohort) == assessment
    first, second = Criterion.objects.filter(part__rubric=assessment.rubric)
    actions.save_scores(assessment, by=promoter, scores={first.pk: ScoreInput(1, evidence="Ten letters.")})
    actions.save_scores(assessment, by=promoter, scores={first.pk: ScoreInput(3)}, summary="We begin.")
    with pytest.raises(RuleViolation, match="1 criterion"):
        actions.submit_assessment(assessment, by=promoter)
    with pytest.raises(RuleViolation, match="criteria"):
        actions.save_scores(assessment, by=promoter, scores={make.CriterionFactory().pk: ScoreInput(1)})
    actions.save_scores(assessment, by=promoter, scores={second.pk: ScoreInput(None)})
    actions.submit_assessment(assessment, by=promoter)
    assert list(assessment.scores.values_list("level__value", flat=True)) == [3, None]
    with pytest.raises(RuleViolation, match="submitted"):
        actions.save_scores(assessment, by=promoter, scores={first.pk: ScoreInput(4)})
    comparison, count = queries(lambda: compare(submitted.project, cohort=submitted.cohort, application=submitted, reader=promoter))
    assert [row.gap.own for row in comparison.parts] == [3, None]
    assert count <= 5


def test_nothing_of_an_application_is_late_before_the_call_closes(draft, project, pathway, cohort, coordinator):
    Requirement.objects.filter(stage__pathway=pathway, key="self").update(offset_days=-60)
    closes = cohort.intake_closes_at.astimezone(ZoneInfo("Europe/Brussels")).date()

    def asked(today) -> tuple:
        rows = {row.requirement.key: row for stage in pathway_state(project, today=today).stages for row in stage.items}
        return rows["self"].due_on, rows["self"].state

    assert (asked(closes), asked(closes + timedelta(days=1))) == ((closes, "open"), (closes, "overdue"))
    more = {"extended_until": cohort.intake_closes_at + timedelta(days=3), "extended_by": coordinator, "extension_reason": "Fire."}
    Application.objects.filter(pk=draft.pk).update(**more)
    assert asked(closes + timedelta(days=3)) == (closes + timedelta(days=3), "open")


@pytest.mark.parametrize("state", ["admitted", "reserve", "declined"])
def test_what_belongs_to_an_application_is_not_late_once_it_is_decided(state, submitted, project, pathway, cohort):
    Requirement.objects.filter(stage__pathway=pathway, key="self").update(offset_days=-60)
    later = cohort.starts_at.date() + timedelta(days=1)

    def late() -> list[str]:
        return [row.requirement.key for row in pathway_state(project, today=later).overdue]

    assert "self" in late()
    Application.objects.filter(pk=submitted.pk).update(state=state)
    assert "self" not in late()

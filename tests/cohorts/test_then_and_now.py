"""A self-assessment is made again midway and at graduation, with the earlier one beside it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.actions import ScoreInput
from cohorts.earlier import earlier_of
from cohorts.models import Assessment, Criterion, Participation, Requirement
from cohorts.rubric_sheet import filled_sheet

pytestmark = pytest.mark.usefixtures("strict_templates")


def assess(project, cohort, moment, level, *, by) -> Assessment:
    row = actions.start_self_assessment(project, by=by, cohort=cohort, moment=moment)
    scores = {one.pk: ScoreInput(level, 2, f"Seen at {moment}.") for one in Criterion.objects.filter(part__rubric=row.rubric)}
    actions.save_scores(row, by=by, scores=scores)
    return actions.submit_assessment(row, by=by)


@pytest.mark.parametrize("moment", ["midway", "graduation"])
@pytest.mark.parametrize("state", ["invited", "paused", "graduated"])
def test_only_who_walks_assesses_itself_again(client_for, promoter, project, cohort, participation, state, moment, english):
    graduated_at = timezone.now() if state == "graduated" else None
    Participation.objects.filter(pk=participation.pk).update(state=state, graduated_at=graduated_at)
    with pytest.raises(RuleViolation) as refused:
        actions.start_self_assessment(project, by=promoter, cohort=cohort, moment=moment)
    assert refused.value.code == "not_walking"
    page = client_for(promoter).get(reverse("cohorts_self_assessment", args=[project.pk, cohort.pk, moment])).content.decode()
    assert (str(refused.value) in page, ">Begin<" in page) == (True, False)
    Participation.objects.filter(pk=participation.pk).update(state="eligible", graduated_at=None)
    assert actions.start_self_assessment(project, by=promoter, cohort=cohort, moment=moment).moment == moment


def test_it_is_due_again_on_the_pathway_and_shows_the_earlier_one(
    client_for, promoter, other_promoter, project, cohort, submitted, participation
):
    Requirement.objects.filter(key="plan").update(kind="self_assessment", moment="midway")
    due = Requirement.objects.get(key="plan")
    assess(project, cohort, "entry", 1, by=promoter)
    client = client_for(promoter)
    step = reverse("cohorts_step", args=[project.pk, due.pk])
    assert step in client.get(reverse("cohorts_my_pathway")).content.decode()
    begin = client.get(step).url
    assert begin == reverse("cohorts_self_assessment", args=[project.pk, cohort.pk, "midway"])
    begun = client.post(begin).url
    page = client.get(f"{begun}need/").content.decode()
    assert "Seen at entry." in page
    row = Assessment.objects.get(moment="midway")
    scores = {one.pk: ScoreInput(3, 2, "") for one in Criterion.objects.filter(part__rubric=row.rubric)}
    actions.save_scores(row, by=promoter, scores=scores)
    actions.submit_assessment(row, by=promoter)
    result = client.get(begun)
    assert [line.step for line in result.context["earlier"].rows] == [2, 2]
    again = assess(project, cohort, "graduation", 4, by=promoter)
    assert earlier_of(again, filled_sheet(again), reader=promoter).assessment == row
    assert earlier_of(again, filled_sheet(again), reader=other_promoter) is None


def test_nothing_is_beside_the_first_one(project, cohort, promoter, submitted):
    first = assess(project, cohort, "entry", 1, by=promoter)
    assert earlier_of(first, filled_sheet(first), reader=promoter) is None

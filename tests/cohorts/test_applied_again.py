"""A project withdraws and applies again to the same call, or is read in two rounds: only what was said of this application, in this round."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts import actions
from cohorts.comparison import compare
from cohorts.models import Application, Assessment, Requirement, ReviewRound
from cohorts.over_time import assessments_over_time
from cohorts.pathway_state import pathway_state
from tests.cohorts.test_results import assessed
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.usefixtures("strict_templates")


@pytest.fixture
def first(submitted, promoter, reviewer):
    """Withdrawn, after the project and a reader had spoken."""
    assessed(submitted, [4, 4])
    assessed(submitted, [0, 0], by=reviewer)
    actions.withdraw_application(submitted, by=promoter)
    return submitted


@pytest.fixture
def again(first, promoter):
    return make.SubmittedApplicationFactory(project=first.project, cohort=first.cohort, submitted_by=promoter, state="deliberation")


def compared(application, reader, **said):
    found = compare(application.project, cohort=application.cohort, reader=reader, application=application, **said)
    return found.own, [row.gap.mean for row in found.parts]


def test_each_application_has_its_own_self_assessment(first, again, promoter, client_for):
    before = first.assessments.get(kind="self")
    begun = actions.start_self_assessment(again.project, by=promoter, cohort=again.cohort)
    assert (begun.application, begun.state) == (again, "draft")
    assert actions.start_self_assessment(again.project, by=promoter, cohort=again.cohort) == begun
    client = client_for(promoter)
    address = reverse("cohorts_self_assessment", args=[again.project_id, again.cohort_id, "entry"])
    assert client.get(address).url == reverse("cohorts_assessment", args=[begun.pk])
    assert client.get(reverse("cohorts_assessment", args=[before.pk])).status_code == 200
    part = client.get(reverse("cohorts_assessment_part", args=[begun.pk, "impact"]))
    assert part.context["earlier"].assessment == before


def test_the_one_of_an_application_that_was_withdrawn_is_read_until_there_is_another(first, promoter, client_for):
    address = reverse("cohorts_self_assessment", args=[first.project_id, first.cohort_id, "entry"])
    assert client_for(promoter).get(address).url == reverse("cohorts_assessment", args=[first.assessments.get(kind="self").pk])


def test_only_the_assessments_of_the_application_are_compared(first, again, coordinator, promoter):
    assert compared(again, coordinator) == (None, [None, None])
    assessed(again, [3, 2], by=UserFactory())
    assert compared(again, coordinator) == (None, [3.0, 2.0])
    assert compared(first, coordinator) == (first.assessments.get(kind="self"), [0.0, 0.0])
    entry = assessments_over_time(again.project, cohort=again.cohort, reader=coordinator)[0]
    assert (entry.own, len(entry.reviews)) == (None, 1)


def test_the_pathway_waits_for_the_assessment_of_this_application(first, again, pathway):
    asked = make.RequirementFactory.build(stage=pathway.stages.first(), kind="self_assessment", moment="entry", key="own-eyes")
    Requirement.objects.bulk_create([asked])  # though the pathway is in use
    (item,) = [item for stage in pathway_state(again.project).stages for item in stage.items if item.requirement.key == "own-eyes"]
    assert not item.is_settled


def test_the_last_round_counts(submitted, coordinator):
    Application.objects.filter(pk=submitted.pk).update(state="under_review")
    assessed(submitted, [0, 0], by=UserFactory())
    earlier, now = make.round_of(submitted.cohort), timezone.now()
    later = ReviewRound.objects.create(cohort=submitted.cohort, number=2, opens_at=now, closes_at=now + timedelta(days=9))
    assert compared(submitted, coordinator) == (None, [0.0, 0.0])
    row = assessed(submitted, [4, 3], by=UserFactory())
    type(row.assignment).objects.filter(pk=row.assignment_id).update(round=later)
    assert compared(submitted, coordinator) == (None, [4.0, 3.0])
    assert compared(submitted, coordinator, of_round=earlier) == (None, [0.0, 0.0])
    entry = assessments_over_time(submitted.project, cohort=submitted.cohort, reader=coordinator)[0]
    assert entry.reviews == list(Assessment.objects.filter(assignment__round=later))

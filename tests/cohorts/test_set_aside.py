"""A conflict reaches every round: what somebody wrote with an interest counts nowhere, also where they were released since."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts import actions
from cohorts.comparison import compare
from cohorts.models import Assessment, ReviewAssignment, ReviewRound
from tests.factories import cohorts as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def rounds(submitted):
    first = make.round_of(submitted.cohort)
    dates = {"opens_at": first.opens_at, "closes_at": first.closes_at}
    return [first, *(ReviewRound.objects.create(cohort=submitted.cohort, number=number, **dates) for number in (2, 3, 4))]


@pytest.fixture
def read(submitted, reviewer, rounds):
    """Submitted and released, submitted, asked again, and once declined."""
    rows = []
    for round, state in zip(rounds, ("released", "submitted", "proposed", "declined"), strict=True):
        at = timezone.now() if state in ("released", "submitted") else None
        row = make.ReviewAssignmentFactory(application=submitted, reviewer=reviewer, round=round, state=state, submitted_at=at)
        if at:
            sent = {"state": "submitted", "submitted_at": at, "submitted_by": reviewer}
            make.AssessmentFactory(application=submitted, assignment=row, kind="reviewer", assessor=reviewer, **sent)
        rows.append(row)
    return rows


def states():
    return list(ReviewAssignment.objects.order_by("round__number").values_list("state", flat=True))


def test_a_conflict_that_is_declared_sets_aside_what_was_written_in_every_round(submitted, reviewer, read, coordinator):
    assert Assessment.objects.counted().count() == 2
    actions.declare_interest(submitted, by=reviewer, conflict=True, reason="Cousins.")
    assert states() == ["recused", "recused", "recused", "declined"]
    assert (Assessment.objects.counted().count(), Assessment.objects.count()) == (0, 2)
    assert compare(submitted.project, cohort=submitted.cohort, application=submitted, reader=coordinator).reviews == []


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_conflict_that_a_coordinator_finds_does_the_same(number, submitted, read, coordinator):
    row = actions.recuse_reviewer(read[number], by=coordinator, reason="Cousins.")
    assert (row.state, row.state_reason) == ("recused", "Cousins.")
    assert states() == ["recused", "recused", "recused", "declined"]
    assert Assessment.objects.counted().count() == 0


def test_the_review_of_who_was_released_is_offered_to_be_set_aside(submitted, read, coordinator, client_for):
    others = ReviewAssignment.objects.exclude(pk=read[0].pk)
    Assessment.objects.filter(assignment__in=others.values("pk")).delete()
    others.delete()
    client = client_for(coordinator)
    page = client.get(reverse("cohorts_cms_application", args=[submitted.pk])).text
    assert (f'value="{read[0].pk}"' in page, "recuse-assignment" in page, "release-reviewer-assignment" in page) == (True, True, False)
    client.post(
        reverse("cohorts_cms_application_verb", args=[submitted.pk, "recuse"]),
        {"recuse-assignment": str(read[0].pk), "recuse-reason": "Cousins."},
    )
    assert states() == ["recused"]

"""The reserve list is taken in its order, or the history keeps why not."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.deliberation import board_of, release_of
from cohorts.models import Cohort, Participation, ReviewRound
from cohorts.reserve import means_of, reserve_list
from cohorts.results import mean_of, voices
from tests.cohorts.test_deliberation import prepared, released, reread, three_of
from tests.cohorts.test_results import assessed
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reserve(cohort, coordinator):
    """Three on the reserve list, told: by name, as nobody has assessed them."""
    three = three_of(cohort)
    for row in three:
        actions.release(prepared(row, "reserve", coordinator, reasons="Later."), by=coordinator)
    return three


def test_the_first_of_the_reserve_list_needs_no_reason(reserve, coordinator):
    actions.release(prepared(reserve[0], "admitted", coordinator, reasons="Yes."), by=coordinator)
    assert reread(reserve[0]).state == "admitted"
    assert not ModelLogEntry.objects.filter(action="cohorts.out_of_order").exists()


@pytest.mark.parametrize("reason", ["", "  "])
def test_another_one_is_not_taken_without_a_reason(reserve, coordinator, reason, english):
    row = prepared(reserve[2], "admitted", coordinator, reasons="Yes.")
    with pytest.raises(RuleViolation, match="Others on the reserve list come before it") as refusal:
        actions.release(row, by=coordinator, order_reason=reason)
    assert refusal.value.code == "reason_wanted"
    assert reread(reserve[2]).state == "reserve"


def test_the_reason_is_asked_before_the_letters_leave_and_is_in_the_history(reserve, coordinator, client_for, english):
    row, client = prepared(reserve[2], "admitted", coordinator, reasons="Yes."), client_for(coordinator)
    address = reverse("cohorts_cms_letters", args=[reserve[2].cohort_id])
    assert 'name="order_reason"' in client.get(address).content.decode()
    refused = released(client, reserve[2].cohort, row)
    assert refused.status_code == 422
    assert 'name="order_reason"' in refused.content.decode()
    assert released(client, reserve[2].cohort, row, order_reason="Only they can begin in May.").status_code == 302
    assert reread(reserve[2]).state == "admitted"
    entry = ModelLogEntry.objects.get(action="cohorts.out_of_order")
    assert (entry.object_id, entry.data) == (str(reserve[2].pk), {"reason": "Only they can begin in May.", "rank": 3})
    page = client.get(reverse("cohorts_cms_application_history", args=[reserve[2].pk])).content.decode()
    assert "Only they can begin in May." in page
    passed = ModelLogEntry.objects.filter(action="cohorts.passed_over")
    assert {one.object_id: one.data for one in passed} == {str(one.pk): {} for one in reserve[:2]}


def test_released_together_they_are_taken_in_the_order_of_the_list(reserve, coordinator, client_for):
    Cohort.objects.update(capacity=3)
    rows = [prepared(one, "admitted", coordinator, reasons="Yes.") for one in reversed(reserve)]
    client = client_for(coordinator)
    assert 'name="order_reason"' not in client.get(reverse("cohorts_cms_letters", args=[reserve[0].cohort_id])).content.decode()
    assert released(client, reserve[0].cohort, *rows).status_code == 302
    assert {reread(one).state for one in reserve} == {"admitted"}


def test_the_order_stays_when_another_round_opens(reserve, coordinator):
    """Those who were told that they are first stay first: each by what was said in the last round that read it."""
    for row, value in zip(reserve, (1, 2, 4), strict=True):
        assessed(row, [value, value], by=UserFactory())
    told = [reserve[2].pk, reserve[1].pk, reserve[0].pk]
    assert reserve_list(reserve[0].cohort) == told
    first = ReviewRound.objects.get(cohort=reserve[0].cohort)
    now = timezone.now()
    ReviewRound.objects.create(cohort=first.cohort, number=2, opens_at=now, closes_at=now + timedelta(days=9), min_reviews=1)
    assert ReviewRound.objects.current(first.cohort).number == 2
    assert reserve_list(first.cohort) == told
    shown = {row.rank: row.line.pk for row in board_of(first.cohort, reader=coordinator).standings}
    assert [shown[rank] for rank in (1, 2, 3)] == told


def test_nothing_leaves_when_a_letter_says_something_else_under_the_lock(reserve, coordinator, english):
    row = prepared(reserve[0], "admitted", coordinator, reasons="Yes.")
    stamp = release_of(row.application.cohort, reader=coordinator).stamp
    make.ProjectMemberFactory(project=reserve[0].project, role="member")
    with pytest.raises(RuleViolation) as refusal:
        actions.release_together(row.application.cohort, by=coordinator, determinations=[row.pk], stamp=stamp)
    assert (refusal.value.code, reread(reserve[0]).state) == ("letters_changed", "reserve")
    stamp = release_of(row.application.cohort, reader=coordinator).stamp
    actions.release_together(row.application.cohort, by=coordinator, determinations=[row.pk], stamp=stamp)
    assert reread(reserve[0]).state == "admitted"


def test_the_order_is_that_of_the_means_of_all_readers_whoever_releases(reserve, coordinator):
    make.ConflictDeclarationFactory(application=reserve[0], person=coordinator)
    with pytest.raises(RuleViolation):
        actions.release(prepared(reserve[1], "admitted", coordinator, reasons="Yes."), by=coordinator)


def test_what_replaces_a_decision_that_was_told_is_not_released_as_a_first_one(reserve, coordinator):
    row = prepared(reserve[0], "admitted", coordinator, reasons="Yes.")
    with pytest.raises(RuleViolation) as refusal:
        actions.release(row, by=coordinator, is_first=True)
    assert (refusal.value.code, reread(reserve[0]).state, reread(row).released_at) == ("not_first", "reserve", None)


def test_the_means_are_those_that_the_results_show(reserve):
    for row, levels in zip(reserve, ([1, 4], [2, None], [0, 3]), strict=True):
        assessed(row, levels, by=UserFactory())
        assessed(row, [3, 2], by=UserFactory())
        assessed(row, [4, 4])  # their own, which counts for nothing here
    cohort = reserve[0].cohort
    cells = voices(cohort, ReviewRound.objects.current(cohort)).cells
    means = means_of(cohort, [row.pk for row in reserve])
    assert means == {row.pk: pytest.approx(mean_of(cells[row.pk])) for row in reserve}
    assert means[reserve[0].pk] == pytest.approx(2.5)


def test_a_closed_cohort_gives_no_place(cohort, coordinator):
    """Nobody is told “Good news” of a cohort that is over; that they are not admitted may still be said."""
    three = three_of(cohort)
    admitted, waits, turned_down = (
        prepared(row, outcome, coordinator) for row, outcome in zip(three, ("admitted", "reserve", "declined"), strict=True)
    )
    Cohort.objects.update(state="closed")
    cohort = Cohort.objects.get()
    words = "This cohort is closed: it has no place to give, and none to wait for."
    with translation.override("en"):
        assert [row.stops for row in release_of(cohort, reader=coordinator).prepared] == [[words], [words], []]
        for decision in (admitted, waits):
            with pytest.raises(RuleViolation, match="This cohort is closed"):
                actions.release(reread(decision), by=coordinator)
        with pytest.raises(RuleViolation, match="This cohort is closed"):
            prepared(reread(three[2]), "admitted", coordinator)
    actions.release(reread(turned_down), by=coordinator)
    assert (Participation.objects.count(), Message.objects.count()) == (0, 1)

"""Rounds of reading: they come with the call, keep their rules once somebody has submitted, and open and close by the clock."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.actions.assessments import ScoreInput
from cohorts.cms_verbs import people_who_assess
from cohorts.coverage import coverage_of, read_round
from cohorts.models import Assessment, ConflictDeclaration, Criterion, ReviewRound
from tests.cohorts.test_who_reads import review, second_reviewer  # noqa: F401 (a fixture)
from tests.factories import cohorts as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def days(number):
    return timezone.now() + timedelta(days=number)


@pytest.fixture
def under_review(submitted):
    type(submitted).objects.filter(pk=submitted.pk).update(state="under_review")
    submitted.refresh_from_db()
    return submitted


@pytest.fixture
def assignment(under_review, reviewer):
    make.ConflictDeclarationFactory(application=under_review, person=reviewer, kind=ConflictDeclaration.Kind.NONE, reason="")
    return make.ReviewAssignmentFactory(application=under_review, reviewer=reviewer, state="accepted")


def everything(assessment):
    return {pk: ScoreInput(2) for pk in Criterion.objects.filter(part__rubric=assessment.rubric_id).values_list("pk", flat=True)}


def refused(verb, *args, **kwargs):
    with pytest.raises(RuleViolation) as refusal:
        verb(*args, **kwargs)
    return refusal.value.code


def test_first_round_comes_when_the_call_opens(pathway, rubric, coordinator):
    cohort = make.CohortFactory(pathway=pathway, rubric=rubric)
    assert ReviewRound.objects.current(cohort) is None
    actions.open_cohort(cohort, by=coordinator)
    row = ReviewRound.objects.get(cohort=cohort)
    assert (row.number, row.min_reviews, row.is_blind, row.others) == (1, 3, False, "after_own")
    assert (row.opens_at, row.closes_at) == (cohort.intake_opens_at, cohort.starts_at)
    last_day = cohort.intake_closes_at
    actions.start_reviewing(cohort, by=coordinator)
    type(cohort).objects.filter(pk=cohort.pk).update(intake_closes_at=last_day)  # closed before it: it is said anew
    actions.open_cohort(cohort, by=coordinator)
    assert ReviewRound.objects.count() == 1


def test_rules_change_until_a_review_is_submitted_then_only_the_closing(submitted, reviewer, coordinator):
    row = make.round_of(submitted.cohort)
    actions.change_round(row, by=coordinator, min_reviews=2, is_blind=True)
    review(submitted, reviewer, "in_progress", assessment_state="draft")
    actions.change_round(row, by=coordinator, min_reviews=4, is_blind=True, others="never")
    review(make.SubmittedApplicationFactory(cohort=submitted.cohort), reviewer, "submitted", assessment_state="submitted")
    for change in ({"min_reviews": 1}, {"is_blind": False}, {"others": "after_own"}, {"opens_at": days(1)}):
        assert refused(actions.change_round, row, by=coordinator, **change) == "frozen"
    row.refresh_from_db()
    actions.change_round(row, by=coordinator, closes_at=days(9), min_reviews=4)
    row.refresh_from_db()
    assert (row.min_reviews, row.is_blind, row.others, row.closes_at.date()) == (4, True, "never", days(9).date())


def test_review_taken_back_does_not_thaw_its_round(assignment, reviewer, coordinator):
    begun = actions.begin_review(assignment, by=reviewer)
    actions.save_scores(begun, by=reviewer, scores=everything(begun))
    actions.submit_assessment(begun, by=reviewer)
    assignment.refresh_from_db()
    actions.reopen_review(assignment, by=reviewer)
    assert refused(actions.change_round, assignment.round, by=coordinator, min_reviews=9) == "frozen"


def test_round_opens_before_it_closes(cohort, coordinator):
    row = make.round_of(cohort)
    assert refused(actions.change_round, row, by=coordinator, closes_at=row.opens_at) == "dates"
    assert refused(actions.plan_round, cohort, by=coordinator, opens_at=days(3), closes_at=days(2)) == "dates"
    assert refused(actions.plan_round, cohort, by=coordinator, opens_at=days(-20), closes_at=days(2)) == "dates"


def test_rounds_stay_in_the_order_of_their_numbers(cohort, coordinator):
    first = make.round_of(cohort)
    second = actions.plan_round(cohort, by=coordinator, opens_at=days(3), closes_at=days(9))
    assert refused(actions.change_round, second, by=coordinator, opens_at=first.opens_at) == "dates"
    first.refresh_from_db()
    assert refused(actions.change_round, first, by=coordinator, opens_at=days(3), closes_at=days(20)) == "dates"
    second.refresh_from_db()
    actions.change_round(second, by=coordinator, opens_at=days(2))
    assert list(ReviewRound.objects.order_by("opens_at").values_list("number", flat=True)) == [1, 2]


def test_next_round_becomes_current_when_it_opens(submitted, reviewer, coordinator):
    first = make.round_of(submitted.cohort)
    read = review(submitted, reviewer, "submitted", assessment_state="submitted")
    second = actions.plan_round(submitted.cohort, by=coordinator, opens_at=days(1), closes_at=days(5), min_reviews=2)
    assert ReviewRound.objects.current(submitted.cohort) == first
    assert ReviewRound.objects.current(submitted.cohort, days(2)) == second
    ReviewRound.objects.filter(pk=second.pk).update(opens_at=days(-0.1))
    again = actions.assign_reviewer(submitted, by=coordinator, reviewer=reviewer)
    assert (read.round, again.round) == (first, second)


def test_round_is_planned_while_the_cohort_may_be_read(cohort, coordinator):
    for state in ("planned", "closed"):
        make.open_now(cohort, state)
        assert refused(actions.plan_round, cohort, by=coordinator, opens_at=days(1), closes_at=days(5)) == "wrong_state"


def test_nobody_is_asked_in_a_round_that_is_over(submitted, reviewer, coordinator):
    make.round_of(submitted.cohort, closes_at=days(-1), opens_at=days(-9))
    assert refused(actions.assign_reviewer, submitted, by=coordinator, reviewer=reviewer) == "round_closed"


@pytest.mark.parametrize(("opens", "closes"), [(1, 9), (-9, -1)], ids=["not open yet", "over"])
def test_reviews_are_given_and_taken_back_while_the_round_is_open(opens, closes, assignment, reviewer):
    round = assignment.round
    shut = {"opens_at": days(opens), "closes_at": days(closes)}
    is_open = {"opens_at": days(-2), "closes_at": days(2)}
    make.round_of(round.cohort, **shut)
    assignment.refresh_from_db()
    assert refused(actions.begin_review, assignment, by=reviewer) == "round_closed"
    make.round_of(round.cohort, **is_open)
    begun = actions.begin_review(type(assignment).objects.get(), by=reviewer)
    actions.save_scores(Assessment.objects.get(), by=reviewer, scores=everything(begun))
    make.round_of(round.cohort, **shut)
    assert refused(actions.submit_assessment, Assessment.objects.get(), by=reviewer) == "round_closed"
    make.round_of(round.cohort, **is_open)
    actions.submit_assessment(Assessment.objects.get(), by=reviewer)
    make.round_of(round.cohort, **shut)
    assert refused(actions.reopen_review, type(assignment).objects.get(), by=reviewer) == "round_closed"
    make.round_of(round.cohort, **is_open)
    assert actions.reopen_review(type(assignment).objects.get(), by=reviewer).state == "in_progress"


@pytest.mark.parametrize(
    ("application", "opens", "closes", "state", "code", "words"),
    [
        ("under_review", -9, -1, "in_progress", "round_closed", "The reading is closed."),
        ("returned", -9, 9, "in_progress", "round_closed", "The project is asked for something more"),
        ("submitted", -9, 9, "in_progress", "round_closed", "The project is asked for something more"),
        ("deliberation", -9, 9, "in_progress", "round_closed", "This application is not under review now."),
        ("under_review", 1, 9, "in_progress", "round_closed", "The reading opens on"),
        ("under_review", -9, 9, "released", "wrong_state", "You are no longer asked to assess this project."),
    ],
)
def test_one_rule_says_when_a_review_is_written(application, opens, closes, state, code, words, assignment, reviewer):
    """Begun, written, sent, and said to be of a new version: refused alike, and in the words of the case."""
    begun = actions.begin_review(assignment, by=reviewer)
    actions.save_scores(begun, by=reviewer, scores=everything(begun))
    make.ApplicationSnapshotFactory(application=begun.application, number=9, content={"project": {}, "answers": {}})
    type(begun.application).objects.update(state=application)
    type(assignment).objects.update(state=state)
    make.round_of(begun.cohort, opens_at=days(opens), closes_at=days(closes))
    verbs = {
        "save_scores": {"scores": {}},
        "save_review": {"written": []},
        "confirm_version": {"number": 9},
    }
    for verb, extra in verbs.items():
        with pytest.raises(RuleViolation) as refusal:
            getattr(actions, verb)(Assessment.objects.get(), by=reviewer, **extra)
        assert (verb, refusal.value.code, str(refusal.value).startswith(words)) == (verb, code, True)


@pytest.mark.parametrize(
    ("application", "opens", "closes", "words"),
    [
        ("submitted", -9, 9, "The review of this application is not started yet"),
        ("under_review", 1, 9, "The reading opens on"),
        ("under_review", -9, -1, "The reading is closed."),
        ("withdrawn", -9, 9, "This application is not under review now."),
        ("under_review", -9, 9, ""),
    ],
)
def test_who_has_accepted_reads_why_they_cannot_begin(application, opens, closes, words, assignment, reviewer, client_for):
    type(assignment.application).objects.update(state=application)
    make.round_of(assignment.round.cohort, opens_at=days(opens), closes_at=days(closes))
    type(reviewer).objects.filter(pk=reviewer.pk).update(language="en")
    page = client_for(reviewer).get(reverse("cohorts_review", args=[assignment.pk]))
    assert page.context["shut"][: len(words) or None] == words


def test_deliberation_counts_the_minimum_of_the_round(under_review, reviewer, second_reviewer, coordinator):  # noqa: F811
    make.round_of(under_review.cohort, min_reviews=2)
    review(under_review, reviewer, "submitted", assessment_state="submitted")
    assert refused(actions.open_deliberation, under_review, by=coordinator) == "reviews_wanted"
    review(under_review, second_reviewer, "submitted", assessment_state="submitted")
    assert actions.open_deliberation(under_review, by=coordinator).state == "deliberation"


def test_reviews_of_an_earlier_round_do_not_count_for_the_next(under_review, reviewer, coordinator):
    review(under_review, reviewer, "submitted", assessment_state="submitted")
    make.round_of(under_review.cohort, opens_at=days(-9))
    ReviewRound.objects.create(cohort=under_review.cohort, number=2, opens_at=days(-1), closes_at=days(9), min_reviews=1)
    assert refused(actions.open_deliberation, under_review, by=coordinator) == "reviews_wanted"


def test_nobody_has_two_voices_in_a_round(under_review, reviewer, second_reviewer, coordinator):  # noqa: F811
    """Let go after having submitted, what they gave counts: asked again they would be counted, and weigh, twice."""
    make.round_of(under_review.cohort, min_reviews=2)
    given = review(under_review, reviewer, "submitted", assessment_state="submitted")
    actions.release_reviewer(given, by=coordinator, reason="Away.")
    assert refused(actions.assign_reviewer, under_review, by=coordinator, reviewer=reviewer) == "twice"
    begun = review(under_review, second_reviewer, "accepted")
    actions.release_reviewer(begun, by=coordinator, reason="Away.")
    assert actions.assign_reviewer(under_review, by=coordinator, reviewer=second_reviewer).state == "proposed"
    second = ReviewRound.objects.create(cohort=under_review.cohort, number=2, opens_at=days(-1), closes_at=days(9))
    assert actions.assign_reviewer(under_review, by=coordinator, reviewer=reviewer).round == second


def test_the_cms_offers_exactly_whom_the_round_of_now_may_ask(under_review, reviewer, second_reviewer, coordinator):  # noqa: F811
    """Whoever has spoken in it is not offered, also when they were let go since; in the next round they are, live in the last or not."""
    make.round_of(under_review.cohort, min_reviews=2)
    assert set(people_who_assess(under_review)) == {reviewer, second_reviewer, coordinator}
    given = review(under_review, reviewer, "submitted", assessment_state="submitted")
    review(under_review, second_reviewer, "submitted", assessment_state="submitted")
    actions.release_reviewer(given, by=coordinator, reason="Away.")
    assert set(people_who_assess(under_review)) == {coordinator}
    ReviewRound.objects.create(cohort=under_review.cohort, number=2, opens_at=days(-1), closes_at=days(9))
    assert set(people_who_assess(under_review)) == {reviewer, second_reviewer, coordinator}
    for person in (reviewer, second_reviewer):
        assert actions.assign_reviewer(under_review, by=coordinator, reviewer=person).round.number == 2


def test_who_was_let_go_after_having_spoken_is_not_wanted_again(under_review, reviewer, second_reviewer, coordinator, client_for):  # noqa: F811
    """What they gave counts: in the coverage of the round, in how many are still asked for, and on the page of the results."""
    round = make.round_of(under_review.cohort, min_reviews=2)
    given = review(under_review, reviewer, "submitted", assessment_state="submitted")
    make.ScoreFactory(assessment=given.assessment, criterion=Criterion.objects.first())
    actions.release_reviewer(given, by=coordinator, reason="Away.")
    (row,) = read_round(round, coordinator).coverage
    assert (row.done, row.need) == (1, 1)
    assert (coverage_of(under_review, round).done, coverage_of(under_review, round).need) == (1, 1)
    page = client_for(coordinator).get(reverse("cohorts_cms_results", args=[under_review.cohort_id]))
    assert page.context["reviews_in"] == 1
    begun = review(under_review, second_reviewer, "in_progress")
    actions.release_reviewer(begun, by=coordinator, reason="Away.")
    (row,) = read_round(round, coordinator).coverage
    assert (row.done, row.need) == (1, 1)


@pytest.mark.parametrize(("others", "read"), [("after_own", True), ("never", False)])
def test_readers_see_each_other_after_their_own_or_never(others, read, submitted, reviewer, second_reviewer, coordinator):  # noqa: F811
    review(submitted, reviewer, "submitted", assessment_state="submitted")
    theirs = review(submitted, second_reviewer, "submitted", assessment_state="submitted").assessment
    make.round_of(submitted.cohort, others=others)
    assert (theirs in Assessment.objects.for_user(reviewer)) is read
    assert theirs in Assessment.objects.for_user(coordinator)


def test_own_review_of_the_first_round_opens_nothing_of_the_second(submitted, reviewer, second_reviewer):  # noqa: F811
    review(submitted, reviewer, "submitted", assessment_state="submitted")
    second = ReviewRound.objects.create(cohort=submitted.cohort, number=2, opens_at=days(-1), closes_at=days(9))
    done = make.ReviewAssignmentFactory(
        application=submitted, reviewer=second_reviewer, state="submitted", submitted_at=timezone.now(), round=second
    )
    theirs = make.AssessmentFactory(
        **{"application": submitted, "assignment": done, "kind": "reviewer", "assessor": second_reviewer},
        **{"state": "submitted", "submitted_at": timezone.now(), "submitted_by": second_reviewer},
    )
    assert theirs not in Assessment.objects.for_user(reviewer)

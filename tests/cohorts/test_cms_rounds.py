"""The page of a round and of a reader in the CMS, the reader's own profile, and the doors of somebody who finds late that they know the project."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from academy.models import Message
from cohorts.models import ConflictDeclaration, ReviewAssignment, ReviewerProfile, ReviewRound
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def round(cohort):
    return make.round_of(cohort, min_reviews=2)


@pytest.fixture
def readers(coordinator):
    people = [UserFactory(name=name) for name in ("Ada", "Ben", "Cleo")]
    for person in people:
        person.groups.add(Group.objects.get(name="Reviewers"))
    return people


def at(name, *args):
    return reverse(f"cohorts_cms_{name}", args=args)


def pairs_in(page):
    return re.findall(r'name="pair" value="([^"]+)"', page.content.decode())


def test_what_is_ticked_is_asked_and_nothing_else(round, cohort, coordinator, readers, client_for):
    row = make.SubmittedApplicationFactory(cohort=cohort)
    client = client_for(coordinator)
    offered = pairs_in(client.get(at("round", round.pk)))
    assert len(offered) == 2
    answer = client.post(at("round_verb", round.pk, "ask"), {"pair": offered[:1], "due_on": "2030-01-31"}, follow=True)
    [asked] = ReviewAssignment.objects.all()
    assert f"{asked.application_id}:{asked.reviewer_id}" == offered[0]
    assert (asked.application, asked.due_on.isoformat(), asked.round, asked.proposed_by) == (row, "2030-01-31", round, coordinator)
    assert len(pairs_in(answer)) == 1


def test_second_tab_asks_nobody_twice_and_says_so(round, cohort, coordinator, readers, client_for):
    make.SubmittedApplicationFactory(cohort=cohort)
    client = client_for(coordinator)
    offered = pairs_in(client.get(at("round", round.pk)))
    for _tab in range(2):
        answer = client.post(at("round_verb", round.pk, "ask"), {"pair": offered}, follow=True)
    assert ReviewAssignment.objects.count() == 2
    assert Message.objects.count() == 2
    assert len(list(answer.context["messages"])) == 2  # one for each that was passed over


def test_wrong_date_keeps_what_was_unticked(round, cohort, coordinator, readers, client_for):
    make.SubmittedApplicationFactory(cohort=cohort)
    client = client_for(coordinator)
    offered = pairs_in(client.get(at("round", round.pk)))
    page = client.post(at("round_verb", round.pk, "ask"), {"pair": offered[1:], "due_on": "soon"})
    assert page.status_code == 200
    html = page.content.decode()
    assert [bool(re.search(f'value="{pair}" checked', html)) for pair in offered] == [False, True]
    assert ReviewAssignment.objects.count() == 0


def test_forged_pairs_are_not_there(round, cohort, coordinator, readers, promoter, client_for):
    client = client_for(coordinator)
    mine = make.SubmittedApplicationFactory(cohort=cohort)
    closed = make.SubmittedApplicationFactory(cohort=cohort)
    make.ConflictDeclarationFactory(application=closed, person=coordinator)
    elsewhere = make.SubmittedApplicationFactory()
    for pair in (f"{closed.pk}:{readers[0].pk}", f"{elsewhere.pk}:{readers[0].pk}", f"{mine.pk}:{promoter.pk}", "nonsense"):
        assert client.post(at("round_verb", round.pk, "ask"), {"pair": [pair]}).status_code == 404
    assert ReviewAssignment.objects.count() == 0


def test_nothing_ticked_is_said(round, cohort, coordinator, readers, client_for):
    answer = client_for(coordinator).post(at("round_verb", round.pk, "ask"), {}, follow=True)
    assert len(list(answer.context["messages"])) == 1


def test_round_is_changed_then_frozen_but_for_its_closing(round, cohort, coordinator, reviewer, client_for):
    client = client_for(coordinator)
    opens, closes = "2030-01-01 10:00", "2030-02-01 10:00"
    typed = {
        "change-opens_at": opens,
        "change-closes_at": closes,
        "change-min_reviews": 4,
        "change-is_blind": "on",
        "change-others": "never",
    }
    assert client.post(at("round_verb", round.pk, "change"), typed).status_code == 302
    round.refresh_from_db()
    assert (round.min_reviews, round.is_blind, round.others, round.closes_at.year) == (4, True, "never", 2030)
    page = client.post(at("round_verb", round.pk, "change"), {**typed, "change-closes_at": "2029-01-01 10:00"})
    assert page.status_code == 200
    assert "2029-01-01 10:00" in page.content.decode()
    row = make.SubmittedApplicationFactory(cohort=cohort)
    make.ReviewAssignmentFactory(application=row, reviewer=reviewer, state="submitted", submitted_at=timezone.now(), round=round)
    html = client.get(at("round", round.pk)).content.decode()
    assert ("change-closes_at" in html, "change-min_reviews" in html) == (True, False)
    client.post(at("round_verb", round.pk, "change"), {**typed, "change-closes_at": "2031-01-01 10:00", "change-min_reviews": 1})
    round.refresh_from_db()
    assert (round.min_reviews, round.closes_at.year) == (4, 2031)


def test_another_round_is_planned_from_the_cohort(round, cohort, coordinator, client_for):
    typed = {"plan-round-min_reviews": 2, "plan-round-others": "after_own"}
    typed |= {"plan-round-opens_at": "2030-01-01 10:00", "plan-round-closes_at": "2030-02-01 10:00"}
    answer = client_for(coordinator).post(at("cohort_verb", cohort.pk, "plan-round"), typed)
    assert answer.status_code == 302
    assert list(ReviewRound.objects.values_list("number", "min_reviews")) == [(1, 2), (2, 2)]


def test_message_to_the_readers_is_a_form_of_the_round(round, cohort, coordinator, reviewer, client_for):
    make.ReviewAssignmentFactory(application=make.SubmittedApplicationFactory(cohort=cohort), reviewer=reviewer)
    answer = client_for(coordinator).post(
        at("round_verb", round.pk, "message"), {"message-subject": "We meet", "message-words": "On Monday."}
    )
    assert answer.status_code == 302
    assert [(one.to, one.subject) for one in Message.objects.all()] == [(reviewer, "We meet")]


def test_coordinator_with_an_interest_sees_nothing_of_it_and_its_numbers_are_not_counted(round, cohort, coordinator, readers, client_for):
    closed = make.SubmittedApplicationFactory(cohort=cohort, project__name="Cousins and sons")
    make.SubmittedApplicationFactory(cohort=cohort, project__name="Strangers")
    make.ReviewAssignmentFactory(application=closed, reviewer=readers[0], state="accepted")
    make.ConflictDeclarationFactory(application=closed, person=coordinator)
    page = client_for(coordinator).get(at("round", round.pk))
    html = page.content.decode()
    assert ("Cousins and sons" in html, "Strangers" in html) == (False, True)
    assert [reader.to_do for reader in page.context["state"].readers] == [0, 0, 0]
    assert len(page.context["state"].coverage) == 1
    assert "Cousins and sons" not in client_for(coordinator).get(at("reader", readers[0].pk)).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_number_of_queries_does_not_depend_on_the_applications(number, round, cohort, coordinator, readers, client_for):
    for _n in range(number):
        row = make.SubmittedApplicationFactory(cohort=cohort)
        for person, state in zip(readers[:2], ("accepted", "proposed"), strict=True):
            make.ReviewAssignmentFactory(application=row, reviewer=person, state=state)
    client = client_for(coordinator)
    client.get(at("round", round.pk))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(at("round", round.pk))
    assert len([one for one in queries if "cohorts_" in one["sql"]]) == COHORT_QUERIES


COHORT_QUERIES = 12


def test_reader_says_what_they_can_take(reviewer, cohort, client_for):
    client = client_for(reviewer)
    typed = {"languages": ["fr"], "pillars": ["impact"], "capacity": "4", "away_until": "2030-01-31"}
    assert client.post(reverse("cohorts_reviewer_profile"), typed).headers["Location"] == reverse("cohorts_reviews")
    profile = ReviewerProfile.objects.get()
    assert (profile.person, profile.languages, profile.pillars, profile.capacity) == (reviewer, ["fr"], ["impact"], 4)
    assert profile.away_until.isoformat() == "2030-01-31"
    page = client.post(reverse("cohorts_reviewer_profile"), {**typed, "capacity": "many"})
    assert (page.status_code, 'value="many"' in page.content.decode()) == (200, True)
    assert 'value="2030-01-31"' in client.get(reverse("cohorts_reviews")).content.decode()


def test_coordinator_says_it_for_them_and_others_may_not(reviewer, coordinator, promoter, trainer, cohort, client_for):
    typed = {"languages": ["en"], "capacity": "2", "away_until": ""}
    assert client_for(coordinator).post(at("reader", reviewer.pk), typed).status_code == 302
    assert ReviewerProfile.objects.get().capacity == 2
    for person in (promoter, trainer, reviewer):
        assert client_for(person).post(at("reader", reviewer.pk), {**typed, "capacity": "9"}).status_code in (302, 404)
    assert client_for(promoter).post(reverse("cohorts_reviewer_profile"), typed).status_code == 404
    assert ReviewerProfile.objects.get().capacity == 2
    assert client_for(coordinator).get(at("reader", promoter.pk)).status_code == 404


def test_interest_found_while_reading_closes_the_application(submitted, reviewer, client_for):
    type(submitted).objects.filter(pk=submitted.pk).update(state="under_review")
    row = make.ReviewAssignmentFactory(application=submitted, reviewer=reviewer, state="accepted")
    client, address = client_for(reviewer), reverse("cohorts_review_conflict", args=[row.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": " "}).status_code == 200
    assert ConflictDeclaration.objects.count() == 0
    for _click in range(2):
        client.post(address, {"reason": "She is my cousin."})
    row.refresh_from_db()
    assert row.state == "recused"
    assert client.get(reverse("cohorts_review", args=[row.pk])).status_code == 404


def test_round_that_is_over_proposes_nobody(round, cohort, coordinator, readers, client_for):
    make.SubmittedApplicationFactory(cohort=cohort)
    make.round_of(cohort, closes_at=timezone.now() - timedelta(hours=1))
    page = client_for(coordinator).get(at("round", round.pk))
    assert page.context["proposal"] is None
    assert pairs_in(page) == []

"""Places that were offered and are not taken yet, and places that move to another cohort."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions, clock
from cohorts.deliberation import board_of
from cohorts.offers import unanswered
from tests.cohorts.test_deliberation import LATER, in_english, prepared, reread, three_of
from tests.factories import cohorts as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(cohort):
    return three_of(cohort)


@pytest.fixture
def client_for(client_for):
    return in_english(client_for)


@pytest.fixture
def offered(three, coordinator):
    decision = actions.release(prepared(three[0], "admitted", coordinator, answer_by=LATER), by=coordinator)
    return decision, three[0].participations.get()


def test_the_clock_reminds_before_and_after_and_ends_nothing(offered, coordinator):
    decision, place = offered
    assert clock.strike(LATER - timedelta(days=5))["places reminded of"] == 0
    for now, count in ((LATER - timedelta(days=2), 1), (LATER + timedelta(hours=1), 1)):
        assert clock.strike(now)["places reminded of"] == count
        assert clock.strike(now)["places reminded of"] == 0
    lead = place.project.memberships.get().person
    assert Message.objects.filter(to=lead, subject="Action required: your place in the cohort").count() == 2
    assert Message.objects.filter(to=coordinator, cause=f"offer-late:{decision.pk}").count() == 1
    assert reread(place).state == "invited"


def test_nobody_is_reminded_of_what_was_answered_since_the_list_was_made(offered, coordinator):
    listed = list(unanswered(LATER))
    assert len(listed) == 1
    _decision, place = offered
    actions.accept_place(place, by=place.project.memberships.get().person)
    assert actions.remind_of_offer(listed[0], by=None, now=LATER) == 0
    assert not Message.objects.filter(cause__startswith="offer-").exists()


def test_nobody_is_reminded_who_has_answered(offered):
    _decision, place = offered
    actions.accept_place(place, by=place.project.memberships.get().person)
    assert clock.strike(LATER)["places reminded of"] == 0


@pytest.fixture
def pass_the_date(monkeypatch):
    """The database keeps decisions as they were written, so the clock is turned and not the row."""
    return lambda: monkeypatch.setattr(timezone, "now", lambda: LATER + timedelta(hours=1))


def test_a_coordinator_ends_an_offer_without_an_answer(offered, coordinator, three, pass_the_date):
    _decision, place = offered
    with pytest.raises(RuleViolation) as refusal:
        actions.lapse_offer(place, by=coordinator)
    assert refusal.value.code == "too_early"
    pass_the_date()
    assert board_of(three[0].cohort, reader=coordinator).standings[0].answer_is_late
    actions.lapse_offer(place, by=coordinator)
    for too_late in (actions.lapse_offer, actions.accept_place):
        with pytest.raises(RuleViolation):
            too_late(place, by=coordinator)
    assert (reread(place).state, place.ended_by) == ("dismissed", coordinator)
    assert Message.objects.filter(subject="Your place is no longer kept").count() == 1


def test_a_late_answer_is_taken_while_the_place_is_kept(offered, pass_the_date):
    _decision, place = offered
    pass_the_date()
    actions.accept_place(place, by=place.project.memberships.get().person)
    assert reread(place).state == "active"


def test_a_decision_whose_date_has_passed_is_not_released(three, coordinator, pass_the_date):
    row = prepared(three[0], "admitted", coordinator, answer_by=LATER)
    pass_the_date()
    with pytest.raises(RuleViolation) as refusal:
        actions.release(row, by=coordinator)
    assert refusal.value.code == "answer_by"


def test_a_project_moves_to_another_cohort_from_its_page(participation, promoter, coordinator, client_for):
    target = make.open_now(make.CohortFactory(title={"en": "Autumn", "fr": "Automne"}, capacity=1), state="running")
    client, address = client_for(coordinator), reverse("cohorts_cms_participation", args=[participation.pk])
    assert "(0 / 1)" in client.get(address).content.decode()
    verb = reverse("cohorts_cms_participation_verb", args=[participation.pk, "transfer"])
    sent = {"transfer-cohort": target.pk, "transfer-reason": "You asked for it."}
    first = client.post(verb, sent)
    assert ["Autumn" in one.body_text for one in first.context["first"].letters] == [True]
    assert (reread(participation).state, Message.objects.count()) == ("active", 0)
    assert client.post(verb, {**sent, "letters": first.context["stamp"]}).status_code == 302
    assert (reread(participation).state, target.participations.get().project) == ("transferred", participation.project)
    assert "Autumn" in Message.objects.get(to=promoter).body_text


def test_a_move_into_a_full_cohort_is_refused_in_words(participation, coordinator, client_for):
    target = make.open_now(make.CohortFactory(capacity=1), state="running")
    make.ParticipationFactory(cohort=target)
    verb = reverse("cohorts_cms_participation_verb", args=[participation.pk, "transfer"])
    answer = client_for(coordinator).post(verb, {"transfer-cohort": target.pk, "transfer-reason": "You asked for it."})
    assert "That cohort is full." in answer.content.decode()
    assert (reread(participation).state, Message.objects.count()) == ("active", 0)


def unsent() -> set[str]:
    return {row.cause.split(":")[0] for row in Message.objects.unsent()}


def test_reminders_that_have_not_left_stay_when_the_place_is_answered_or_gone(offered, coordinator, three, monkeypatch):
    decision, place = offered
    clock.strike(LATER - timedelta(days=1))
    assert "offer-reminder" in unsent()
    actions.release(prepared(reread(three[0]), "declined", coordinator), by=coordinator)
    assert {"offer-reminder", "offer-late"} & unsent() == set()
    again = actions.release(prepared(reread(three[0]), "admitted", coordinator, answer_by=LATER), by=coordinator)
    clock.strike(LATER - timedelta(days=1))
    clock.strike(LATER + timedelta(hours=1))
    assert {"offer-reminder", "offer-late"} <= unsent()
    monkeypatch.setattr(timezone, "now", lambda: LATER + timedelta(hours=1))
    actions.lapse_offer(three[0].participations.get(state="invited"), by=coordinator)
    assert unsent() & {"offer-reminder", "offer-late"} == set()
    assert (decision.pk == again.pk, place.pk) == (False, place.pk)


def test_a_reminder_stays_when_the_place_is_taken(offered):
    _decision, place = offered
    clock.strike(LATER - timedelta(days=1))
    actions.accept_place(place, by=place.project.memberships.get().person)
    assert "offer-reminder" not in unsent()


def test_why_an_offer_ended_is_said_in_the_language_of_the_project(offered, coordinator, three, pass_the_date):
    _decision, place = offered
    type(three[0]).objects.filter(pk=three[0].pk).update(language="fr")
    pass_the_date()
    with translation.override("en"):
        actions.lapse_offer(reread(place), by=coordinator)
    assert reread(place).state_reason == "Pas de réponse avant la date donnée."

"""A place of which nobody pays the trip: its person is told by when, then the clock gives it to whoever waits (anchors §6, T−60)."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from icalendar import Calendar

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions, digest
from cohorts.clock import strike
from cohorts.models import FundingSource, Participation, Registration, Session
from tests.cms_verbs import sure

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

DAY = timedelta(days=1)


@pytest.fixture
def session(session):
    """It costs 400, starts in 60 days, and is open for 40; the money must be found 25 days before it: in 35 days."""
    Session.objects.update(funding_lead_days=25, capacity=1)
    session.refresh_from_db()
    return session


@pytest.fixture
def last_day(session):
    return session.starts_at - 25 * DAY


@pytest.fixture
def seat(session, project, participation, promoter):
    """150 of the 400 are said."""
    return actions.register(session, by=promoter, person=promoter, project=project, payer="project", amount=150)


@pytest.fixture
def waits(session, seat, crowd):
    other = crowd(1)[0]
    return actions.register(session, by=other.person, person=other.person, project=other.project)


def status(row):
    row.refresh_from_db()
    return row.status


def told(row, *, about="fund-"):
    """The letters about the last day, in their order: which of them, and the day that it names."""
    rows = Message.objects.filter(cause__startswith=f"place-papers:{row.pk}:{about}").order_by("created_at", "cause")
    return [one.cause.rsplit("-", 1)[1] for one in rows]


def test_told_twice_then_the_place_goes_to_whoever_waits(session, seat, waits, last_day, promoter, coordinator):
    for moment, letters in (
        (last_day - 15 * DAY, []),
        (last_day - 14 * DAY, ["first"]),
        (last_day - 13 * DAY, ["first"]),
        (last_day - 3 * DAY, ["first", "last"]),
        (last_day - DAY, ["first", "last"]),
    ):
        strike(moment)
        strike(moment)
        assert (told(seat), status(seat)) == (letters, "confirmed"), moment
    done = strike(last_day)
    assert (done["places released"], status(seat), status(waits)) == (1, "released", "offered")
    assert (seat.ended_at is not None, seat.offer_expires_at, seat.holds_a_seat) == (True, None, False)
    letter = Message.objects.get(cause=f"place-ended:{seat.pk}")
    event = next(iter(Calendar.from_ical(letter.calendar).walk("VEVENT")))
    assert (letter.to, event["STATUS"], "Nobody had said in time who pays" in letter.body_text) == (promoter, "CANCELLED", True)
    team = Message.objects.filter(cause__startswith=f"places-released:{session.pk}")
    assert [(one.to, promoter.name in one.body_text) for one in team] == [(session.cohorts.get().coordinator, True)]
    assert strike(last_day + DAY)["places released"] == 0


def test_letter_says_what_is_missing_and_until_when(seat, last_day, promoter):
    promoter.language = "fr"
    promoter.save()
    strike(last_day - 14 * DAY)
    letter = Message.objects.get(cause__startswith=f"place-papers:{seat.pk}:fund-")
    assert ("250" in letter.body_text, "Action requise" in letter.subject) == (True, True)
    seat.refresh_from_db()
    assert seat.funding_due_at == last_day


def test_what_waits_for_the_team_is_held_against_nobody(session, seat, waits, last_day, promoter, coordinator):
    strike(last_day - 14 * DAY)
    actions.declare_funding(seat, by=promoter, payer="grant")
    strike(last_day + DAY)
    assert (status(seat), status(waits)) == ("confirmed", "waiting")
    seat.refresh_from_db()
    assert seat.funding_due_at is None  # said in time: the day is over and done


def test_what_is_refused_late_gives_a_week(session, seat, waits, last_day, promoter, coordinator):
    strike(last_day - 14 * DAY)
    grant = actions.declare_funding(seat, by=promoter, payer="grant")
    strike(last_day)
    actions.refuse_source(grant, by=coordinator, reason="It is for another year.")
    assert strike(last_day + DAY)["places released"] == 0
    seat.refresh_from_db()
    # registration closes in 40 days, five after the last day: a week later nobody could take it, so it stays
    assert (seat.status, seat.funding_due_at) == ("confirmed", None)
    Session.objects.update(registration_deadline=session.starts_at - DAY, cancellation_deadline=session.starts_at - DAY)
    strike(last_day + DAY)
    seat.refresh_from_db()
    assert (seat.funding_due_at, told(seat)) == (last_day + 8 * DAY, ["first", "first"])
    strike(last_day + 7 * DAY)
    assert status(seat) == "confirmed"
    strike(last_day + 8 * DAY)
    assert status(seat) == "released"


def test_whoever_took_the_place_late_has_two_weeks(session, seat, waits, last_day):
    Session.objects.update(registration_deadline=session.starts_at - DAY, cancellation_deadline=session.starts_at - DAY)
    late = last_day - 2 * DAY
    Registration.objects.filter(pk=seat.pk).update(confirmed_at=late)
    for moment, expected in ((last_day, "confirmed"), (late + 13 * DAY, "confirmed"), (late + 14 * DAY, "released")):
        strike(moment)
        assert status(seat) == expected, moment


def test_nobody_is_released_who_was_not_told(session, seat, waits, last_day):
    assert strike(last_day + DAY)["places released"] == 0
    seat.refresh_from_db()
    assert (seat.status, seat.funding_due_at) == ("confirmed", None)  # a week from then, registration is closed
    Session.objects.update(registration_deadline=session.starts_at - DAY, cancellation_deadline=session.starts_at - DAY)
    strike(last_day + DAY)
    assert (status(seat), seat.funding_due_at) == ("confirmed", last_day + 8 * DAY)


@pytest.mark.parametrize("spared", ["turned off", "pauses", "closed", "settled", "off"])
def test_spared(spared, session, seat, waits, last_day, participation, coordinator):
    strike(last_day - 14 * DAY)
    if spared == "turned off":
        Session.objects.update(funding_lead_days=0)
    elif spared == "pauses":
        Participation.objects.filter(pk=participation.pk).update(state="paused")
    elif spared == "closed":
        Session.objects.update(registration_deadline=last_day - DAY)
    elif spared == "settled":
        actions.verify_funding(seat, by=coordinator, reason="The town pays the train.")
    else:
        actions.cancel_session(session, by=coordinator, reason="The house has burnt.")
    assert (strike(last_day)["places released"], status(waits) == "offered") == (0, False)


def test_a_session_that_moves_gives_more_time(session, seat, waits, last_day, coordinator):
    strike(last_day - 14 * DAY)
    later = {name: getattr(session, name) + 20 * DAY for name in ("starts_at", "ends_at", "registration_deadline", "cancellation_deadline")}
    actions.change_session(session, by=coordinator, **later)
    strike(last_day)
    assert status(seat) == "confirmed"
    strike(last_day + 7 * DAY)
    seat.refresh_from_db()
    assert (seat.funding_due_at, told(seat)) == (last_day + 20 * DAY, ["first", "first"])


def test_money_that_is_said_at_the_last_moment_counts(session, seat, waits, last_day, promoter):
    """Read again under the lock: what the list said a moment before is not enough to lose a place."""
    strike(last_day - 14 * DAY)
    FundingSource.objects.create(registration=seat, payer="person")
    assert actions.release_unfunded(session, by=None, now=last_day) == []
    FundingSource.objects.filter(payer="person").delete()
    assert actions.release_unfunded(session, by=None, now=last_day) == [seat]


def test_more_time(session, seat, waits, last_day, coordinator, client):
    strike(last_day - 14 * DAY)
    client.force_login(coordinator)
    page = reverse("cohorts_cms_registration", args=[seat.pk])
    address = reverse("cohorts_cms_registration_verb", args=[seat.pk, "more-time"])
    assert [one.verb.name for one in client.get(page).context["verbs"] if one.verb.name == "more-time"] == ["more-time"]
    until = (last_day + 3 * DAY).replace(second=0, microsecond=0)
    typed = until.astimezone(ZoneInfo(session.time_zone)).strftime("%Y-%m-%d %H:%M")
    sure(client, address, {"more-time-until": typed})
    seat.refresh_from_db()
    assert (seat.funding_due_at, told(seat)) == (until, ["first", "more"])
    strike(last_day)
    assert status(seat) == "confirmed"
    strike(until)
    assert status(seat) == "released"


@pytest.mark.parametrize(("days", "code"), [(-1, "early"), (30, "late")])
def test_more_time_is_refused_in_words(days, code, seat, last_day, coordinator):
    with pytest.raises(RuleViolation) as refusal:
        actions.give_time_to_fund(seat, by=coordinator, until=last_day + days * DAY)
    assert refusal.value.code == code


def test_more_time_where_there_is_no_day(seat, session, coordinator, last_day):
    Session.objects.update(funding_lead_days=0)
    with pytest.raises(RuleViolation) as refusal:
        actions.give_time_to_fund(seat, by=coordinator, until=last_day + DAY)
    assert refusal.value.code == "no_day"


def test_after_registration_it_means_that_the_place_stays(session, seat, waits, last_day, coordinator):
    actions.give_time_to_fund(seat, by=coordinator, until=session.registration_deadline + DAY)
    strike(last_day + DAY)
    seat.refresh_from_db()
    assert (seat.status, seat.funding_until) == ("confirmed", None)


def test_pages_say_the_day(session, seat, last_day, promoter, client, project):
    client.force_login(promoter)
    page = client.get(reverse("cohorts_session", args=[session.pk]))
    assert page.context["place"].registration.funding_until == last_day
    assert "Say it before" in page.content.decode()
    assert any("It is kept for you if somebody has said" in one for one in page.context["reasons"])
    debts = client.get(reverse("cohorts_my_pathway")).context["yours_beside"]
    assert [one.until for one in debts] == [last_day]


def test_page_of_who_lost_the_place(session, seat, waits, last_day, promoter, client):
    strike(last_day - 14 * DAY)
    strike(last_day)
    client.force_login(promoter)
    page = client.get(reverse("cohorts_session", args=[session.pk]))
    assert page.context["place"] is None
    assert page.context["reasons"][0].startswith("Your place was released on")
    assert [one.label for one in page.context["past_places"]] == ["Place given to somebody else"]


def test_weekly_letter_names_the_day(seat, last_day, promoter):
    lines = [line for part in digest.digest_of(promoter).parts for line in part.lines]
    mine = [line for line in lines if line.words.startswith("Say who pays")]
    assert [line.when for line in mine] == [f"until {date_format(timezone.localtime(last_day), 'DATE_FORMAT')}"]

"""What the team does with a seat, its money and its visa writes to people: shown before it leaves, and leaving as it was shown."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import Message
from cohorts.models import Registration
from tests.cms_verbs import sure
from tests.factories import cohorts as make
from tests.factories.travel import FundingSourceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

SEAT = {
    "approve": ("awaiting_approval", "offered", {}),
    "refuse": ("awaiting_approval", "refused", {"refuse-reason": "The room is for others."}),
    "verify-funding": ("confirmed", "ready", {}),
    "cancel": ("confirmed", "cancelled", {"cancel-reason": "They asked for it."}),
}


@pytest.fixture
def seat(session, project, participation, promoter):
    seat = make.RegistrationFactory(session=session, person=promoter, project=project, status="confirmed", confirmed_at=timezone.now())
    FundingSourceFactory(registration=seat)
    return seat


def letters():
    return set(Message.objects.values_list("address", "subject", "body_text"))


@pytest.mark.parametrize("verb", SEAT)
def test_verb_on_a_seat_leaves_as_it_was_shown_ten_minutes_before(client_for, coordinator, promoter, seat, verb, monkeypatch):
    """An offer says until when, to the minute: that of the page on which it was read."""
    before, after, data = SEAT[verb]
    Registration.objects.filter(pk=seat.pk).update(status=before, confirmed_at=seat.confirmed_at if before == "confirmed" else None)
    client, address = client_for(coordinator), reverse("cohorts_cms_registration_verb", args=[seat.pk, verb])
    page = client.post(address, data)
    shown = {(one.address, one.subject, one.body_text) for one in page.context["first"].letters}
    seat.refresh_from_db()
    assert (seat.status, letters(), {email for email, _subject, _body in shown}) == (before, set(), {promoter.email})
    later = timezone.now() + timedelta(minutes=10)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert client.post(address, {**data, "letters": page.context["stamp"]}).status_code == 302
    seat.refresh_from_db()
    assert (seat.status, letters()) == (after, shown)


def test_who_gets_the_place_that_is_freed_is_shown_too(client_for, coordinator, seat, session, crowd):
    """The place of one goes to who waits longest: two letters, one button."""
    type(session).objects.filter(pk=session.pk).update(capacity=1)
    (waits,) = crowd(1)
    make.RegistrationFactory(session=session, person=waits.person, project=waits.project, status="waiting", queue_number=1)
    address = reverse("cohorts_cms_registration_verb", args=[seat.pk, "cancel"])
    page = client_for(coordinator).post(address, {"cancel-reason": ""})
    assert {one.address for one in page.context["first"].letters} == {seat.person.email, waits.person.email}
    assert waits.person.registrations.get().status == "waiting"


def test_what_nobody_was_shown_does_not_leave(client_for, coordinator, seat):
    address = reverse("cohorts_cms_registration_verb", args=[seat.pk, "cancel"])
    page = client_for(coordinator).post(address, {"cancel-reason": "", "letters": "invented"})
    seat.refresh_from_db()
    assert (page.status_code, seat.status, letters()) == (409, "confirmed", set())


@pytest.mark.parametrize(("verb", "data"), [("check", {}), ("refuse", {"refuse-reason": "Not signed."})])
def test_verb_on_who_pays_is_shown(client_for, coordinator, promoter, seat, verb, data):
    source = seat.funding.get()
    client, address = client_for(coordinator), reverse("cohorts_cms_source_verb", args=[source.pk, verb])
    page = client.post(address, data)
    source.refresh_from_db()
    assert (source.is_waiting, [one.address for one in page.context["first"].letters]) == (True, [promoter.email])
    assert sure(client, address, data).status_code == 302
    source.refresh_from_db()
    assert (source.is_waiting, Message.objects.count()) == (False, 1)


def test_a_session_is_called_off_with_the_letters_that_were_shown(client_for, coordinator, seat, session):
    client, address = client_for(coordinator), reverse("cohorts_cms_session_verb", args=[session.pk, "cancel"])
    data = {"cancel-reason": "A strike."}
    page = client.post(address, data)
    session.refresh_from_db()
    assert (session.is_cancelled, [one.address for one in page.context["first"].letters]) == (False, [seat.person.email])
    assert sure(client, address, data).status_code == 302
    session.refresh_from_db()
    assert session.is_cancelled


def test_the_list_is_where_one_comes_back_to(client_for, coordinator, seat, session):
    client, address = client_for(coordinator), reverse("cohorts_cms_registration_verb", args=[seat.pk, "verify-funding"])
    page = client.post(address, {"from": "list"})
    assert '<input type="hidden" name="from" value="list">' in page.text
    assert page.context["back"] == reverse("cohorts_cms_session", args=[session.pk])

"""An offer never outlives the day until which one may register, whatever moves that day; and what was shown long ago opens nothing that is closed."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.erasure import empty
from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import Registration, Session
from tests.factories import cohorts as make
from tests.factories.mentoring import OfficeHourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def ask(session, one, **funding):
    return actions.register(session, by=one.person, person=one.person, project=one.project, **funding)


@pytest.fixture
def later(monkeypatch):
    """Sets the clock forward."""

    def move(**by):
        moment = timezone.now() + timedelta(**by)
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return moment

    return move


def test_nothing_is_approved_once_registration_has_closed(session, crowd, coordinator):
    """The place would be offered until a moment that is past, and lost with the next stroke of the clock."""
    (one,) = crowd(1)
    Session.objects.update(needs_approval=True)
    session.refresh_from_db()
    row = ask(session, one)
    Session.objects.update(registration_deadline=timezone.now() - timedelta(minutes=1))
    with pytest.raises(RuleViolation, match="Registration for this session is closed"):
        actions.approve_registration(Registration.objects.get(pk=row.pk), by=coordinator)


def test_offers_end_with_a_registration_that_ends_earlier(session, crowd, coordinator):
    (one,) = crowd(1)
    row = ask(session, one)
    soon = timezone.now() + timedelta(hours=5)
    Message.objects.all().delete()
    actions.change_session(session, by=coordinator, registration_deadline=soon)
    row.refresh_from_db()
    assert row.offer_expires_at == soon
    told = Message.objects.get(to=one.person)
    assert told.subject == "You have less time to accept your place"
    actions.change_session(session, by=coordinator, registration_deadline=soon + timedelta(hours=1))
    row.refresh_from_db()
    assert (row.offer_expires_at, Message.objects.count()) == (soon, 1)


def shown(client, address, data):
    return client.post(address, data).context["stamp"]


def test_letters_that_were_shown_cancel_no_session_that_has_begun(client_for, coordinator, session, later):
    Session.objects.update(
        starts_at=timezone.now() + timedelta(minutes=30), registration_deadline=timezone.now(), cancellation_deadline=timezone.now()
    )
    client, address = client_for(coordinator), reverse("cohorts_cms_session_verb", args=[session.pk, "cancel"])
    stamp = shown(client, address, {"cancel-reason": "The hall is flooded."})
    later(minutes=45)
    client.post(address, {"cancel-reason": "The hall is flooded.", "letters": stamp})
    session.refresh_from_db()
    assert session.cancelled_at is None


def test_letters_that_were_shown_offer_nothing_that_is_over(client_for, coordinator, session, crowd, later):
    """An hour to answer, and the coordinator came back after ninety minutes: the letter is shown anew, with another hour."""
    (one,) = crowd(1)
    Session.objects.update(offer_hours=1, needs_approval=True)
    session.refresh_from_db()
    row = ask(session, one)
    Message.objects.all().delete()
    client, address = client_for(coordinator), reverse("cohorts_cms_registration_verb", args=[row.pk, "approve"])
    stamp = shown(client, address, {})
    now = later(minutes=90)
    again = client.post(address, {"letters": stamp})
    assert (again.status_code, Message.objects.count()) == (409, 0)
    assert client.post(address, {"letters": again.context["stamp"]}).status_code == 302
    row.refresh_from_db()
    assert row.offer_expires_at == now + timedelta(hours=1)


def test_letters_that_were_shown_promote_nobody_once_registration_has_closed(client_for, coordinator, session, crowd, later):
    first, second = crowd(2)
    Session.objects.update(capacity=1, registration_deadline=timezone.now() + timedelta(minutes=30))
    session.refresh_from_db()
    held, waits = ask(session, first, payer="project"), ask(session, second)
    client, address = client_for(coordinator), reverse("cohorts_cms_registration_verb", args=[held.pk, "cancel"])
    stamp = shown(client, address, {"cancel-reason": ""})
    later(minutes=45)
    page = client.post(address, {"cancel-reason": "", "letters": stamp})
    assert {one.address for one in page.context["first"].letters} == {first.person.email}
    assert client.post(address, {"cancel-reason": "", "letters": page.context["stamp"]}).status_code == 302
    waits.refresh_from_db()
    assert waits.status == "waiting"


def test_arrival_noted_without_a_network_of_whom_a_visa_is_awaited_is_refused_in_words(session, crowd, coordinator):
    """Absent by the clock, paid for, and no visa settled: what the device sends later is a refusal, not an error of the server."""
    (one,) = crowd(1)
    now = timezone.now()
    row = make.RegistrationFactory(
        session=session,
        person=one.person,
        project=one.project,
        status="no_show",
        visa="needed",
        confirmed_at=now,
        funding_verified_at=now,
        funding_verified_by=coordinator,
        ended_at=now,
    )
    Session.objects.update(
        starts_at=now - timedelta(days=2),
        ends_at=now - timedelta(days=1),
        registration_deadline=now - timedelta(days=3),
        cancellation_deadline=now - timedelta(days=3),
    )
    row = Registration.objects.get(pk=row.pk)
    with pytest.raises(RuleViolation, match="The attendance is closed"):
        actions.check_in(row, by=coordinator, at=now - timedelta(days=1, hours=3))


def test_a_reason_with_a_sign_that_no_database_holds_is_kept_without_it(client_for, session, crowd):
    (one,) = crowd(1)
    row = ask(session, one, payer="project")
    answer = client_for(one.person).post(reverse("cohorts_registration_cancel", args=[row.pk]), {"reason": "Ill\x00."})
    row.refresh_from_db()
    assert (answer.status_code, row.status, row.status_reason) == (302, "cancelled", "Ill .")


@pytest.mark.parametrize("goes", ["leaves", "is taken out", "only looks"])
def test_who_speaks_for_the_project_no_more_gives_back_what_they_had_for_it(session, cohort, crowd, coordinator, trainer, goes):
    """Seats are for members of projects that take part: the one who waits gets it, the calendar of the other lets it go."""
    lead, waiting = crowd(2)
    hour = OfficeHourFactory(host=trainer, cohorts=[cohort])
    membership = make.ProjectMemberFactory(project=lead.project, role="member")
    Session.objects.update(capacity=1)
    session.refresh_from_db()
    one = SimpleNamespace(person=membership.person, project=lead.project)
    seat, next_one = ask(session, one, payer="project"), ask(session, waiting)
    booking = actions.book_office_hour(hour, by=one.person, project=one.project)
    if goes == "only looks":
        actions.change_role(membership, by=lead.person, role="viewer")
    else:
        actions.leave_project(membership, by=one.person if goes == "leaves" else lead.person)
    for row in (seat, next_one, booking):
        row.refresh_from_db()
    assert (seat.status, next_one.status, booking.cancelled_at is not None) == ("cancelled", "offered", True)
    gone = Message.objects.get(cause=f"place-ended:{seat.pk}")
    assert (gone.to, "METHOD:CANCEL" in gone.calendar) == (one.person, True)


def test_a_place_given_back_late_is_told_to_who_coordinates_and_in_time_to_nobody(session, crowd, coordinator):
    seats = [
        make.RegistrationFactory(session=session, person=one.person, project=one.project, status="confirmed", confirmed_at=timezone.now())
        for one in crowd(3)
    ]
    told = Message.objects.filter(cause__startswith="place-late:")
    actions.cancel_registration(seats[0], by=seats[0].person, reason="A strike.")
    assert not told.exists()
    Session.objects.filter(pk=session.pk).update(cancellation_deadline=timezone.now() - timedelta(hours=1))
    for seat in seats[1:]:
        seat.refresh_from_db()
    actions.cancel_registration(seats[1], by=seats[1].person, reason="A strike.")
    [letter] = told
    assert (letter.to, seats[1].status) == (coordinator, "cancelled_late")
    assert ("A strike." in letter.body_text, str(seats[1].project) in letter.body_text) == (True, True)
    actions.cancel_registration(seats[2], by=coordinator, reason="They phoned.")
    assert told.count() == 1
    empty(seats[1].person)
    assert told.get().body_text == ""

"""Invariant 11: the calendar of whoever comes. One UID for a session and a person, SEQUENCE that only rises, a cancellation sent as one;
hours that are right through summer time and midnight; the feed that a calendar fetches; the reminders.
"""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.core import mail
from django.urls import reverse

from academy.models import Message
from cohorts import actions
from cohorts.actions.seat_letters import tell_confirmed
from cohorts.calendar import days_before, session_calendar
from cohorts.clock import strike
from cohorts.entries import entry_of
from cohorts.models import CalendarEntry, CalendarFeed, Registration
from tests.factories import cohorts as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def read(body):
    calendar = icalendar.Calendar.from_ical(body)
    return calendar, calendar.walk("VEVENT")[0]


def sent(person):
    """METHOD, STATUS, UID and SEQUENCE of each calendar file that went to a person, in order."""
    found = []
    for body in Message.objects.filter(to=person).exclude(calendar="").order_by("created_at").values_list("calendar", flat=True):
        calendar, event = read(body)
        found.append((str(calendar["METHOD"]), str(event["STATUS"]), str(event["UID"]), event["SEQUENCE"]))
    return found


@pytest.fixture
def seat(session, crowd):
    [one] = crowd(1)
    return actions.register(session, by=one.person, person=one.person, project=one.project, payer="project")


def test_a_life_of_one_entry(seat, session, coordinator):
    person = seat.person
    actions.change_session(session, by=coordinator, place="Charleroi")
    actions.cancel_registration(seat, by=person, reason="Ill.")
    again = actions.register(session, by=person, person=person, project=seat.project, payer="person")
    actions.change_session(session, by=coordinator, starts_at=session.starts_at + timedelta(hours=1))
    actions.cancel_session(session, by=coordinator, reason="Strike.")
    uid = CalendarEntry.objects.get().uid
    assert [(method, status, sequence) for method, status, _uid, sequence in sent(person)] == [
        ("REQUEST", "CONFIRMED", 0),
        ("REQUEST", "CONFIRMED", 1),
        ("CANCEL", "CANCELLED", 2),
        ("REQUEST", "CONFIRMED", 3),
        ("REQUEST", "CONFIRMED", 4),
        ("CANCEL", "CANCELLED", 5),
    ]
    assert {one[2] for one in sent(person)} == {uid}
    again.refresh_from_db()
    assert again.status == "cancelled"


def test_a_change_that_no_calendar_shows_sends_nothing(seat, session, coordinator):
    actions.change_session(session, by=coordinator, estimated_cost=500, capacity=3)
    assert [one[3] for one in sent(seat.person)] == [0]


def test_only_whoever_comes_has_an_entry(cohort, crowd, coordinator):
    session = make.SessionFactory(cohorts=[cohort], capacity=2)
    sure, asked, waits = crowd(3)
    actions.register(session, by=sure.person, person=sure.person, project=sure.project, payer="person")
    for one in (asked, waits):
        actions.register(session, by=one.person, person=one.person, project=one.project)
    actions.change_session(session, by=coordinator, place="Liège")
    assert [len(sent(one.person)) for one in (sure, asked, waits)] == [2, 0, 0]
    assert {Message.objects.filter(to=one.person, subject="A session has changed").count() for one in (sure, asked, waits)} == {1}
    uids = {uid for one in (sure, asked, waits) for _m, _s, uid, _n in sent(one.person)}
    assert len(uids) == 1


def test_two_people_have_two_uids_that_tell_nobody(session, crowd):
    for one in crowd(2):
        actions.register(session, by=one.person, person=one.person, project=one.project, payer="person")
    entries = list(CalendarEntry.objects.select_related("person"))
    assert len({entry.uid for entry in entries}) == 2
    for entry in entries:
        body = session_calendar(session, entry=entry).decode().replace("\r\n ", "")
        assert body.count("ATTENDEE") == 1
        assert f"mailto:{entry.person.email}" in body


def test_a_refused_verb_takes_its_number_back(seat, session, coordinator):
    with pytest.raises(Exception, match="starts before it ends"):
        actions.change_session(session, by=coordinator, place="Gent", ends_at=session.starts_at)
    assert CalendarEntry.objects.get().sequence == 0


def test_mail_carries_the_entry_for_programs_and_as_a_file(session, crowd, django_capture_on_commit_callbacks):
    [one] = crowd(1)
    with django_capture_on_commit_callbacks(execute=True):
        actions.register(session, by=one.person, person=one.person, project=one.project, payer="person")
    [letter] = [message for message in mail.outbox if message.to == [one.person.email]]
    raw = message_from_bytes(letter.message().as_bytes())
    parts = {part.get_content_type(): part for part in raw.walk() if not part.is_multipart()}
    assert list(parts) == ["text/plain", "text/html", "text/calendar", "application/ics"]
    assert parts["text/calendar"].get_param("method") == "REQUEST"
    assert parts["application/ics"].get_filename() == "session.ics"
    files = {parts[kind].get_payload(decode=True).replace(b"\r\n", b"\n") for kind in ("text/calendar", "application/ics")}
    assert len(files) == 1
    assert parts["application/ics"].get_payload(decode=True).count(b"\r\n") > 10


def test_mail_is_written_once_for_a_cause(seat, session, coordinator):
    tell_confirmed(seat, by=coordinator)
    assert len(sent(seat.person)) == 1


# Hours, through summer time and midnight

ZONES = [
    # The night in which Brussels goes to summer time: 22:00 to 10:00 is eleven hours.
    ("Europe/Brussels", datetime(2027, 3, 27, 22), datetime(2027, 3, 28, 10), timedelta(hours=11)),
    ("Europe/Brussels", datetime(2027, 10, 30, 22), datetime(2027, 10, 31, 10), timedelta(hours=13)),
    ("Asia/Kathmandu", datetime(2027, 3, 27, 22), datetime(2027, 3, 28, 10), timedelta(hours=12)),
    ("America/Sao_Paulo", datetime(2027, 3, 27, 22), datetime(2027, 3, 28, 10), timedelta(hours=12)),
    ("America/Montreal", datetime(2027, 3, 13, 22), datetime(2027, 3, 14, 10), timedelta(hours=11)),
    # Morocco goes back an hour for Ramadan, five weeks that a coarse look at the zone misses.
    ("Africa/Casablanca", datetime(2027, 2, 6, 22), datetime(2027, 2, 7, 10), timedelta(hours=13)),
]


@pytest.mark.parametrize(("zone", "start", "end", "lasts"), ZONES)
def test_hours_are_those_on_the_clock_of_the_place(zone, start, end, lasts, cohort, promoter):
    there = ZoneInfo(zone)
    session = make.SessionFactory(
        cohorts=[cohort], time_zone=zone, starts_at=start.replace(tzinfo=there), ends_at=end.replace(tzinfo=there)
    )
    session.refresh_from_db()
    calendar, event = read(session_calendar(session, entry=entry_of(session, promoter)))
    assert (event["DTSTART"].to_ical(), event["DTEND"].to_ical()) == (f"{start:%Y%m%dT%H%M%S}".encode(), f"{end:%Y%m%dT%H%M%S}".encode())
    assert (event["DTSTART"].params["TZID"], event["DTEND"].params["TZID"]) == (zone, zone)
    assert [str(one["TZID"]) for one in calendar.walk("VTIMEZONE")] == [zone]
    assert session.ends_at - session.starts_at == lasts
    described = calendar.walk("VTIMEZONE")[0].to_tz()
    for moment, wall in ((session.starts_at, start), (session.ends_at, end)):
        assert wall.replace(tzinfo=described).utcoffset() == moment.astimezone(there).utcoffset()


def test_a_session_that_moves_to_another_zone_moves_in_the_calendar(seat, session, coordinator):
    actions.change_session(session, by=coordinator, time_zone="Asia/Kathmandu")
    _calendar, event = read(Message.objects.filter(to=seat.person).exclude(calendar="").latest("created_at").calendar)
    assert event["DTSTART"].dt == session.starts_at.replace(microsecond=0)
    assert event["DTSTART"].params["TZID"] == "Asia/Kathmandu"


def test_the_public_entry_is_the_session_s_own(session, coordinator):
    calendar, event = read(session_calendar(session))
    assert (calendar["METHOD"], event["UID"], event["SEQUENCE"]) == ("PUBLISH", session.ics_uid, 0)
    actions.change_session(session, by=coordinator, place="Charleroi", starts_at=session.starts_at + timedelta(hours=1))
    actions.cancel_session(session, by=coordinator, reason="Strike.")
    calendar, event = read(session_calendar(session))
    assert (calendar["METHOD"], event["STATUS"], event["UID"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", session.ics_uid, 2)


# The feed


@pytest.fixture
def calendar_of(client):
    def fetch(feed):
        response = client.get(reverse("cohorts_calendar_feed", args=[feed.token]))
        return response.status_code, response.content

    return fetch


def summaries(body):
    return sorted((str(event["SUMMARY"]), str(event.get("STATUS", ""))) for event in icalendar.Calendar.from_ical(body).walk("VEVENT"))


def test_feed_holds_own_seats_and_own_dates_only(seat, session, cohort, crowd, calendar_of, promoter, client):
    [other] = crowd(1)
    second = make.SessionFactory(cohorts=[cohort], title={"en": "Autumn", "fr": "Automne"})
    actions.register(second, by=seat.person, person=seat.person, project=seat.project)
    make.SessionFactory(cohorts=[cohort], title={"en": "Nobody asked", "fr": "Personne"})
    seat.person.language = "en"
    seat.person.save()
    status, body = calendar_of(actions.open_feed(seat.person, by=seat.person))
    assert status == 200
    found = summaries(body)
    assert ("Spring session", "CONFIRMED") in found
    assert ("Autumn", "TENTATIVE") in found
    assert ("Last day to accept your place: Autumn", "") in found
    assert not [one for one in found if "Nobody" in one[0]]
    assert [one for one in found if one[0].startswith("Due: ")]
    assert b"ATTENDEE" not in body
    assert other.person.email.encode() not in body
    status, body = calendar_of(actions.open_feed(promoter, by=promoter))
    assert (status, summaries(body)) == (200, [])


def test_feed_and_mail_speak_of_the_same_entry(seat, session, coordinator, calendar_of):
    actions.change_session(session, by=coordinator, place="Charleroi")
    _status, body = calendar_of(actions.open_feed(seat.person, by=seat.person))
    [event] = [one for one in icalendar.Calendar.from_ical(body).walk("VEVENT") if one.get("STATUS") == "CONFIRMED"]
    assert (str(event["UID"]), event["SEQUENCE"]) == sent(seat.person)[-1][2:]


def test_feed_of_who_came_back_has_no_smaller_number_than_the_mails(seat, session, calendar_of):
    actions.cancel_registration(seat, by=seat.person)
    actions.register(session, by=seat.person, person=seat.person, project=seat.project)
    _status, body = calendar_of(actions.open_feed(seat.person, by=seat.person))
    [event] = [one for one in icalendar.Calendar.from_ical(body).walk("VEVENT") if one.get("STATUS") == "TENTATIVE"]
    last = sent(seat.person)[-1]
    assert (str(event["UID"]), event["SEQUENCE"]) == (last[2], last[3])
    assert last[3] == 1


def test_what_is_over_leaves_the_feed(seat, session, calendar_of):
    feed = actions.open_feed(seat.person, by=seat.person)
    actions.cancel_registration(seat, by=seat.person)
    assert not [one for one in summaries(calendar_of(feed)[1]) if one[1]]


def test_renewed_closed_made_up_and_inactive_open_nothing(seat, calendar_of):
    feed = actions.open_feed(seat.person, by=seat.person)
    assert actions.open_feed(seat.person, by=seat.person) == feed
    old = CalendarFeed.objects.get()
    renewed = actions.renew_feed(seat.person, by=seat.person)
    assert [calendar_of(one)[0] for one in (old, renewed)] == [404, 200]
    type(seat.person).objects.filter(pk=seat.person.pk).update(is_active=False)
    assert calendar_of(renewed)[0] == 404
    type(seat.person).objects.filter(pk=seat.person.pk).update(is_active=True)
    actions.close_feed(seat.person, by=seat.person)
    assert calendar_of(renewed)[0] == 404


@pytest.mark.parametrize("token", ["x", "0.0", "11111111111111111111111111111111.forged", "é"])
def test_a_made_up_address_is_not_there(token, client):
    assert client.get(reverse("cohorts_calendar_feed", args=[token])).status_code == 404


def test_the_key_without_the_signature_opens_nothing(seat, client):
    feed = actions.open_feed(seat.person, by=seat.person)
    assert client.get(reverse("cohorts_calendar_feed", args=[feed.key.hex])).status_code == 404
    response = client.get(reverse("cohorts_calendar_feed", args=[feed.token]))
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("number", [1, 3])
def test_feed_asks_as_much_for_one_seat_as_for_three(number, cohort, crowd, calendar_of, django_assert_num_queries):
    [one] = crowd(1)
    for _n in range(number):
        session = make.SessionFactory(cohorts=[cohort])
        actions.register(session, by=one.person, person=one.person, project=one.project, payer="person")
    feed = actions.open_feed(one.person, by=one.person)
    calendar_of(feed)
    with django_assert_num_queries(11):
        calendar_of(feed)


def test_page_of_the_calendar(client_for, promoter, other_promoter):
    client = client_for(promoter)
    page = reverse("cohorts_my_calendar")
    assert client.get(page).context["feed"] is None
    assert client.post(reverse("cohorts_my_calendar_act", args=["renew"]), follow=True).status_code == 200
    assert CalendarFeed.objects.count() == 0
    client.post(reverse("cohorts_my_calendar_act", args=["open"]))
    address = client.get(page).context["address"]
    assert address.endswith(".ics")
    assert address.encode() in client.get(page).content
    assert address.encode() not in client_for(other_promoter).get(page).content
    client.post(reverse("cohorts_my_calendar_act", args=["renew"]))
    assert client.get(page).context["address"] != address
    client.post(reverse("cohorts_my_calendar_act", args=["close"]))
    assert CalendarFeed.objects.count() == 0
    assert client.post(reverse("cohorts_my_calendar_act", args=["nothing"])).status_code == 404


# Reminders


def reminders(person):
    return list(
        Message.objects.filter(to=person, cause__startswith="session-reminder").order_by("created_at").values_list("subject", flat=True)
    )


def test_reminders_once_each_and_with_what_is_missing(session, crowd, coordinator):
    ready, unpaid, gone, late = crowd(4)
    rows = [
        actions.register(session, by=one.person, person=one.person, project=one.project, payer="project") for one in (ready, unpaid, gone)
    ]
    actions.verify_funding(rows[0], by=coordinator)
    actions.cancel_registration(rows[2], by=gone.person)
    for days in (31, 30, 29):
        strike(session.starts_at - timedelta(days=days))
    assert [reminders(one.person) for one in (ready, unpaid, gone)] == [
        ["Soon: the session"],
        ["Action required: nobody has checked who pays for your trip"],
        [],
    ]
    joined = actions.register(session, by=late.person, person=late.person, project=late.project, payer="project")
    Registration.objects.filter(pk=joined.pk).update(confirmed_at=session.starts_at - timedelta(days=20))
    strike(session.starts_at - timedelta(days=19))
    assert reminders(late.person) == []
    for days in (7, 6, 0, -1):
        strike(session.starts_at - timedelta(days=days))
    assert [len(reminders(one.person)) for one in (ready, unpaid, gone, late)] == [2, 2, 0, 1]


def test_a_clock_that_slept_sends_the_nearest_reminder_only(seat, session):
    strike(session.starts_at - timedelta(days=2))
    assert len(reminders(seat.person)) == 1


def test_a_session_that_moves_is_reminded_of_again(seat, session, coordinator):
    strike(session.starts_at - timedelta(days=7))
    actions.change_session(
        session, by=coordinator, starts_at=session.starts_at + timedelta(days=14), ends_at=session.ends_at + timedelta(days=14)
    )
    strike(session.starts_at - timedelta(days=7))
    strike(session.starts_at - timedelta(days=6))
    assert len(reminders(seat.person)) == 2


def test_nobody_is_reminded_of_a_cancelled_session(seat, session, coordinator):
    actions.cancel_session(session, by=coordinator, reason="Strike.")
    assert strike(session.starts_at - timedelta(days=7)) == {}


def test_days_before_are_counted_on_the_clock_of_the_place(cohort):
    there = ZoneInfo("Europe/Brussels")
    session = make.SessionFactory(
        cohorts=[cohort], starts_at=datetime(2027, 4, 1, 9, tzinfo=there), ends_at=datetime(2027, 4, 1, 18, tzinfo=there)
    )
    session.refresh_from_db()
    assert days_before(session, 7) == datetime(2027, 3, 25, 9, tzinfo=there)
    assert session.starts_at - days_before(session, 7).astimezone(UTC) == timedelta(days=7, hours=-1)

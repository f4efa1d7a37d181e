"""Office hours: opened on the clock of the host, booked without double booking, given back, cancelled, reminded of."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.utils import timezone

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.clock import strike
from cohorts.feeds import feed_of
from cohorts.models import OfficeHour, OfficeHourBooking, OfficeHourEntry
from tests.factories import cohorts as make
from tests.factories.mentoring import OfficeHourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

NOW = datetime(2027, 3, 1, 8, tzinfo=UTC)
BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.fixture
def at(monkeypatch):
    """Sets the clock."""

    def set_to(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return moment

    return set_to


@pytest.fixture
def hour(trainer, cohort):
    return OfficeHourFactory(host=trainer, cohorts=[cohort])


@pytest.fixture
def group(trainer, cohort):
    return OfficeHourFactory(host=trainer, cohorts=[cohort], capacity=2)


def open_hours(host, **said):
    offer = {"starts_at": datetime(2027, 3, 15, 10, tzinfo=BRUSSELS), "minutes": 45, "for_whom": "own", "link": "https://call.example/a"}
    return actions.open_office_hours(host, by=host, **(offer | said))


def book(hour, one, question=""):
    return actions.book_office_hour(OfficeHour.objects.get(pk=hour.pk), by=one.person, project=one.project, question=question)


def letters(person):
    """Subject, METHOD and SEQUENCE of what went to a person, in order."""
    found = []
    for message in Message.objects.filter(to=person).order_by("created_at"):
        if not message.calendar:
            found.append((message.subject, "", None))
            continue
        calendar = icalendar.Calendar.from_ical(message.calendar)
        found.append((message.subject, str(calendar["METHOD"]), calendar.walk("VEVENT")[0]["SEQUENCE"]))
    return found


# Opening


@pytest.mark.parametrize(
    ("zone", "first", "hours_utc"),
    [
        # Brussels goes to summer time on 28 March: ten o'clock is nine, then eight in UTC.
        ("Europe/Brussels", datetime(2027, 3, 15, 10), [9, 9, 8]),
        ("Europe/Brussels", datetime(2027, 10, 18, 10), [8, 8, 9]),
        ("Asia/Kathmandu", datetime(2027, 3, 15, 10), [4, 4, 4]),
        ("America/Sao_Paulo", datetime(2027, 3, 15, 10), [13, 13, 13]),
    ],
)
def test_every_week_at_the_same_hour_of_the_clock(zone, first, hours_utc, trainer, at):
    at(NOW)
    trainer.time_zone = zone
    trainer.save()
    there = ZoneInfo(zone)
    hours = open_hours(trainer, starts_at=first.replace(tzinfo=there), times=3)
    for hour in hours:
        hour.refresh_from_db()
    assert [hour.starts_at.astimezone(there).replace(tzinfo=None) for hour in hours] == [first + timedelta(weeks=n) for n in range(3)]
    assert [hour.starts_at.astimezone(UTC).hour for hour in hours] == hours_utc
    assert {hour.ends_at - hour.starts_at for hour in hours} == {timedelta(minutes=45)}


def test_an_hour_that_the_clocks_skip_opens_none_of_them(trainer, at):
    at(NOW)
    with pytest.raises(RuleViolation, match=r"clocks change in Brussels"):
        open_hours(trainer, starts_at=datetime(2027, 3, 21, 2, 30, tzinfo=BRUSSELS), times=3)
    assert OfficeHour.objects.count() == 0


def test_two_hours_of_one_host_never_meet(trainer, coordinator, at):
    at(NOW)
    start = datetime(2027, 3, 15, 10, tzinfo=BRUSSELS)
    [first] = open_hours(trainer)
    for minutes, code in ((-44, "overlap"), (0, "overlap"), (44, "overlap")):
        with pytest.raises(RuleViolation) as refused:
            open_hours(trainer, starts_at=start + timedelta(minutes=minutes))
        assert refused.value.code == code
    open_hours(trainer, starts_at=start + timedelta(minutes=45))
    open_hours(trainer, starts_at=start - timedelta(minutes=45))
    open_hours(coordinator)
    with pytest.raises(RuleViolation):  # the second week would meet it: none is opened
        open_hours(trainer, starts_at=start - timedelta(weeks=1), times=2)
    actions.cancel_office_hour(first, by=trainer, reason="Ill.")
    open_hours(trainer)
    assert OfficeHour.objects.standing().filter(host=trainer).count() == 3


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"link": ""}, "where"),
        ({"for_whom": "cohorts"}, "cohorts"),
        ({"capacity": 0}, "capacity"),
        ({"minutes": 0}, "length"),
        ({"times": 27}, "length"),
        ({"starts_at": datetime(2027, 2, 28, 10, tzinfo=BRUSSELS)}, "past"),
    ],
)
def test_what_cannot_be_opened(said, code, trainer, at):
    at(NOW)
    with pytest.raises(RuleViolation) as refused:
        open_hours(trainer, **said)
    assert refused.value.code == code


# For whom


def offered(person):
    return set(OfficeHour.objects.open_to(person))


def test_an_hour_of_a_cohort_is_for_its_projects(hour, crowd, other_promoter, reviewer, trainer):
    [one] = crowd(1)
    other = make.ProjectMemberFactory(project=make.ParticipationFactory().project).person
    viewer = make.ProjectMemberFactory(project=one.project, role="viewer").person
    assert offered(one.person) == {hour}
    for person in (other, viewer, other_promoter, reviewer, trainer):
        assert offered(person) == set()


def test_an_hour_for_ones_own_projects_is_for_those_one_accompanies_now(trainer, crowd):
    mine, past, other = crowd(3)
    make.MentorAssignmentFactory(project=mine.project, mentor=trainer)
    make.MentorAssignmentFactory(project=past.project, mentor=trainer, until=timezone.localdate())
    hour = OfficeHourFactory(host=trainer, for_whom="own")
    assert [offered(one.person) for one in (mine, past, other)] == [{hour}, set(), set()]
    with pytest.raises(RuleViolation) as refused:
        book(hour, other)
    assert refused.value.code == "not_offered"


@pytest.mark.parametrize("state", ["invited", "paused", "withdrawn", "dismissed", "transferred"])
def test_a_project_that_does_not_walk_books_nothing(state, hour, crowd):
    [one] = crowd(1)
    row = one.project.participations.get()
    ended = {} if state in ("invited", "paused") else {"ended_at": timezone.now(), "ended_by": one.person}
    type(row).objects.filter(pk=row.pk).update(state=state, **ended)
    with pytest.raises(RuleViolation) as refused:
        book(hour, one)
    assert refused.value.code == "not_offered"


# Booking


def test_one_to_one_is_one_project_and_its_people(hour, crowd):
    one, other = crowd(2)
    fellow = make.ProjectMemberFactory(project=one.project, role="member").person
    book(hour, one)
    with pytest.raises(RuleViolation) as refused:
        book(hour, other)
    assert refused.value.code == "full"
    actions.book_office_hour(hour, by=fellow, project=one.project)
    assert hour.bookings.live().count() == 2
    with pytest.raises(RuleViolation) as refused:
        book(hour, one)
    assert refused.value.code == "twice"


def test_a_group_is_full_when_its_projects_are(group, crowd):
    first, second, third = crowd(3)
    book(group, first)
    book(group, second)
    with pytest.raises(RuleViolation) as refused:
        book(group, third)
    assert refused.value.code == "full"
    actions.cancel_booking(OfficeHourBooking.objects.get(person=first.person), by=first.person, reason="A customer.")
    assert book(group, third).hour == group


def test_nobody_is_in_two_hours_at_once(hour, coordinator, cohort, crowd):
    [one] = crowd(1)
    other = OfficeHourFactory(host=coordinator, cohorts=[cohort], starts_at=hour.starts_at + timedelta(minutes=30))
    after = OfficeHourFactory(host=coordinator, cohorts=[cohort], starts_at=hour.ends_at)
    booking = book(hour, one)
    with pytest.raises(RuleViolation) as refused:
        book(other, one)
    assert refused.value.code == "overlap"
    book(after, one)
    actions.cancel_booking(booking, by=one.person, reason="Later suits me.")
    with pytest.raises(RuleViolation):
        book(other, one)  # it meets the second


def test_what_has_begun_or_is_cancelled_is_not_booked_nor_given_back(hour, group, trainer, crowd, at):
    [one] = crowd(1)
    booking = book(hour, one)
    actions.cancel_office_hour(group, by=trainer, reason="Ill.")
    with pytest.raises(RuleViolation) as refused:
        book(group, one)
    assert refused.value.code == "cancelled"
    at(hour.starts_at)
    fellow = make.ProjectMemberFactory(project=one.project, role="member").person
    for act in (
        lambda: actions.book_office_hour(hour, by=fellow, project=one.project),
        lambda: actions.cancel_booking(booking, by=one.person, reason="Late."),
        lambda: actions.cancel_office_hour(hour, by=trainer, reason="Late."),
    ):
        with pytest.raises(RuleViolation) as refused:
            act()
        assert refused.value.code == "begun"


# Letters and calendars


def test_a_life_of_an_hour_in_both_calendars(group, trainer, crowd):
    first, second = crowd(2)
    booking = book(group, first, "How do we price?")
    book(group, second)
    actions.cancel_booking(booking, by=first.person, reason="A customer.")
    book(group, first)
    actions.cancel_office_hour(group, by=trainer, reason="Ill.")
    assert letters(first.person) == [
        ("Your office hour is booked", "REQUEST", 0),
        ("Your office hour is cancelled", "CANCEL", 1),
        ("Your office hour is booked", "REQUEST", 2),
        ("An office hour is cancelled", "CANCEL", 3),
    ]
    assert [row[1:] for row in letters(second.person)] == [("REQUEST", 0), ("CANCEL", 1)]
    assert letters(trainer) == [
        ("Somebody comes to your office hour", "REQUEST", 0),
        ("Somebody comes to your office hour", "REQUEST", 1),
        ("Somebody no longer comes to your office hour", "REQUEST", 2),
        ("Somebody comes to your office hour", "REQUEST", 3),
        ("An office hour is cancelled", "CANCEL", 4),
    ]
    assert OfficeHourEntry.objects.values("uid").distinct().count() == 3


def test_the_last_who_leaves_takes_the_hour_out_of_the_host_s_calendar(hour, trainer, crowd):
    [one] = crowd(1)
    actions.cancel_booking(book(hour, one), by=one.person, reason="A customer.")
    assert letters(trainer)[-1] == ("Somebody no longer comes to your office hour", "CANCEL", 1)
    assert "A customer." in Message.objects.filter(to=trainer).latest("created_at").body_text


def test_only_the_host_reads_in_the_calendar_who_comes(hour, trainer, crowd):
    [one] = crowd(1)
    type(one.person).objects.update(language="en")
    book(hour, one, "How do we price?")
    theirs, hosts = (Message.objects.get(to=person).calendar.replace("\r\n ", "") for person in (one.person, trainer))
    assert f"SUMMARY:Office hour with {trainer}" in theirs
    assert "How do we price?" not in theirs
    assert f"SUMMARY:Office hour: {one.project.name}" in hosts
    assert "How do we price?" in hosts
    for body in (theirs, hosts):
        assert "LOCATION:Brussels\\, https://call.example/room" in body
        assert body.count("ATTENDEE") == 1


def test_letters_say_the_hour_on_both_clocks(trainer, cohort, crowd):
    [one] = crowd(1)
    type(one.person).objects.filter(pk=one.person.pk).update(time_zone="Asia/Kathmandu", language="en")
    one.person.refresh_from_db()
    hour = OfficeHourFactory(host=trainer, cohorts=[cohort], starts_at=datetime(2099, 3, 16, 19, tzinfo=BRUSSELS))
    book(hour, one)
    said = Message.objects.get(to=one.person).body_text
    assert "March 16, 2099, 11:45 pm (Kathmandu) = March 16, 2099, 7 pm (Brussels)" in said


def test_summer_time_between_booking_and_day_changes_the_promoters_hour_not_the_host_s(trainer, cohort, crowd, at):
    at(NOW)
    [one] = crowd(1)
    [hour] = open_hours(trainer, starts_at=datetime(2027, 3, 29, 10, tzinfo=BRUSSELS), for_whom="cohorts", cohorts=[cohort])
    book(hour, one)
    event = icalendar.Calendar.from_ical(Message.objects.filter(to=one.person).get().calendar).walk("VEVENT")[0]
    assert event["DTSTART"].to_ical() == b"20270329T100000"
    assert event["DTSTART"].params["TZID"] == "Europe/Brussels"
    clocks = {zone: hour.starts_at.astimezone(ZoneInfo(zone)).strftime("%H:%M") for zone in ("Asia/Kathmandu", "America/Sao_Paulo")}
    assert clocks == {"Asia/Kathmandu": "13:45", "America/Sao_Paulo": "05:00"}


def test_the_feed_holds_what_i_booked_and_the_hours_to_which_somebody_comes(hour, group, trainer, crowd):
    one, _other = crowd(2)
    booking = book(hour, one)

    def titles(person):
        return [str(event["SUMMARY"]) for event in icalendar.Calendar.from_ical(feed_of(person)).walk("VEVENT") if "LOCATION" in event]

    assert titles(one.person) == [f"Office hour with {trainer}"]
    assert titles(trainer) == [f"Office hour: {one.project.name}"]
    actions.cancel_booking(booking, by=one.person, reason="A customer.")
    assert (titles(one.person), titles(trainer)) == ([], [])


@pytest.mark.parametrize("number", [1, 3])
def test_the_feed_of_a_host_costs_the_same_for_one_hour_and_three(number, trainer, cohort, crowd, django_assert_num_queries):
    for n, one in enumerate(crowd(number)):
        book(OfficeHourFactory(host=trainer, cohorts=[cohort], starts_at=timezone.now() + timedelta(days=n + 1)), one)
    with django_assert_num_queries(5):
        feed_of(trainer)


# The day before


def test_reminders_come_once_the_day_before_on_the_clock_of_the_host(trainer, cohort, crowd, at):
    at(NOW)
    one, late = crowd(2)
    # Sunday 28 March has 23 hours in Brussels: the day before is 23 hours before.
    [hour] = open_hours(trainer, starts_at=datetime(2027, 3, 29, 1, tzinfo=BRUSSELS), for_whom="cohorts", cohorts=[cohort], capacity=2)
    book(hour, one)
    due = datetime(2027, 3, 28, 1, tzinfo=BRUSSELS).astimezone(UTC)
    assert hour.starts_at.astimezone(UTC) - due == timedelta(hours=23)
    assert strike(at(due - timedelta(minutes=1)))["reminders of an office hour"] == 0
    assert strike(at(due))["reminders of an office hour"] == 2
    book(hour, late)  # knows it: it is tomorrow
    assert strike(at(due + timedelta(hours=1)))["reminders of an office hour"] == 0
    subjects = Message.objects.filter(cause__startswith="office-hour-reminder").values_list("to", flat=True)
    assert set(subjects) == {one.person.pk, trainer.pk}


def test_nobody_is_reminded_of_an_hour_without_anybody_or_cancelled(trainer, cohort, crowd, at):
    at(NOW)
    [one] = crowd(1)
    start = datetime(2027, 3, 15, 10, tzinfo=BRUSSELS)
    open_hours(trainer, starts_at=start)
    [gone] = open_hours(trainer, starts_at=start + timedelta(hours=1), for_whom="cohorts", cohorts=[cohort])
    book(gone, one)
    actions.cancel_office_hour(gone, by=trainer, reason="Ill.")
    assert strike(at(start.astimezone(UTC) - timedelta(hours=20)))["reminders of an office hour"] == 0


# What else happens


def test_a_project_that_leaves_gives_its_hours_back(hour, crowd, coordinator, trainer):
    [one] = crowd(1)
    booking = book(hour, one)
    actions.dismiss_participation(one.project.participations.get(), by=coordinator, reason="No news for months.")
    booking.refresh_from_db()
    assert (booking.cancelled_by, booking.cancelled_reason) == (coordinator, "No news for months.")
    assert letters(trainer)[-1][1] == "CANCEL"


def test_a_project_that_moves_keeps_the_hours_of_its_mentor(hour, trainer, coordinator, crowd):
    [one] = crowd(1)
    make.MentorAssignmentFactory(project=one.project, mentor=coordinator)
    own = OfficeHourFactory(host=coordinator, for_whom="own", starts_at=hour.ends_at)
    book(hour, one)
    book(own, one)
    to = make.open_now(make.CohortFactory())
    actions.transfer_participation(one.project.participations.get(), by=coordinator, to=to, reason="Another year.")
    assert list(OfficeHourBooking.objects.live().values_list("hour", flat=True)) == [own.pk]


def test_a_person_who_leaves_the_project_gives_theirs_back(hour, crowd):
    [one] = crowd(1)
    membership = make.ProjectMemberFactory(project=one.project, role="member")
    actions.book_office_hour(hour, by=membership.person, project=one.project)
    book(hour, one)
    actions.leave_project(membership, by=one.person)
    assert list(hour.bookings.live().values_list("person", flat=True)) == [one.person.pk]


def test_nobody_keeps_an_hour_and_comes_to_another_at_once(hour, trainer, crowd):
    """A partner accompanies others, and is accompanied: their hours as a host and as a guest are one day."""
    [one] = crowd(1)
    theirs = OfficeHourFactory(host=one.person, starts_at=hour.starts_at)
    with pytest.raises(RuleViolation, match="another office hour then"):
        book(hour, one)
    actions.cancel_office_hour(theirs, by=one.person, reason="Ill.")
    book(hour, one)
    with pytest.raises(RuleViolation, match="another office hour then"):
        open_hours(one.person, starts_at=hour.starts_at)

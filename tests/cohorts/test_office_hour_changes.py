"""An office hour changes: its bookings stay, calendars follow under the same UID, whoever comes is told; what would collide is refused in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.urls import reverse
from django.utils import timezone

from academy.cms_verbs import history
from academy.erasure import empty
from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.clock import strike
from cohorts.models import OfficeHour, OfficeHourBooking
from tests.factories.mentoring import OfficeHourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

NOW = datetime(2027, 3, 1, 8, tzinfo=UTC)
BRUSSELS = ZoneInfo("Europe/Brussels")
START = datetime(2027, 3, 26, 10, tzinfo=BRUSSELS)


@pytest.fixture(autouse=True)
def at(monkeypatch):
    """Sets the clock."""

    def set_to(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return moment

    set_to(NOW)
    return set_to


@pytest.fixture
def group(trainer, cohort):
    return OfficeHourFactory(host=trainer, cohorts=[cohort], capacity=3, starts_at=START)


def book(hour, one, question=""):
    return actions.book_office_hour(OfficeHour.objects.get(pk=hour.pk), by=one.person, project=one.project, question=question)


def change(hour, by=None, **said):
    as_it_is = {name: getattr(hour, name) for name in ("starts_at", "minutes", "capacity", "about", "place", "link")}
    return actions.change_office_hour(OfficeHour.objects.get(pk=hour.pk), by=by or hour.host, **(as_it_is | said))


def last(person):
    """The last letter, and what its calendar's file holds."""
    letter = Message.objects.filter(to=person).latest("created_at")
    event = icalendar.Calendar.from_ical(letter.calendar).walk("VEVENT")[0] if letter.calendar else None
    return letter, event


def test_the_booking_stays_and_both_calendars_follow(group, trainer, crowd):
    [one] = crowd(1)
    type(one.person).objects.filter(pk=one.person.pk).update(time_zone="Asia/Kathmandu", language="en")
    one.person.refresh_from_db()
    booking = book(group, one, "How do we price?")
    uids = [last(person)[1]["UID"] for person in (one.person, trainer)]
    # Brussels goes to summer time on 28 March, Kathmandu never does.
    change(group, starts_at=datetime(2027, 3, 29, 10, tzinfo=BRUSSELS), minutes=30, place="Namur", words="A train strike.")
    booking.refresh_from_db()
    assert booking.cancelled_at is None
    letter, event = last(one.person)
    assert letter.subject == "An office hour has changed"
    for said in (
        "March 29, 2027, 1:45 pm (Kathmandu) = March 29, 2027, 10 am (Brussels)",
        "It was: March 26, 2027, 2:45 pm (Kathmandu) = March 26, 2027, 10 am (Brussels)",
        "It lasts 30 minutes.",
        "Where: Namur",
        "A train strike.",
        "Your booking stands.",
    ):
        assert said in letter.body_text
    assert (event["UID"], event["SEQUENCE"], event["DTSTART"].to_ical()) == (uids[0], 1, b"20270329T100000")
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=30)
    letter, event = last(trainer)
    assert (event["UID"], event["SEQUENCE"]) == (uids[1], 1)
    assert "METHOD:REQUEST" in letter.calendar
    assert str(one.project) in letter.body_text


def test_two_changes_are_two_letters(group, trainer, crowd, at):
    [one] = crowd(1)
    book(group, one)
    for minute, place in enumerate(("Namur", "Liège", "Namur")):
        at(NOW + timedelta(minutes=minute))
        change(group, place=place)
        group.refresh_from_db()
    changes = Message.objects.filter(to=one.person, subject="An office hour has changed").order_by("created_at")
    assert [icalendar.Calendar.from_ical(one.calendar).walk("VEVENT")[0]["SEQUENCE"] for one in changes] == [1, 2, 3]


def test_more_room_is_nobody_s_letter_and_less_than_who_comes_is_refused(group, crowd):
    first, second = crowd(2)
    book(group, first)
    book(group, second)
    before = Message.objects.count()
    change(group, capacity=5)
    change(group, capacity=2)
    assert Message.objects.count() == before
    with pytest.raises(RuleViolation, match="2 projects come already: keep room for them") as refused:
        change(group, capacity=1)
    assert refused.value.code == "capacity"
    group.refresh_from_db()
    assert group.capacity == 2


def test_an_hour_to_which_nobody_comes_changes_in_silence(group, trainer, coordinator):
    change(group, starts_at=START + timedelta(days=1))
    assert Message.objects.count() == 0
    group.refresh_from_db()
    change(group, by=coordinator, starts_at=START)
    assert [letter.to for letter in Message.objects.all()] == [trainer]  # somebody else did it


def test_it_never_meets_another_of_the_host_s(group, trainer, coordinator, cohort):
    other = OfficeHourFactory(host=trainer, cohorts=[cohort], starts_at=START + timedelta(hours=2))
    for said in ({"starts_at": START + timedelta(hours=1, minutes=30)}, {"minutes": 150}):
        with pytest.raises(RuleViolation, match="You have another office hour then: March 26, 2027, noon"):
            change(group, **said)
    with pytest.raises(RuleViolation, match=f"^{trainer} has another office hour then"):
        change(group, by=coordinator, starts_at=other.starts_at)
    change(group, minutes=120)  # ends as the other begins


def test_it_never_meets_another_of_somebody_who_comes(group, coordinator, cohort, crowd):
    one, free = crowd(2)
    other = OfficeHourFactory(host=coordinator, cohorts=[cohort], starts_at=START + timedelta(hours=2))
    book(group, one)
    book(group, free)
    book(other, one)
    before = Message.objects.count()
    with pytest.raises(RuleViolation, match=f"^{one.person} has another office hour then.*Choose another time") as refused:
        change(group, starts_at=other.starts_at)
    assert refused.value.code == "overlap"
    assert Message.objects.count() == before
    actions.cancel_booking(OfficeHourBooking.objects.get(hour=other), by=one.person, reason="A customer.")
    assert change(group, starts_at=other.starts_at).starts_at == other.starts_at


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "same"),
        ({"place": " ", "link": ""}, "where"),
        ({"capacity": 0}, "capacity"),
        ({"minutes": 0}, "length"),
        ({"minutes": 481}, "length"),
        ({"starts_at": NOW}, "past"),
    ],
)
def test_what_is_refused(said, code, group):
    with pytest.raises(RuleViolation) as refused:
        change(group, **said)
    assert refused.value.code == code


def test_what_has_begun_or_is_cancelled_changes_no_more(group, trainer, at):
    at(START)
    with pytest.raises(RuleViolation, match="has begun"):
        change(group, place="Namur")
    at(NOW)
    actions.cancel_office_hour(group, by=trainer, reason="Ill.")
    with pytest.raises(RuleViolation, match="cancelled"):
        change(group, place="Namur")


def test_an_hour_that_moves_after_its_reminder_is_reminded_of_again(group, trainer, crowd, at):
    [one] = crowd(1)
    book(group, one)
    eve = timedelta(hours=20)
    assert strike(at(START.astimezone(UTC) - eve))["reminders of an office hour"] == 2
    later = START + timedelta(days=2)
    change(group, starts_at=later)
    assert strike(at(later.astimezone(UTC) - eve))["reminders of an office hour"] == 2
    group.refresh_from_db()
    change(group, starts_at=later + timedelta(hours=1))  # told now that it is tomorrow: no second letter says so
    assert strike(at(later.astimezone(UTC) - eve + timedelta(minutes=5)))["reminders of an office hour"] == 0


def test_the_history_says_how_it_was(group, trainer, crowd):
    change(group, starts_at=START + timedelta(days=1), place="Namur", capacity=5, words="A strike.")
    [line] = [entry for entry in history(group) if entry.action == "cohorts.change_office_hour"]
    assert line.message == "Changed the office hour (before: March 26, 2027, 10 am (Brussels), Brussels, room for 3 projects)"
    assert (line.user, line.data["reason"]) == (trainer, "A strike.")


def test_whoever_is_erased_leaves_no_name_in_the_letters_of_a_change(group, trainer, crowd):
    one, other = crowd(2)
    book(group, one, "How do we price?")
    book(group, other)
    change(group, place="Namur")
    empty(one.person)
    for letter in Message.objects.filter(to=trainer):
        assert "How do we price?" not in letter.body_text + letter.calendar
    changed = Message.objects.get(to=trainer, cause__startswith="office-hour-changed")
    assert (changed.body_text, changed.calendar) == ("", "")


# On the page


def test_the_host_sees_the_letters_first_and_changes_it_on_their_own_clock(client_for, trainer, crowd, group):
    type(trainer).objects.filter(pk=trainer.pk).update(time_zone="Asia/Kathmandu")  # since it was opened: the hour keeps its clock
    [one] = crowd(1)
    book(group, one)
    client, page = client_for(trainer), reverse("cohorts_cms_office_hour", args=[group.pk])
    form = next(one.form for one in client.get(page).context["verbs"] if one.verb.name == "change")
    assert form["starts_at"].value() == datetime(2027, 3, 26, 10)
    assert "Bruxelles" in form.fields["starts_at"].help_text
    said = {f"change-{name}": form[name].value() or "" for name in form.fields} | {"change-starts_at": "2027-03-26 15:00"}
    verb = reverse("cohorts_cms_office_hour_verb", args=[group.pk, "change"])
    before = Message.objects.count()
    shown = client.post(verb, said | {"letters": "look"})
    assert {letter.address for letter in shown.context["first"].letters} == {one.person.email, trainer.email}
    assert Message.objects.count() == before
    assert client.post(verb, said).url == page
    group.refresh_from_db()
    assert group.starts_at == datetime(2027, 3, 26, 15, tzinfo=BRUSSELS)
    answer = client.post(verb, said)
    assert answer.status_code == 200
    [told] = answer.context["verbs"][0].form.non_field_errors()
    assert "rien changé" in told

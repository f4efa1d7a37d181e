"""What we write as `.ics`, read back by two libraries that know nothing of each other: icalendar (which wrote it) and vobject."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from django.urls import reverse

from academy.models import Message
from cohorts import actions
from cohorts.calendar import session_calendar
from tests.cohorts.test_calendars import ZONES
from tests.factories import cohorts as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
TEXTS = ("UID", "STATUS", "SUMMARY", "LOCATION", "DESCRIPTION", "URL")


def moment(value) -> str:
    """A day, or an instant on the clock of Greenwich."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value.isoformat()


def by_icalendar(body) -> list[dict]:
    calendar = icalendar.Calendar.from_ical(body)
    found = []
    for event in calendar.walk("VEVENT"):
        facts = {name: str(event[name]) for name in TEXTS if name in event}
        facts |= {name: moment(event[name].dt) for name in ("DTSTART", "DTEND") if name in event}
        guests = event.get("ATTENDEE", [])
        facts["ATTENDEE"] = sorted(map(str, guests if isinstance(guests, list) else [guests]))
        found.append(
            facts | {"METHOD": str(calendar.get("METHOD", "")), "SEQUENCE": int(event["SEQUENCE"]) if "SEQUENCE" in event else None}
        )
    return found


def by_vobject(body) -> list[dict]:
    calendar = vobject.readOne(body.decode() if isinstance(body, bytes) else body)
    found = []
    for event in calendar.vevent_list:
        facts = {name: event.contents[name.lower()][0].value for name in TEXTS if name.lower() in event.contents}
        facts |= {name: moment(event.contents[name.lower()][0].value) for name in ("DTSTART", "DTEND") if name.lower() in event.contents}
        facts["ATTENDEE"] = sorted(one.value for one in event.contents.get("attendee", []))
        method = calendar.method.value if "method" in calendar.contents else ""
        sequence = int(event.sequence.value) if "sequence" in event.contents else None
        found.append(facts | {"METHOD": method, "SEQUENCE": sequence})
    return found


def both(body) -> list[dict]:
    """What both read, which is the same."""
    assert by_vobject(body) == by_icalendar(body)
    return by_vobject(body)


def of_mails(person) -> list[dict]:
    bodies = Message.objects.filter(to=person).exclude(calendar="").order_by("created_at").values_list("calendar", flat=True)
    return [event for body in bodies for event in both(body)]


def test_a_seat_from_its_request_to_its_cancellation(cohort, crowd, coordinator):
    [one] = crowd(1)
    session = make.SessionFactory(
        cohorts=[cohort], title={"en": "Spring; a «session», to meet", "fr": "Printemps"}, place="Liège, Outremeuse"
    )
    actions.register(session, by=one.person, person=one.person, project=one.project, payer="project")
    actions.change_session(session, by=coordinator, place="Charleroi")
    actions.cancel_session(session, by=coordinator, reason="Strike.")
    read = of_mails(one.person)
    assert [(event["METHOD"], event["STATUS"], event["SEQUENCE"]) for event in read] == [
        ("REQUEST", "CONFIRMED", 0),
        ("REQUEST", "CONFIRMED", 1),
        ("CANCEL", "CANCELLED", 2),
    ]
    assert len({event["UID"] for event in read}) == 1
    assert {tuple(event["ATTENDEE"]) for event in read} == {(f"mailto:{one.person.email}",)}
    assert [
        event["LOCATION"].startswith(place) for event, place in zip(read, ("Liège, Outremeuse", "Charleroi", "Charleroi"), strict=True)
    ] == [True] * 3
    assert read[0]["SUMMARY"] in ("Spring; a «session», to meet", "Printemps")


@pytest.mark.parametrize(("zone", "start", "end", "lasts"), ZONES)
def test_hours_through_summer_time_and_midnight(zone, start, end, lasts, cohort):
    there = ZoneInfo(zone)
    session = make.SessionFactory(
        cohorts=[cohort], time_zone=zone, starts_at=start.replace(tzinfo=there), ends_at=end.replace(tzinfo=there)
    )
    [event] = both(session_calendar(session))
    assert (event["DTSTART"], event["DTEND"]) == (moment(start.replace(tzinfo=there)), moment(end.replace(tzinfo=there)))
    assert datetime.fromisoformat(event["DTEND"]) - datetime.fromisoformat(event["DTSTART"]) == lasts


def test_the_feed_of_a_person_who_moved(cohort, crowd, client):
    [one] = crowd(1)
    one.person.time_zone = "Asia/Kathmandu"
    one.person.save()
    session = make.SessionFactory(cohorts=[cohort])
    actions.register(session, by=one.person, person=one.person, project=one.project, payer="project")
    body = client.get(reverse("cohorts_calendar_feed", args=[actions.open_feed(one.person, by=one.person).token])).content
    before = both(body)
    assert [event["DTSTART"] for event in before if event.get("STATUS") == "CONFIRMED"] == [
        moment(session.starts_at.replace(microsecond=0))
    ]
    one.person.time_zone = "America/Sao_Paulo"
    one.person.save()
    body = client.get(reverse("cohorts_calendar_feed", args=[actions.open_feed(one.person, by=one.person).token])).content
    assert [event["DTSTART"] for event in both(body) if event.get("STATUS") == "CONFIRMED"] == [
        moment(session.starts_at.replace(microsecond=0))
    ]

"""The desk of a day with a poor network: what a device numbered comes once, late or twice, and what is refused is said in words."""

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import formats, timezone
from wagtail.models import ModelLogEntry

from academy.models import User
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.arrivals import happened_at, is_named
from cohorts.models import CheckIn, Registration, Session
from tests.factories import cohorts as make

pytestmark = pytest.mark.usefixtures("strict_templates", "english")
JSON = {"Accept": "application/json"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def today(session):
    """The session began an hour ago."""
    now = timezone.now()
    times = {"starts_at": now - 60 * MINUTE, "ends_at": now + 300 * MINUTE}
    Session.objects.update(registration_deadline=now - 60 * MINUTE, cancellation_deadline=now - 60 * MINUTE, **times)
    session.refresh_from_db()
    return session


@pytest.fixture
def ready(session, crowd, coordinator):
    """Makes n people of whom the session knows who pays: ready, or as `values` say."""

    def gather(number=1, **values):
        now = timezone.now()
        funded = {"confirmed_at": now, "funding_verified_at": now, "funding_verified_by": coordinator}
        given = {"session": session, "status": "ready", **funded, **values}
        return [make.RegistrationFactory(person=one.person, project=one.project, **given) for one in crowd(number)]

    return gather


@pytest.fixture
def unpaid(ready):
    return lambda: ready(status="confirmed", funding_verified_at=None, funding_verified_by=None)[0]


@pytest.fixture
def seat(ready):
    return ready()[0]


def address(session):
    return reverse("cohorts_desk_check_in", args=[session.pk]).replace("/fr/", "/en/")


def send(client, session, row, **fields):
    return client.post(address(session), {"registration": str(getattr(row, "pk", row)), **fields}, headers=JSON)


def text(answer):
    return answer.content.decode()


def said(answer):
    return answer.status_code, answer.json().get("code"), answer.json().get("error", "")


def test_what_a_device_sends_twice_is_one_arrival(client_for, trainer, today, seat):
    client, number = client_for(trainer), str(uuid4())
    for _n in range(2):
        answer = send(client, today, seat, method="qr", client_id=number, age="1800")
        assert (answer.status_code, answer.json()) == (200, {"here": str(seat.person)})
    row = CheckIn.objects.get()
    assert (row.method, str(row.client_id)) == ("qr", number)
    assert 1799 <= (row.received_at - row.checked_in_at).total_seconds() <= 1801


def test_what_comes_again_after_it_was_annulled_stays_annulled(client_for, trainer, coordinator, today, seat):
    client, number = client_for(trainer), str(uuid4())
    send(client, today, seat, client_id=number)
    actions.annul_check_in(CheckIn.objects.get(), by=coordinator, reason="It was her sister.")
    assert send(client, today, seat, client_id=number).status_code == 200
    seat.refresh_from_db()
    assert (seat.status, CheckIn.objects.count()) == ("ready", 1)


def test_second_device_is_told_who_and_when(client_for, trainer, coordinator, today, seat):
    send(client_for(coordinator), today, seat, client_id=str(uuid4()))
    status, code, words = said(send(client_for(trainer), today, seat, client_id=str(uuid4())))
    when = timezone.localtime(CheckIn.objects.get().checked_in_at, ZoneInfo(today.time_zone))
    assert (status, code) == (409, "twice")
    assert str(coordinator) in words
    assert formats.time_format(when) in words
    assert CheckIn.objects.count() == 1


def test_number_of_somebody_elses_arrival_is_no_arrival_of_this_one(trainer, today, ready):
    first, second = ready(2)
    number = uuid4()
    actions.check_in(first, by=trainer, client_id=number)
    with pytest.raises(RuleViolation, match="another person"):
        actions.check_in(second, by=trainer, client_id=number)
    assert CheckIn.objects.count() == 1


def test_code_of_another_session_and_of_nobody_are_refused_in_words(client_for, trainer, cohort, today, seat):
    elsewhere = make.SessionFactory(cohorts=[cohort])
    client = client_for(trainer)
    status, code, words = said(send(client, elsewhere, seat))
    assert (status, code) == (409, "foreign")
    assert str(today) in words
    assert [said(send(client, today, asked))[:2] for asked in (uuid4(), "nonsense", "")] == [(409, "stranger")] * 3
    assert CheckIn.objects.count() == 0


def test_who_is_not_ready_or_cancelled_is_refused_in_words(client_for, trainer, today, ready, unpaid):
    client = client_for(trainer)
    assert said(send(client, today, ready(status="cancelled")[0]))[:2] == (409, "wrong_state")
    assert said(send(client, today, unpaid()))[:2] == (409, "funding")


def test_cancelled_session_has_no_desk(client_for, trainer, coordinator, today, seat):
    Session.objects.update(cancelled_at=timezone.now(), cancelled_by=coordinator)
    assert said(send(client_for(trainer), today, seat))[:2] == (409, "cancelled")


def test_strangers_arrival_is_not_heard(client_for, visitor_client, promoter, reviewer, today, seat):
    assert [send(client_for(person), today, seat).status_code for person in (promoter, reviewer)] == [404, 404]
    assert send(visitor_client, today, seat).url.startswith("/accounts/login/")
    assert CheckIn.objects.count() == 0


def test_arrival_noted_in_time_counts_after_the_attendance_was_closed(client_for, trainer, today, ready):
    late, never = ready(2)
    now = timezone.now()
    Session.objects.update(ends_at=now - 10 * MINUTE)
    actions.mark_no_shows(Session.objects.get(), by=None)
    client = client_for(trainer)
    assert said(send(client, today, never, age="0"))[:2] == (409, "closed")
    assert send(client, today, late, client_id=str(uuid4()), age=str(20 * 60)).status_code == 200
    for row in (late, never):
        row.refresh_from_db()
    assert [(row.status, row.ended_at is None) for row in (late, never)] == [("attended", True), ("no_show", False)]


def test_who_never_was_ready_is_not_let_in_by_a_late_device(client_for, trainer, today, unpaid):
    row = unpaid()
    Session.objects.update(ends_at=timezone.now() - MINUTE)
    actions.mark_no_shows(Session.objects.get(), by=None)
    assert said(send(client_for(trainer), today, row, age="1800"))[:2] == (409, "closed")


@pytest.mark.parametrize(
    ("age", "ago"),
    [("90", 90), ("0", 0), ("-500", 0), ("nan", 0), ("inf", 25 * 3600), ("1e30", 25 * 3600), ("", 0), ("soon", 0), ("99999999", 25 * 3600)],
)
def test_clock_that_was_set_meanwhile_is_kept_within_reason(age, ago):
    now = timezone.now()
    session = make.SessionFactory.build(starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    assert happened_at(session, age=age, now=now) == now - timedelta(seconds=ago)


def test_before_the_desk_opens_nothing_is_moved_into_the_future():
    now = timezone.now()
    session = make.SessionFactory.build(starts_at=now + timedelta(days=9))
    assert happened_at(session, age="600", now=now) == now


def test_session_across_midnight(trainer, ready, session):
    [row] = ready()
    lisbon = ZoneInfo("Europe/Lisbon")
    begins = datetime(2026, 3, 28, 22, 0, tzinfo=lisbon)  # the clocks go forward at one in the morning
    ends = datetime(2026, 3, 29, 3, 0, tzinfo=lisbon)
    before = {"registration_deadline": begins, "cancellation_deadline": begins}
    Session.objects.update(starts_at=begins, ends_at=ends, time_zone="Europe/Lisbon", **before)
    row = Registration.objects.get()
    arrived = datetime(2026, 3, 29, 0, 30, tzinfo=lisbon)
    actions.check_in(row, by=trainer, at=arrived, client_id=uuid4())
    assert CheckIn.objects.get().checked_in_at == arrived
    with pytest.raises(RuleViolation, match=r"March 29, 2026 · 12:30 am"):
        actions.check_in(Registration.objects.get(), by=trainer)


def test_counts_and_mark_follow_the_list(client_for, trainer, promoter, today, ready):
    rows = ready(3)
    client = client_for(trainer)
    state = reverse("cohorts_desk_state", args=[today.pk])
    before = client.get(state).json()
    assert client.get(reverse("cohorts_desk", args=[today.pk])).context["standing"] == before
    assert {name: before[name] for name in ("expected", "here", "missing")} == {"expected": 3, "here": 0, "missing": 3}
    actions.check_in(Registration.objects.get(pk=rows[0].pk), by=trainer)
    after = client.get(state)
    assert "no-store" in after["Cache-Control"]
    assert {name: after.json()[name] for name in ("expected", "here", "missing")} == {"expected": 3, "here": 1, "missing": 2}
    assert after.json()["mark"] != before["mark"]
    assert client_for(promoter).get(state).status_code == 404


def test_who_did_not_come_is_absent_and_no_longer_expected_to_arrive(client_for, trainer, today, ready):
    rows = ready(3)
    actions.check_in(Registration.objects.get(pk=rows[0].pk), by=trainer)
    client = client_for(trainer)
    page = text(client.get(reverse("cohorts_desk", args=[today.pk]).replace("/fr/", "/en/")))
    assert '<div data-part="absence" hidden><dt>Did not come</dt><dd data-part="absent">0</dd></div>' in page
    Session.objects.update(ends_at=timezone.now() - MINUTE)
    actions.mark_no_shows(Session.objects.get(), by=None)
    counts = client.get(reverse("cohorts_desk_state", args=[today.pk])).json()
    assert {name: counts[name] for name in ("expected", "here", "absent", "missing")} == {
        "expected": 3,
        "here": 1,
        "absent": 2,
        "missing": 0,
    }
    page = text(client.get(reverse("cohorts_desk", args=[today.pk]).replace("/fr/", "/en/")))
    assert '<div data-part="absence"><dt>Did not come</dt><dd data-part="absent">2</dd></div>' in page


@pytest.mark.parametrize("number", [1, 3])
def test_desk_and_its_counts_cost_the_same_for_one_and_three(number, client_for, trainer, today, ready, django_assert_num_queries):
    for row in ready(number):
        actions.check_in(Registration.objects.get(pk=row.pk), by=trainer)
    client = client_for(trainer)
    client.get(reverse("cohorts_desk", args=[today.pk]))
    with django_assert_num_queries(8):
        client.get(reverse("cohorts_desk", args=[today.pk]))
    with django_assert_num_queries(4):
        client.get(reverse("cohorts_desk_state", args=[today.pk]))


def refusals():
    lines = ModelLogEntry.objects.filter(action="cohorts.refuse_arrival").order_by("pk")
    return [(line.object_id, line.user, line.data["code"], line.data["method"], line.data.get("client_id")) for line in lines]


def test_whoever_is_not_let_in_is_kept_once_and_shown(client_for, trainer, today, ready, unpaid):
    poor, client, numbers = unpaid(), client_for(trainer), [str(uuid4()) for _n in range(3)]
    for _n in range(2):
        send(client, today, poor, method="qr", client_id=numbers[0], age="60")
    send(client, today, "0a0a0a0a<b>", client_id=numbers[1])
    [seat] = ready()
    send(client, today, seat, client_id=numbers[2])
    client.post(address(today), {"registration": str(seat.pk)})  # a form, and here already
    assert refusals() == [
        (str(poor.pk), trainer, "funding", "qr", numbers[0]),
        (str(today.pk), trainer, "stranger", "desk", numbers[1]),
        (str(seat.pk), trainer, "twice", "desk", None),
    ]
    page = text(client.get(reverse("cohorts_desk", args=[today.pk]).replace("/fr/", "/en/")))
    assert [words in page for words in (f"{poor.person} <span", "Code 0a0a0a0a <span", "Funding not checked ·", "Here already. ·")] == [
        True
    ] * 4
    assert "<b>" not in page
    assert "Financement pas vérifié ·" in text(client.get(reverse("cohorts_desk", args=[today.pk]).replace("/en/", "/fr/")))


def test_who_is_refused_elsewhere_is_told_by_name_and_kept_without(client_for, trainer, cohort, today, seat):
    elsewhere = make.SessionFactory(cohorts=[cohort])
    assert str(seat.person) in said(send(client_for(trainer), elsewhere, seat))[2]
    [line] = ModelLogEntry.objects.filter(action="cohorts.refuse_arrival")
    assert (line.object_id, line.data["reason"]) == (str(elsewhere.pk), "A place in another session.")


@pytest.mark.parametrize(
    ("name", "asked", "found"),
    [
        ("Élodie Noël", "noel elodie", True),
        ("Søren Ægir", "aegir soren", True),
        ("Anne-Sophie D’Œuvre", "anne sophie d'oeuvre", True),
        ("王小明", "王", True),
        ("José  Ñuñez", " NUNEZ ", True),
        ("José Ñuñez", "nunez pedro", False),
        ("José Ñuñez", "-", False),
    ],
)
def test_name_is_found_however_it_is_typed(name, asked, found):
    assert is_named(name, asked) is found


def test_list_is_sorted_as_people_look_for_it(client_for, trainer, today, ready):
    names = ["Zoé", "Élodie", "de la Tour", "Elodie", "Ōta", "Søren"]
    for row, name in zip(ready(6), names, strict=True):
        User.objects.filter(pk=row.person_id).update(name=name)
    page = client_for(trainer).get(reverse("cohorts_desk", args=[today.pk]))
    shown = [row.person.name for row in page.context["rows"]]
    assert [shown[0], sorted(shown[1:3]), *shown[3:]] == ["de la Tour", ["Elodie", "Élodie"], "Ōta", "Søren", "Zoé"]


def test_camera_is_open_on_the_desk_and_nowhere_else(client_for, trainer, session):
    client = client_for(trainer)
    desk = client.get(reverse("cohorts_desk", args=[session.pk]))
    assert desk["Permissions-Policy"] == "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
    assert "unsafe" not in desk["Content-Security-Policy"]
    assert "camera=()" in client.get(reverse("cohorts_session", args=[session.pk]))["Permissions-Policy"]


@pytest.mark.parametrize(("begins", "held"), [(-48, False), (-2, True), (20, True), (30, False)])
def test_list_is_kept_on_a_device_only_while_the_desk_is_held(begins, held, client_for, trainer, session):
    starts = timezone.now() + timedelta(hours=begins)
    Session.objects.update(
        starts_at=starts, ends_at=starts + timedelta(hours=4), registration_deadline=starts, cancellation_deadline=starts
    )
    page = client_for(trainer).get(reverse("cohorts_desk", args=[session.pk]))
    assert bool(page.context["kept_until"]) is held

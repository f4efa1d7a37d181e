"""The page of a session: its programme, its deadlines in two zones, who comes, and why somebody has a place or none."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from academy.dates import moment_in
from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import HalfDay, Participation, Registration, Session
from cohorts.places import Place, places_of
from cohorts.standing import reasons
from tests.factories import cohorts as make

pytestmark = pytest.mark.django_db


def page(client, session, language="en"):
    with translation.override(language):
        return client.get(reverse("cohorts_session", args=[session.pk]))


def words(client, session, language="en"):
    return page(client, session, language).content.decode()


def why(session, person):
    with translation.override("en"):
        return reasons(Session.objects.get(pk=session.pk), person, places_of(session, person))


@pytest.fixture
def lille(cohort):
    there = ZoneInfo("Europe/Paris")
    return make.SessionFactory(
        cohorts=[cohort],
        time_zone="Europe/Paris",
        starts_at=datetime(2027, 5, 4, 9, tzinfo=there),
        ends_at=datetime(2027, 5, 6, 17, tzinfo=there),
        registration_deadline=datetime(2027, 4, 1, 18, tzinfo=there),
        cancellation_deadline=datetime(2027, 4, 10, 18, tzinfo=there),
        visa_deadline=datetime(2027, 3, 1, 18, tzinfo=there),
        bring={"en": "Your needs on one page.", "fr": "Vos besoins sur une page."},
        arrival={"en": "By metro.", "fr": "En métro."},
        cost_covers={"en": "Three nights.", "fr": "Trois nuits."},
    )


@pytest.mark.usefixtures("strict_templates")
def test_programme_is_by_day_and_half_day_in_the_reader_s_language(visitor_client, lille):
    for half, title in ((2, "Needs"), (1, "Welcome")):
        make.HalfDayFactory(
            session=lille, half=half, title={"en": title, "fr": f"{title} (fr)"}, text={"en": "At nine.", "fr": "À neuf heures."}
        )
    make.HalfDayFactory(session=lille, day=datetime(2027, 5, 5).date(), title={"en": "Workshops", "fr": "Ateliers"})
    english = page(visitor_client, lille)
    assert [(day.isoformat(), [half.title["en"] for half in halves]) for day, halves in english.context["days"]] == [
        ("2027-05-04", ["Welcome", "Needs"]),
        ("2027-05-05", ["Workshops"]),
    ]
    body = english.content.decode()
    assert all(text in body for text in ("Your needs on one page.", "By metro.", "Three nights.", "At nine."))
    french = words(visitor_client, lille, "fr")
    assert all(text in french for text in ("Vos besoins sur une page.", "En métro.", "Trois nuits.", "À neuf heures.", "Ateliers"))


def test_what_is_not_written_has_no_heading(visitor_client, session):
    body = words(visitor_client, session)
    assert not [heading for heading in ("Programme", "What to bring", "How to come") if f">{heading}" in body]


@pytest.mark.parametrize(("zone", "hour"), [("Asia/Kathmandu", "9:45 pm (Kathmandu)"), ("America/Sao_Paulo", "1 pm (Sao Paulo)")])
def test_deadlines_are_said_in_the_reader_s_hours_too(zone, hour, client_for, promoter, participation, lille):
    type(promoter).objects.filter(pk=promoter.pk).update(time_zone=zone)
    promoter.refresh_from_db()
    body = words(client_for(promoter), lille)
    assert "6 pm (Paris)" in body
    assert hour in body


def test_whoever_has_the_same_hours_reads_them_once(client_for, promoter, participation, lille):
    type(promoter).objects.filter(pk=promoter.pk).update(time_zone="Europe/Brussels")
    promoter.refresh_from_db()
    assert page(client_for(promoter), lille).context["reader_zone"] == ""


@pytest.mark.usefixtures("strict_templates")
def test_projects_that_come_are_for_the_cohort_and_name_no_person(
    visitor_client, client_for, other_promoter, promoter, participation, crowd, session
):
    sure, asked = crowd(2)
    actions.register(session, by=sure.person, person=sure.person, project=sure.project, payer="person")
    actions.register(session, by=asked.person, person=asked.person, project=asked.project)
    shown = page(client_for(promoter), session)
    assert shown.context["coming"] == [sure.project]
    assert sure.person.name not in shown.content.decode()
    assert sure.project.name not in words(visitor_client, session)
    assert page(client_for(other_promoter), session).context["coming"] == []


# Why


def test_neither_a_visitor_nor_the_team_is_told_so(visitor_client, client_for, coordinator, trainer, session):
    clients = (visitor_client, client_for(coordinator), client_for(trainer))
    assert [page(client, session).context["reasons"] for client in clients] == [[], [], []]


def test_whoever_waits_knows_their_place_and_what_it_hangs_on(cohort, crowd):
    session = make.SessionFactory(cohorts=[cohort], capacity=2)
    sure, offered, first, second = crowd(4)
    actions.register(session, by=sure.person, person=sure.person, project=sure.project, payer="person")
    for one in (offered, first, second):
        actions.register(session, by=one.person, person=one.person, project=one.project)
    told = why(session, first.person)
    assert told[0] == "The session has 2 places, and 2 are taken."
    assert told[2] == "Nobody is before you in the line: the next free place is offered to you."
    assert told[3] == "1 of the places is only offered: if nobody accepts it in time, it goes to the first in the line."
    assert why(session, second.person)[2] == "1 person asked before you and waits too."
    Session.objects.filter(pk=session.pk).update(registration_deadline=timezone.now())
    assert "no place is offered from the list any more" in why(session, second.person)[-1]


def test_offered_from_the_line_and_offered_at_once_are_told_apart(cohort, crowd):
    session = make.SessionFactory(cohorts=[cohort], capacity=1)
    first, second = crowd(2)
    row = actions.register(session, by=first.person, person=first.person, project=first.project)
    actions.register(session, by=second.person, person=second.person, project=second.project)
    assert why(session, first.person)[0] == "A place was free when you asked."
    assert "goes to whoever waits" in why(session, first.person)[-1]
    actions.decline_offer(row, by=first.person)
    assert why(session, second.person)[0] == "It was your turn in the line when a place became free."
    assert why(session, first.person)[0].startswith("You gave back the offered place on ")
    assert why(session, first.person)[-1] == "You can ask for a place now."


def test_expired_refused_and_unpaid(cohort, crowd, coordinator):
    session = make.SessionFactory(cohorts=[cohort], needs_approval=True)
    late, refused, unpaid = crowd(3)
    rows = [actions.register(session, by=one.person, person=one.person, project=one.project) for one in (late, refused, unpaid)]
    assert why(session, late.person)[0].startswith("At this session the team looks at each request.")
    actions.approve_registration(rows[0], by=coordinator)
    actions.refuse_registration(rows[1], by=coordinator, reason="Your colleague comes.")
    actions.approve_registration(rows[2], by=coordinator)
    actions.confirm_registration(rows[2], by=unpaid.person, payer="person")
    actions.expire_offers(session, by=None, now=timezone.now() + timedelta(hours=73))
    assert "you did not accept it in time" in why(session, late.person)[0]
    assert why(session, refused.person)[1] == "Reason: Your colleague comes."
    assert why(session, unpaid.person)[-1] == "One thing is missing: the team has not checked yet who pays for your trip."
    mails = Message.objects.filter(subject="You have no place at the session any more").values_list("to", flat=True)
    assert set(mails) == {late.person.pk, refused.person.pk}


def test_who_waits_for_approval_knows_what_comes_next_and_by_when_also_once_registration_has_closed(cohort, crowd, client_for):
    session = make.SessionFactory(cohorts=[cohort], needs_approval=True, offer_hours=72)
    [one] = crowd(1)
    row = actions.register(session, by=one.person, person=one.person, project=one.project)
    with translation.override("en"):
        last = moment_in(session.registration_deadline, session.time_zone)
        answer = f"The team answers before registration closes, on {last}. After a yes you have 72 hours to accept and to say who pays."
        assert why(session, one.person)[-1] == answer
        Session.objects.filter(pk=session.pk).update(registration_deadline=timezone.now())
        session.refresh_from_db()
        cancel = moment_in(session.cancellation_deadline, session.time_zone)
        assert why(session, one.person)[-1] == f"Book no trip before that. If you have heard nothing by {cancel}, write to the team."
        row.refresh_from_db()
        told = "Registration is closed and the team has not answered you yet. It owes you an answer; your place is kept."
        assert Place(row).headline == told
    assert told in words(client_for(one.person), session)
    Session.objects.filter(pk=session.pk).update(cancellation_deadline=timezone.now())
    with translation.override("en"):
        assert moment_in(session.starts_at, session.time_zone) in why(session, one.person)[-1]


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("invited", "has not taken its place in the cohort yet."),
        ("paused", "pauses: its people come again when it goes on."),
        ("withdrawn", "does not take part in the cohort any more."),
        ("active", "You can ask for a place now."),
    ],
)
def test_who_never_asked_is_told_whether_they_could(state, told, session, crowd):
    [one] = crowd(1)
    Participation.objects.update(state=state, **({"ended_at": timezone.now(), "ended_by": one.person} if state == "withdrawn" else {}))
    assert why(session, one.person)[0].endswith(told)


def test_neither_a_viewer_nor_a_stranger_speaks_for_a_project(session, crowd, other_promoter, promoter):
    [one] = crowd(1)
    make.ProjectMemberFactory(project=one.project, person=other_promoter, role="viewer")
    sentence = ["You speak for no project of the cohort for which this session is."]
    assert (why(session, other_promoter), why(session, promoter)) == (sentence, sentence)
    Session.objects.update(registration_deadline=timezone.now())
    assert why(session, promoter)[0].startswith("Registration closed on ")


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_as_much_for_one_as_for_three(
    number, client_for, promoter, project, participation, crowd, session, django_assert_num_queries
):
    for one in crowd(number):
        actions.register(session, by=one.person, person=one.person, project=one.project, payer="person")
    for half in range(1, number + 1):
        make.HalfDayFactory(session=session, half=half)
    Session.objects.filter(pk=session.pk).update(capacity=number)
    actions.register(session, by=promoter, person=promoter, project=project)
    assert Registration.objects.get(person=promoter).status == "waiting"
    client = client_for(promoter)
    page(client, session)
    with django_assert_num_queries(13):  # with who pays, and where money is found
        page(client, session)


# The CMS


def form_of(session, rows=()):
    form = {f"{name}_{code}": "Words" for name in ("title", "bring") for code in ("fr", "en")}
    form |= {f"{name}_{code}": "" for name in ("description", "arrival", "cost_covers") for code in ("fr", "en")}
    form |= {
        "cohorts": [str(pk) for pk in session.cohorts.values_list("pk", flat=True)],
        "place": session.place,
        "address": session.address,
    }
    form |= {
        "time_zone": session.time_zone,
        "capacity": session.capacity,
        "offer_hours": 72,
        "funding_lead_days": 60,
        "visa_lead_days": 60,
        "estimated_cost": "",
        "currency": "EUR",
    }
    for name in ("starts_at", "ends_at", "registration_deadline", "cancellation_deadline"):
        form[name] = timezone.localtime(getattr(session, name), ZoneInfo(session.time_zone)).strftime("%Y-%m-%d %H:%M")
    form |= {
        "programme-TOTAL_FORMS": len(rows),
        "programme-INITIAL_FORMS": 0,
        "programme-MIN_NUM_FORMS": 0,
        "programme-MAX_NUM_FORMS": 1000,
    }
    for number, (day, half) in enumerate(rows):
        form |= {f"programme-{number}-day": day, f"programme-{number}-half": half, f"programme-{number}-id": ""}
        form |= {f"programme-{number}-title_{code}": "Welcome" for code in ("fr", "en")}
        form |= {f"programme-{number}-text_{code}": "" for code in ("fr", "en")}
    return form


def day_of(session, number=0):
    return timezone.localdate(session.starts_at, ZoneInfo(session.time_zone)) + timedelta(days=number)


def test_programme_is_written_in_the_form_of_the_session(client_for, coordinator, session):
    client, address = client_for(coordinator), reverse("sessions:edit", args=[session.pk])
    answer = client.post(address, form_of(session, [(day_of(session), 2), (day_of(session), 1)]))
    assert answer.status_code == 302, answer.context["form"].errors
    assert [(row.half, str(row.title)) for row in HalfDay.objects.all()] == [(1, "Welcome"), (2, "Welcome")]
    assert Session.objects.get(pk=session.pk).bring == {"fr": "Words", "en": "Words"}
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("number", [-1, 3])
def test_a_day_outside_the_session_is_refused_and_nothing_is_lost(number, client_for, coordinator, session):
    address = reverse("sessions:edit", args=[session.pk])
    answer = client_for(coordinator).post(address, form_of(session, [(day_of(session, number), 1)]))
    assert answer.status_code == 200
    assert answer.context["form"].formsets["programme"].forms[0].errors.keys() == {"day"}
    assert "Welcome" in answer.content.decode()
    assert HalfDay.objects.count() == 0


def test_a_new_session_has_its_programme_at_once(client_for, coordinator, session):
    answer = client_for(coordinator).post(reverse("sessions:add"), form_of(session, [(day_of(session), 1)]))
    assert answer.status_code == 302, answer.context["form"].errors
    assert HalfDay.objects.get().session != session


def test_a_refused_change_is_said_in_the_form(client_for, coordinator, session):
    actions.cancel_session(session, by=coordinator, reason="Strike.")
    answer = client_for(coordinator).post(reverse("sessions:edit", args=[session.pk]), form_of(session))
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors() == ["Cette session est annulée."]


def test_hours_are_those_of_the_session_whoever_types_and_whatever_summer_time_does(client_for, coordinator, session):
    type(coordinator).objects.filter(pk=coordinator.pk).update(time_zone="America/Montreal")
    coordinator.refresh_from_db()
    client, address = client_for(coordinator), reverse("sessions:edit", args=[session.pk])
    typed = {
        "time_zone": "Europe/Brussels",
        "starts_at": "2027-03-27 22:00",  # in this night the clocks of Brussels go forward
        "ends_at": "2027-03-28 10:00",
        "registration_deadline": "2027-02-01 18:00",
        "cancellation_deadline": "2027-02-02 18:00",
        "visa_deadline": "2027-01-05 18:00",
    }
    answer = client.post(address, {**form_of(session), **typed})
    assert answer.status_code == 302, answer.context["form"].errors
    session = Session.objects.get(pk=session.pk)
    there = ZoneInfo("Europe/Brussels")
    for name, hour in list(typed.items())[1:]:
        assert getattr(session, name) == datetime.fromisoformat(hour).replace(tzinfo=there), name
    assert (session.ends_at - session.starts_at, session.ics_sequence) == (timedelta(hours=11), 1)
    shown = client.get(address).content.decode()
    assert all(f'value="{hour}"' in shown for hour in list(typed.values())[1:])
    assert shown.count("Hour of Brussels.") + shown.count("Heure de Bruxelles.") == len(typed) - 1
    client.post(address, {**form_of(session), **typed})
    assert Session.objects.get(pk=session.pk).ics_sequence == 1  # saved again, nothing has moved
    refused = client.post(address, {**form_of(session), **typed, "ends_at": "2027-03-28 02:30"})
    assert refused.context["form"].errors.keys() == {"ends_at"}


# The programme, in the verb


def changes_of(session):
    return [
        line.data["changed"]
        for line in ModelLogEntry.objects.for_instance(session).filter(action="cohorts.change_session").order_by("timestamp")
    ]


def test_a_session_does_not_move_away_from_its_programme(session, coordinator):
    make.HalfDayFactory(session=session)
    later = {"starts_at": session.starts_at + timedelta(days=1), "ends_at": session.ends_at + timedelta(days=1)}
    with translation.override("en"), pytest.raises(RuleViolation, match="does not take place"):
        actions.change_session(session, by=coordinator, **later)
    assert Session.objects.get(pk=session.pk).ics_sequence == 0
    session.refresh_from_db()
    moved = HalfDay.objects.get()
    moved.day += timedelta(days=1)
    actions.change_session(session, by=coordinator, programme=[moved], **later)
    assert HalfDay.objects.get().day == day_of(Session.objects.get(pk=session.pk))
    assert changes_of(session) == [["starts_at", "ends_at", "programme"]]


def test_a_change_of_the_programme_alone_is_recorded(client_for, coordinator, session):
    client, address = client_for(coordinator), reverse("sessions:edit", args=[session.pk])
    form = form_of(session, [(day_of(session), 1), (day_of(session), 2)])
    client.post(address, form)
    first, second = HalfDay.objects.all()
    form |= {"programme-INITIAL_FORMS": 2, "programme-0-id": first.pk, "programme-1-id": second.pk}
    client.post(address, form)  # the same again
    client.post(address, {**form, "programme-0-title_fr": "Bienvenue", "programme-1-DELETE": "on"})
    assert [(row.pk, row.title) for row in HalfDay.objects.all()] == [(first.pk, {"fr": "Bienvenue", "en": "Welcome"})]
    assert (changes_of(session)[1:], "programme" in changes_of(session)[0]) == ([["programme"]], True)
    assert Message.objects.filter(subject__contains="chang").count() == 0


def test_who_pauses_is_told_why_others_go_first_and_the_others_too(cohort, crowd, coordinator, client_for):
    session = make.SessionFactory(cohorts=[cohort], capacity=1)
    sure, pausing, after = crowd(3)
    for one in (sure, pausing, after):
        actions.register(session, by=one.person, person=one.person, project=one.project, payer="person")
    actions.pause_participation(pausing.project.participations.get(), by=coordinator, reason="A flood.")
    told = why(session, pausing.person)
    assert told[0].startswith("Your project pauses: meanwhile you are offered no place")
    assert len(told) == 4
    assert not any("the next free place is offered to you" in one for one in told)
    assert why(session, after.person)[2:4] == [
        "Nobody is before you in the line: the next free place is offered to you.",
        "1 person before you is passed over while their project pauses: they come first again once it goes on.",
    ]
    assert "Your project pauses: meanwhile" in words(client_for(pausing.person), session)
    client = client_for(coordinator)
    client.cookies["django_language"] = "en"
    desk = client.get(reverse("cohorts_cms_session", args=[session.pk])).content.decode()
    assert desk.count("passed over: the project pauses") == 1


def test_whoever_was_there_or_did_not_come_is_asked_nothing_more(cohort, crowd, coordinator, client_for):
    session = make.SessionFactory(cohorts=[cohort])
    came, absent = crowd(2)
    rows = [actions.register(session, by=one.person, person=one.person, project=one.project, payer="person") for one in (came, absent)]
    actions.verify_funding(rows[0], by=coordinator)
    assert "Do you need a visa to come?" in words(client_for(came.person), session)
    now = timezone.now()
    started = now - timedelta(hours=5)
    Session.objects.update(starts_at=started, ends_at=now, registration_deadline=started, cancellation_deadline=started)
    actions.check_in(Registration.objects.get(pk=rows[0].pk), by=coordinator)
    actions.mark_no_shows(Session.objects.get(), by=None)
    there = words(client_for(came.person), session)
    assert ("You were there" in there, "visa to come" in there) == (True, False)
    gone = words(client_for(absent.person), session)
    assert ("You were expected and did not come." in gone, "Why have I no place?" in gone) == (True, False)


def test_once_it_is_over_no_place_is_given_back_and_whoever_waits_has_none(cohort, crowd, client_for):
    session = make.SessionFactory(cohorts=[cohort], capacity=1)
    sure, waits = crowd(2)
    row = actions.register(session, by=sure.person, person=sure.person, project=sure.project, payer="person")
    actions.register(session, by=waits.person, person=waits.person, project=waits.project)
    assert "Your code for the day" in words(client_for(sure.person), session)
    now = timezone.now()
    started = now - timedelta(hours=5)
    Session.objects.update(starts_at=started, ends_at=now, registration_deadline=started, cancellation_deadline=started)
    with pytest.raises(RuleViolation, match=r"over|terminée"):
        actions.cancel_registration(Registration.objects.get(pk=row.pk), by=sure.person)
    said = words(client_for(sure.person), session)
    assert "The session is over, and your arrival was not noted." in said
    assert [part in said for part in ("Your code for the day", "Cancel my registration", "you are expected")] == [False] * 3
    assert "No place became free before registration closed: you have none." in words(client_for(waits.person), session)


def test_absence_that_was_wrong_is_corrected_by_who_coordinates_with_a_reason(cohort, crowd, client_for, trainer, coordinator):
    session = make.SessionFactory(cohorts=[cohort])
    [one] = crowd(1)
    row = actions.register(session, by=one.person, person=one.person, project=one.project, payer="person")
    actions.say_visa(row, by=one.person, needed=True)
    now = timezone.now()
    started = now - timedelta(hours=5)
    Session.objects.update(starts_at=started, ends_at=now, registration_deadline=started, cancellation_deadline=started)
    actions.mark_no_shows(Session.objects.get(), by=None)
    here = reverse("cohorts_cms_registration_verb", args=[row.pk, "was-there"])
    for person, reason in ((trainer, "She signed the list."), (coordinator, " ")):
        client_for(person).post(here, {"was-there-reason": reason})
        row.refresh_from_db()
        assert row.status == "no_show"
    client_for(coordinator).post(here, {"was-there-reason": "She signed the list."})
    row.refresh_from_db()
    assert (row.status, row.ended_at, row.visa, row.funding_reason) == ("attended", None, "settled", "She signed the list.")
    arrival = row.check_ins.get()
    assert (arrival.checked_in_by, arrival.checked_in_at) == (coordinator, started)
    [line] = ModelLogEntry.objects.filter(action="cohorts.correct_absence")
    assert (line.user, line.data["reason"]) == (coordinator, "She signed the list.")
    assert len(actions.certify_attendance(Session.objects.get(), by=coordinator)) == 1

"""Sessions, places in words, the calendar entry, and the desk, as pages."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts import actions
from cohorts.models import CheckIn, Cohort, Registration, Session
from cohorts.models.calendar import uid_for
from cohorts.places import Place
from tests.factories import cohorts as make

pytestmark = pytest.mark.usefixtures("strict_templates")


def at(name, *args):
    return reverse(name, args=args)


def text(response):
    return response.content.decode()


@pytest.fixture
def seat(session, promoter, project, participation):
    return actions.register(session, by=promoter, person=promoter, project=project, payer="grant", detail="The region", amount=300)


def fill(session, crowd, number=1):
    Session.objects.filter(pk=session.pk).update(capacity=number)
    session.refresh_from_db()
    for one in crowd(number):
        actions.register(session, by=one.person, person=one.person, project=one.project, payer="person")


def begin_now(session):
    past = timezone.now() - timedelta(hours=1)
    Session.objects.filter(pk=session.pk).update(
        registration_deadline=past, cancellation_deadline=past, starts_at=past, ends_at=timezone.now() + timedelta(hours=5)
    )


def test_visitor_reads_the_facts_and_nobodys_name(visitor_client, session, seat):
    for address in (at("cohorts_sessions"), at("cohorts_session", session.pk)):
        page = text(visitor_client.get(address))
        assert session.place in page
        assert "400" in page
        assert seat.person.name not in page
    assert visitor_client.get(at("cohorts_session_ics", session.pk)).headers["Content-Type"] == "text/calendar; charset=utf-8"


def test_session_of_a_planned_cohort_is_nobodys_yet(visitor_client, client_for, other_promoter, trainer, session):
    Cohort.objects.update(state="planned")
    assert visitor_client.get(at("cohorts_session", session.pk)).status_code == 404
    assert client_for(other_promoter).get(at("cohorts_session", session.pk)).status_code == 404
    assert client_for(trainer).get(at("cohorts_session", session.pk)).status_code == 200


def test_only_walking_projects_see_the_form(client_for, other_promoter, promoter, participation, session):
    assert client_for(other_promoter).get(at("cohorts_session", session.pk)).context["register_form"] is None
    assert client_for(promoter).get(at("cohorts_session", session.pk)).context["register_form"] is not None


def test_a_seat_without_funding_is_kept_and_then_accepted(client_for, promoter, project, participation, session):
    client = client_for(promoter)
    client.post(at("cohorts_session_register", session.pk), {"project": str(project.pk), "funding_payer": ""})
    row = Registration.objects.get()
    assert row.status == "offered"
    wrong = client.post(at("cohorts_registration_funding", row.pk), {"funding_payer": "", "funding_detail": "My town"})
    assert "My town" in text(wrong)
    assert wrong.context["funding_form"].errors.keys() == {"funding_payer"}
    client.post(at("cohorts_registration_funding", row.pk), {"funding_payer": "grant", "funding_amount": "350"})
    row.refresh_from_db()
    source = row.funding.get()
    assert (row.status, source.payer, source.amount) == ("confirmed", "grant", 350)
    client.post(at("cohorts_registration_funding", row.pk), {"funding_payer": "employer"})
    row.refresh_from_db()
    assert (row.status, [one.payer for one in row.funding.all()]) == ("confirmed", ["grant", "employer"])


def test_full_means_a_line_in_other_words(client_for, promoter, project, participation, session, crowd):
    fill(session, crowd)
    client = client_for(promoter)
    address = at("cohorts_session", session.pk).replace("/fr/", "/en/")
    assert "Join the waiting list" in text(client.get(address))
    response = client.post(at("cohorts_session_register", session.pk).replace("/fr/", "/en/"), {"project": str(project.pk)}, follow=True)
    page = text(response)
    assert Registration.objects.get(person=promoter).status == "waiting"
    assert "so you have no place yet" in page
    assert "Your code for the day" not in page


def test_registering_wrongly_keeps_what_was_typed(client_for, promoter, project, participation, session):
    data = {"project": str(project.pk), "funding_payer": "grant", "funding_amount": "lots", "funding_detail": "My town"}
    response = client_for(promoter).post(at("cohorts_session_register", session.pk), data)
    assert "My town" in text(response)
    assert Registration.objects.count() == 0


def test_refused_by_a_rule_it_keeps_what_was_typed(client_for, promoter, project, participation, session, monkeypatch):
    """One source more than the trip takes: the form stands there with the reason. Of a place that is over, the reason is told all the same."""
    client = client_for(promoter)
    client.post(at("cohorts_session_register", session.pk), {"project": str(project.pk), "funding_payer": "project", "funding_amount": "1"})
    row = Registration.objects.get()
    said = {"funding_payer": "grant", "funding_detail": "My town"}
    monkeypatch.setattr("cohorts.actions.funding.MOST_SOURCES", 1)
    address = at("cohorts_registration_funding", row.pk).replace("/fr/", "/en/")
    refused = client.post(address, said)
    assert ("There are 1 sources already" in text(refused), "My town" in text(refused), row.funding.count()) == (True, True, 1)
    source = row.funding.get()
    typed = {f"source-{source.pk.hex[:8]}-{name}": value for name, value in said.items()}
    row.funding.update(verified_at=timezone.now(), verified_by=promoter)
    page = {"referer": "http://testserver" + at("cohorts_session", session.pk).replace("/fr/", "/en/")}
    again = client.post(at("cohorts_funding_source", source.pk).replace("/fr/", "/en/"), typed, follow=True, headers=page)
    assert "The team has checked this already" in text(again)
    assert row.funding.get().payer == "project"
    actions.cancel_registration(row, by=promoter)
    over = client.post(address, said, follow=True, headers=page)
    assert ("You have no place at this session any more" in text(over), "My town" in text(over)) == (True, False)


def test_a_second_place_is_refused_in_words(client_for, promoter, project, participation, session):
    client, data = client_for(promoter), {"project": str(project.pk)}
    address = at("cohorts_session_register", session.pk).replace("/fr/", "/en/")
    client.post(address, data, follow=True)
    again = client.post(address, data, follow=True, headers={"referer": "http://testserver" + at("cohorts_session", session.pk)})
    assert (len(again.context["messages"]), Registration.objects.count()) == (1, 1)


def test_a_foreign_project_cannot_be_named(client_for, promoter, participation, session):
    data = {"project": str(make.ProjectFactory().pk)}
    assert "project" in client_for(promoter).post(at("cohorts_session_register", session.pk), data).context["register_form"].errors


def test_cancelling_asks_first_and_says_when_it_is_late(client_for, other_promoter, promoter, session, seat):
    client = client_for(promoter)
    address = at("cohorts_registration_cancel", seat.pk).replace("/fr/", "/en/")
    assert client_for(other_promoter).get(address).status_code == 404
    assert "This is late" not in text(client.get(address))
    Session.objects.update(cancellation_deadline=timezone.now() - timedelta(hours=1))
    assert "This is late" in text(client.get(address))
    client.post(address, {"reason": "Ill."})
    seat.refresh_from_db()
    assert (seat.status, seat.status_reason) == ("cancelled_late", "Ill.")
    assert client.get(address).status_code == 302
    page = client.get(at("cohorts_session", session.pk))
    assert page.context["place"] is None
    assert "CANCEL" in text(client.get(at("cohorts_session_ics", session.pk)))


def test_giving_an_offered_place_back(client_for, promoter, project, participation, session):
    row = actions.register(session, by=promoter, person=promoter, project=project)
    client_for(promoter).post(at("cohorts_registration_cancel", row.pk))
    row.refresh_from_db()
    assert row.status == "declined"


def test_a_colleague_sees_the_project_but_answers_only_for_themselves(client_for, other_promoter, project, seat):
    make.ProjectMemberFactory(project=project, person=other_promoter, role="member")
    assert client_for(other_promoter).post(at("cohorts_registration_cancel", seat.pk)).status_code == 404
    assert client_for(other_promoter).post(at("cohorts_registration_funding", seat.pk), {"funding_payer": "person"}).status_code == 404


def test_calendar_names_only_oneself(client_for, promoter, session, seat, crowd):
    body = text(client_for(promoter).get(at("cohorts_session_ics", session.pk)))
    assert "METHOD:REQUEST" in body
    assert uid_for(session.ics_uid, promoter) in body.replace("\r\n ", "")
    assert body.count("ATTENDEE") == 1


def test_code_leads_staff_to_the_desk_and_the_person_to_the_session(
    client_for, visitor_client, trainer, other_promoter, promoter, session, seat
):
    address = at("cohorts_check_in", seat.pk)
    assert "Your code for the day" in text(client_for(promoter).get(at("cohorts_session", session.pk).replace("/fr/", "/en/")))
    assert visitor_client.get(address).url.startswith("/accounts/login/")
    assert client_for(trainer).get(address).url.endswith(f"desk/?code={seat.pk}")
    assert client_for(promoter).get(address).url.endswith(f"/sessions/{session.pk}/")
    assert client_for(other_promoter).get(address).status_code == 404


@pytest.mark.parametrize("name", ["cohorts_desk"])
def test_desk_is_staffs(name, client_for, visitor_client, promoter, reviewer, trainer, coordinator, session):
    assert visitor_client.get(at(name, session.pk)).status_code == 302
    assert [client_for(person).get(at(name, session.pk)).status_code for person in (promoter, reviewer, trainer, coordinator)] == [
        404, 404, 200, 200,
    ]  # fmt: skip
    posts = ("cohorts_desk_check_in", "cohorts_desk_verify", "cohorts_desk_annul", "cohorts_desk_close")
    assert {client_for(promoter).post(at(one, session.pk)).status_code for one in posts} == {404}


def test_a_day_at_the_desk(client_for, trainer, coordinator, promoter, session, seat):
    begin_now(session)
    data = {"registration": str(seat.pk), "method": "qr"}
    trainers, coordinators = client_for(trainer), client_for(coordinator)
    trainers.post(at("cohorts_desk_check_in", session.pk), data)
    assert CheckIn.objects.count() == 0
    assert trainers.post(at("cohorts_desk_verify", session.pk), data).status_code == 404
    coordinators.post(at("cohorts_desk_verify", session.pk), data)
    for asked in (str(seat.pk), str(seat.pk)[:8], f"https://example.org/check-in/{seat.pk}/", "paula"):
        assert trainers.get(at("cohorts_desk", session.pk), {"code": asked}).context["found"] == seat
    assert trainers.get(at("cohorts_desk", session.pk), {"code": "nobody"}).context["found"] is None
    trainers.post(at("cohorts_desk_check_in", session.pk), data)
    seat.refresh_from_db()
    assert (seat.status, CheckIn.objects.get().method) == ("attended", "qr")
    assert trainers.post(at("cohorts_desk_annul", session.pk), {**data, "reason": "Somebody else."}).status_code == 404
    assert coordinators.get(at("cohorts_desk", session.pk)).status_code == 200
    coordinators.post(at("cohorts_desk_annul", session.pk), {**data, "reason": "Somebody else."})
    seat.refresh_from_db()
    assert seat.status == "ready"
    Session.objects.update(ends_at=timezone.now() - timedelta(minutes=1))
    coordinators.post(at("cohorts_desk_close", session.pk))
    seat.refresh_from_db()
    assert seat.status == "no_show"
    assert coordinators.post(at("cohorts_desk_check_in", session.pk), {"registration": "nonsense"}).status_code == 404
    assert coordinators.post(at("cohorts_desk_check_in", session.pk), {"registration": str(uuid4())}).status_code == 404


@pytest.mark.parametrize("status", Registration.Status.values)
def test_every_status_has_its_words(status, session):
    place = Place(make.RegistrationFactory.build(session=session, status=status))
    assert place.headline
    assert place.label
    assert place.kind in {"neutral", "good", "warn", "bad", "info"}


def test_lists_cost_the_same_for_one_and_three(
    client_for, promoter, coordinator, cohort, session, seat, crowd, django_assert_max_num_queries
):
    lists = {at("cohorts_sessions"): client_for(promoter), at("cohorts_desk", session.pk): client_for(coordinator)}
    first = {}
    for address, client in lists.items():
        client.get(address)
        with django_assert_max_num_queries(8) as one:
            client.get(address)
        first[address] = len(one.captured_queries)
    for _n in range(2):
        make.SessionFactory(cohorts=[cohort])
    for one in crowd(2):
        actions.register(session, by=one.person, person=one.person, project=one.project, payer="person")
    for address, client in lists.items():
        with django_assert_max_num_queries(first[address]):
            client.get(address)


def test_badges_and_list_are_of_those_who_come(client_for, trainer, promoter, session, seat, crowd):
    [asked] = crowd(1)
    actions.register(session, by=asked.person, person=asked.person, project=asked.project)
    client = client_for(trainer)
    for what in ("badges", "list"):
        page = client.get(at("cohorts_desk_print", session.pk, what))
        assert [row.pk for row, _address in page.context["people"]] == [seat.pk]
        assert promoter.name in text(page)
        assert asked.person.name not in text(page)
        assert client_for(promoter).get(at("cohorts_desk_print", session.pk, what)).status_code == 404
    assert client.get(at("cohorts_desk_print", session.pk, "nothing")).status_code == 404
    assert text(client.get(at("cohorts_desk_print", session.pk, "badges"))).count("<svg") == 1 + text(
        client.get(at("cohorts_desk_print", session.pk, "list"))
    ).count("<svg")


@pytest.mark.parametrize("number", [1, 3])
def test_badges_ask_as_much_for_one_as_for_three(number, client_for, trainer, session, crowd, django_assert_num_queries):
    for one in crowd(number):
        actions.register(session, by=one.person, person=one.person, project=one.project, payer="person")
    client, address = client_for(trainer), at("cohorts_desk_print", session.pk, "badges")
    client.get(address)
    with django_assert_num_queries(4):
        client.get(address)

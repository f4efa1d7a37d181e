"""Office hours as pages: booking and giving back on the site, holding them in the CMS."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts import actions
from cohorts.models import OfficeHour, OfficeHourBooking
from tests.factories import cohorts as make
from tests.factories.mentoring import OfficeHourBookingFactory, OfficeHourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
MINE = "/en/my/office-hours/"


def at(name, *args):
    return reverse(name, args=args)


def text(response):
    return response.content.decode()


@pytest.fixture
def hour(trainer, cohort):
    return OfficeHourFactory(host=trainer, cohorts=[cohort], about="Prices")


@pytest.mark.usefixtures("strict_templates")
def test_from_free_to_booked_to_given_back(client_for, promoter, participation, hour, trainer):
    client, page = client_for(promoter), at("cohorts_office_hour", hour.pk)
    assert [row for row, _zone, _places in client.get(MINE).context["free"]] == [hour]
    shown = text(client.get(page))
    assert str(trainer) in shown
    assert hour.link not in shown  # only whoever comes
    answer = client.post(page, {"project": participation.project_id, "question": "How do we price?"})
    assert answer.url == MINE
    booking = OfficeHourBooking.objects.get()
    assert (booking.person, booking.project, booking.question) == (promoter, participation.project, "How do we price?")
    listed = client.get(MINE).context
    assert ([row for row, _zone in listed["mine"]], listed["free"]) == ([booking], [])
    assert hour.link in text(client.get(page))
    give_back = at("cohorts_office_hour_give_back", booking.pk)
    assert client.post(give_back, {"reason": " "}).context["form"].errors.keys() == {"reason"}
    assert client.post(give_back, {"reason": "A customer."}).url == MINE
    assert client.get(give_back).status_code == 404
    booking.refresh_from_db()
    assert (booking.cancelled_by, booking.cancelled_reason) == (promoter, "A customer.")


@pytest.mark.usefixtures("strict_templates")
def test_too_late_is_said_in_words(client_for, promoter, participation, hour, crowd):
    [faster] = crowd(1)
    actions.book_office_hour(hour, by=faster.person, project=faster.project)
    client, page = client_for(promoter), at("cohorts_office_hour", hour.pk)
    assert client.get(page).context["form"] is None
    refused = client.post(page, {"project": participation.project_id, "question": "Mine."})
    assert list(refused.context["form"].non_field_errors()) == ["Somebody was faster: this hour is taken. Choose another."]
    assert OfficeHourBooking.objects.count() == 1
    assert client.get(MINE).context["free"] == []


@pytest.mark.usefixtures("strict_templates")
def test_a_group_says_how_much_room_there_is(client_for, promoter, participation, trainer, cohort, crowd):
    group = OfficeHourFactory(host=trainer, cohorts=[cohort], capacity=3)
    [other] = crowd(1)
    actions.book_office_hour(group, by=other.person, project=other.project)
    client = client_for(promoter)
    assert [places for _row, _zone, places in client.get(MINE).context["free"]] == [2]
    page = text(client.get(f"/en/my/office-hours/{group.pk}/"))
    assert "Room for 2 projects" in page
    assert other.project.name not in page


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/Sao_Paulo", "Europe/Paris"])
def test_both_clocks_are_shown_where_they_differ(zone, client_for, promoter, participation, trainer, cohort):
    promoter.time_zone = zone
    promoter.save()
    start = datetime(2099, 3, 16, 10, tzinfo=ZoneInfo("Europe/Brussels"))
    hour = OfficeHourFactory(host=trainer, cohorts=[cohort], starts_at=start)
    [(_row, host_zone, _places)] = client_for(promoter).get(MINE).context["free"]
    assert host_zone == ("" if zone == "Europe/Paris" else "Europe/Brussels")
    page = text(client_for(promoter).get(f"/en/my/office-hours/{hour.pk}/"))
    own = {"Asia/Kathmandu": "2:45 pm", "America/Sao_Paulo": "6 am", "Europe/Paris": "10 am"}[zone]
    assert f"March 16, 2099 · {own}<" in page
    assert ("10 am (Brussels)" in page) is (zone != "Europe/Paris")


@pytest.mark.usefixtures("strict_templates")
def test_pages_without_anything_say_what_to_do(client_for, promoter, participation, other_promoter, trainer):
    assert at("cohorts_my_mentor") in text(client_for(promoter).get(MINE))
    assert "/en/apply/" in text(client_for(other_promoter).get(MINE))
    assert at("cohorts_cms_office_hours") in text(client_for(trainer).get(MINE))


@pytest.mark.usefixtures("strict_templates")
def test_a_cancelled_hour_stays_visible_with_its_reason(client_for, promoter, participation, hour, trainer):
    actions.book_office_hour(hour, by=promoter, project=participation.project)
    actions.cancel_office_hour(hour, by=trainer, reason="I am ill.")
    client = client_for(promoter)
    for page in (MINE, at("cohorts_office_hour", hour.pk)):
        assert "I am ill." in text(client.get(page))


@pytest.mark.usefixtures("strict_templates")
def test_past_hours_and_the_next_one_of_my_mentor(client_for, promoter, participation, hour, trainer, cohort):
    past = OfficeHourFactory(host=trainer, cohorts=[cohort], starts_at=timezone.now() - timedelta(days=3))
    OfficeHourBookingFactory(hour=past, person=promoter, project=participation.project)
    actions.book_office_hour(hour, by=promoter, project=participation.project)
    client = client_for(promoter)
    assert [row.hour for row, _zone in client.get(MINE).context["past"]] == [past]
    assert client.get(at("cohorts_my_mentor")).context["next"][0].hour == hour
    assert at("cohorts_my_office_hours") in text(client.get(at("cohorts_my_pathway")))


def test_another_project_of_mine_is_not_booked_for(client_for, promoter, participation, hour):
    """In another cohort: it is not offered, though the hour is open to me."""
    other = make.ParticipationFactory().project
    make.ProjectMemberFactory(project=other, person=promoter)
    answer = client_for(promoter).post(at("cohorts_office_hour", hour.pk), {"project": other.pk, "question": ""})
    assert answer.context["form"].errors.keys() == {"project"}


def test_strangers_other_cohorts_and_viewers_find_nothing(client_for, other_promoter, reviewer, participation, hour, crowd):
    viewer = make.ProjectMemberFactory(project=participation.project, role="viewer").person
    elsewhere = make.ProjectMemberFactory(project=make.ParticipationFactory().project).person
    for person in (other_promoter, reviewer, viewer, elsewhere):
        client = client_for(person)
        assert client.get(at("cohorts_office_hour", hour.pk)).status_code == 404
        assert client.post(at("cohorts_office_hour", hour.pk), {"project": participation.project_id}).status_code == 404
        assert client.get(MINE).context["free"] == []


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_for_one_hour_and_three(
    number, client_for, promoter, participation, trainer, cohort, django_assert_num_queries
):
    for n in range(number):
        booked, _free = (
            OfficeHourFactory(host=trainer, cohorts=[cohort], starts_at=timezone.now() + timedelta(days=n + 1, hours=h)) for h in (1, 3)
        )
        actions.book_office_hour(booked, by=promoter, project=participation.project)
    client = client_for(promoter)
    client.get(MINE)
    with django_assert_num_queries(8):
        client.get(MINE)


# The host


def offer(**said):
    return {"starts_at": "2099-03-16 10:00", "minutes": "45", "times": "1", "capacity": "1", "for_whom": "own", "place": "Brussels"} | said


def test_a_host_opens_hours_on_their_own_clock(client_for, trainer, cohort):
    trainer.time_zone = "Asia/Kathmandu"
    trainer.save()
    client, page = client_for(trainer), at("cohorts_cms_office_hours")
    assert client.post(page, offer(times="3", capacity="4", for_whom="cohorts", cohorts=[cohort.pk])).url == page
    rows = list(OfficeHour.objects.all())
    assert [(row.starts_at.isoformat(), row.capacity, list(row.cohorts.all())) for row in rows] == [
        (f"2099-03-{day}T04:15:00+00:00", 4, [cohort]) for day in (16, 23, 30)
    ]
    assert client.get(page).context["coming"] == rows


def test_an_hour_that_the_clocks_skip_is_refused_beside_the_question(client_for, trainer):
    answer = client_for(trainer).post(at("cohorts_cms_office_hours"), offer(starts_at="2099-03-29 02:30"))
    assert answer.context["form"].errors.keys() == {"starts_at"}
    assert OfficeHour.objects.count() == 0


def test_a_refused_offer_keeps_what_was_typed(client_for, trainer):
    answer = client_for(trainer).post(at("cohorts_cms_office_hours"), offer(place=""))
    assert len(answer.context["form"].non_field_errors()) == 1
    assert OfficeHour.objects.count() == 0
    assert answer.context["form"]["minutes"].value() == "45"


def test_the_host_reads_who_comes_and_cancels_with_words(client_for, trainer, promoter, participation, hour):
    actions.book_office_hour(hour, by=promoter, project=participation.project, question="How do we price?")
    client, page = client_for(trainer), at("cohorts_cms_office_hour", hour.pk)
    assert "How do we price?" in text(client.get(page))
    verb = at("cohorts_cms_office_hour_verb", hour.pk, "cancel")
    assert client.post(verb, {"cancel-reason": ""}).status_code == 200
    assert client.post(verb, {"cancel-reason": "I am ill."}).url == page
    hour.refresh_from_db()
    assert (hour.cancelled_by, hour.cancelled_reason) == (trainer, "I am ill.")
    assert client.get(page).context["verbs"] == []


def test_an_hour_of_another_host_is_for_coordinators(client_for, coordinator, trainer, cohort):
    mine, theirs = OfficeHourFactory(host=coordinator, cohorts=[cohort]), OfficeHourFactory(host=trainer, cohorts=[cohort])
    codes = [
        client_for(who).get(at("cohorts_cms_office_hour", row.pk)).status_code for who in (trainer, coordinator) for row in (mine, theirs)
    ]
    assert codes == [404, 200, 200, 200]
    assert client_for(trainer).get(at("cohorts_cms_office_hours")).context["coming"] == [theirs]


@pytest.mark.parametrize("number", [1, 3])
def test_the_host_s_list_costs_the_same_for_one_hour_and_three(number, client_for, trainer, cohort, django_assert_max_num_queries):
    for n in range(number):
        OfficeHourFactory(host=trainer, cohorts=[cohort], starts_at=timezone.now() + timedelta(days=n + 1))
    client = client_for(trainer)
    client.get(at("cohorts_cms_office_hours"))
    with django_assert_max_num_queries(14):
        client.get(at("cohorts_cms_office_hours"))

"""A project leaves its cohort: its lead says so on the site, a coordinator in the CMS, and everybody concerned is told."""

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import Participation
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.mentoring import OfficeHourBookingFactory, OfficeHourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def page_of(participation):
    return reverse("cohorts_leave_cohort", args=[participation.pk]).replace("/fr/", "/en/")


@pytest.fixture
def mentor(participation):
    person = UserFactory(name="Mia Mentor")
    make.MentorAssignmentFactory(project=participation.project, mentor=person)
    return person


def told(cause):
    return set(Message.objects.filter(cause__startswith=f"{cause}:").values_list("address", flat=True))


def test_the_lead_leaves_with_a_reason_and_everybody_is_told(participation, promoter, other_promoter, coordinator, mentor, client_for):
    make.ProjectMemberFactory(project=participation.project, person=other_promoter, role="member")
    client = client_for(promoter)
    asked = client.post(page_of(participation), {"reason": " "})
    assert (asked.status_code, list(asked.context["form"].errors)) == (400, ["reason"])
    assert not Message.objects.exists()
    assert client.post(page_of(participation), {"reason": "We merge with another."}).status_code == 302
    participation.refresh_from_db()
    assert (participation.state, participation.state_reason, participation.ended_by) == ("withdrawn", "We merge with another.", promoter)
    assert told("cohort-left") == {promoter.email, other_promoter.email}
    assert told("cohort-left-team") == {coordinator.email, mentor.email}
    for letter in Message.objects.filter(cause__startswith="cohort-left"):
        assert "We merge with another." in letter.body_text
    home = client.get(reverse("cohorts_my_pathway").replace("/fr/", "/en/")).content.decode()
    assert ("We merge with another." in home, page_of(participation) in home) == (True, False)


def test_who_only_takes_part_reads_what_it_means_and_cannot_do_it(participation, other_promoter, client_for):
    make.ProjectMemberFactory(project=participation.project, person=other_promoter, role="member")
    client = client_for(other_promoter)
    read = client.get(page_of(participation))
    assert (read.status_code, "Only the lead of the project says that it leaves." in read.content.decode()) == (200, True)
    assert client.post(page_of(participation), {"reason": "I want out."}).status_code == 404
    assert Participation.objects.get().state == "active"


@pytest.mark.parametrize("state", ["invited", "paused", "eligible"])
def test_a_place_is_given_back_before_it_is_taken_and_later(state, participation, promoter, coordinator, client_for):
    dates = {"invited": {"activated_at": None, "activated_by": None}, "eligible": {"eligible_at": timezone.now()}}
    Participation.objects.update(state=state, **dates.get(state, {}))
    client = client_for(promoter)
    words = "Give the place back?" if state == "invited" else "Leave the cohort?"
    assert words in client.get(page_of(participation)).content.decode()
    assert client.post(page_of(participation), {"reason": "No time."}).status_code == 302
    assert Participation.objects.get().state == "withdrawn"


@pytest.mark.parametrize("state", ["graduated", "withdrawn"])
def test_who_is_not_on_the_way_has_nothing_to_leave(state, participation, promoter, coordinator, client_for):
    now = timezone.now()
    dates = {"graduated": {"graduated_at": now}, "withdrawn": {"ended_at": now, "ended_by": coordinator}}
    Participation.objects.update(state=state, **dates[state])
    answer = client_for(promoter).post(page_of(participation), {"reason": "No time."})
    assert (answer.status_code, answer.url) == (302, reverse("cohorts_my_pathway"))
    assert (Participation.objects.get().state, Message.objects.count()) == (state, 0)


def test_a_coordinator_reads_the_letters_before_they_leave(participation, promoter, coordinator, mentor, client_for):
    client = client_for(coordinator)
    act = reverse("cohorts_cms_participation_verb", args=[participation.pk, "withdraw"])
    first = client.post(act, {"withdraw-reason": "They said so."})
    assert [one.address for one in first.context["first"].letters] == [promoter.email, mentor.email]
    assert (Participation.objects.get().state, Message.objects.count()) == ("active", 0)
    client.post(act, {"withdraw-reason": "They said so.", "letters": first.context["stamp"]})
    assert (Participation.objects.get().state, told("cohort-left-team")) == ("withdrawn", {mentor.email})


def test_the_page_counts_the_seats_and_hours_that_go(participation, promoter, client_for, session):
    make.RegistrationFactory(
        session=session, person=promoter, project=participation.project, status="confirmed", confirmed_at=timezone.now()
    )
    hour = OfficeHourFactory(host=participation.cohort.coordinator, cohorts=[participation.cohort])
    booking = OfficeHourBookingFactory(hour=hour, project=participation.project, person=promoter)
    page = client_for(promoter).get(page_of(participation))
    assert (page.context["seats"], page.context["hours"]) == (1, 1)
    actions.withdraw_participation(participation, by=promoter, reason="No time.")
    booking.refresh_from_db()
    assert (participation.project.registrations.live().count(), booking.cancelled_at is not None) == (0, True)


@pytest.mark.parametrize("who", ["a member", "a coordinator with an interest"])
def test_nobody_else_of_the_project_takes_it_out(who, participation, other_promoter, coordinator):
    by = other_promoter if who == "a member" else coordinator
    make.ProjectMemberFactory(project=participation.project, person=by, role="member")
    with pytest.raises(RuleViolation) as refusal:
        actions.withdraw_participation(participation, by=by, reason="I want out.")
    assert (refusal.value.code, Participation.objects.get().state) == ("interest", "active")


def test_a_pause_and_its_end_are_told_to_the_people_of_the_project(participation, promoter, coordinator):
    actions.pause_participation(participation, by=coordinator, reason="Illness.")
    actions.resume_participation(participation, by=coordinator)
    actions.pause_participation(participation, by=coordinator, reason="Again.")
    told = [(row.address, row.subject, "Illness." in row.body_text) for row in Message.objects.order_by("created_at")]
    paused = "Your participation is paused"
    assert told == [(promoter.email, paused, True), (promoter.email, "Your project goes on", False), (promoter.email, paused, False)]

"""A coordinator asks the projects of a cohort for feedback on each other's works: it stands on *My pathway* and in the letter until done."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts import actions
from cohorts.digest import digest_of
from cohorts.models import Participation, PeerFeedback, Requirement
from tests.cohorts.test_satisfaction import came, over
from tests.factories import cohorts as make
from tests.factories.peers import WHOLE, hand_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
READ = "Give feedback on “Ten conversations” to another project"
SHOW = "Feedback among you on “Ten conversations”: show your work"


def asks(place, deliverable, coordinator):
    return actions.ask_for_feedback(place.cohort, by=coordinator, requirement=deliverable)


@pytest.fixture
def asked(place, deliverable, coordinator):
    return asks(place, deliverable, coordinator)


@pytest.fixture
def theirs(peer):
    return peer.project.participations.get()


def owed(client):
    return [one.title for one in client.get(reverse("cohorts_my_pathway")).context["yours_beside"]]


def letter(person):
    digest = digest_of(person)
    return [line.words for part in digest.parts for line in part.lines if "onversations" in line.words] if digest else []


def address_of(place, deliverable):
    return reverse("cohorts_peer_asked", args=[place.pk, deliverable.pk])


def work(opening):
    return reverse("cohorts_peer_work", args=[opening.pk])


def test_it_stands_until_the_project_has_given_feedback(opening, asked, theirs, deliverable, peer, promoter, client_for, strict_templates):
    client = client_for(peer.person)
    page = client.get(reverse("cohorts_my_pathway"))
    assert [(one.title, one.words) for one in page.context["yours_beside"]] == [(READ, "your coordinator asks for it")]
    assert (address_of(theirs, deliverable) in page.content.decode(), letter(peer.person)) == (True, [f"You owe: {READ}"])
    assert client.get(address_of(theirs, deliverable)).headers["Location"] == work(opening)
    draft = actions.give_peer_feedback(opening, by=peer.person, marks=WHOLE, comment="Ask ten more.")
    assert owed(client) == [READ]
    actions.give_peer_feedback(opening, by=peer.person, marks=WHOLE, comment="Ask ten more.", send=True, seen=draft.saved_at.isoformat())
    assert (owed(client), letter(peer.person)) == ([], [])
    assert owed(client_for(promoter)) == [SHOW]  # the others show nothing yet: nobody owes what nobody can do


def test_it_stands_until_it_is_asked_no_more(opening, asked, deliverable, peer, coordinator, client_for):
    actions.stop_asking_for_feedback(asked.cohort, by=coordinator, requirement=deliverable)
    assert (owed(client_for(peer.person)), letter(peer.person)) == ([], [])


def test_nothing_to_read_yet_leads_to_showing_ones_own_then_to_the_space(asked, place, theirs, deliverable, peer, promoter, client_for):
    assert (owed(client_for(promoter)), owed(client_for(peer.person))) == ([SHOW], [SHOW])
    show = reverse("cohorts_peer_show", args=[place.pk, deliverable.pk])
    assert client_for(promoter).get(address_of(place, deliverable)).headers["Location"] == show
    told = client_for(peer.person).get(address_of(theirs, deliverable), follow=True)
    assert told.redirect_chain == [(reverse("cohorts_space", args=[place.cohort_id]), 302)]
    assert "There is no other work to read yet." in told.content.decode()


def test_it_leads_to_the_draft_then_to_who_has_received_least_and_never_to_ones_own(
    opening, asked, theirs, deliverable, peer, crowd, client_for
):
    hand_in(peer.project, deliverable)
    actions.show_work(theirs, by=peer.person, requirement=deliverable)
    third, fourth = crowd(2)
    hand_in(third.project, deliverable)
    later = actions.show_work(third.project.participations.get(), by=third.person, requirement=deliverable)
    actions.give_peer_feedback(opening, by=fourth.person, marks=WHOLE, comment="Good.", send=True)
    go, client = address_of(theirs, deliverable), client_for(peer.person)
    assert client.get(go).headers["Location"] == work(later)
    actions.give_peer_feedback(opening, by=peer.person, marks=WHOLE, comment="Half.")
    assert client.get(go).headers["Location"] == work(opening)
    both = make.ProjectMemberFactory(project=opening.participation.project, person=peer.person, role="viewer")
    assert client.get(go).headers["Location"] == work(later)
    both.delete()


def test_asked_again_what_was_said_of_a_closed_work_before_counts_no_more(
    opening, asked, deliverable, peer, promoter, coordinator, client_for
):
    actions.give_peer_feedback(opening, by=peer.person, marks=WHOLE, comment="Good.", send=True)
    actions.close_work(opening, by=promoter)
    assert owed(client_for(peer.person)) == []
    actions.stop_asking_for_feedback(asked.cohort, by=coordinator, requirement=deliverable)
    PeerFeedback.objects.update(sent_at=timezone.now() - timedelta(days=9), saved_at=timezone.now() - timedelta(days=9))
    actions.ask_for_feedback(asked.cohort, by=coordinator, requirement=deliverable)
    assert owed(client_for(peer.person)) == [SHOW]


def test_what_a_coordinator_withdrew_is_not_done_and_is_not_asked_of_the_same_work(
    opening, asked, theirs, deliverable, peer, coordinator, client_for
):
    row = actions.give_peer_feedback(opening, by=peer.person, marks=WHOLE, comment="Rude.", send=True)
    actions.withdraw_peer_feedback(row, by=coordinator, reason="It is rude.")
    assert owed(client_for(peer.person)) == [SHOW]
    assert client_for(peer.person).get(address_of(theirs, deliverable)).headers["Location"] == reverse(
        "cohorts_space", args=[theirs.cohort_id]
    )


@pytest.mark.parametrize("state", ["invited", "paused", "graduated", "withdrawn"])
def test_nothing_is_asked_of_who_does_not_walk(state, opening, asked, theirs, peer, coordinator, client_for):
    now = timezone.now()
    facts = {"withdrawn": {"ended_at": now, "ended_by": coordinator}, "graduated": {"graduated_at": now}}.get(state, {})
    Participation.objects.filter(pk=theirs.pk).update(state=state, **facts)
    assert (owed(client_for(peer.person)), letter(peer.person)) == ([], [])


def test_another_cohort_is_asked_nothing(opening, asked, deliverable, other_promoter, client_for):
    elsewhere = make.CohortFactory(pathway=opening.participation.cohort.pathway, rubric=opening.participation.cohort.rubric)
    other = make.ProjectMemberFactory(person=other_promoter).project
    away = make.ParticipationFactory(project=other, cohort=elsewhere)
    assert owed(client_for(other_promoter)) == []
    stranger = client_for(other_promoter)
    assert stranger.get(address_of(opening.participation, deliverable)).status_code == 404
    assert stranger.get(address_of(away, deliverable)).headers["Location"] == reverse("cohorts_space", args=[elsewhere.pk])


def test_when_nothing_else_waits_it_is_the_next_step(opening, asked, theirs, peer, client_for):
    for requirement in Requirement.objects.exclude(pk=asked.requirement_id):
        make.RequirementRecordFactory(participation=theirs, requirement=requirement)
    make.RequirementRecordFactory(participation=theirs, requirement=asked.requirement)
    page = client_for(peer.person).get(reverse("cohorts_my_pathway"))
    assert (page.context["step"].title, page.context["step"].action) == (READ, "Read the work")
    assert letter(peer.person) == [f"Your next step: {READ}"]


@pytest.mark.parametrize("number", [1, 3])
def test_my_pathway_keeps_its_budget_with_every_kind_of_requirement(
    number,
    opening,
    theirs,
    peer,
    pathway,
    deliverable,
    coordinator,
    crowd,
    session,
    client_for,
    django_assert_max_num_queries,
):
    """A course, readings, deliverables and forms; a session that asks how it was; requests and works to read: one of each, and three."""
    stage, cohort = pathway.stages.get(key="walk"), theirs.cohort

    def added(kind, **facts):  # the pathway is in use: past its own door
        row = make.RequirementFactory.build(stage=stage, kind=kind, key=f"{kind}-{uuid4().hex[:6]}", **facts)
        return Requirement.objects.bulk_create([row])[0]

    for _n in range(number):
        added("course", course_key=uuid4()), added("reading", page_key=uuid4()), added("form")
        more = added("deliverable", activity_key=uuid4())
        [one] = crowd(1)
        hand_in(one.project, more)
        actions.show_work(one.project.participations.get(), by=one.person, requirement=more)
        asks(theirs, more, coordinator)
        came(over(make.SessionFactory(cohorts=[cohort])), coordinator, person=peer.person, project=peer.project)
    make.SubmittedApplicationFactory(project=peer.project, cohort=cohort, state="admitted")
    client = client_for(peer.person)
    client.get(reverse("cohorts_my_pathway"))
    with django_assert_max_num_queries(15):
        page = client.get(reverse("cohorts_my_pathway"))
    assert (len(page.context["yours_beside"]), len(page.context["over"])) == (number, number)

"""Peer feedback that is reported stands as it was reported until somebody without an interest has decided; nobody answers over another."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.cohort_news import cohort_news
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.peers import WHOLE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def reported(given, promoter):
    return actions.report_peer_feedback(given, by=promoter, reason="Rude.")


def page_of(opening):
    return reverse("cohorts_peer_work", args=[opening.pk])


def act(row, verb):
    return reverse("cohorts_peer_act", args=[row.pk, verb])


def again(row, person, words):
    return actions.give_peer_feedback(row.opening, by=person, marks=WHOLE, comment=words, send=True, seen=row.saved_at.isoformat())


def news(person):
    now = timezone.now() + timedelta(minutes=1)
    return [words for found in cohort_news(person, since=now - timedelta(days=7), until=now).values() for words, _day in found]


def test_what_is_reported_is_read_as_it_was_reported(reported, peer, coordinator, client_for, strict_templates):
    with pytest.raises(RuleViolation) as refusal:
        again(reported, peer.person, "Nothing wrong here.")
    assert refusal.value.code == "reported"
    page = client_for(peer.person).get(page_of(reported.opening))
    assert (page.context["form"], "was reported" in page.content.decode()) == (None, True)
    typed = client_for(peer.person).post(page_of(reported.opening), {"comment": "Nothing wrong here.", "send": "1"})
    assert (typed.status_code, "Nothing wrong here." in typed.content.decode()) == (409, True)
    reported.refresh_from_db()
    assert reported.comment == "Ask ten more."
    actions.keep_peer_feedback(reported, by=coordinator)
    assert again(reported, peer.person, "Ask twenty.").comment == "Ask twenty."


def test_what_changed_after_a_verdict_may_be_reported_anew(reported, peer, promoter, coordinator):
    actions.keep_peer_feedback(reported, by=coordinator)
    with pytest.raises(RuleViolation):
        actions.report_peer_feedback(reported, by=promoter, reason="Still rude.")
    changed = again(reported, peer.person, "You are fools.")
    assert (changed.report, changed.reported_at, changed.settled_by) == ("", None, None)
    actions.report_peer_feedback(changed, by=promoter, reason="Now it is rude.")
    assert Message.objects.filter(cause__startswith="peer-feedback-reported", to=coordinator).count() == 2


def test_who_reads_an_answer_sees_that_the_words_changed_after_it(given, peer, promoter, client_for):
    actions.answer_peer_feedback(given, by=promoter, words="Thank you, we agree.")
    assert given.changed_at is None
    row = again(given, peer.person, "Give up.")
    assert row.changed_at == row.saved_at
    for person in (promoter, peer.person):
        assert "changed on" in client_for(person).get(page_of(given.opening)).content.decode()


def test_two_windows_do_not_answer_over_each_other(given, place, promoter, client_for, strict_templates):
    other = make.ProjectMemberFactory(project=place.project, role="member").person
    one, two = client_for(promoter), client_for(other)
    one.post(act(given, "answer"), {"words": "We ask ten more.", "seen": ""})
    refused = two.post(act(given, "answer"), {"words": "You are wrong.", "seen": ""})
    given.refresh_from_db()
    assert (refused.status_code, given.answer) == (409, "We ask ten more.")
    assert "You are wrong." in refused.content.decode()
    seen = refused.context["refused"]["seen"].value()
    assert two.post(act(given, "answer"), {"words": "You are wrong.", "seen": seen}).status_code == 302
    given.refresh_from_db()
    assert (given.answer, given.answered_by) == ("You are wrong.", other)


def test_the_same_answer_sent_twice_is_one(given, promoter, client_for):
    for _twice in range(2):
        assert client_for(promoter).post(act(given, "answer"), {"words": "Thank you.", "seen": ""}).status_code == 302


def test_a_report_goes_to_a_coordinator_who_may_decide(given, peer, promoter, coordinator, client_for):
    make.ProjectMemberFactory(project=peer.project, person=coordinator, role="viewer")
    other = UserFactory(name="Carla", email="carla@example.org")
    other.groups.add(Group.objects.get(name="Coordinators"))
    actions.report_peer_feedback(given, by=promoter, reason="Rude.")
    assert set(Message.objects.filter(cause__startswith="peer-feedback-reported").values_list("to", flat=True)) == {other.pk}
    assert (news(coordinator).count("1 reported feedback waits for you"), news(other)) == (0, ["1 reported feedback waits for you"])
    assert client_for(other).post(act(given, "keep")).status_code == 302


def test_other_coordinators_are_not_told_while_the_one_of_the_cohort_may_decide(reported, coordinator):
    other = UserFactory(name="Carla", email="carla@example.org")
    other.groups.add(Group.objects.get(name="Coordinators"))
    assert (news(coordinator), news(other)) == (["1 reported feedback waits for you"], [])


def test_every_form_of_these_pages_is_sent_once(opening, given, promoter, peer, coordinator, client_for):
    for person in (promoter, peer.person, coordinator):
        for address in (page_of(opening), reverse("cohorts_space", args=[opening.participation.cohort_id])):
            page = client_for(person).get(address).content.decode()
            main = page[page.index("<main") : page.index("</main")]
            assert main.count('<form method="post"') == main.count("data-academy-once"), (person, address)

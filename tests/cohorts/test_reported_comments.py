"""Who decides about a comment that was reported: a coordinator, never one who has an interest in what was said or in whose dossier."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from academy.models import Message
from academy.permissions import COORDINATORS
from cohorts import actions
from cohorts.cohort_space import reported_in
from cohorts.digest import digest_of
from cohorts.models import CohortComment
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.announcements import AnnouncementFactory
from tests.factories.cohort_space import SharedHeadingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "strict_templates")]


@pytest.fixture
def other():
    person = UserFactory(name="Otto Other")
    person.groups.add(Group.objects.get(name=COORDINATORS))
    return person


@pytest.fixture
def peer(crowd):
    return crowd(1)[0]


@pytest.fixture
def comment(participation, peer):
    SharedHeadingFactory(participation=participation, heading="publics")
    return actions.post_comment(participation, by=peer.person, words="You know nothing.", heading="publics", key=uuid4())


def declare(person, project):
    application = project.applications.first() or make.ApplicationFactory(project=project)
    make.ConflictDeclarationFactory(application=application, person=person, kind="declared", reason="Cousins.")


def told():
    return set(Message.objects.filter(cause__startswith="comment-reported:").values_list("address", flat=True))


def waiting(person, cohort):
    digest = digest_of(person)
    said = [line.words for part in digest.parts for line in part.lines] if digest else []
    return (len(reported_in(cohort, person)), "1 reported comment waits for you" in said)


@pytest.mark.parametrize("whose", ["of who said it", "of whose dossier it is said"])
def test_a_coordinator_with_an_interest_is_not_asked(whose, comment, participation, peer, promoter, coordinator, other, client_for):
    declare(coordinator, peer.project if whose == "of who said it" else participation.project)
    actions.report_comment(comment, by=promoter, reason="Rude.")
    assert told() == {other.email}
    assert (waiting(coordinator, comment.cohort), waiting(other, comment.cohort)) == ((0, False), (1, True))
    act = reverse("cohorts_comment_act", args=[comment.pk, "hide"])
    assert client_for(coordinator).post(act, {"reason": "No."}).status_code == 404
    assert client_for(other).post(act, {"reason": "It hurts."}).status_code == 302
    assert CohortComment.objects.get().hidden_by == other


def test_a_coordinator_does_not_decide_about_their_own_words(cohort, promoter, coordinator, other, participation, client_for):
    announced = AnnouncementFactory(cohort=cohort)
    own = actions.post_comment(announced, by=coordinator, words="Hurry up.", key=uuid4())
    actions.report_comment(own, by=promoter, reason="Rude.")
    assert told() == {other.email}
    assert (waiting(coordinator, cohort), waiting(other, cohort)) == ((0, False), (1, True))
    page = reverse("cohorts_comment", args=[own.pk])
    assert [bool(client_for(one).get(page).context["hide"]) for one in (coordinator, other)] == [False, True]


def test_where_nobody_is_free_an_administrator_decides(comment, peer, promoter, coordinator):
    chief = UserFactory(name="Chief", is_superuser=True)
    declare(coordinator, peer.project)
    actions.report_comment(comment, by=promoter, reason="Rude.")
    assert told() == {chief.email}
    assert waiting(chief, comment.cohort) == (1, True)


def test_the_link_beside_a_comment_says_what_its_reader_may_do(comment, peer, coordinator, other, client_for):
    declare(coordinator, peer.project)
    page = reverse("cohorts_shared_dossier", args=[comment.participation_id])
    links = ["Hide or keep" in client_for(one).get(page).content.decode() for one in (coordinator, other)]
    assert links == [False, True]

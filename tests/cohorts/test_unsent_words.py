"""What a project wrote for its applications: read by nobody before it is sent, and by nobody with an interest in it as long as that stands."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Application, Participation, Project
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

LIST = "projects:index"
WORDS = "Nobody has read this sentence"


@pytest.fixture
def barred(submitted):
    """A coordinator with a declared interest; the project was offered a place, and has not answered."""
    person = UserFactory(name="Sven Second")
    person.groups.add(Group.objects.get(name="Coordinators"))
    Project.objects.filter(pk=submitted.project_id).update(summary=WORDS)
    make.ConflictDeclarationFactory(application=submitted, person=person)
    return person


def offered(application) -> Participation:
    Application.objects.filter(pk=application.pk).update(state="admitted")
    nobody = {"activated_at": None, "activated_by": None}
    return make.ParticipationFactory(
        project=application.project, cohort=application.cohort, application=application, state="invited", **nobody
    )


def doors(project: Project) -> list[str]:
    return [reverse(f"projects:{name}", args=[project.pk]) for name in ("edit", "history", "usage", "delete")]


def names(client, page: str, name: str) -> bool:
    return name in client.get(page).content.decode()


def test_a_place_that_is_only_offered_opens_nothing(submitted, barred, coordinator, client_for):
    place, project = offered(submitted), submitted.project
    lists = [reverse(LIST), reverse("participations:index"), reverse("cohorts_cms_cohort", args=[submitted.cohort_id])]
    clients = {person: client_for(person) for person in (barred, coordinator)}
    assert {who: [names(one, page, project.name) for page in lists] for who, one in clients.items()} == {
        barred: [False, False, False],
        coordinator: [True, True, True],
    }
    page = reverse("cohorts_cms_participation", args=[place.pk])
    assert {who: [one.get(page).status_code, one.get(doors(project)[0]).status_code] for who, one in clients.items()} == {
        barred: [404, 404],
        coordinator: [200, 200],
    }


def test_once_it_walks_its_name_is_known_and_its_words_stay_closed(submitted, barred, coordinator, client_for):
    project = submitted.project
    make.ParticipationFactory(project=project, cohort=submitted.cohort, application=submitted)
    client = client_for(barred)
    html = client.get(reverse(LIST)).content.decode()
    assert (project.name in html, doors(project)[0] in html) == (True, False)
    assert [client.get(door).status_code for door in doors(project)] == [404, 404, 404, 404]
    client.post(doors(project)[0], {"name": "Taken over", "status": "idea", "summary": "Mine."})
    assert Project.objects.get(pk=project.pk).summary == WORDS
    assert names(client_for(coordinator), doors(project)[0], WORDS)


@pytest.mark.parametrize("state", ["draft", "lapsed", "withdrawn"])
def test_what_has_never_sent_is_in_no_list_of_the_team(state, draft, coordinator, trainer, admin_user, client_for):
    Application.objects.filter(pk=draft.pk).update(state=state)
    clients = [client_for(person) for person in (coordinator, trainer, admin_user)]
    assert [names(client, reverse(LIST), draft.project.name) for client in clients] == [False, False, False]
    assert [clients[0].get(door).status_code for door in doors(draft.project)] == [404, 404, 404, 404]
    assert clients[2].get(doors(draft.project)[0]).status_code == 404
    Application.objects.filter(pk=draft.pk).update(state="submitted", submitted_at=timezone.now(), submitted_by=coordinator)
    assert [names(client, reverse(LIST), draft.project.name) for client in clients] == [True, True, True]


def test_what_the_team_wrote_down_itself_is_there(coordinator, client_for):
    by_hand = make.ProjectFactory(name="Written by hand", summary=WORDS)
    client = client_for(coordinator)
    assert (names(client, reverse(LIST), by_hand.name), names(client, doors(by_hand)[0], WORDS)) == (True, True)


def test_while_it_writes_again_its_words_are_not_in_the_form(submitted, coordinator, client_for):
    """Of a project that sent one application and writes another: the rest of the form is saved, its words stay."""
    project = submitted.project
    Project.objects.filter(pk=project.pk).update(summary=WORDS)
    client = client_for(coordinator)
    assert names(client, doors(project)[0], WORDS)
    make.ApplicationFactory(project=project)
    page = client.get(doors(project)[0])
    assert (page.status_code, WORDS in page.content.decode()) == (200, False)
    client.post(doors(project)[0], {"name": project.name, "country": "BE", "place": "Namur", "status": "idea", "summary": "Mine."})
    row = Project.objects.get(pk=project.pk)
    assert (row.place, row.summary) == ("Namur", WORDS)


def test_who_reads_without_names_meets_no_name_with_the_offer(submitted, trainer, client_for):
    round_now = make.round_of(submitted.cohort)
    type(round_now).objects.filter(pk=round_now.pk).update(is_blind=True)
    trainer.groups.add(Group.objects.get(name="Reviewers"))
    make.ReviewAssignmentFactory(application=submitted, round=round_now, reviewer=trainer, state="accepted")
    place = offered(submitted)
    assert list(Participation.objects.for_user(trainer)) == []
    Participation.objects.filter(pk=place.pk).update(state="active", activated_at=timezone.now(), activated_by=submitted.submitted_by)
    assert list(Participation.objects.for_user(trainer)) == [place]

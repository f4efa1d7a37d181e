"""Two thousand applications with six thousand assessments: what the list, a file of it and a project's page ask of the database."""

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from academy.management import many_applications
from academy.models import User
from cohorts.models import Application, Assessment, Score
from cohorts.results import READ_STATES, results_of
from tests.factories import cohorts as make

# As the server does it: outside of a transaction, where the menu is kept (academy.cms_tags)
pytestmark = pytest.mark.django_db(transaction=True)
INDEX = "applications:index"
EVERYTHING = "column=country&column=state&column=reviews&column=decision&column=lead&column=mean&column=gap&column=discuss&column=files"


def queries(client, address):
    client.get(address)  # content types, sites and the menu are kept by the process
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_list_costs_the_same_for_3_50_and_2000(client_for, coordinator, cohort):
    client = client_for(coordinator)
    question = None
    found, heavy, first = [], [], 0
    for number in (3, 47, 1950):
        many_applications.fill(cohort, applications=number, readers=3, first=first)
        first += number
        question = question or cohort.questions.get(kind="choice")
        found.append(queries(client, reverse(INDEX)))
        heavy.append(
            queries(client, f"{reverse(INDEX)}?{EVERYTHING}&column=a-{question.pk.hex}&order=-reviews&q=coop&state=declined&discuss=no")
        )
    assert (Application.objects.count(), Assessment.objects.filter(kind="reviewer").count()) == (2000, 6000)
    assert Score.objects.count() == 8000 * 2
    assert len(set(found)) == len(set(heavy)) == 1, (found, heavy)
    assert max(found + heavy) <= 12, (found, heavy)
    row = Application.objects.filter(state="deliberation").first()
    assert queries(client, reverse("cohorts_cms_application", args=[row.pk])) <= 20
    assert queries(client, reverse("cohorts_cms_application_history", args=[row.pk])) <= 20
    cache.clear()
    with CaptureQueriesContext(connection) as cold:
        lines = results_of(cohort, reader=coordinator).lines
    assert len(cold) <= 8
    assert len(lines) == Application.objects.filter(state__in=READ_STATES).count() > 1000
    assert queries(client, reverse("cohorts_cms_results", args=[cohort.pk])) <= 8  # with the shell of the CMS


def test_kept_menu_is_another_one_for_another_role(client_for, coordinator, trainer, cohort):
    """The menu is made once for each person, and anew when their roles change."""
    pages = {person: client_for(person).get(reverse("cohorts:index")).content.decode() for person in (coordinator, trainer, coordinator)}
    address = reverse(INDEX)
    assert (address in pages[coordinator], address in pages[trainer]) == (True, False)
    trainer.groups.add(Group.objects.get(name="Coordinators"))
    assert address in client_for(trainer).get(reverse("cohorts:index")).content.decode()
    User.objects.get(pk=trainer.pk).groups.remove(Group.objects.get(name="Coordinators"))
    assert address not in client_for(trainer).get(reverse("cohorts:index")).content.decode()


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def test_unread_rows_cost_nothing(client_for, coordinator, cohort):
    make.ApplicationFactory(cohort=cohort)  # a draft
    assert client_for(coordinator).get(reverse(INDEX)).context["total"] == 0

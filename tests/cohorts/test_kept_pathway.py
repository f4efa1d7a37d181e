"""Parts of *My pathway* are kept by what they show: nobody is shown another's, and a change is read at once."""

import pytest
from django.urls import reverse

from cohorts.models import Requirement, RequirementRecord
from tests.factories import cohorts as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("strict_templates")]


def pathway_of(client):
    return client.get(reverse("cohorts_my_pathway")).content.decode()


def test_two_projects_in_the_same_place_each_read_their_own(participation, promoter, crowd, client_for):
    (other,) = crowd(1)
    mine, theirs = client_for(promoter), client_for(other.person)
    for _reading in range(2):
        for client, own, foreign in ((mine, participation.project, other.project), (theirs, other.project, participation.project)):
            words = pathway_of(client)
            assert f"/{own.pk}/" in words
            assert str(foreign.pk) not in words


def test_what_is_met_is_read_at_once(participation, promoter, coordinator, client_for):
    client, plan = client_for(promoter), Requirement.objects.get(key="plan")
    before = pathway_of(client)
    assert pathway_of(client).count('data-state="met"') == before.count('data-state="met"')
    make.RequirementRecordFactory(participation=participation, requirement=plan, recorded_by=coordinator)
    after = pathway_of(client)
    assert after.count('data-state="met"') > before.count('data-state="met"')
    RequirementRecord.objects.update(outcome="waived", reason="Already written elsewhere.")
    assert "Already written elsewhere." in pathway_of(client)


def test_the_other_language_is_its_own(participation, promoter, client_for):
    client = client_for(promoter)
    french = client.get("/fr/my/pathway/").content.decode()
    english = client.get("/en/my/pathway/").content.decode()
    assert "The whole pathway" in english
    assert "The whole pathway" not in french
    assert client.get("/fr/my/pathway/").content.decode().count("The whole pathway") == 0

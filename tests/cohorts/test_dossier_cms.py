"""The dossier inside the CMS: who reads it, and what it costs."""

import pytest
from django.urls import reverse

from cohorts import actions
from cohorts.models import Dossier
from tests.factories import cohorts as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def test_its_mentor_and_coordinators_without_an_interest_read_what_changed(
    participation, submitted, project, promoter, coordinator, trainer, reader, client_for
):
    Dossier.objects.update_or_create(project=project, defaults={"publics": "Forty workers."})
    actions.merge_dossier(project, by=promoter, answers={"publics": "Sixty workers."}, since={})
    page = reverse("cohorts_cms_dossier", args=[participation.pk])
    assert client_for(trainer).get(page).status_code == 404
    make.MentorAssignmentFactory(project=project, mentor=trainer)
    content = client_for(trainer).get(page).content.decode()
    assert "<ins>" in content
    assert client_for(coordinator).get(f"{page}?since=entry").context["since"] == "entry"
    make.ConflictDeclarationFactory(application=submitted, person=coordinator)
    assert client_for(coordinator).get(page).status_code == 404
    assert client_for(promoter).get(page).status_code == 302
    assert client_for(reader("Judith")).get(page).status_code == 302


@pytest.mark.parametrize("number", [1, 3])
def test_it_costs_the_same_for_one_and_three(
    participation, project, promoter, coordinator, client_for, number, django_assert_max_num_queries
):
    Dossier.objects.update_or_create(project=project)
    for key in Dossier.KEYS[:number]:
        actions.merge_dossier(project, by=promoter, answers={key: "Words."}, since={})
    client, page = client_for(coordinator), reverse("cohorts_cms_dossier", args=[participation.pk])
    client.get(page)
    with django_assert_max_num_queries(16):
        client.get(page)


def test_who_assesses_is_led_to_what_changed(participation, project, promoter, coordinator, client_for):
    row = actions.start_team_assessment(project, by=coordinator, cohort=participation.cohort, moment="midway")
    page = client_for(coordinator).get(reverse("cohorts_assessment", args=[row.pk]))
    assert page.context["grown"] == participation
    own = make.AssessmentFactory(project=project, cohort=participation.cohort, application=None, assessor=promoter, moment="midway")
    assert client_for(promoter).get(reverse("cohorts_assessment", args=[own.pk])).context["grown"] is None

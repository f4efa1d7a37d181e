"""Parts of *My pathway* are kept by what they show: nobody is shown another's, and a change is read at once."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Application, Determination, Requirement, RequirementRecord
from tests.factories import cohorts as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("strict_templates")]


def pathway_of(client):
    return client.get(reverse("cohorts_my_pathway")).content.decode()


def in_english(client):
    return client.get("/en/my/pathway/").content.decode()


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


def test_a_session_that_moves_and_a_place_in_it_are_read_at_once(participation, promoter, session, crowd, client_for):
    (other,) = crowd(1)
    client, theirs = client_for(promoter), client_for(other.person)
    assert ", Brussels</span>" in in_english(client)
    session.place = "Lille"
    session.save(update_fields=["place"])
    words = in_english(client)
    assert ", Lille</span>" in words
    assert ", Brussels</span>" not in words
    assert "You were there" not in words
    make.RegistrationFactory(session=session, person=promoter, project=participation.project, status="waiting", queue_number=1)
    assert "On the waiting list" in in_english(client)
    assert "On the waiting list" not in in_english(theirs)


def test_a_decision_that_is_told_is_read_at_once_by_its_project(participation, promoter, crowd, client_for):
    (other,) = crowd(1)
    client, theirs = client_for(promoter), client_for(other.person)
    in_english(client)
    graduation = make.GraduationFactory(participation=participation, reasons="A solid plan.")
    assert "A solid plan." not in in_english(client)
    Determination.objects.filter(pk=graduation.pk).update(released_at=timezone.now(), released_by=graduation.decided_by)
    assert "A solid plan." in in_english(client)
    assert "A solid plan." not in in_english(theirs)


def test_the_application_beside_is_read_at_once(submitted, promoter, client_for):
    client = client_for(promoter)
    before = in_english(client)
    Application.objects.filter(pk=submitted.pk).update(state="reserve")
    assert in_english(client).count("reserve") > before.count("reserve")


def test_a_project_that_moves_is_led_to_the_space_of_its_new_cohort(participation, promoter, client_for):
    client = client_for(promoter)
    assert f"/my/cohort/{participation.cohort_id}/" in in_english(client)
    old, participation.cohort = (
        participation.cohort_id,
        make.CohortFactory(pathway=participation.cohort.pathway, rubric=participation.cohort.rubric),
    )
    participation.save(update_fields=["cohort"])
    words = in_english(client)
    assert (f"/my/cohort/{old}/" in words, f"/my/cohort/{participation.cohort_id}/" in words) == (False, True)


def test_a_second_reading_asks_at_most_fourteen(participation, promoter, session, client_for, django_assert_max_num_queries):
    client = client_for(promoter)
    pathway_of(client)
    with django_assert_max_num_queries(14):
        pathway_of(client)

"""The matrix of a cohort, for those who follow it: some projects, in another order, as a file, and a letter to those that are ticked."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts import actions
from cohorts.matrix import cohort_matrix
from tests.factories import cohorts as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(cohort, pathway):
    """One that is late, one that has everything so far, one that has left."""
    cohort.state, cohort.starts_at = "running", timezone.now() - timedelta(days=45)
    cohort.intake_opens_at, cohort.intake_closes_at = (cohort.starts_at - timedelta(days=n) for n in (40, 10))
    cohort.save()
    applications = [
        make.SubmittedApplicationFactory(cohort=cohort, project__name=name, state="admitted") for name in ("Zorro", "Albatros", "Milan")
    ]
    late, done, gone = (make.ParticipationFactory(cohort=cohort, project=one.project, application=one) for one in applications)
    plan = pathway.stages.get(key="walk").requirements.get(key="plan")
    make.RequirementRecordFactory(participation=done, requirement=plan)
    gone.state, gone.ended_at, gone.ended_by = "withdrawn", timezone.now(), cohort.coordinator
    gone.save()
    return late, done, gone


def names(client, cohort, **asked):
    answer = client.get(reverse("cohorts_cms_cohort", args=[cohort.pk]), asked)
    return [line.project.name for line, _rail in answer.context["rows"]]


def test_order_and_selection(three, cohort, coordinator, client_for):
    client = client_for(coordinator)
    assert names(client, cohort) == ["Albatros", "Milan", "Zorro"]
    assert names(client, cohort, order="done")[0] == "Albatros"
    assert names(client, cohort, order="help") == ["Zorro", "Albatros", "Milan"]
    assert names(client, cohort, show="late") == ["Zorro"]
    assert names(client, cohort, show="here") == ["Albatros", "Zorro"]
    assert names(client, cohort, show="smart") == []
    assert names(client, cohort, show="nobody knows", order="neither") == ["Albatros", "Milan", "Zorro"]


def test_a_cell_leads_to_its_requirement(three, cohort, pathway, coordinator, client_for):
    html = client_for(coordinator).get(reverse("cohorts_cms_cohort", args=[cohort.pk])).content.decode()
    plan = pathway.stages.get(key="walk").requirements.get(key="plan")
    page = reverse("cohorts_cms_participation", args=[three[0].pk])
    assert f'href="{page}#requirement-{plan.pk}"' in html
    assert f'id="requirement-{plan.pk}"' in client_for(coordinator).get(page).content.decode()


def test_the_file_says_what_is_shown(three, cohort, trainer, client_for):
    answer = client_for(trainer).get(reverse("cohorts_cms_cohort", args=[cohort.pk]), {"export": "csv", "show": "here", "order": "help"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["Zorro", "Albatros"]
    assert lines[0].startswith("Projet,Pays,État")


def test_those_that_are_ticked_are_written_to(three, cohort, coordinator, trainer, client_for):
    client = client_for(coordinator)
    html = client.get(reverse("cohorts_cms_cohort", args=[cohort.pk])).content.decode()
    assert f'name="row" value="{three[0].application_id}"' in html
    answer = client.post(
        reverse("applications:act"), {"verb": "write", "row": str(three[0].application_id), "query": f"cohort={cohort.pk}"}
    )
    assert [row.pk for row in answer.context["rows"]] == [three[0].application_id]
    assert 'name="row"' not in client_for(trainer).get(reverse("cohorts_cms_cohort", args=[cohort.pk])).content.decode()


@pytest.fixture
def liked(pathway):
    """Asked before the cohort opens, of who likes."""
    stage = pathway.stages.get(key="walk")
    for key, owed_by in (("film", "promoter"), ("visit", "smart")):
        make.RequirementFactory(stage=stage, kind="manual", key=key, owed_by=owed_by, mandatory=False, offset_days=1, sort_order=8)


def test_what_is_done_only_if_one_likes_is_never_late(liked, three, cohort):
    late, _done, _gone = three
    row = next(one for one in cohort_matrix(cohort).rows if one.participation == late)
    states = {cell.requirement.key: cell.state for cell in row.cells}
    assert (states["film"], states["visit"]) == ("open", "overdue")


@pytest.fixture
def review(pathway):
    """Asked before the cohort opens."""
    stage = pathway.stages.get(key="walk")
    return make.RequirementFactory(stage=stage, key="midway", kind="manual", owed_by="smart", offset_days=1, sort_order=9)


def test_of_a_project_that_pauses_only_what_smart_owes_is_late(review, three, cohort, coordinator, client_for, english):
    late, _done, _gone = three
    client, page = client_for(make.ProjectMemberFactory(project=late.project).person), reverse("cohorts_my_pathway")

    def said():
        return states(late), "days late" in client.get(page).content.decode()

    def states(row):
        cells = next(one for one in cohort_matrix(cohort).rows if one.participation == row).cells
        return {cell.requirement.key for cell in cells if cell.is_overdue}

    assert said() == ({"plan", "midway"}, True)
    actions.pause_participation(late, by=coordinator, reason="A birth.")
    assert said() == ({"midway"}, True)
    make.RequirementRecordFactory(participation=late, requirement=review)
    assert states(late) == set()
    assert "days late" not in client.get(page).content.decode()
    assert "Your participation is paused" in client.get(page).content.decode()
    actions.resume_participation(late, by=coordinator)
    assert states(late) == {"plan"}


def test_a_project_that_was_moved_here_can_be_ticked_and_written_to(three, cohort, pathway, coordinator, client_for):
    late, _done, _gone = three
    there = make.open_now(make.CohortFactory(pathway=pathway, rubric=cohort.rubric, coordinator=coordinator))
    moved = actions.transfer_participation(late, by=coordinator, to=there, reason="In spring.")
    assert moved.application_id == late.application_id
    client = client_for(coordinator)
    page = client.get(reverse("cohorts_cms_cohort", args=[there.pk])).content.decode()
    assert f'name="row" value="{late.application_id}"' in page
    assert client.get(reverse("cohorts_cms_application", args=[late.application_id])).context["participation"] == moved

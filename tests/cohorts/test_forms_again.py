"""A form of the pathway that a project meets in two cohorts: what it sent for a place that ended meets nothing in the next."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts import actions
from cohorts.call_answers import name_of
from cohorts.form_answers import replies_in
from cohorts.matrix import cohort_matrix
from cohorts.models import FormSending, Participation
from cohorts.pathway_state import pathway_state
from cohorts.requirements import MET, OPEN, still_owed
from tests.factories import cohorts as make
from tests.factories.forms import FormQuestionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture(autouse=True)
def form(pathway):
    form = make.RequirementFactory(stage=pathway.stages.get(key="walk"), kind="form", key="needs", title=make.words("What you need"))
    FormQuestionFactory(requirement=form, is_required=True)
    return form


@pytest.fixture
def sent(form, participation, promoter):
    """Sent in the first cohort, before the second opens."""
    field = name_of(form.questions.get().pk)
    actions.merge_form(participation.project, by=promoter, requirement=form, answers={field: "Two desks."}, since={})
    return actions.send_form(participation.project, by=promoter, requirement=form)


@pytest.fixture
def next_cohort(form, sent, pathway, rubric, coordinator):
    return make.open_now(make.CohortFactory(pathway=pathway, rubric=rubric, coordinator=coordinator))


def admitted(project, cohort):
    return make.ParticipationFactory(project=project, cohort=cohort, invited_at=timezone.now(), activated_at=timezone.now())


def states(project, cohort, form):
    """As the project, the coordinators and graduation read it."""
    mine = next(row for stage in pathway_state(project, cohort=cohort).stages for row in stage.items if row.requirement == form)
    theirs = next(
        cell for row in cohort_matrix(cohort).rows if row.participation.project == project for cell in row.cells if cell.requirement == form
    )
    return mine.state, theirs.state, MET if form not in [row.requirement for row in still_owed(cohort, project.pk)] else OPEN


def test_a_project_that_comes_back_is_asked_anew(
    participation, next_cohort, form, sent, promoter, coordinator, client_for, strict_templates
):
    project, first = participation.project, participation.cohort
    actions.withdraw_participation(participation, by=coordinator, reason="No time this year.")
    admitted(project, next_cohort)
    assert states(project, next_cohort, form) == (OPEN,) * 3
    assert pathway_state(project, cohort=first).participation == participation
    assert [one.sending for one in replies_in(next_cohort, form, [])] == [None]
    page = reverse("cohorts_form", args=[project.pk, form.pk])
    client = client_for(promoter)
    assert "It is asked anew in this cohort" in client.get(page).content.decode()
    assert client.post(page, {"intent": "send"}).status_code == 302
    again = FormSending.objects.get(number=2)
    assert (again.content, states(project, next_cohort, form)) == (sent.content, (MET,) * 3)
    assert [one.sending for one in replies_in(next_cohort, form, [])] == [again]
    assert "It is asked anew in this cohort" not in client.get(page).content.decode()
    assert actions.send_form(project, by=promoter, requirement=form) == again


def test_what_is_sent_for_the_new_place_changes_nothing_of_the_old(participation, next_cohort, form, sent, promoter, coordinator):
    project = participation.project
    Participation.objects.filter(pk=participation.pk).update(state="graduated", graduated_at=timezone.now())
    admitted(project, next_cohort)
    field = name_of(form.questions.get().pk)
    actions.merge_form(project, by=promoter, requirement=form, answers={field: "Ten desks."}, since={})
    again = actions.send_form(project, by=promoter, requirement=form)
    assert [one.sending for one in replies_in(participation.cohort, form, [])] == [sent]
    assert [one.sending for one in replies_in(next_cohort, form, [])] == [again]


def test_a_project_that_is_moved_has_sent_what_it_has_sent(participation, next_cohort, form, pathway, rubric, coordinator):
    project = participation.project
    moved = actions.transfer_participation(participation, by=coordinator, to=next_cohort, reason="In spring.")
    assert states(project, next_cohort, form) == (MET,) * 3
    third = make.open_now(make.CohortFactory(pathway=pathway, rubric=rubric, coordinator=coordinator))
    actions.transfer_participation(moved, by=coordinator, to=third, reason="In autumn.")
    assert states(project, third, form) == (MET,) * 3


def test_the_team_reads_of_each_place_what_was_sent_for_it(participation, next_cohort, form, coordinator, client_for):
    actions.withdraw_participation(participation, by=coordinator, reason="No time this year.")
    place = admitted(participation.project, next_cohort)
    Participation.objects.filter(pk=place.pk).update(invited_at=timezone.now() + timedelta(seconds=1))
    first, second = (
        client_for(coordinator).get(reverse("cohorts_cms_form", args=[row.pk, form.pk])).content.decode() for row in (participation, place)
    )
    assert ("Two desks." in first, "Two desks." in second) == (True, False)

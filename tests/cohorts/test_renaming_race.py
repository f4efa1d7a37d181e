"""One application of a project is sent in the moment in which another draft renames it: what readers, lists and letters call it is what was sent."""

import pytest

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import Application, ApplicationSnapshot, Project
from tests.cohorts.test_last_seat import at_once, in_another_connection, shared_database  # noqa: F401 (a fixture)
from tests.factories import cohorts as make

pytestmark = pytest.mark.django_db(transaction=True)
OLD, NEW = "Coopérative du Nord", "Coopérative du Sud"


def send(row, promoter):
    if row.state == "draft":
        actions.submit_application(row, by=promoter)
    else:
        actions.take_up_application(row, by=None)


@pytest.mark.parametrize("attempt", range(6))
@pytest.mark.parametrize("state", ["draft", "returned"])
def test_a_project_is_read_under_the_name_that_was_sent(attempt, state, draft, cohort, pathway, rubric, promoter, request):
    other = make.ApplicationFactory(project=draft.project, cohort=make.open_now(make.CohortFactory(pathway=pathway, rubric=rubric)))
    if state == "returned":
        actions.submit_application(draft, by=promoter)
        Application.objects.filter(pk=draft.pk).update(state=state, return_due_at=cohort.intake_opens_at)
    request.getfixturevalue("shared_database")

    def work(job):
        if job == "send":
            send(Application.objects.get(pk=draft.pk), promoter)
        else:
            actions.save_draft(Application.objects.get(pk=other.pk), by=promoter, answers={"name": NEW})

    problems = at_once(work, ["send", "rename"])
    assert [(type(problem), problem.code) for problem in problems] in ([], [(RuleViolation, "being_read")])
    name = in_another_connection(lambda: Project.objects.get(pk=draft.project_id).name)
    assert name == (OLD if problems else NEW)
    if state == "draft":
        sent = in_another_connection(lambda: ApplicationSnapshot.objects.get(application=draft.pk).content["project"]["name"])
        assert sent == name

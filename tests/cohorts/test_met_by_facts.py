"""A reading is met by a receipt, a deliverable by an accepted work; a work that waits for its answer is Smart's debt. Never ticked twice."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.matrix import cohort_matrix
from cohorts.models import Requirement
from cohorts.pathway_state import pathway_state
from cohorts.readings import pages_asked
from cohorts.requirements import MET, OPEN, OVERDUE, local_day
from tests.factories import cohorts as make
from tests.factories.courses import TERMS, SubmissionFactory, make_assignment, make_module
from wiki.models import ReadReceipt

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def assignment(english):
    return make_assignment(make_module("Prepare"), "Ten conversations", belongs_to="project")


@pytest.fixture
def deliverable(pathway, assignment):
    stage = pathway.stages.get(key="walk")
    return make.RequirementFactory(
        stage=stage, kind="deliverable", key="ten", title={"en": "Ten conversations", "fr": "Dix"}, activity_key=assignment.translation_key,
        offset_days=40,
    )  # fmt: skip


@pytest.fixture
def reading(pathway, assignment):
    stage = pathway.stages.get(key="walk")
    return make.RequirementFactory(stage=stage, kind="reading", key="what-smart-is", page_key=assignment.translation_key)


def standing(project, requirement):
    return next(row for stage in pathway_state(project).stages for row in stage.items if row.requirement == requirement)


def hand_in(project, assignment, *, days_ago=0, state="handed_in", answer_days=10):
    at = timezone.now() - timedelta(days=days_ago)
    return SubmissionFactory(
        user=None,
        group_key=str(project.pk),
        activity_key=assignment.translation_key,
        state=state,
        handed_in_at=at,
        answered_at=None if state == "handed_in" else at,
        terms={**TERMS, "answer_days": answer_days},
    )


def test_a_reading_is_met_by_the_receipt_of_the_lead(deliverable, reading, participation, project, promoter, other_promoter):
    make.ProjectMemberFactory(project=project, person=other_promoter, role="member")
    said = {"page_key": reading.page_key, "language": "fr", "published_at": timezone.now()}
    ReadReceipt.objects.create(person=other_promoter, **said)
    assert standing(project, reading).state == OPEN
    ReadReceipt.objects.create(person=promoter, **said)
    ReadReceipt.objects.create(person=promoter, **said | {"language": "en"})
    assert standing(project, reading).state == MET


def test_a_project_works_if_it_likes_but_smart_answers(deliverable, assignment, participation, project, promoter, client_for):
    type(deliverable).objects.filter(pk=deliverable.pk).update(mandatory=False)
    client = client_for(promoter)

    def liked():
        page = client.get("/en/my/pathway/").content.decode()
        return [
            part.split("</li>")[0].count("if you like")
            for part in page.split("<li data-state")[1:]
            if "Ten conversations" in part.split("</li>")[0]
        ]

    assert set(liked()) == {1}
    hand_in(project, assignment, days_ago=3)
    assert set(liked()) == {0}


def test_what_is_done_already_is_not_waived(deliverable, reading, participation, project, promoter, coordinator):
    """The waiver would stand in the place of what they did."""
    ReadReceipt.objects.create(person=promoter, page_key=reading.page_key, language="fr", published_at=timezone.now())
    with pytest.raises(RuleViolation) as refused:
        actions.waive(participation, by=coordinator, requirement=reading, reason="They know it.")
    assert refused.value.code == "met"
    assert standing(project, reading).state == MET
    actions.waive(participation, by=coordinator, requirement=deliverable, reason="They did it elsewhere.")
    assert standing(project, deliverable).state == "waived"


def test_a_work_that_waits_is_a_debt_of_smart_until_it_is_answered(deliverable, assignment, participation, project, cohort):
    assert standing(project, deliverable).owed_by_promoter
    work = hand_in(project, assignment, days_ago=3)
    row = standing(project, deliverable)
    promised = local_day(work.handed_in_at + timedelta(days=10), cohort.time_zone)
    assert (row.state, row.owed_by_promoter, row.due_on, row.title) == (OPEN, False, promised, "Answer to “Ten conversations”")
    work.handed_in_at -= timedelta(days=20)
    work.save()
    assert (standing(project, deliverable).state, standing(project, deliverable).owed_by_promoter) == (OVERDUE, False)
    work.state, work.answered_at = "to_improve", timezone.now()
    work.save()
    row = standing(project, deliverable)
    assert (row.owed_by_promoter, row.title) == (True, "Ten conversations")
    work.state = "accepted"
    work.save()
    assert standing(project, deliverable).state == MET


def test_an_answer_that_nobody_promised_is_never_late(deliverable, assignment, participation, project):
    hand_in(project, assignment, days_ago=400, answer_days=None)
    row = standing(project, deliverable)
    assert (row.state, row.owed_by_promoter, row.due_on) == (OPEN, False, None)


def test_another_projects_work_counts_for_nobody_else(deliverable, assignment, participation, project, other_promoter):
    other = make.ProjectFactory()
    hand_in(other, assignment, state="accepted")
    assert standing(project, deliverable).state == OPEN


@pytest.mark.parametrize("kind", ["deliverable", "reading"])
def test_what_the_site_knows_is_not_ticked_by_hand(kind, deliverable, reading, participation, coordinator):
    requirement = {"deliverable": deliverable, "reading": reading}[kind]
    with pytest.raises(RuleViolation):
        actions.record_met(participation, by=coordinator, requirement=requirement)
    actions.waive(participation, by=coordinator, requirement=requirement, reason="It has a monograph already.")
    assert standing(participation.project, requirement).is_settled


def test_by_hand_says_the_same_to_python_and_to_the_database(deliverable, reading, pathway):
    rows = Requirement.objects.filter(stage__pathway=pathway)
    assert (
        {row.key for row in rows if row.is_by_hand}
        == set(rows.filter(Requirement.BY_HAND).values_list("key", flat=True))
        == {"plan", "charter"}
    )


def test_only_a_deliverable_names_an_assignment(reading):
    with pytest.raises(IntegrityError), transaction.atomic():
        Requirement.objects.filter(pk=reading.pk).update(activity_key=reading.page_key)


def test_the_pages_of_pathways_ask_their_readers(reading):
    assert pages_asked() == [reading.page_key]


def test_my_pathway_shows_the_debt_of_smart_and_leads_to_the_assignment(
    deliverable, assignment, participation, project, cohort, promoter, client_for
):
    make.SubmittedApplicationFactory(project=project, cohort=cohort, submitted_by=promoter, state="admitted")
    client = client_for(promoter)
    step = reverse("cohorts_step", args=[project.pk, deliverable.pk])
    assert step in client.get(reverse("cohorts_my_pathway")).content.decode()
    assert client.get(step).headers["Location"] == assignment.get_url()
    hand_in(project, assignment, days_ago=20)
    html = client.get(reverse("cohorts_my_pathway")).content.decode()
    assert "Answer to “Ten conversations”" in html
    assert "10 days late" in html


def test_facts_cost_the_same_for_one_project_and_for_three(deliverable, reading, assignment, cohort):
    def queries(projects):
        for _one in range(projects):
            row = make.ParticipationFactory(cohort=cohort)
            hand_in(row.project, assignment)
        with CaptureQueriesContext(connection) as captured:
            cohort_matrix(cohort)
        return len(captured)

    assert queries(1) == queries(2)

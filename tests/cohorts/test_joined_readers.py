"""Whoever joins a project reads and judges its applications no more, however they came in; what they wrote is kept and not counted."""

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.clock import strike
from cohorts.models import Application, Assessment, ConflictDeclaration, ReviewAssignment
from tests.factories import cohorts as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def read(submitted, coordinator, reviewer):
    """Begun by a reader, who said that nothing stood in the way; names are hidden."""
    round_now = make.round_of(submitted.cohort, is_blind=True)
    Application.objects.filter(pk=submitted.pk).update(state="under_review")
    row = make.ReviewAssignmentFactory(application=submitted, round=round_now, reviewer=reviewer, state="proposed")
    actions.declare_interest(submitted, by=reviewer, conflict=False)
    actions.accept_review(row, by=reviewer)
    actions.begin_review(row, by=reviewer)
    return ReviewAssignment.objects.get(pk=row.pk)


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_a_reader_who_joins_reads_it_no_more(read, role, promoter, coordinator, reviewer, client_for):
    client = client_for(reviewer)
    page = reverse("cohorts_review", args=[read.pk])
    assert client.get(page).status_code == 200
    project = read.application.project
    actions.join_project(actions.invite_member(project, by=promoter, email=reviewer.email, role=role), by=reviewer)
    row = ReviewAssignment.objects.get(pk=read.pk)
    assert (row.state, row.state_reason) == ("recused", "Has joined the project.")
    doors = [page, reverse("cohorts_review_send", args=[read.pk]), reverse("cohorts_review_conflict", args=[read.pk])]
    assert [client.get(door).status_code for door in doors] == [404, 404, 404]
    assert client.post(page, {}).status_code == 404
    said = ConflictDeclaration.objects.get(person=reviewer)
    assert (said.application, said.kind) == (read.application, "declared")
    letter = Message.objects.get(cause__startswith="reader-joined:")
    assert (letter.to, letter.subject) == (coordinator, "Somebody who was asked to read a project has joined it")


def test_what_they_sent_counts_no_more_while_nothing_is_told(read, promoter, reviewer):
    ReviewAssignment.objects.filter(pk=read.pk).update(state="submitted", submitted_at=timezone.now())
    Assessment.objects.filter(assignment=read).update(state="submitted", submitted_at=timezone.now(), submitted_by=reviewer)
    assert Assessment.objects.counted().count() == 1
    actions.add_member(read.application.project, by=promoter, person=reviewer)
    assert (Assessment.objects.counted().count(), Assessment.objects.submitted().count()) == (0, 1)


def test_what_was_decided_before_is_left_as_it_was(read, promoter, reviewer):
    ReviewAssignment.objects.filter(pk=read.pk).update(state="submitted", submitted_at=timezone.now())
    Application.objects.filter(pk=read.application_id).update(state="declined")
    actions.add_member(read.application.project, by=promoter, person=reviewer)
    assert (ReviewAssignment.objects.get(pk=read.pk).state, ConflictDeclaration.objects.get(person=reviewer).kind) == ("submitted", "none")
    assert list(ReviewAssignment.objects.for_user(reviewer)) == []


@pytest.mark.parametrize("verb", [actions.save_review, actions.submit_assessment])
def test_no_verb_writes_for_a_member(read, verb, reviewer):
    """Though their assignment stands: a row that no verb of ours made."""
    make.ProjectMemberFactory(project=read.application.project, person=reviewer, role="viewer")
    own = Assessment.objects.get(assignment=read)
    with pytest.raises(RuleViolation) as refusal:
        verb(own, by=reviewer, **({"written": []} if verb is actions.save_review else {}))
    assert refusal.value.code == "conflict"


def test_the_clock_recuses_who_was_in_it_before_the_rule(read, promoter, reviewer, coordinator):
    """Rows from before joining recused, or that no verb made: nothing else ends them. What was decided is left as it was."""
    other = make.ReviewAssignmentFactory(application=read.application, round=read.round, reviewer=promoter, state="accepted")
    old = make.SubmittedApplicationFactory(project=read.application.project, state="declined")
    before = make.ReviewAssignmentFactory(application=old, reviewer=reviewer, state="submitted", submitted_at=timezone.now())
    coordinator.language = "fr"
    coordinator.save()
    assert strike()["readers recused"] == 1  # the lead, whom no rule should have asked
    make.ProjectMemberFactory(project=read.application.project, person=reviewer, role="viewer")
    assert strike()["readers recused"] == 1
    rows = ReviewAssignment.objects.in_bulk([read.pk, other.pk, before.pk])
    assert [rows[row.pk].state for row in (read, other, before)] == ["recused", "recused", "submitted"]
    assert rows[read.pk].state_reason == "A rejoint le projet."
    assert ConflictDeclaration.objects.get(person=reviewer).kind == "declared"
    written = ModelLogEntry.objects.filter(action="cohorts.recuse_reviewer", object_id=str(read.pk))
    assert [entry.user for entry in written] == [None]
    assert Message.objects.filter(cause__startswith="reader-joined:", to=coordinator).count() == 2
    assert strike()["readers recused"] == 0


def test_a_team_assessment_of_who_joined_is_closed(participation, trainer):
    own = actions.start_team_assessment(participation.project, by=trainer, cohort=participation.cohort, moment="midway")
    make.ProjectMemberFactory(project=participation.project, person=trainer, role="member")
    with pytest.raises(RuleViolation) as refusal:
        actions.save_scores(own, by=trainer, scores={})
    assert refusal.value.code == "conflict"

"""One project from the call to the verified certificate, through the verbs alone."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.actions import ScoreInput
from cohorts.answers import answers_of, missing
from cohorts.comparison import compare
from cohorts.models import Criterion, Participation, Partnership, Requirement, Session
from cohorts.pathway_state import pathway_state
from courses.models import Certificate
from tests.factories import cohorts as make

pytestmark = pytest.mark.usefixtures("english")
ANSWERS = dict.fromkeys((*make.WANTED_CHAPTERS, "expectations"), "We asked forty workers.")


def score_all(assessment, value, *, by):
    criteria = Criterion.objects.filter(part__rubric=assessment.rubric)
    actions.save_scores(assessment, by=by, scores={row.pk: ScoreInput(value, 2, "Seen.") for row in criteria})
    return actions.submit_assessment(assessment, by=by)


def test_from_the_call_to_the_certificate(cohort, promoter, coordinator, reviewer, trainer, admin_user, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        application = actions.start_application(cohort, by=promoter, name="")
        assert missing(answers_of(application))[0].field == "name"
        with pytest.raises(RuleViolation, match="answers are missing"):
            actions.submit_application(application, by=promoter)
        actions.save_draft(application, by=promoter, answers={"name": "Coop", "summary": "Us.", **ANSWERS, "funds_own_travel": True})
        assert missing(answers_of(application)) == []
        actions.submit_application(application, by=promoter)
    assert [message.to for message in mail.outbox] == [[promoter.email], [coordinator.email]]
    project = application.project

    own = score_all(actions.start_self_assessment(project, by=promoter, cohort=cohort), 4, by=promoter)
    assert pathway_state(project).next_step is None
    assert [row.requirement.key for row in pathway_state(project).waiting_for_smart] == ["review"]

    assignment = actions.assign_reviewer(application, by=coordinator, reviewer=reviewer)
    actions.start_review(application, by=coordinator)
    actions.declare_interest(application, by=reviewer, conflict=False)
    actions.accept_review(assignment, by=reviewer)
    score_all(actions.begin_review(assignment, by=reviewer), 2, by=reviewer)
    comparison = compare(project, cohort=cohort, application=application, reader=coordinator)
    assert comparison.own == own
    assert [(part.gap.own, part.gap.mean, part.gap.gap) for part in comparison.parts] == [(4, 2, 2), (4, 2, 2)]

    actions.open_deliberation(application, by=coordinator)
    decision = actions.decide_admission(application, by=coordinator, outcome="admitted")
    assert Participation.objects.count() == 0
    actions.release(decision, by=coordinator)
    participation = actions.accept_place(project.participations.get(), by=promoter)
    assert pathway_state(project).next_step.requirement.key == "session"

    session = make.SessionFactory(cohorts=[cohort])
    registration = actions.register(session, by=promoter, person=promoter, project=project, payer="project", amount=400)
    assert registration.status == "confirmed"
    actions.verify_funding(registration, by=coordinator)
    yesterday = timezone.now() - timedelta(days=1)
    before = {"registration_deadline": yesterday, "cancellation_deadline": yesterday}
    Session.objects.filter(pk=session.pk).update(starts_at=yesterday, ends_at=timezone.now(), **before)
    registration.refresh_from_db()
    actions.check_in(registration, by=trainer)
    assert registration.status == "attended"

    with pytest.raises(RuleViolation, match="plan"):
        actions.mark_eligible(participation, by=coordinator)
    actions.record_met(participation, by=trainer, requirement=Requirement.objects.get(key="plan"))
    actions.mark_eligible(participation, by=coordinator)

    typology = make.TypologyFactory()
    graduation = actions.decide_graduation(participation, by=coordinator, outcome="graduated", typology=typology)
    actions.sign(graduation, by=coordinator)
    with pytest.raises(RuleViolation, match="1 of 2 "):
        actions.release(graduation, by=coordinator)
    actions.sign(graduation, by=admin_user)
    actions.release(graduation, by=coordinator)
    participation.refresh_from_db()
    assert participation.state == "graduated"
    assert Partnership.objects.get(project=project).typology == typology
    certificate = Certificate.objects.get(holder=promoter)
    assert certificate.kind == "graduation"
    assert certificate.content["fr"]["about"] == "Coop"
    assert "Social franchise" in certificate.content["en"]["statement"]
    assert certificate.standing == "valid"
    assert [stage.state for stage in pathway_state(project).stages] == ["done", "done"]
    assert pathway_state(project).is_over

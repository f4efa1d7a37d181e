"""What must never be, said by the database or by a lock (design.md §3). Races are in test_last_seat, reading in test_who_reads."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from wagtail.models import ModelLogEntry

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.clock import strike
from cohorts.models import Criterion, Determination, Level, Participation, Partnership, Requirement, Stage
from courses.models import Certificate
from tests.factories import cohorts as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def refused_by_the_database(write):
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


# 1. One live application per project and cohort; one live registration per person and session


def test_one_live_application_per_project_and_cohort(draft, cohort, project):
    refused_by_the_database(lambda: make.ApplicationFactory(project=project, cohort=cohort))
    make.ApplicationFactory(project=project, cohort=cohort, state="withdrawn")
    type(draft).objects.filter(pk=draft.pk).update(state="withdrawn")
    make.ApplicationFactory(project=project, cohort=cohort)


def test_second_application_is_refused_in_words(draft, cohort, project, promoter):
    with pytest.raises(RuleViolation, match="already"):
        actions.start_application(cohort, by=promoter, project=project)


def test_one_live_registration_per_person_and_session(session, promoter):
    first = make.RegistrationFactory(session=session, person=promoter)
    refused_by_the_database(lambda: make.RegistrationFactory(session=session, person=promoter))
    type(first).objects.filter(pk=first.pk).update(status="cancelled")
    make.RegistrationFactory(session=session, person=promoter)


# 3. A released determination is dated and signed for; graduation ⇔ typology; one in force


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"released_at": timezone.now()}, id="released by nobody"),
        pytest.param({"outcome": "graduated"}, id="graduation of an application"),
        pytest.param({"kind": "graduation"}, id="graduation without participation"),
        pytest.param({"decided_at": None}, id="no date"),
    ],
)
def test_wrong_admission_is_refused(values):
    refused_by_the_database(lambda: make.DeterminationFactory(**values))


def test_admission_has_no_typology():
    refused_by_the_database(lambda: make.DeterminationFactory(typology=make.TypologyFactory()))


def test_graduation_has_a_typology_and_not_yet_has_none():
    refused_by_the_database(lambda: make.GraduationFactory(typology=None))
    refused_by_the_database(lambda: make.GraduationFactory(outcome="not_yet"))
    make.GraduationFactory(outcome="not_yet", typology=None)


def test_one_decision_in_force_and_one_pending_per_subject(coordinator, submitted):
    now = timezone.now()
    released = {"released_at": now + timedelta(seconds=1), "released_by": coordinator}
    make.DeterminationFactory(application=submitted, decided_at=now, **released)
    refused_by_the_database(lambda: make.DeterminationFactory(application=submitted, decided_at=now, **released))
    make.DeterminationFactory(application=submitted)
    refused_by_the_database(lambda: make.DeterminationFactory(application=submitted))


def test_reopening_is_a_decision_that_supersedes(coordinator, submitted):
    type(submitted).objects.filter(pk=submitted.pk).update(state="deliberation")
    first = actions.release(actions.decide_admission(submitted, by=coordinator, outcome="declined", reasons="No need."), by=coordinator)
    with pytest.raises(RuleViolation, match="reasons"):
        actions.decide_admission(submitted, by=coordinator, outcome="admitted")
    second = actions.decide_admission(submitted, by=coordinator, outcome="admitted", reasons="We were wrong.")
    first.refresh_from_db()
    assert first.superseded_at is None  # the project still reads the first, until the second is released
    actions.release(second, by=coordinator)
    first.refresh_from_db()
    submitted.refresh_from_db()
    assert first.superseded_at is not None
    assert second.supersedes == first
    assert submitted.state == "admitted"
    assert list(Determination.objects.in_force()) == [second]


def test_reopening_waits_until_the_project_has_left(coordinator, submitted, promoter):
    type(submitted).objects.filter(pk=submitted.pk).update(state="deliberation")
    actions.release(actions.decide_admission(submitted, by=coordinator, outcome="admitted"), by=coordinator)
    actions.accept_place(submitted.participations.get(), by=promoter)
    with pytest.raises(RuleViolation, match="takes part already"):
        actions.decide_admission(submitted, by=coordinator, outcome="declined", reasons="No.")


def test_deciding_again_before_release_replaces_what_was_prepared(coordinator, submitted):
    type(submitted).objects.filter(pk=submitted.pk).update(state="deliberation")
    first = actions.decide_admission(submitted, by=coordinator, outcome="declined", reasons="No.")
    second = actions.decide_admission(submitted, by=coordinator, outcome="reserve")
    assert list(Determination.objects.pending()) == [second]
    with pytest.raises(RuleViolation, match="replaced"):
        actions.release(first, by=coordinator)


def test_full_cohort_admits_nobody_more(coordinator, submitted, cohort):
    type(cohort).objects.filter(pk=cohort.pk).update(capacity=1)
    make.ParticipationFactory(cohort=cohort)
    type(submitted).objects.filter(pk=submitted.pk).update(state="deliberation")
    decision = actions.decide_admission(submitted, by=coordinator, outcome="admitted")
    with pytest.raises(RuleViolation, match="full"):
        actions.release(decision, by=coordinator)
    decision.refresh_from_db()
    submitted.refresh_from_db()
    assert (decision.released_at, submitted.state) == (None, "deliberation")


# 8. What is used is not changed: a version is made


def test_used_pathway_and_rubric_are_frozen(cohort):
    for row in (
        cohort.pathway,
        Stage.objects.filter(pathway=cohort.pathway).first(),
        Requirement.objects.filter(stage__pathway=cohort.pathway).first(),
        cohort.rubric,
        cohort.rubric.parts.first(),
        Criterion.objects.filter(part__rubric=cohort.rubric).first(),
        Level.objects.filter(criterion__part__rubric=cohort.rubric).first(),
    ):
        for attempt in (row.save, row.delete):
            with pytest.raises(RuleViolation, match="new version"):
                attempt()
        with pytest.raises(ValidationError, match="new version"):
            row.clean()
    with pytest.raises(RuleViolation):
        make.StageFactory(pathway=cohort.pathway)


def test_planned_cohort_freezes_nothing_and_opening_needs_content(coordinator):
    cohort = make.CohortFactory()
    make.RequirementFactory(stage__pathway=cohort.pathway)
    with pytest.raises(RuleViolation, match="no levels"):
        actions.open_cohort(cohort, by=coordinator)
    make.LevelFactory(criterion__part__rubric=cohort.rubric)
    actions.open_cohort(cohort, by=coordinator)
    assert cohort.pathway.is_frozen
    assert cohort.rubric.is_frozen


def test_new_version_is_whole_and_free(cohort, coordinator):
    pathway, rubric = cohort.pathway, cohort.rubric
    new = actions.new_pathway_version(pathway, by=coordinator)
    assert (new.version, new.is_frozen) == (2, False)
    old_rows, new_rows = ([(row.stage.key, row.key) for row in Requirement.objects.filter(stage__pathway=one)] for one in (pathway, new))
    assert new_rows == old_rows
    copy = actions.new_rubric_version(rubric, by=coordinator)
    assert Level.objects.filter(criterion__part__rubric=copy).count() == Level.objects.filter(criterion__part__rubric=rubric).count() == 10
    cohort.refresh_from_db()
    assert (cohort.pathway, cohort.rubric) == (pathway, rubric)


# 9. Graduation is earned


def settle(participation, *, except_for=()):
    for requirement in Requirement.objects.filter(stage__pathway=participation.cohort.pathway, mandatory=True).exclude(key__in=except_for):
        make.RequirementRecordFactory(participation=participation, requirement=requirement, outcome="waived", reason="Known.")


@pytest.mark.parametrize("missing", ["application", "self", "review", "session", "plan"])
def test_each_mandatory_requirement_bars_graduation(missing, participation, coordinator):
    settle(participation, except_for=[missing])
    with pytest.raises(RuleViolation, match=missing):
        actions.mark_eligible(participation, by=coordinator)
    waived = actions.waive(participation, by=coordinator, requirement=Requirement.objects.get(key=missing), reason="Done elsewhere.")
    assert actions.mark_eligible(participation, by=coordinator).state == "eligible"
    assert (waived.recorded_by, waived.reason) == (coordinator, "Done elsewhere.")


def test_waiver_needs_its_reason(participation, coordinator):
    requirement = Requirement.objects.get(key="plan")
    with pytest.raises(RuleViolation, match="why"):
        actions.waive(participation, by=coordinator, requirement=requirement, reason=" ")
    refused_by_the_database(lambda: make.RequirementRecordFactory(participation=participation, requirement=requirement, outcome="waived"))


def test_pathway_without_a_session_still_wants_one_attended(coordinator):
    cohort = make.CohortFactory()
    make.RequirementFactory(stage__pathway=cohort.pathway, mandatory=False)
    participation = make.ParticipationFactory(cohort=cohort)
    with pytest.raises(RuleViolation, match="attended a session"):
        actions.mark_eligible(participation, by=coordinator)
    session = make.SessionFactory(cohorts=[cohort])
    make.RegistrationFactory(
        session=session,
        project=participation.project,
        status="attended",
        confirmed_at=timezone.now(),
        funding_verified_at=timezone.now(),
        funding_verified_by=coordinator,
    )
    assert actions.mark_eligible(participation, by=coordinator).state == "eligible"


def test_requirement_unmet_after_the_decision_still_bars_the_release(participation, coordinator, reviewer, trainer):
    settle(participation)
    actions.mark_eligible(participation, by=coordinator)
    decision = actions.decide_graduation(participation, by=coordinator, outcome="graduated", typology=make.TypologyFactory())
    actions.sign(decision, by=reviewer)
    actions.sign(decision, by=trainer)
    wrong = {"annulled_at": timezone.now(), "annulled_by": coordinator, "annulled_reason": "Another plan."}
    participation.records.filter(requirement__key="plan").update(**wrong)  # as what happens in another app: nobody looked yet
    with pytest.raises(RuleViolation, match="plan"):
        actions.release(decision, by=coordinator)
    decision.refresh_from_db()
    assert decision.released_at is None
    assert Partnership.objects.count() == Certificate.objects.count() == 0


# 10. Two signatures, of two people, neither of them the project's mentor


@pytest.fixture
def graduation(participation, coordinator):
    settle(participation)
    actions.mark_eligible(participation, by=coordinator)
    return actions.decide_graduation(participation, by=coordinator, outcome="graduated", typology=make.TypologyFactory())


def test_a_requirement_that_reopens_takes_the_graduation_back(graduation, coordinator, reviewer):
    """What was prepared and signed is released no more; nothing is lost of it."""
    participation = graduation.participation
    actions.sign(graduation, by=reviewer)
    with pytest.raises(RuleViolation, match="is settled"):
        actions.reopen_pathway(participation, by=coordinator)
    actions.annul_record(participation.records.get(requirement__key="plan"), by=coordinator, reason="It was another project's.")
    participation.refresh_from_db()
    graduation.refresh_from_db()
    assert (participation.state, participation.eligible_at, graduation.signatures.count()) == ("active", None, 1)
    assert graduation.superseded_at is not None
    assert ModelLogEntry.objects.for_instance(participation).get(action="cohorts.reopen_pathway").data["reason"].startswith("Still open: ")
    actions.waive(participation, by=coordinator, requirement=Requirement.objects.get(key="plan"), reason="Done elsewhere.")
    assert actions.mark_eligible(participation, by=coordinator).state == "eligible"


def test_the_clock_finds_what_reopened(graduation, coordinator):
    participation = graduation.participation
    type(participation.cohort).objects.update(state="running")
    participation.records.filter(requirement__key="plan").update(annulled_at=timezone.now(), annulled_by=coordinator, annulled_reason="x")
    assert strike()["not ready to graduate any more"] == 1
    participation.refresh_from_db()
    assert (participation.state, strike()["not ready to graduate any more"]) == ("active", 0)


@pytest.mark.parametrize("state", ["paused", "eligible"])
@pytest.mark.parametrize("verb", ["withdraw", "dismiss"])
def test_who_pauses_or_is_ready_may_leave_from_the_cms(state, verb, graduation, coordinator, client_for):
    participation = graduation.participation
    type(participation).objects.update(state=state, **({"eligible_at": None} if state == "paused" else {}))
    client = client_for(coordinator)
    client.cookies["django_language"] = "en"
    page = client.get(reverse("cohorts_cms_participation", args=[participation.pk])).content.decode()
    assert ("The project leaves" in page, "End the participation" in page) == (True, True)
    act, said = reverse("cohorts_cms_participation_verb", args=[participation.pk, verb]), {f"{verb}-reason": "No more money."}
    client.post(act, {**said, "letters": client.post(act, said).context["stamp"]})
    participation.refresh_from_db()
    graduation.refresh_from_db()
    assert (participation.state, participation.state_reason) == ({"withdraw": "withdrawn", "dismiss": "dismissed"}[verb], "No more money.")
    assert graduation.superseded_at is not None


def test_whoever_walks_is_not_ready(participation):
    refused_by_the_database(lambda: type(participation).objects.update(state="active", eligible_at=timezone.now()))


def test_one_person_signs_once(graduation, reviewer, coordinator):
    actions.sign(graduation, by=reviewer)
    with pytest.raises(RuleViolation, match="somebody else"):
        actions.sign(graduation, by=reviewer)
    refused_by_the_database(lambda: make.SignatureFactory(determination=graduation, signed_by=reviewer))
    with pytest.raises(RuleViolation, match="1 of 2 "):
        actions.release(graduation, by=coordinator)


def test_mentor_does_not_sign_even_afterwards(graduation, trainer, reviewer, coordinator):
    assignment = actions.assign_mentor(graduation.project, by=coordinator, mentor=trainer)
    actions.end_mentoring(assignment, by=coordinator)
    with pytest.raises(RuleViolation, match="mentor"):
        actions.sign(graduation, by=trainer)


def test_signature_of_somebody_who_becomes_the_mentor_no_longer_counts(graduation, trainer, reviewer, coordinator):
    actions.sign(graduation, by=trainer)
    actions.sign(graduation, by=reviewer)
    actions.assign_mentor(graduation.project, by=coordinator, mentor=trainer)
    with pytest.raises(RuleViolation, match="1 of 2 "):
        actions.release(graduation, by=coordinator)


def test_the_certificate_names_nobody_whose_signature_no_longer_counts(graduation, promoter, trainer, reviewer, coordinator):
    for person in (trainer, reviewer, coordinator):
        actions.sign(graduation, by=person)
    actions.assign_mentor(graduation.project, by=coordinator, mentor=trainer)
    actions.release(graduation, by=coordinator)
    content = Certificate.objects.get(holder=promoter).content["en"]
    assert [name for name, _at in content["signatures"]] == [str(reviewer), str(coordinator)]


def test_member_does_not_sign(graduation, promoter):
    with pytest.raises(RuleViolation, match="member"):
        actions.sign(graduation, by=promoter)


@pytest.mark.parametrize("clock", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])  # at any moment, one of them has another day than Brussels
def test_the_day_of_a_graduation_is_the_academys_own(graduation, promoter, coordinator, reviewer, trainer, clock):
    for person in (reviewer, trainer):
        actions.sign(graduation, by=person)
    with timezone.override(ZoneInfo(clock)):
        actions.release(graduation, by=coordinator)
    day = timezone.localdate(Determination.objects.get(pk=graduation.pk).released_at, ZoneInfo("Europe/Brussels"))
    content = Certificate.objects.get(holder=promoter).content["en"]
    assert content["details"][-1][1] == date_format(day)
    assert {at for _name, at in content["signatures"]} == {date_format(day)}
    assert Partnership.objects.get().since == day


def test_revocation_supersedes_and_revokes_the_certificate(graduation, participation, promoter, coordinator, reviewer, trainer):
    for person in (reviewer, trainer):
        actions.sign(graduation, by=person)
    actions.release(graduation, by=coordinator)
    assert Certificate.objects.get(holder=promoter).standing == "valid"
    revocation = actions.decide_graduation(participation, by=coordinator, outcome="revoked", reasons="Figures were invented.")
    for person in (reviewer, trainer):
        actions.sign(revocation, by=person)
    actions.release(revocation, by=coordinator)
    graduation.refresh_from_db()
    assert graduation.superseded_at is not None
    assert Certificate.objects.get(holder=promoter).standing == "revoked"
    assert Partnership.objects.current().count() == 0
    assert Participation.objects.get(pk=participation.pk).state == "revoked"

"""Who has an interest in a project decides nothing about it: not of its time, its decisions, its requirements, its place."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions, clock
from cohorts.cms_acts import PARTICIPATION_VERBS
from cohorts.graduation_acts import GRADUATION_VERBS
from cohorts.models import Determination, Participation, Requirement, RequirementRecord
from cohorts.permissions import can_manage_participation, can_record_requirement, can_release, can_sign
from tests.cohorts.test_deliberation import LATER, prepared, reread, three_of
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.wiki import WikiSectionFactory

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def second(db):
    person = UserFactory(email="second@example.org", name="Sven Second")
    person.groups.add(Group.objects.get(name="Coordinators"))
    return person


@pytest.fixture
def barred(second, draft):
    """A coordinator who declared an interest in the project, in an application of another year."""
    before = make.SubmittedApplicationFactory(project=draft.project, state="declined")
    make.ConflictDeclarationFactory(application=before, person=second)
    return second


def refused(verb, row, **said) -> str:
    with pytest.raises(RuleViolation) as refusal:
        verb(row, **said)
    return refusal.value.code


def test_somebody_else_gives_more_time(client_for, barred, coordinator, draft, cohort):
    until = timezone.now() + timedelta(days=40)
    with pytest.raises(RuleViolation, match="You have an interest in this project: somebody else gives it more time"):
        actions.extend_application(draft, by=barred, until=until, reason="Flood.")
    address = reverse("cohorts_cms_cohort", args=[cohort.pk])
    names = {person: [one.verb.name for one in client_for(person).get(address).context["verbs"]] for person in (barred, coordinator)}
    assert ("extend" in names[barred], "extend" in names[coordinator]) == (False, True)
    other = make.ApplicationFactory(cohort=cohort)
    form = next(one.form for one in client_for(barred).get(address).context["verbs"] if one.verb.name == "extend")
    assert list(form.fields["application"].queryset) == [other]


def test_more_time_is_typed_on_the_clock_of_the_cohort(client_for, coordinator, draft, cohort):
    type(cohort).objects.filter(pk=cohort.pk).update(time_zone="America/Martinique")
    day = timezone.localtime(cohort.intake_closes_at + timedelta(days=3), timezone.get_fixed_timezone(-240))
    typed = {"extend-application": draft.pk, "extend-until": f"{day:%Y-%m-%d} 23:59", "extend-reason": "Flood."}
    client_for(coordinator).post(reverse("cohorts_cms_cohort_verb", args=[cohort.pk, "extend"]), typed)
    assert reread(draft).extended_until == day.replace(hour=23, minute=59, second=0, microsecond=0)


def test_decisions_are_prepared_and_released_by_others(barred, coordinator, draft):
    type(draft).objects.filter(pk=draft.pk).update(state="deliberation", submitted_at=timezone.now(), submitted_by=coordinator)
    assert refused(actions.decide_admission, reread(draft), by=barred, outcome="admitted") == "interest"
    pending = actions.decide_admission(reread(draft), by=coordinator, outcome="admitted", reasons="So.")
    assert refused(actions.sign, pending, by=barred) == "interest"
    assert refused(actions.release, pending, by=barred) == "interest"
    assert not can_release(barred, pending)
    assert Determination.objects.get().released_at is None


def plan():
    return Requirement.objects.get(key="plan")


VERBS = {
    "pause": (actions.pause_participation, "active", {"reason": "Rest."}),
    "resume": (actions.resume_participation, "paused", {}),
    "dismiss": (actions.dismiss_participation, "active", {"reason": "Gone."}),
    "eligible": (actions.mark_eligible, "active", {}),
    "record": (actions.record_met, "active", {"requirement": plan}),
    "waive": (actions.waive, "active", {"requirement": plan, "reason": "Known."}),
    "decide": (actions.decide_graduation, "eligible", {"outcome": "not_yet", "reasons": "Soon."}),
    "revoke": (actions.decide_graduation, "graduated", {"outcome": "revoked", "reasons": "Invented."}),
    "set-aside": (actions.set_graduation_aside, "eligible", {"reason": "Not now."}),
    "transfer": (actions.transfer_participation, "active", {"to": make.CohortFactory, "reason": "Later."}),
    "monograph": (actions.draft_monograph, "eligible", {"section": WikiSectionFactory}),
    "lapse-offer": (actions.lapse_offer, "invited", {}),
    "reopen": (actions.reopen_pathway, "eligible", {}),
    "confirm-condition": (actions.confirm_condition, "active", {"condition": make.TypologyConditionFactory, "note": "Article 3."}),
    "waive-condition": (actions.waive_condition, "active", {"condition": make.TypologyConditionFactory, "reason": "Known."}),
}


@pytest.mark.parametrize("name", VERBS)
@pytest.mark.parametrize("interest", ["declared", "member"])
def test_no_verb_on_its_place_is_theirs(name, interest, second, participation):
    verb, state, said = VERBS[name]
    if interest == "member":
        make.ProjectMemberFactory(project=participation.project, person=second, role="member")
    else:
        make.ConflictDeclarationFactory(application=make.SubmittedApplicationFactory(project=participation.project), person=second)
    reached = {"graduated_at": timezone.now()} if state == "graduated" else {}
    Participation.objects.filter(pk=participation.pk).update(state=state, **reached)
    said = {key: value() if callable(value) else value for key, value in said.items()}
    assert refused(verb, reread(participation), by=second, **said) == "interest"
    assert (reread(participation).state, RequirementRecord.objects.count(), Determination.objects.count()) == (state, 0, 0)


def test_every_verb_of_the_page_is_one_of_these():
    others = {"annul", "mentor", "sign", "release", "take-back-condition"}  # below and above, and the last beside the conditions
    others.add("withdraw")  # the project's own will, which its people may do themselves
    assert {*PARTICIPATION_VERBS, *GRADUATION_VERBS} == {*VERBS, *others}


def test_a_record_is_annulled_and_a_mentor_named_by_others(barred, coordinator, trainer, draft, cohort):
    participation = make.ParticipationFactory(project=draft.project, cohort=cohort)
    row = actions.record_met(participation, by=trainer, requirement=plan())
    assert refused(actions.annul_record, row, by=barred, reason="No.") == "interest"
    assert refused(actions.assign_mentor, draft.project, by=barred, mentor=trainer) == "interest"
    assignment = actions.assign_mentor(draft.project, by=coordinator, mentor=trainer)
    assert refused(actions.end_mentoring, assignment, by=barred) == "interest"
    assert [can_manage_participation(person, participation) for person in (barred, coordinator)] == [False, True]
    assert [can_record_requirement(person, participation) for person in (barred, coordinator)] == [False, True]


def test_the_page_of_a_place_offers_them_nothing_and_says_why(client_for, barred, coordinator, draft, cohort):
    participation = make.ParticipationFactory(project=draft.project, cohort=cohort)
    address = reverse("cohorts_cms_participation", args=[participation.pk])
    pages = {person: client_for(person).get(address) for person in (barred, coordinator)}
    assert (pages[barred].context["verbs"], pages[barred].context["is_barred"]) == ([], True)
    assert (bool(pages[coordinator].context["verbs"]), pages[coordinator].context["is_barred"]) == (True, False)
    verb = reverse("cohorts_cms_participation_verb", args=[participation.pk, "pause"])
    answer = client_for(barred).post(verb, {"pause-reason": "Rest."}, headers={"Accept-Language": "en"})
    assert "somebody else decides about it" in answer.content.decode()
    assert reread(participation).state == "active"


def test_a_mentor_signs_an_admission_and_no_graduation(trainer, second, coordinator, cohort):
    cohort.signatures_needed = 1
    cohort.save()
    application = make.SubmittedApplicationFactory(cohort=cohort, state="deliberation")
    actions.assign_mentor(application.project, by=coordinator, mentor=trainer)
    pending = actions.decide_admission(application, by=coordinator, outcome="admitted", reasons="So.")
    assert can_sign(trainer, pending)
    actions.sign(pending, by=trainer)
    actions.release(pending, by=coordinator)
    place = application.participations.get()
    Participation.objects.filter(pk=place.pk).update(state="eligible", activated_at=timezone.now(), activated_by=trainer)
    graduation = actions.decide_graduation(reread(place), by=coordinator, outcome="not_yet", reasons="Soon.")
    assert not can_sign(trainer, graduation)
    assert refused(actions.sign, graduation, by=trainer) == "interest"
    actions.record_met(reread(place), by=trainer, requirement=plan())


def test_a_coordinator_with_an_interest_hears_of_no_late_answer(cohort, coordinator, second):
    application = three_of(cohort)[0]
    decision = actions.release(prepared(application, "admitted", coordinator, answer_by=LATER), by=coordinator)
    make.ConflictDeclarationFactory(application=application, person=coordinator)
    clock.strike(LATER + timedelta(hours=1))
    late = Message.objects.filter(cause=f"offer-late:{decision.pk}", subject="No answer to an offered place")
    assert [row.to for row in late] == [second]

"""Who needs somebody of the team: what each rule finds, how it ends, and what nobody is shown. Equal rows, not more of them, however often it is asked."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.attention import find, stock_of
from cohorts.digest import digest_of
from cohorts.models import AttentionItem, AttentionKind, AttentionRule
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.courses import TERMS, ActivityRecordFactory, SubmissionFactory, make_assignment, make_module
from tests.factories.travel import FundingSourceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "rules")]
K = AttentionKind


@pytest.fixture
def rules(db):
    days = {
        K.SILENT: 14,
        K.UNMOVED: 5,
        K.OVERDUE: 7,
        K.SMART_LATE: 1,
        K.PLACE: 3,
        K.SEAT: 1,
        K.FUNDING: 60,
        K.GAP: 90,
        K.PROOF: 7,
        K.VISA: 3,
        K.REVIEW: 1,
    }
    return {kind: AttentionRule.objects.get_or_create(kind=kind, defaults={"days": n})[0] for kind, n in days.items()}


@pytest.fixture
def walking(project, cohort):
    """A project that takes part in a cohort that runs since a week; nothing is late yet."""
    cohort.state = "running"
    begun(cohort, 7)
    make.SubmittedApplicationFactory(project=project, cohort=cohort, state="admitted")
    return make.ParticipationFactory(project=project, cohort=cohort, activated_at=timezone.now() - timedelta(days=3))


def begun(cohort, days):
    now = timezone.now()
    cohort.starts_at = now - timedelta(days=days)
    cohort.intake_opens_at, cohort.intake_closes_at = (cohort.starts_at - timedelta(days=n) for n in (40, 10))
    cohort.save()


def found():
    actions.take_stock(by=None)
    return [(row.kind, row.project.name, row.subject, row.count) for row in AttentionItem.objects.standing().order_by("kind", "subject")]


def long_ago(participation, days):
    participation.activated_at = timezone.now() - timedelta(days=days)
    participation.save()


def only(rules, *kinds):
    AttentionRule.objects.exclude(kind__in=kinds).update(is_on=False)


def test_silence_is_found_and_ends_when_somebody_does_something(walking, project, promoter, rules):
    only(rules, K.SILENT)
    assert found() == []
    long_ago(walking, 20)
    assert found() == [(K.SILENT, project.name, "", 1)]
    assert AttentionItem.objects.get().since == walking.activated_at
    ActivityRecordFactory(user=promoter, first_seen_at=timezone.now() - timedelta(days=60), last_seen_at=timezone.now() - timedelta(days=2))
    assert found() == []
    ended = AttentionItem.objects.get()
    assert (ended.resolved_by, ended.resolved_at is not None) == (None, True)


def test_asked_twice_it_says_the_same_once(walking, rules):
    long_ago(walking, 20)
    first = found()
    assert found() == first
    assert AttentionItem.objects.count() == len(first)


def test_two_reminders_without_an_act(walking, project, promoter, rules):
    only(rules, K.UNMOVED)
    long_ago(walking, 40)
    for days, cause in ((20, "courses.due:one"), (10, "cohorts.letter:two")):
        Message.objects.create(
            to=promoter, address=promoter.email, language="fr", subject="…", body_text="…", cause=cause, sent_at=timezone.now() - timedelta(days=days)
        )  # fmt: skip
    assert found() == [(K.UNMOVED, project.name, "", 1)]
    Message.objects.filter(cause="courses.due:one").update(cause="wiki:one")
    assert found() == []


def test_what_is_late_is_one_line_for_a_project(walking, project, cohort, pathway, rules):
    only(rules, K.OVERDUE)
    begun(cohort, 100)
    assert found() == [(K.OVERDUE, project.name, "", 2)]  # the session and the deliverable
    item = AttentionItem.objects.get()
    assert (item.requirement.key, item.words) == ("plan", f"Late: {item.requirement.title}, and 1 more")


@pytest.fixture
def assignment(pathway):
    assignment = make_assignment(make_module("Prepare"), "Ten conversations", belongs_to="project")
    asked = {"title": {"en": "Ten conversations"}, "activity_key": assignment.translation_key}
    make.RequirementFactory(stage=pathway.stages.get(key="walk"), kind="deliverable", key="ten", **asked)
    return assignment


def test_an_answer_that_smart_owes_is_smarts_debt(assignment, walking, project, rules):
    only(rules, K.SMART_LATE)
    SubmissionFactory(
        user=None,
        group_key=str(project.pk),
        activity_key=assignment.translation_key,
        state="handed_in",
        handed_in_at=timezone.now() - timedelta(days=15),
        terms={**TERMS, "answer_days": 10},
    )
    assert found() == [(K.SMART_LATE, project.name, "", 1)]
    assert AttentionItem.objects.get().words == "Smart owes: Ten conversations"


@pytest.mark.parametrize(("status", "kind"), [("offered", K.SEAT), ("confirmed", K.FUNDING)])
def test_seats_that_wait(walking, project, promoter, cohort, rules, status, kind):
    only(rules, K.SEAT, K.FUNDING)
    session = make.SessionFactory()
    session.cohorts.add(cohort)
    said = {"confirmed_at": timezone.now()} if status == "confirmed" else {"offer_expires_at": timezone.now() + timedelta(hours=9)}
    seat = make.RegistrationFactory(session=session, person=promoter, project=project, status=status, **said)
    FundingSourceFactory(registration=seat)
    assert found() == [(kind, project.name, str(seat.pk), 1)]
    assert str(promoter) in AttentionItem.objects.get().words


def test_a_rule_out_of_use_finds_nothing(walking, rules):
    long_ago(walking, 20)
    AttentionRule.objects.update(is_on=False)
    assert found() == []


def test_it_falls_to_the_mentor_then_to_the_coordinator(walking, project, trainer, coordinator, rules):
    only(rules, K.SILENT)
    long_ago(walking, 20)
    found()
    assert AttentionItem.objects.get().owner == coordinator
    AttentionItem.objects.all().delete()
    actions.assign_mentor(project, by=coordinator, mentor=trainer)
    found()
    assert AttentionItem.objects.get().owner == trainer


def test_what_a_person_ended_does_not_come_back_but_a_new_silence_does(walking, project, promoter, coordinator, rules):
    only(rules, K.SILENT)
    long_ago(walking, 40)
    found()
    with pytest.raises(RuleViolation):
        actions.resolve(AttentionItem.objects.get(), by=coordinator, note="  ")
    actions.resolve(AttentionItem.objects.get(), by=coordinator, note="We talked: they wait for a grant.")
    assert found() == []
    ActivityRecordFactory(
        user=promoter, first_seen_at=timezone.now() - timedelta(days=60), last_seen_at=timezone.now() - timedelta(days=15)
    )
    assert found() == [(K.SILENT, project.name, "", 1)]
    with pytest.raises(RuleViolation):
        actions.snooze(AttentionItem.objects.filter(resolved_at__isnull=False).get(), by=coordinator, days=3)


def test_put_off_it_is_out_of_sight_until_its_day(walking, coordinator, rules):
    only(rules, K.SILENT)
    long_ago(walking, 20)
    found()
    item = actions.snooze(AttentionItem.objects.get(), by=coordinator, days=7)
    assert (AttentionItem.objects.calling().count(), AttentionItem.objects.standing().count()) == (0, 1)
    assert AttentionItem.objects.calling(timezone.now() + timedelta(days=8)).get() == item
    actions.wake(item, by=coordinator)
    assert AttentionItem.objects.calling().get() == item
    for days in (0, 91):
        with pytest.raises(RuleViolation):
            actions.snooze(item, by=coordinator, days=days)


def test_whoever_has_an_interest_is_shown_nothing_and_given_nothing(
    walking, project, submitted_elsewhere, coordinator, other_coordinator, client_for, rules
):
    long_ago(walking, 20)
    found()
    item = AttentionItem.objects.filter(kind=K.SILENT).get()
    make.ConflictDeclarationFactory(application=submitted_elsewhere, person=other_coordinator, kind="declared")
    assert list(AttentionItem.objects.for_user(other_coordinator)) == []
    client = client_for(other_coordinator)
    assert client.get(reverse("cohorts_cms_attention_item", args=[item.pk])).status_code == 404
    for page in ("cohorts_cms_attention", "cohorts_cms_attention_rules"):
        assert project.name not in client.get(f"{reverse(page)}?whose=all").content.decode()
    with pytest.raises(RuleViolation):
        actions.hand_on(item, by=coordinator, owner=other_coordinator)
    for verb, said in ((actions.snooze, {"days": 3}), (actions.wake, {}), (actions.resolve, {"note": "Done."})):
        with pytest.raises(RuleViolation):
            verb(item, by=other_coordinator, **said)
    AttentionItem.objects.all().delete()
    walking.cohort.coordinator = other_coordinator
    walking.cohort.save()
    found()
    assert AttentionItem.objects.get(kind=K.SILENT).owner is None


@pytest.mark.parametrize("left", [{"is_active": False}, {}])
def test_what_somebody_who_left_had_falls_to_the_others(left, walking, project, trainer, coordinator, other_coordinator, rules):
    only(rules, K.SILENT)
    long_ago(walking, 20)
    actions.assign_mentor(project, by=coordinator, mentor=trainer)
    found()
    trainer.groups.clear()
    coordinator.groups.clear()
    for person in (trainer, coordinator):
        type(person).objects.filter(pk=person.pk).update(**left, email=person.email)
    item = AttentionItem.objects.get()
    assert item.owner == trainer
    found()
    item.refresh_from_db()
    assert (item.owner, item.resolved_at) == (None, None)
    assert "Who needs you" in [part.title for part in digest_of(other_coordinator).parts]


@pytest.fixture
def submitted_elsewhere(walking):
    return walking.project.applications.get()


@pytest.fixture
def other_coordinator(coordinator):
    person = UserFactory()
    person.groups.add(Group.objects.get(name="Coordinators"))
    return person


def test_the_list_then_the_thing_then_what_was_done(walking, project, promoter, coordinator, client_for, rules):
    only(rules, K.SILENT)
    long_ago(walking, 20)
    found()
    item, client = AttentionItem.objects.get(), client_for(coordinator)
    assert project.name in client.get(reverse("cohorts_cms_attention")).content.decode()
    page = reverse("cohorts_cms_attention_item", args=[item.pk])
    assert promoter.email in client.get(page).content.decode()
    letter = "9f4d3f5e-5ea1-4e0c-9bd6-0f1f4ddc6a11"
    said = {"remind-subject": "How are you?", "remind-text": "We have not heard of you.", "remind-letter": letter}
    for _twice in range(2):
        client.post(reverse("cohorts_cms_attention_verb", args=[item.pk, "remind"]), said)
    assert list(Message.objects.values_list("to", "subject", "cause")) == [
        (promoter.pk, "How are you?", f"cohorts.attention:{project.pk}:{letter}")
    ]
    answer = client.post(reverse("cohorts_cms_attention_verb", args=[item.pk, "done"]), {"done-note": "They answered."})
    assert answer.headers["Location"] == reverse("cohorts_cms_attention")
    item.refresh_from_db()
    assert (item.resolved_by, item.note) == (coordinator, "They answered.")


def test_the_rehearsal_writes_nothing(walking, project, coordinator, client_for, rules):
    long_ago(walking, 20)
    html = client_for(coordinator).get(reverse("cohorts_cms_attention_rules")).content.decode()
    assert project.name in html
    assert AttentionItem.objects.count() == 0


def test_a_rule_is_changed_in_the_cms(rules, coordinator, client_for):
    rule = rules[K.SILENT]
    client_for(coordinator).post(reverse("attention_rules:edit", args=[rule.pk]), {"days": "30", "falls_to": "coordinator", "is_on": "on"})
    rule.refresh_from_db()
    with translation.override("en"):
        assert (rule.days, rule.falls_to, rule.meaning) == (30, "coordinator", "Nobody of the project has done anything for 30 days.")


def test_stock_costs_the_same_for_one_project_and_for_three(walking, cohort, rules):
    long_ago(walking, 20)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            stock_of(find())
        return len(captured)

    first = queries()
    for _two in range(2):
        row = make.ParticipationFactory(cohort=cohort, activated_at=timezone.now() - timedelta(days=30))
        make.ProjectMemberFactory(project=row.project)
    assert queries() == first


def test_the_list_costs_the_same_for_one_thing_and_for_three(walking, cohort, coordinator, client_for, rules):
    client = client_for(coordinator)

    def queries():
        found()
        client.get(reverse("cohorts_cms_attention"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("cohorts_cms_attention"))
        return len(captured)

    only(rules, K.SILENT)
    long_ago(walking, 20)
    first = queries()
    for _two in range(2):
        make.ParticipationFactory(cohort=cohort, activated_at=timezone.now() - timedelta(days=30))
    assert queries() == first

"""One letter a week for each person: of what waits for them and for us; on their Monday, in their language, once; nothing to say, no letter."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from academy.models import Message
from cohorts import actions, clock
from cohorts.digest import digest_of, due, readers, week_of
from tests.factories import cohorts as make
from tests.factories.attention import AttentionItemFactory
from tests.factories.courses import TERMS, SubmissionFactory, make_assignment, make_module

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
MONDAY = datetime(2027, 3, 15, 8, 30, tzinfo=UTC)  # 09:30 in Brussels, 14:15 in Kathmandu, 05:30 in São Paulo


@pytest.fixture
def walking(project, cohort):
    cohort.state = "running"
    cohort.save()
    make.SubmittedApplicationFactory(project=project, cohort=cohort, state="admitted")
    return make.ParticipationFactory(project=project, cohort=cohort)


def lines(person, **said):
    digest = digest_of(person, **said)
    return digest and [(part.title, [line.words for line in part.lines]) for part in digest.parts]


@pytest.mark.parametrize(
    ("zone", "moment", "week"),
    [
        ("Europe/Brussels", MONDAY, "2027-03-15"),
        ("Asia/Kathmandu", MONDAY, "2027-03-15"),
        ("America/Sao_Paulo", MONDAY, ""),
        ("America/Sao_Paulo", MONDAY + timedelta(hours=2), "2027-03-15"),
        ("Europe/Brussels", MONDAY + timedelta(hours=21), "2027-03-15"),  # Tuesday, 06:30: the clock was late
        ("Europe/Brussels", MONDAY + timedelta(hours=22), ""),
        ("Europe/Brussels", datetime(2027, 3, 29, 5, 30, tzinfo=UTC), "2027-03-29"),  # 07:30, summer time since yesterday
        ("Europe/Brussels", datetime(2027, 3, 22, 5, 30, tzinfo=UTC), ""),  # 06:30, winter time
    ],
)
def test_monday_at_seven_where_the_person_lives(promoter, zone, moment, week):
    promoter.time_zone = zone
    assert week_of(promoter, moment) == week


def test_a_promoter_reads_the_next_step_and_what_smart_owes(pathway, walking, project, promoter):
    title, found = lines(promoter)[0]
    step = next(iter(found))
    assert (title, step.startswith("Your next step: ")) == (project.name, True)
    assert digest_of(promoter).subject == f"This week: {step.removeprefix('Your next step: ')}"


@pytest.fixture
def two_stages(pathway, cohort, project):
    """Walked since 40 days: one thing to do soon at the stage where the project stands, one that is late at the next."""
    type(cohort).objects.filter(pk=cohort.pk).update(state="planned")
    walk = pathway.stages.get(key="walk")
    walk.requirements.all().delete()
    make.RequirementFactory(stage=walk, kind="manual", key="first", title={"en": "First"}, offset_days=100, sort_order=1)
    make.RequirementFactory(stage=walk, kind="manual", key="soon", title={"en": "Soon"}, offset_days=45, sort_order=2)
    make.RequirementFactory(stage=walk, kind="manual", key="far", title={"en": "Far"}, offset_days=90, sort_order=3)
    make.RequirementFactory(stage=walk, kind="manual", key="maybe", title={"en": "Maybe"}, mandatory=False, sort_order=4)
    after = make.StageFactory(pathway=pathway, key="after", sort_order=9)
    make.RequirementFactory(stage=after, kind="manual", key="late", title={"en": "Late"}, offset_days=20)
    make.RequirementFactory(stage=after, kind="manual", key="ours", title={"en": "Ours"}, offset_days=20, owed_by="smart")
    make.RequirementFactory(stage=after, kind="manual", key="optional", title={"en": "Optional"}, offset_days=20, mandatory=False)
    cohort.refresh_from_db()
    cohort.state, cohort.starts_at = "running", timezone.now() - timedelta(days=40)
    cohort.intake_opens_at, cohort.intake_closes_at = (cohort.starts_at - timedelta(days=n) for n in (40, 10))
    cohort.save()
    make.SubmittedApplicationFactory(project=project, cohort=cohort, state="admitted")
    participation = make.ParticipationFactory(project=project, cohort=cohort)
    for requirement in pathway.stages.get(key="apply").requirements.all():
        make.RequirementRecordFactory(participation=participation, requirement=requirement, outcome="waived", reason="—")


def test_what_is_due_before_the_next_letter_and_what_is_late_elsewhere_are_told(two_stages, promoter):
    found = lines(promoter)[0][1]
    assert found == ["Your next step: First", "You owe: Late", "You owe: Soon", "Smart owes you: Ours"]


def test_my_pathway_shows_what_is_late_at_another_stage_and_counts_a_stage_once(two_stages, promoter, client_for):
    context = client_for(promoter).get("/en/my/pathway/").context
    assert [[row.standing.title for row in context[side]] for side in ("you_owe", "smart_owes")] == [
        ["First", "Soon", "Far", "Maybe", "Late"],
        ["Ours"],
    ]
    walk = next(stage for stage, _rows in context["stages"] if stage.stage.key == "walk")
    assert (walk.done, len(walk.asked), len(walk.items)) == (0, 3, 4)


def test_a_late_answer_is_told_as_smarts(pathway, project, cohort, promoter):
    assignment = make_assignment(make_module("Prepare"), "Ten", belongs_to="project")
    type(cohort).objects.filter(pk=cohort.pk).update(state="planned")
    stage = pathway.stages.get(key="walk")
    make.RequirementFactory(stage=stage, kind="deliverable", key="ten", title={"en": "Ten"}, activity_key=assignment.translation_key)
    cohort.refresh_from_db()
    cohort.state = "running"
    cohort.save()
    make.SubmittedApplicationFactory(project=project, cohort=cohort, state="admitted")
    participation = make.ParticipationFactory(project=project, cohort=cohort)
    for requirement in pathway.stages.get(key="apply").requirements.all():
        make.RequirementRecordFactory(participation=participation, requirement=requirement, outcome="waived", reason="—")
    SubmissionFactory(
        user=None,
        group_key=str(project.pk),
        activity_key=assignment.translation_key,
        state="handed_in",
        handed_in_at=timezone.now() - timedelta(days=15),
        terms={**TERMS, "answer_days": 10},
    )
    assert "Smart owes you: Answer to “Ten”" in lines(promoter)[0][1]


def test_staff_read_what_is_theirs(walking, project, coordinator, trainer):
    AttentionItemFactory(project=project, cohort=walking.cohort, owner=coordinator)
    AttentionItemFactory(project=project, cohort=walking.cohort, kind="overdue", owner=trainer, requirement=None)
    assert lines(coordinator) == [("Who needs you", [f"{project}: Nobody of the project has done anything"])]


def test_whoever_only_looks_has_no_step_to_take(walking, project, other_promoter):
    make.ProjectMemberFactory(project=project, person=other_promoter, role="viewer")
    assert digest_of(other_promoter) is None
    assert other_promoter not in readers()


def test_nothing_to_say_no_letter(other_promoter, walking):
    assert digest_of(other_promoter) is None
    assert not actions.send_weekly_letter(other_promoter, by=None, cause="weekly:none", now=MONDAY)
    assert Message.objects.count() == 0


def test_it_goes_once_in_the_language_and_to_nobody_who_does_not_want_it(walking, promoter, coordinator):
    promoter.language = "fr"
    promoter.save()
    cache.clear()
    people = {person.pk: cause for person, cause in due(MONDAY)}
    assert people[promoter.pk] == f"weekly:{promoter.pk}:2027-03-15"
    for _twice in range(2):
        actions.send_weekly_letter(promoter, by=None, cause=people[promoter.pk], now=MONDAY)
    message = Message.objects.get(to=promoter)
    assert (message.language, message.subject.startswith("Cette semaine")) == ("fr", True)
    assert reverse("cohorts_my_pathway").split("/", 2)[2] in message.body_text
    assert promoter.pk not in {person.pk for person, _cause in due(MONDAY)}
    promoter.weekly_letter = False
    promoter.save()
    assert promoter.pk not in {person.pk for person, _cause in due(MONDAY + timedelta(days=7))}


def test_a_letter_that_cannot_be_written_keeps_no_other(walking, project, promoter, other_promoter):
    make.ProjectMemberFactory(project=project, person=other_promoter, role="member")
    type(promoter).objects.filter(pk=promoter.pk).update(time_zone="Nowhere/Gone")
    cache.clear()
    assert clock.write_weekly(MONDAY) == {"weekly letters": 1}
    assert clock.write_weekly(MONDAY) == {}
    assert list(Message.objects.filter(cause__startswith="weekly:").values_list("to", flat=True)) == [other_promoter.pk]


def test_my_week_is_the_letter_of_today(walking, project, promoter, other_promoter, client_for):
    html = client_for(promoter).get(reverse("cohorts_my_week")).content.decode()
    assert project.name in html
    assert "Your next step" in html
    assert project.name not in client_for(other_promoter).get(reverse("cohorts_my_week")).content.decode()


def test_the_command_says_who_would_get_what_and_sends_nothing(walking, promoter, project):
    out = StringIO()
    call_command("weekly", "--to", promoter.email, stdout=out)
    assert project.name in out.getvalue()
    assert "1 letters for 1 people. Nothing was sent." in out.getvalue()
    assert Message.objects.count() == 0


def test_the_profile_turns_it_off(promoter, client_for):
    said = {"name": "Paula", "language": "fr", "country": "", "time_zone": "Europe/Brussels"}
    client_for(promoter).post(reverse("account_profile"), said)
    promoter.refresh_from_db()
    assert promoter.weekly_letter is False
    client_for(promoter).post(reverse("account_profile"), said | {"weekly_letter": "on"})
    promoter.refresh_from_db()
    assert promoter.weekly_letter is True

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from academy.management.example.clock import on
from academy.management.example.people import ACCOUNTS
from academy.models import Message, User
from cohorts.deliberation import board_of
from cohorts.graduation_file import graduation_file
from cohorts.models import (
    Agreement,
    Application,
    Assessment,
    CheckIn,
    Cohort,
    Determination,
    PartComment,
    Participation,
    Partnership,
    Project,
    Registration,
    ReviewAssignment,
    Score,
    Session,
    SupportPlanItem,
)
from cohorts.over_time import outlines
from cohorts.pathway_state import pathway_state
from cohorts.results import results_of
from courses.models import ActivityRecord, Certificate, Feedback, QuizAttempt, Submission, SubmissionVersion
from wiki.figures import figure_table
from wiki.models import MonographPage, WikiPage

COUNTED = [
    User,
    EmailAddress,
    Cohort,
    Project,
    Application,
    Assessment,
    Score,
    PartComment,
    Determination,
    Participation,
    Session,
    Registration,
    CheckIn,
]
COUNTED += [
    Partnership,
    SupportPlanItem,
    Agreement,
    Certificate,
    ActivityRecord,
    QuizAttempt,
    Submission,
    SubmissionVersion,
    Feedback,
    Message,
]


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in COUNTED}


def person(name: str) -> User:
    return User.objects.get(email=f"{name}@demo.example")


def test_second_run_writes_nothing(demo, capsys):
    before = counts()
    call_command("demo")
    assert counts() == before
    assert "nothing was changed" in capsys.readouterr().out


def test_accounts_can_sign_in_and_keep_their_password(demo, settings, capsys):
    for name in ACCOUNTS:
        assert person(name).check_password("a password for show")
        assert EmailAddress.objects.get(user=person(name)).verified
    assert not person("teresa.moreira").has_usable_password()
    settings.DEMO_PASSWORD = ""
    call_command("demo")
    assert "as before" in capsys.readouterr().out
    assert person("promoter").check_password("a password for show")
    settings.DEMO_PASSWORD = "another for tomorrow"
    call_command("demo")
    assert person("promoter").check_password("another for tomorrow")


def test_every_state_is_shown(demo):
    states = dict(Application.objects.exclude(state__in=["admitted", "deliberation"]).values_list("project__country", "state"))
    assert states == {
        "CA": "draft", "SN": "submitted", "NP": "returned", "CO": "under_review", "GR": "declined", "KE": "reserve",
    }  # fmt: skip
    assert dict(Participation.objects.values_list("project__country", "state")) == {
        "MA": "active", "PT": "active", "KR": "active", "CL": "graduated",
    }  # fmt: skip
    past, upcoming = Session.objects.order_by("starts_at")
    assert sorted(past.registrations.values_list("status", flat=True)) == ["attended", "attended", "cancelled", "no_show"]
    assert [(poll.state, poll.ballots.count()) for one in (past, upcoming) for poll in one.polls.all()] == [("closed", 7), ("draft", 0)]
    assert sorted(upcoming.registrations.values_list("status", flat=True)) == ["confirmed", "offered", "ready", "waiting", "waiting"]
    assert upcoming.registrations.holding_a_seat().count() == upcoming.capacity
    partnership = Partnership.objects.get()
    assert partnership.typology.key == "social_franchise"
    assert partnership.plan.filter(owed_by="smart").count() >= 1
    assert sorted(partnership.agreements.values_list("state", flat=True)) == ["sent", "signed"]
    assert Certificate.objects.filter(kind="graduation").count() == 2


def test_a_cohort_is_being_decided(demo):
    cohort = Cohort.objects.get(state="reviewing")
    board = board_of(cohort, reader=person("coordinator"))
    prepared = {row.line.project: row.pending and row.pending.outcome for row in board.standings}
    assert prepared == {
        "Maré de Ofícios": "admitted", "Bottega Intera": "admitted", "Breasla Nouă": "reserve", "Saath Karigar": "declined",
        "Telar de Oficios": None, "Adwuma Baako": None,
    }  # fmt: skip
    assert [row.line.project for row in board.standings if row.is_unsigned] == ["Bottega Intera", "Breasla Nouă"]
    assert [row.pending.conditions != "" for row in board.standings if row.pending] == [True, False, False, False]
    assert [(row.line.project, row.notes) for row in board.standings if row.notes] == [("Adwuma Baako", 1), ("Telar de Oficios", 4)]
    assert board.places.over == 0


def test_a_reader_stood_back_and_a_project_sees_itself_higher(demo):
    readings = ReviewAssignment.objects.filter(application__cohort__state="reviewing")
    recused = readings.get(state="recused")
    assert (recused.reviewer, recused.application.project.country) == (person("reviewer2"), "GH")
    assert readings.filter(state="submitted").count() == 17
    comments = PartComment.objects.filter(assessment__assignment__in=readings)
    assert (comments.exclude(private="").exists(), comments.exclude(for_project="").exists()) == (True, True)
    lines = results_of(Cohort.objects.get(state="reviewing"), reader=person("coordinator")).lines
    assert [line.project for line in lines if line.apart] == ["Telar de Oficios"]
    assert [line.project for line in lines if min(cell.gap for cell in line.cells) >= 1] == ["Saath Karigar"]
    assert [
        line.project for line in lines if max(cell.gap for cell in line.cells) <= 0.5 and min(cell.gap for cell in line.cells) < -0.5
    ] == ["Bottega Intera"]


def test_promoter_lands_in_the_middle_of_the_way(demo):
    state = pathway_state(Project.objects.of_member(person("promoter")).get())
    assert state.here.stage.key == "online-modules"
    assert (state.next_step.requirement.key, state.overdue) == ("joining-course", [])
    assert Registration.objects.get(person=person("promoter"), status="offered").offer_expires_at > timezone.now() + timedelta(days=7)
    assert list(QuizAttempt.objects.filter(user=person("promoter")).order_by("number").values_list("passed", flat=True)) == [False, True]


def test_work_of_projects_waits_is_accepted_and_is_still_written(demo):
    countries = {str(project.pk): project.country for project in Project.objects.all()}
    works = {countries[work.group_key]: work for work in Submission.objects.all()}
    assert {country: work.state for country, work in works.items()} == {"CL": "accepted", "PT": "handed_in", "MA": "draft"}
    assert list(works["CL"].versions.order_by("number").values_list("feedback__verdict", flat=True)) == ["to_improve", "accepted"]
    done = ActivityRecord.objects.filter(activity_key=works["CL"].activity_key, completed_at__isnull=False)
    assert set(done.values_list("user__email", flat=True)) == {"ignacio.toledo@demo.example", "catalina.munoz@demo.example"}


def test_gap_between_the_two_views_is_visible(demo):
    own, read = (
        [
            value
            for value in Assessment.objects.submitted().get(project__country="CO", kind=kind).scores.values_list("level__value", flat=True)
            if value is not None
        ]
        for kind in ("self", "reviewer")
    )
    assert sum(own) / len(own) - sum(read) / len(read) > 1


def test_the_graduate_is_assessed_three_times_by_both_voices(demo):
    """The graduation file draws six outlines on one radar, no two of which lie upon each other."""
    participation = Participation.objects.get(state="graduated")
    moments = graduation_file(participation, reader=person("coordinator")).moments
    assert [(one.moment.value, one.own is not None, len(one.reviews)) for one in moments] == [
        ("entry", True, 3), ("midway", True, 1), ("graduation", True, 1),
    ]  # fmt: skip
    drawn = [tuple(row.values.values()) for row in outlines(moments, kind="pillar")]
    assert len(set(drawn)) == 6
    assert all(sum(later) > sum(before) for before, later in zip(drawn, drawn[2:], strict=False))


def test_story_happened_in_the_past_and_in_order(demo):
    now = timezone.now()
    for model, name in ((Application, "created_at"), (Registration, "requested_at"), (QuizAttempt, "started_at"), (Message, "created_at")):
        assert model.objects.filter(**{f"{name}__gt": now - timedelta(minutes=1)}).count() == 0, model
    assert Application.objects.filter(cohort__state="running").filter(submitted_at__gt=now - timedelta(days=90)).count() == 0


def test_no_letter_leaves(demo):
    assert mail.outbox == []
    assert Message.objects.unsent().count() == 0 or Message.objects.count() == Message.objects.unsent().count()


def test_wiki_has_fresh_and_old_pages(demo):
    assert WikiPage.objects.exclude(verified_at=None).count() == 14


def test_monographs_have_figures_of_three_years_in_both_languages(demo):
    for language in ("fr", "en"):
        pages = MonographPage.objects.live().filter(locale__language_code=language)
        assert [figure_table(page.figures.all()).years[-1] for page in pages] == [timezone.localdate().year - 1] * 3
        assert {page.figures.values("year").distinct().count() for page in pages} == {3}


def test_one_page_is_old(demo):
    assert {page.slug for page in WikiPage.objects.exclude(verified_at=None) if page.is_out_of_date} == {"the-fund"}


def test_clock_comes_back():
    before = timezone.now()
    with on(before - timedelta(days=30)):
        assert timezone.now() == before - timedelta(days=30)
        assert timezone.localdate() == timezone.localdate(before - timedelta(days=30))
        assert isinstance(before, timezone.datetime)
    assert timezone.now() >= before

"""The report to the board: every figure is its rows, staff without an interest read it, its cost does not grow."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdfium2 import PdfDocument

from cohorts import actions
from cohorts.board_report import Figure, PillarLine, Row, report_of
from cohorts.cms_report import _pillar_words
from cohorts.models import Application, Criterion
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.mentoring import MeetingNoteFactory, OfficeHourBookingFactory, OfficeHourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def assessed(participation, moment, value, assessor):
    """Smart's assessment of a project at one moment: one pillar, one level."""
    criterion = Criterion.objects.get(part__rubric=participation.cohort.rubric, part__kind="pillar")
    at_entry = {"application": None}
    if moment == "entry":
        assignment = participation.application.assignments.first() or make.ReviewAssignmentFactory(
            application=participation.application, reviewer=assessor
        )
        at_entry = {"application": participation.application, "assignment": assignment}
    row = make.AssessmentFactory(
        project=participation.project,
        cohort=participation.cohort,
        moment=moment,
        kind="reviewer",
        assessor=assessor,
        state="submitted",
        submitted_at=timezone.now(),
        submitted_by=assessor,
        **at_entry,
    )
    make.ScoreFactory(assessment=row, criterion=criterion, level=criterion.levels.get(value=value))


def walked(cohort, *, country="BE", name=None, reader=None):
    """A project that applied, was read and admitted, came to the session, was assessed twice, met its mentor, and graduated."""
    now, reader = timezone.now(), reader or UserFactory()
    application = make.SubmittedApplicationFactory(cohort=cohort, state="admitted", submitted_at=now - timedelta(days=60))
    application.project.country = country
    application.project.name = name or application.project.name
    application.project.save()
    make.ReviewAssignmentFactory(
        application=application,
        reviewer=reader,
        state="submitted",
        proposed_at=now - timedelta(days=50),
        answered_at=now,
        submitted_at=now - timedelta(days=40),
    )
    make.DeterminationFactory(
        application=application, decided_at=now - timedelta(days=31), released_at=now - timedelta(days=30), released_by=UserFactory()
    )
    participation = make.ParticipationFactory(
        project=application.project, cohort=cohort, application=application, state="graduated", eligible_at=now, graduated_at=now
    )
    make.GraduationFactory(participation=participation, decided_at=now, released_at=now, released_by=UserFactory())
    session = cohort.sessions.first() or make.SessionFactory(
        cohorts=[cohort],
        starts_at=now - timedelta(days=10),
        ends_at=now - timedelta(days=9),
        registration_deadline=now - timedelta(days=20),
        cancellation_deadline=now - timedelta(days=20),
    )
    row = make.RegistrationFactory(
        session=session,
        project=application.project,
        status="attended",
        confirmed_at=now,
        funding_verified_at=now,
        funding_verified_by=UserFactory(),
    )
    make.CheckInFactory(registration=row)
    assessed(participation, "entry", 1, reader)
    assessed(participation, "graduation", 3, reader)
    MeetingNoteFactory(participation=participation)
    hour = OfficeHourFactory(starts_at=now - timedelta(days=5), ends_at=now - timedelta(days=5) + timedelta(minutes=90))
    OfficeHourBookingFactory(hour=hour, project=application.project)
    return participation


def figures(report):
    chapters = (report.funnel, report.decisions, report.statuses, report.time)
    return {figure.key: figure.value for chapter in chapters for figure in chapter.figures}


@pytest.fixture
def filled(cohort):
    walked(cohort, name="Alpha")
    walked(cohort, country="FR", name="Beta")
    make.SubmittedApplicationFactory(cohort=cohort, project__name="Gamma", project__country="FR")
    make.ApplicationFactory(cohort=cohort, project__name="Draft")
    return cohort


def address(cohort, figure=""):
    if figure:
        return reverse("cohorts_cms_report_rows", args=[cohort.pk, figure])
    return reverse("cohorts_cms_report", args=[cohort.pk])


def test_the_figures_count_what_happened(filled, coordinator):
    report = report_of(filled, reader=coordinator)
    found = figures(report)
    assert {key: found[key] for key in ("sent", "read", "admitted", "took-part", "came", "graduated")} == {
        "sent": 3,
        "read": 2,
        "admitted": 2,
        "took-part": 2,
        "came": 2,
        "graduated": 2,
    }
    assert (found["decision-admitted"], found["decision-graduated"]) == (2, 2)
    assert (found["reviews"], found["meetings"], found["office-hours"], found["session-days"]) == (2, 2, 3.0, 2)
    assert (round(found["review-days"]), round(found["wait"])) == (10, 30)
    assert [(one.code, one.sent.value, one.admitted.value, one.graduated.value) for one in report.countries] == [
        ("FR", 2, 1, 1),
        ("BE", 1, 1, 1),
    ]
    assert (report.here, report.asked) == (["BE", "FR"], [])


def test_pillars_are_compared_for_who_has_both(filled, coordinator):
    only_entry = make.SubmittedApplicationFactory(cohort=filled, state="admitted")
    participation = make.ParticipationFactory(project=only_entry.project, cohort=filled, application=only_entry)
    assessed(participation, "entry", 4, UserFactory())
    report = report_of(filled, reader=coordinator)
    assert {line.key: (line.before, line.after, line.change) for line in report.pillars}["impact"] == (1, 3, 2)
    assert [row.label for row in report.compared.rows] == ["Alpha", "Beta"]


def test_every_figure_leads_to_exactly_its_rows(filled, coordinator, english_client_for):
    client = english_client_for(coordinator)
    report = report_of(filled, reader=coordinator)
    page = client.get(address(filled)).content.decode()
    for key, figure in report._figures.items():
        linked = address(filled, key)
        assert (f'href="{linked}"' in page) == bool(figure.rows), key
        shown = client.get(linked)
        assert shown.context["figure"].rows == figure.rows
        for row in figure.rows:
            assert f'href="{row.href}"' in shown.content.decode()
    assert client.get(address(filled, "nothing")).status_code == 404


def test_rows_leave_as_a_file(filled, coordinator, english_client_for):
    csv = english_client_for(coordinator).get(address(filled, "sent"), {"export": "csv"}).content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in csv] == ["Applications sent", "Alpha", "Beta", "Gamma"]


def test_the_same_on_paper(filled, coordinator, english_client_for):
    answer = english_client_for(coordinator).get(address(filled), {"export": "pdf"})
    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]
    assert answer.content.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in answer.content
    assert address(filled, "sent").encode() in answer.content


def test_what_a_reader_has_an_interest_in_is_counted_nowhere(filled, coordinator, english_client_for):
    alpha = filled.participations.get(project__name="Alpha")
    make.ConflictDeclarationFactory(application=alpha.application, person=coordinator)
    report = report_of(filled, reader=coordinator)
    assert report.left_out == 1
    assert (figures(report)["sent"], figures(report)["graduated"], figures(report)["meetings"], figures(report)["office-hours"]) == (
        2,
        1,
        1,
        1.5,
    )
    page = english_client_for(coordinator).get(address(filled)).content.decode()
    assert "Alpha" not in page
    assert "counted nowhere" in page


@pytest.mark.parametrize(
    "key", ["sent", "read", "admitted", "graduated", "compared", "reviews", "meetings", "decision-admitted", "sent-BE"]
)
def test_rows_leave_without_what_a_reader_has_an_interest_in(filled, coordinator, english_client_for, key):
    alpha = filled.participations.get(project__name="Alpha")
    everything = {row.label for row in report_of(filled, reader=coordinator).figure(key).rows}
    make.ConflictDeclarationFactory(application=alpha.application, person=coordinator)
    shown = report_of(filled, reader=coordinator).figure(key)
    client = english_client_for(coordinator)
    if key == "sent-BE":  # Alpha was the only one there: the country itself would tell it
        assert (everything, shown, client.get(address(filled, key)).status_code) == ({"Alpha"}, None, 404)
        return
    csv = client.get(address(filled, key), {"export": "csv"}).content.decode("utf-8-sig").splitlines()
    assert {line.split(",")[0] for line in csv[1:]} == everything - {"Alpha"} == {row.label for row in shown.rows}
    assert "Alpha" not in "".join(csv)


def test_only_coordinators_read_it(filled, trainer, promoter, english_client_for):
    for page in (address(filled), address(filled, "sent")):
        assert english_client_for(trainer).get(page).status_code == 404
        assert english_client_for(promoter).get(page).status_code == 302


def test_a_cohort_without_anything_says_so(cohort, coordinator, english_client_for):
    page = english_client_for(coordinator).get(address(cohort)).content.decode()
    assert "None yet." in page
    assert english_client_for(coordinator).get(address(cohort), {"export": "pdf"}).content.startswith(b"%PDF-")


def test_it_costs_the_same_for_one_project_and_for_three(cohort, coordinator, english_client_for):
    client, costs = english_client_for(coordinator), []
    for many in (1, 2):
        for _one in range(many):
            walked(cohort)
        client.get(address(cohort))
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address(cohort))
        costs.append(len(queries))
    assert len(page.context["report"].funnel.figures[-1].rows) == 3
    assert costs[0] == costs[1] <= 45


def test_days_of_a_session_are_those_of_its_place_whoever_reads(cohort, coordinator):
    start = datetime(2026, 9, 14, 8, tzinfo=UTC)
    until = {"registration_deadline": start - timedelta(days=9), "cancellation_deadline": start - timedelta(days=2)}
    make.SessionFactory(cohorts=[cohort], time_zone="Europe/Brussels", starts_at=start, ends_at=start + timedelta(hours=9), **until)
    for zone in ("Europe/Brussels", "Pacific/Auckland"):
        with timezone.override(ZoneInfo(zone)):
            [time] = [one for one in report_of(cohort, reader=coordinator).time.figures if one.key == "session-days"]
            assert (time.value, [row.detail for row in time.rows]) == (1, ["Sept. 14, 2026"])


def test_days_of_decisions_are_the_academys_own_whoever_reads(cohort, coordinator):
    application = make.SubmittedApplicationFactory(cohort=cohort, state="admitted")
    told = {"decided_at": datetime(2026, 9, 13, 8, tzinfo=UTC), "released_at": datetime(2026, 9, 14, 20, tzinfo=UTC)}
    make.DeterminationFactory(application=application, released_by=UserFactory(), **told)
    for zone in ("Europe/Brussels", "Pacific/Auckland"):
        with timezone.override(ZoneInfo(zone)):
            assert [row.detail for row in report_of(cohort, reader=coordinator).figure("decision-admitted").rows] == ["Sept. 14, 2026"]


def test_a_project_is_admitted_once_and_not_when_a_later_decision_says_no(cohort, coordinator):
    once, never = (make.SubmittedApplicationFactory(cohort=cohort, state="deliberation") for _each in range(2))

    def tell(application, outcome):
        application = Application.objects.get(pk=application.pk)
        actions.release(actions.decide_admission(application, by=coordinator, outcome=outcome, reasons="So."), by=coordinator)

    for outcome in ("admitted", "declined", "admitted"):
        tell(once, outcome)
    for outcome in ("admitted", "declined"):
        tell(never, outcome)
    [admitted] = [one for one in report_of(cohort, reader=coordinator).funnel.figures if one.key == "admitted"]
    assert [row.label for row in admitted.rows] == [once.project.name]


def test_who_is_left_out_is_counted_in_places_too_and_told_once(filled, coordinator, english_client_for):
    alpha = filled.participations.get(project__name="Alpha")  # applied, and has a place: one project
    make.ConflictDeclarationFactory(application=alpha.application, person=coordinator)
    without = make.ParticipationFactory(cohort=filled, project__name="Came from elsewhere")  # has a place, and never applied here
    make.ProjectMemberFactory(project=without.project, person=coordinator, role="viewer")
    make.ProjectMemberFactory(project=make.ParticipationFactory().project, person=coordinator, role="viewer")  # of another cohort
    report = report_of(filled, reader=coordinator)
    assert report.left_out == 2
    assert english_client_for(coordinator).get(address(filled)).content.decode().count(report.left_out_words) == 1
    assert text_of(english_client_for(coordinator).get(address(filled), {"export": "pdf"}).content).count(report.left_out_words) == 1


def text_of(pdf: bytes) -> str:
    document = PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def test_the_pillars_before_and_after_are_drawn_on_paper(filled, cohort, coordinator, english_client_for):
    report = report_of(filled, reader=coordinator)
    label = next(line.label for line in report.pillars if line.key == "impact")
    drawn = text_of(english_client_for(coordinator).get(address(filled), {"export": "pdf"}).content)
    assert drawn.count(label) == 2  # at its axis, and in the table
    assert "1 / 4" in drawn
    assert "3 / 4" in drawn
    empty = text_of(english_client_for(coordinator).get(address(make.CohortFactory(rubric=cohort.rubric)), {"export": "pdf"}).content)
    assert empty.count(label) == 1


def test_whoever_asked_for_a_place_stands_in_one_of_the_figures_beside_it(cohort, crowd, coordinator):
    """A request that the team refused, too: what became of them adds up to what was asked."""
    session, now = make.SessionFactory(cohorts=[cohort]), timezone.now()
    for one, status in zip(crowd(2), ("refused", "declined"), strict=True):
        make.RegistrationFactory(session=session, person=one.person, project=one.project, status=status, ended_at=now)
    [(_session, chapter)] = report_of(cohort, reader=coordinator).sessions
    values = {figure.key.partition("-")[0]: figure.value for figure in chapter.figures}
    assert (values["asked"], values["cancelled"], sum(values.values())) == (2, 2, 4)


@pytest.mark.parametrize(("amounts", "said"), [([13.29], "13.3"), ([2.0, 2.98], "2.5"), ([4.96], "5.0"), ([3.0], "3")])
def test_a_middle_value_is_rounded_as_its_rows_are(amounts, said):
    assert Figure("wait", "Days", [Row("A project", "/", "", amount) for amount in amounts], "middle").words == said


@pytest.mark.parametrize(
    ("before", "after", "said"), [(2.0, 2.29, "+0.3"), (3.0, 2.71, "−0.3"), (2.0, 1.96, "0.0"), (2.0, 2.04, "0.0"), (None, 2.0, "—")]
)
def test_a_change_is_rounded_as_what_it_compares(before, after, said):
    assert _pillar_words(PillarLine("impact", "Social impact", before, after))[2] == said

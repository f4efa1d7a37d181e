"""Yearly indicators: the baseline, five minutes a year, means that name nobody, the letters of the clock."""

import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.clock import strike
from cohorts.indicator_figures import FEWEST, compare, over_years, summaries_of, trends
from cohorts.models import CallAnswer, CallQuestion, IndicatorReport, IndicatorValue
from tests.cohorts.conftest import INDICATOR_YEAR as YEAR
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.indicators import IndicatorFactory, IndicatorReportFactory, IndicatorValueFactory, IndicatorYearFactory
from tests.test_house import strict_templates  # noqa: F401 (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def form(project, year=YEAR):
    return reverse("cohorts_indicators_fill", args=[project.pk, year])


def told(indicator, value, *, year=YEAR, currency="", **project):
    """One project's answer."""
    report = IndicatorReportFactory(project=make.PartnershipFactory().project, year=year)
    for name, said in project.items():
        setattr(report.project, name, said)
    report.project.save()
    return IndicatorValueFactory(report=report, indicator=indicator, value=value, currency=currency)


# filling in


def test_five_minutes_kept_then_sent(client_for, promoter, partner, people, turnover, asked):
    client = client_for(promoter)
    client.post(
        form(partner), {f"i{people.pk}": "1 200", f"i{turnover.pk}": "12.000,50", "currency": "EUR", "note": "Two companies.", "keep": "1"}
    )
    report = IndicatorReport.objects.get()
    assert report.sent_at is None
    assert list(report.values.order_by("currency").values_list("value", "currency")) == [(Decimal(1200), ""), (Decimal("12000.50"), "EUR")]
    assert 'value="1200' in client.get(form(partner)).content.decode()
    client.post(form(partner), {f"i{people.pk}": "1300", f"i{turnover.pk}": "", "note": "", "send": "1"})
    report.refresh_from_db()
    assert (report.sent_by, report.note) == (promoter, "")
    assert list(report.values.values_list("value", flat=True)) == [Decimal(1300)]


def test_the_year_before_stands_beside(client_for, promoter, partner, people, asked):
    IndicatorValueFactory(report=IndicatorReportFactory(project=partner, year=YEAR - 1), indicator=people, value=77)
    assert "2024: 77" in client_for(promoter).get(form(partner)).content.decode()


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [("percent", "101", "from 0 to 100"), ("number", "-1", "below nought"), ("money", "5", "which currency"), ("number", "many", "number")],
)
def test_what_cannot_be_is_said_and_kept(client_for, promoter, partner, asked, kind, typed, words):
    indicator = IndicatorFactory(kind=kind)
    page = client_for(promoter).post(form(partner), {f"i{indicator.pk}": typed, "note": "Kept words", "send": "1"}).content.decode()
    assert words in page.casefold()
    assert "Kept words" in page
    assert (IndicatorReport.objects.get().sent_at, IndicatorValue.objects.exists()) == (None, False)


def test_the_verb_refuses_what_the_form_would(promoter, partner, asked, people, turnover):
    for given, code in (
        ({people: (Decimal(-1), "")}, "range"),
        ({turnover: (Decimal(1), "")}, "currency"),
        ({people: (Decimal(1), "EUR")}, "currency"),
    ):
        with pytest.raises(RuleViolation) as refusal:
            actions.save_report(partner, by=promoter, year=YEAR, given=given)
        assert refusal.value.code == code
    with pytest.raises(RuleViolation, match="at least one number"):
        actions.save_report(partner, by=promoter, year=YEAR, given={}, send=True)


def test_only_the_year_that_is_asked_about_can_be_filled_in(client_for, promoter, partner, people, asked):
    assert client_for(promoter).get(form(partner, YEAR - 1)).status_code == 404
    IndicatorYearFactory(year=YEAR + 1)
    assert client_for(promoter).get(form(partner)).status_code == 404
    with pytest.raises(RuleViolation, match="not asked about now"):
        actions.save_report(partner, by=promoter, year=YEAR, given={people: (Decimal(1), "")})


def test_only_partners_report(client_for, promoter, people, asked):
    project = make.ProjectMemberFactory(project=make.ParticipationFactory().project, person=promoter).project
    assert client_for(promoter).get(form(project)).status_code == 404
    with pytest.raises(RuleViolation, match="Only partners"):
        actions.save_report(project, by=promoter, year=YEAR, given={people: (Decimal(1), "")})


def test_a_stranger_and_another_partner_read_nothing(client_for, partner, people, asked):
    other = make.ProjectMemberFactory(project=make.PartnershipFactory().project).person
    viewer = make.ProjectMemberFactory(project=partner, role="viewer").person
    own = reverse("cohorts_indicators_own", args=[partner.pk])
    for person, sees, fills in ((UserFactory(), 404, 404), (other, 404, 404), (viewer, 200, 404)):
        client = client_for(person)
        assert (client.get(own).status_code, client.get(form(partner)).status_code) == (sees, fills)
        assert client.post(form(partner), {f"i{people.pk}": "1", "send": "1"}).status_code == 404


def test_an_indicator_that_was_answered_keeps_its_kind(people):
    people.kind = "percent"
    people.clean()
    IndicatorValueFactory(indicator=people)
    with pytest.raises(ValidationError, match="its kind stays"):
        people.clean()


def test_what_is_not_asked_any_more_stays(client_for, promoter, partner, people, asked):
    report = IndicatorReportFactory(project=partner, year=YEAR)
    IndicatorValueFactory(report=report, indicator=people, value=5)
    people.is_on = False
    people.save()
    other = IndicatorFactory()
    client_for(promoter).post(form(partner), {f"i{other.pk}": "6", "send": "1"})
    assert sorted(report.values.values_list("value", flat=True)) == [5, 6]


# the baseline


@pytest.fixture
def applied(cohort, promoter, people, turnover):
    """A partner whose application answered two questions that are the baseline of two indicators."""
    application = make.SubmittedApplicationFactory(cohort=cohort, submitted_by=promoter)
    make.ProjectMemberFactory(project=application.project, person=promoter)
    participation = make.ParticipationFactory(project=application.project, cohort=cohort, application=application)
    make.PartnershipFactory(determination=make.GraduationFactory(participation=participation))
    for kind, indicator, answer in (("number", people, {"number": 12}), ("money", turnover, {"number": 900, "currency": "XOF"})):
        [question] = CallQuestion.objects.bulk_create(  # a cohort that is open keeps its questions
            [CallQuestion(cohort=cohort, kind=kind, label=make.words(kind), public_name=make.words(kind))]
        )
        CallAnswer.objects.create(application=application, question=question, **answer)
        indicator.questions.add(question)
    return application


def test_the_baseline_is_taken_from_the_application_once(applied, people, turnover):
    assert strike()["baselines of indicators"] == 1
    report = IndicatorReport.objects.get()
    assert (report.kind, report.project, report.sent_at) == ("baseline", applied.project, applied.submitted_at)
    assert {(row.indicator, row.value, row.currency) for row in report.values.all()} == {(people, 12, ""), (turnover, 900, "XOF")}
    CallAnswer.objects.filter(application=applied).update(number=99)
    assert strike()["baselines of indicators"] == 0
    assert set(IndicatorValue.objects.values_list("value", flat=True)) == {12, 900}


def test_a_copied_call_asks_for_the_same_baseline(applied, people, turnover, coordinator):
    cohort = applied.cohort
    dates = {name: getattr(cohort, name) + timedelta(days=400) for name in ("intake_opens_at", "intake_closes_at", "starts_at")}
    copy = actions.copy_cohort(cohort, by=coordinator, title=cohort.title, pathway=cohort.pathway, rubric=cohort.rubric, **dates)
    asked = {indicator: {row.cohort for row in indicator.questions.all()} for indicator in (people, turnover)}
    assert asked == {people: {cohort, copy}, turnover: {cohort, copy}}


def test_the_baseline_leaves_out_what_an_indicator_does_not_take(applied, people, turnover):
    CallAnswer.objects.filter(application=applied, currency="").update(number=-3)
    actions.copy_baseline(applied.project, by=None)
    assert [(row.indicator, row.value) for row in IndicatorValue.objects.all()] == [(turnover, 900)]


def test_the_baseline_stands_before_the_years(applied, people):
    actions.copy_baseline(applied.project, by=None)
    year = timezone.localdate().year
    IndicatorValueFactory(report=IndicatorReportFactory(project=applied.project, year=year), indicator=people, value=30)
    table = over_years(applied.project)
    assert table.heads == [f"{year}, at the application", str(year)]
    line = next(line for _pillar, lines in table.pillars for line in lines if line.indicator == people)
    assert [cell.words for cell in line.cells] == ["12", "30"]
    assert line.draws


# means that name nobody


def test_a_mean_of_fewer_than_five_is_shown_to_nobody(people):
    for value in range(1, FEWEST):
        told(people, value)
    assert [row.mean for row in summaries_of(YEAR).values()] == [None]
    told(people, 10)
    assert [(row.count, row.mean, row.middle) for row in summaries_of(YEAR).values()] == [(5, 4.0, 3.0)]


def test_amounts_of_two_currencies_are_never_put_together(turnover):
    for number in range(5):
        told(turnover, 100, currency="EUR")
        told(turnover, 100_000 + number, currency="XOF")
    assert {key[1]: row.mean for key, row in summaries_of(YEAR).items()} == {"EUR": 100.0, "XOF": 100_002.0}
    told(turnover, 7, currency="USD")
    assert {key[1]: row.mean for key, row in summaries_of(YEAR).items()}["USD"] is None


def test_a_country_is_silent_when_what_is_left_would_tell_one_project(coordinator, people):
    for country, many in (("BE", 5), ("FR", 1)):
        for _one in range(many):
            told(people, 10, country=country)
    found = compare(coordinator, year=YEAR)
    assert found.together.summaries[people.pk].mean == 10
    assert [(group.label, group.summaries[people.pk].mean) for group in found.countries] == [("Belgium", None), ("France", None)]
    for _one in range(4):
        told(people, 20, country="FR")
    assert [(group.label, group.summaries[people.pk].mean) for group in compare(coordinator, year=YEAR).countries] == [
        ("Belgium", 10),
        ("France", 18),
    ]


@pytest.mark.parametrize("door", ["list", "trends"])
def test_a_narrowed_list_is_silent_when_what_it_leaves_out_would_tell_one_project(coordinator, people, door):
    def mean(**narrowed):
        if door == "list":
            return compare(coordinator, year=YEAR, **narrowed).together.summaries[people.pk].mean
        [(_year, summary)] = trends(coordinator, indicators=[people], **narrowed)[people.pk]
        return summary.mean

    for country, many in (("BE", 5), ("FR", 1)):
        for _one in range(many):
            told(people, 10, country=country)
    assert (mean(), mean(country="BE"), mean(country="FR")) == (10, None, None)
    for _one in range(4):
        told(people, 20, country="FR")
    assert (mean(), mean(country="BE"), mean(country="FR")) == (14, 10, 18)


def test_the_years_say_the_same_as_the_list_when_a_partnership_has_ended(coordinator, people):
    """Two means of the same year, one with the number of who left, would tell it."""
    for value in (10, 20, 30, 40, 50):
        told(people, value)
    left = told(people, 1_000).report.project
    left.partnerships.update(ended_at=timezone.now(), ended_by=coordinator)
    [(_year, over_time)] = trends(coordinator, indicators=[people])[people.pk]
    listed = compare(coordinator, year=YEAR).together.summaries[people.pk]
    assert (over_time.mean, over_time.count) == (listed.mean, listed.count) == (30, 5)


def test_what_is_closed_to_a_reader_is_on_no_door(client_for, coordinator, people, asked):
    mine = told(people, 71_111, name="Mine", country="CL").report.project
    told(people, 12, name="Other", country="BE")
    make.ConflictDeclarationFactory(application=make.SubmittedApplicationFactory(project=mine), person=coordinator)
    client, address = client_for(coordinator), reverse("cohorts_cms_indicators")
    page = client.get(address)
    assert [row.project.name for row, _cells in page.context["rows"]] == ["Other"]
    assert [code for code, _name in page.context["form"].fields["country"].choices] == ["", "BE"]
    assert [summary.count for _year, summary in trends(coordinator, indicators=[people])[people.pk]] == [1]
    for export in ("csv", "xlsx"):
        sheet = client.get(address, {"export": export}).content
        book = load_workbook(BytesIO(sheet)).active.values if export == "xlsx" else sheet.decode("utf-8-sig").splitlines()
        assert "Mine" not in str(list(book))


def test_no_link_to_what_a_reader_may_not_open(client_for, coordinator, trainer, people, asked):
    row = told(people, 5)
    make.PartnershipFactory()  # sent nothing yet
    for person in (coordinator, trainer):
        client = client_for(person)
        body = client.get(reverse("cohorts_cms_indicators")).content.decode()
        links = set(re.findall(r'href="(/[^"]*partnerships/[^"]*)"', body))
        assert {client.get(link).status_code for link in links} <= {200}
        assert bool(links) == (person == coordinator)
    assert row.report.project.name in body


def test_another_partner_reads_the_mean_and_no_number_of_others(client_for, promoter, partner, people, asked):
    for value in (71_111, 72_222, 73_333, 74_444):
        told(people, value)
    IndicatorValueFactory(report=IndicatorReportFactory(project=partner, year=YEAR), indicator=people, value=40)
    page = client_for(promoter).get(reverse("cohorts_indicators_own", args=[partner.pk])).content.decode()
    assert "58,230 (5 projects)" in page
    assert [number for number in ("71,111", "72,222", "73,333", "74,444") if number in page] == []


# the letters


def test_the_clock_writes_three_times_and_not_to_who_has_sent(partner, promoter, people):
    today = timezone.localdate()
    asked = IndicatorYearFactory(year=YEAR, opens_on=today, due_on=today + timedelta(days=30))
    done = IndicatorReportFactory(project=make.ProjectMemberFactory(project=make.PartnershipFactory().project).project, year=YEAR)
    days = (-1, 0, 1, 15, 16, 27, 28, 30, 31)
    written = [actions.ask_for_indicators(asked, by=None, today=today + timedelta(days=day)) for day in days]
    assert written == [0, 1, 0, 0, 1, 0, 1, 0, 0]
    letters = Message.objects.filter(cause__startswith=f"indicators:{YEAR}:").order_by("created_at")
    assert [row.to for row in letters] == [promoter] * 3
    assert not letters.filter(cause__endswith=str(done.project_id)).exists()
    assert form(partner).rsplit("/", 2)[0].rsplit("/", 1)[-1] in letters[0].body_text


def test_the_stroke_of_the_clock_asks(partner, asked):
    assert strike()["asked for indicators"] == 1
    assert strike()["asked for indicators"] == 0


# the team


def test_the_team_compares_and_exports_exactly_what_is_shown(in_cms, people, turnover, asked):
    told(people, 12, name="Alpha", country="BE")
    both = told(turnover, 500, name="=Beta", country="FR", currency="EUR")
    IndicatorValueFactory(report=both.report, indicator=people, value=3)
    silent = make.PartnershipFactory().project
    address = reverse("cohorts_cms_indicators")
    page = in_cms.get(address, {"country": "FR"})
    assert [row.project.name for row, _cells in page.context["rows"]] == ["=Beta"]
    csv = in_cms.get(address, {"country": "FR", "pillar": "business", "export": "csv"}).content.decode("utf-8-sig").splitlines()
    assert csv[0].startswith("Project,Country,Typology,Year,Sent,Turnover,Currency,")
    assert csv[1].startswith("'=Beta,France,")
    assert csv[1].endswith(",500.00,EUR,")
    book = load_workbook(BytesIO(in_cms.get(address, {"export": "xlsx"}).content))
    assert [row[0].value for row in book.active.iter_rows()] == ["Project", "=Beta", "Alpha"]
    assert [row.project for row in in_cms.get(address).context["found"].missing] == [silent]


def test_a_promoter_does_not_compare(client_for, promoter, partner, asked):
    assert client_for(promoter).get(reverse("cohorts_cms_indicators")).status_code == 302


def test_before_a_year_is_asked_about_the_page_says_what_to_do(in_cms):
    assert "No year is asked about yet" in in_cms.get(reverse("cohorts_cms_indicators")).content.decode()


def test_comparing_costs_the_same_for_one_project_and_for_three(in_cms, people, turnover, asked):
    costs = []
    for many in (1, 2):
        for _one in range(many):
            value = told(people, 5, country="BE")
            IndicatorValueFactory(report=value.report, indicator=turnover, value=9, currency="EUR")
            make.PartnershipFactory()
        in_cms.get(reverse("cohorts_cms_indicators"))
        with CaptureQueriesContext(connection) as queries:
            page = in_cms.get(reverse("cohorts_cms_indicators"))
        assert len(page.context["rows"]) == sum(range(1, many + 1))
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 40


def test_the_page_of_a_project_costs_the_same_for_one_year_and_for_three(client_for, promoter, partner, people, asked, strict_templates):  # noqa: F811
    client, address, costs = client_for(promoter), reverse("cohorts_indicators_own", args=[partner.pk]), []
    for years in ((2023,), (2022, 2021)):
        for year in years:
            IndicatorValueFactory(report=IndicatorReportFactory(project=partner, year=year), indicator=people)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address)
        costs.append(len(queries))
    assert page.context["table"].heads == ["2021", "2022", "2023"]
    assert costs[0] == costs[1] <= 16


def test_dates_of_a_year_are_in_order():
    with pytest.raises(Exception, match="indicators_are_wanted"):
        IndicatorYearFactory(opens_on=date(2026, 3, 1), due_on=date(2026, 2, 1))

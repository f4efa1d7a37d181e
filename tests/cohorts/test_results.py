"""The results of a reading: what the numbers are, who reads them, what the page and its files show, and what it costs."""

import csv
from datetime import date, timedelta
from io import BytesIO, StringIO

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import ngettext
from openpyxl import load_workbook

from academy.permissions import is_coordinator
from cohorts import actions
from cohorts.models import ReviewRound, Score
from cohorts.results import Cell, results_of
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.django_db


def application_of(cohort, name, *, state="deliberation", country="IT"):
    project = make.ProjectFactory(name=name, country=country)
    return make.SubmittedApplicationFactory(project=project, cohort=cohort, state=state)


def assessed(application, levels, *, by=None, state="submitted", **extra):
    """A submitted assessment: one level per criterion, in the order of the rubric; None cannot judge. `by` None: the project's own."""
    person = by or application.submitted_by
    now = timezone.now()
    assignment = None
    if by:
        assignment = make.ReviewAssignmentFactory(application=application, reviewer=person, state=state, submitted_at=now)
    row = make.AssessmentFactory(
        application=application,
        assignment=assignment,
        kind="reviewer" if by else "self",
        assessor=person,
        state="submitted",
        submitted_at=now,
        submitted_by=person,
        **extra,
    )
    parts = application.cohort.rubric.parts.order_by("sort_order")
    for part, value in zip(parts, levels, strict=True):
        criterion = part.criteria.earliest("pk")
        level = None if value is None else criterion.levels.get(value=value)
        make.ScoreFactory(assessment=row, criterion=criterion, level=level, confidence=2, evidence=f"Because {value}")
    return row


@pytest.fixture
def client_for(client_for):
    def make_one(user):
        client = client_for(user)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return make_one


@pytest.fixture
def readers(db, reviewer):
    people = [reviewer, UserFactory(name="Rui Reader"), UserFactory(name="Ruth Reader")]
    for person in people[1:]:
        person.groups.add(Group.objects.get(name="Reviewers"))
    return people


@pytest.fixture
def read(cohort, readers):
    """A project that thinks more of itself than its readers do; they are far apart on the first part, and one cannot judge the second."""
    application = application_of(cohort, "Atelier Nord")
    assessed(application, [4, 2])
    for person, levels in zip(readers, ([1, 2], [3, 3], [2, None]), strict=True):
        assessed(application, levels, by=person)
    return application


def test_means_gaps_ranges_and_what_to_discuss(read, coordinator):
    (line,) = results_of(read.cohort, reader=coordinator).lines
    assert line.cells == (Cell(2.0, 4.0, 1, 3, 1, 0, 2), Cell(2.5, 2.0, 2, 3, 0, 1, 1))
    assert [cell.gap for cell in line.cells] == [2.0, -0.5]
    assert (line.mean, line.low, line.high, line.apart, line.unjudged, line.reviews) == (2.25, 1, 3, 1, 1, 3)


def test_readers_who_agree_are_not_apart_however_different_the_criteria(cohort, readers, coordinator, client_for):
    """A pillar has three criteria: all say 0 on one and 4 on the other. The levels go from 0 to 4, and nobody is apart from anybody."""
    type(cohort).objects.update(state="planned")  # the rubric may still be written
    part = cohort.rubric.parts.get(key="impact")
    other = make.CriterionFactory(part=part)
    levels = {value: make.LevelFactory(criterion=other, value=value) for value in range(5)}
    application = application_of(make.open_now(cohort), "Atelier Nord")
    for person in readers:
        row = assessed(application, [0, 2], by=person)
        make.ScoreFactory(assessment=row, criterion=other, level=levels[4])
    (line,) = results_of(cohort, reader=coordinator).lines
    assert line.cells[0] == Cell(2.0, None, 0, 4, 0, 0, 0)
    page = client_for(coordinator).get(reverse("cohorts_cms_results", args=[cohort.pk]), {"shade": "spread"}).content.decode()
    assert page.count('data-step="level-0"') == 2


def test_a_recused_review_does_not_count_and_nothing_kept_outlives_it(read, coordinator, readers):
    assert results_of(read.cohort, reader=coordinator).lines[0].reviews == 3
    actions.recuse_reviewer(read.assignments.get(reviewer=readers[0]), by=coordinator, reason="Cousins.")
    (line,) = results_of(read.cohort, reader=coordinator).lines
    assert (line.reviews, line.cells[0]) == (2, Cell(2.5, 4.0, 2, 3, 0, 0, 1))


def test_a_new_assessment_is_counted_at_once(read, coordinator):
    results_of(read.cohort, reader=coordinator)
    assessed(read, [0, 0], by=UserFactory())
    assert results_of(read.cohort, reader=coordinator).lines[0].reviews == 4


def test_who_owes_an_assessment_in_another_round_sees_no_score_of_any(read, coordinator, client_for):
    now = timezone.now()
    second = ReviewRound.objects.create(cohort=read.cohort, number=2, opens_at=now, closes_at=now + timedelta(days=9), min_reviews=1)
    make.ReviewAssignmentFactory(application=read, reviewer=coordinator, state="accepted", round=second)
    for number in (1, 2):
        (line,) = results_of(read.cohort, reader=coordinator, number=number).lines
        assert (line.is_hidden, line.mean, line.cells[0].own) == (True, None, 4.0)
    assert results_of(read.cohort, reader=coordinator, number=1).asked == {"submitted": 3}
    assert results_of(read.cohort, reader=coordinator, number=2).asked["accepted"] == 1


def test_raw_scores_stay_as_they_were_given(read, coordinator, client_for):
    before = sorted(Score.objects.values_list("pk", "level__value", "confidence"))
    client_for(coordinator).get(reverse("cohorts_cms_results", args=[read.cohort_id]))
    assert sorted(Score.objects.values_list("pk", "level__value", "confidence")) == before


def test_each_round_has_its_numbers_and_its_minimum(read, coordinator, client_for, readers):
    assert results_of(read.cohort, reader=coordinator).wanted == 1
    now = timezone.now()
    second = ReviewRound.objects.create(
        cohort=read.cohort, number=2, opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=9), min_reviews=4
    )
    again = assessed(read, [4, 4], by=UserFactory())
    type(again.assignment).objects.filter(pk=again.assignment_id).update(round=second)
    found = results_of(read.cohort, reader=coordinator)
    assert (found.round, found.wanted, found.complete, found.to_discuss) == (second, 4, 0, 0)
    assert found.lines[0].cells[0] == Cell(4.0, 4.0, 4, 4, 0, 0, 0)
    first = results_of(read.cohort, reader=coordinator, number=1)
    assert (first.wanted, first.lines[0].reviews, first.lines[0].cells[0].mean) == (1, 3, 2.0)
    client = client_for(coordinator)
    assert client.get(reverse("cohorts_cms_results", args=[read.cohort_id]), {"round": "1"}).context["results"].round.number == 1
    html = client.get(reverse("cohorts_cms_reading", args=[read.pk]), {"round": "1"}).content.decode()
    assert "Rui Reader" in html
    assert "Rui Reader" not in client.get(reverse("cohorts_cms_reading", args=[read.pk])).content.decode()


def test_who_has_an_interest_sees_neither_the_project_nor_an_average_with_it(read, coordinator, client_for):
    make.ConflictDeclarationFactory(application=read, person=coordinator)
    assert results_of(read.cohort, reader=coordinator).lines == []
    client = client_for(coordinator)
    assert read.project.name not in client.get(reverse("cohorts_cms_results", args=[read.cohort_id])).content.decode()
    assert client.get(reverse("cohorts_cms_reading", args=[read.pk])).status_code == 404
    for kind in ("csv", "xlsx"):
        assert b"Atelier" not in client.get(reverse("cohorts_cms_results", args=[read.cohort_id]), {"export": kind}).content


def test_a_coordinator_who_owes_an_assessment_sees_none_of_the_others(read, coordinator, client_for):
    make.ReviewAssignmentFactory(application=read, reviewer=coordinator, state="accepted")
    (line,) = results_of(read.cohort, reader=coordinator).lines
    assert line.is_hidden
    assert line.cells == (Cell(None, 4.0, None, None, 0, 0), Cell(None, 2.0, None, None, 0, 0))
    html = client_for(coordinator).get(reverse("cohorts_cms_reading", args=[read.pk])).content.decode()
    assert "Because 4" in html
    assert "Because 1" not in html
    assert "Rui Reader" not in html


def test_averages_of_reviewers_are_shown_from_eight_assessments_on(cohort, coordinator, readers):
    rows = [application_of(cohort, f"Project {n}") for n in range(9)]
    for row in rows[:7]:
        assessed(row, [1, 3], by=readers[0])
    assert results_of(cohort, reader=coordinator).reviewers == []
    assessed(rows[7], [1, None], by=readers[0])
    (one,) = results_of(cohort, reader=coordinator).reviewers
    assert (one.name, one.reviews, round(one.mean, 3)) == (readers[0].name, 8, round((7 * 4 + 1) / 15, 3))
    make.ConflictDeclarationFactory(application=rows[7], person=coordinator)
    assert results_of(cohort, reader=coordinator).reviewers == []


@pytest.fixture
def three(read, readers):
    quiet = application_of(read.cohort, "Bureau Sud", country="FR", state="under_review")
    assessed(quiet, [2, 2], by=readers[0])
    nobody = application_of(read.cohort, "Caisse Est", country="FR", state="under_review")
    return read, quiet, nobody


def names_of(client, cohort, **query):
    answer = client.get(reverse("cohorts_cms_results", args=[cohort.pk]), query)
    assert answer.status_code == 200
    return [line.project for line in answer.context["page"].object_list]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Atelier Nord", "Bureau Sud", "Caisse Est"]),
        ({"sort": "-project"}, ["Caisse Est", "Bureau Sud", "Atelier Nord"]),
        ({"sort": "mean"}, ["Bureau Sud", "Atelier Nord", "Caisse Est"]),
        ({"sort": "-mean"}, ["Atelier Nord", "Bureau Sud", "Caisse Est"]),
        ({"sort": "need", "shade": "mean"}, ["Bureau Sud", "Atelier Nord", "Caisse Est"]),
        ({"sort": "no-such"}, ["Atelier Nord", "Bureau Sud", "Caisse Est"]),
        ({"state": "under_review"}, ["Bureau Sud", "Caisse Est"]),
        ({"state": "no-such", "size": "x"}, ["Atelier Nord", "Bureau Sud", "Caisse Est"]),
        ({"only": "discuss"}, ["Atelier Nord"]),
        ({"only": "incomplete"}, ["Caisse Est"]),
        ({"only": "complete", "country": "France"}, ["Bureau Sud"]),
    ],
    ids=["all", "from Z", "lowest", "highest", "part", "unknown sort", "state", "unknown state", "discuss", "incomplete", "two filters"],
)
def test_sorting_and_filtering(query, expected, three, coordinator, client_for):
    assert names_of(client_for(coordinator), three[0].cohort, **query) == expected


def test_gap_is_said_by_sign_and_shape(read, coordinator, client_for):
    html = client_for(coordinator).get(reverse("cohorts_cms_results", args=[read.cohort_id])).content.decode()
    assert '<td data-step="up-2"><b>2.0</b> <small>1–3</small><br><span aria-hidden="true">▲</span>+2.0' in html
    assert "−0.5" in html
    assert "◆" in html


def test_exports_hold_exactly_what_is_shown(three, coordinator, client_for):
    client, address = client_for(coordinator), reverse("cohorts_cms_results", args=[three[0].cohort_id])
    answer = client.get(address, {"export": "csv", "state": "under_review", "sort": "-project"})
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["Caisse Est", "Bureau Sud"]
    answer = client.get(address, {"export": "xlsx", "only": "discuss"})
    book = load_workbook(BytesIO(answer.content))
    heads, line = list(book.active.values)
    assert line == ("Atelier Nord", "Italy", "In deliberation", 3, 1, 2.25, 1, 3, 1, 1, 2, 4, 2, 1, 3, 1, 2.5, 2, -0.5, 2, 3, 0)
    assert len(heads) == len(line)


def test_two_to_four_projects_beside_each_other(three, coordinator, client_for):
    client, cohort = client_for(coordinator), three[0].cohort
    address = reverse("cohorts_cms_results_compare", args=[cohort.pk])
    assert client.get(address, {"project": [three[0].pk]}).status_code == 302
    answer = client.get(address, {"project": [three[0].pk, three[1].pk]})
    html = answer.content.decode()
    assert [line.project for line, _p, _i in answer.context["projects"]] == ["Atelier Nord", "Bureau Sud"]
    assert "Caisse Est" not in html
    exported = client.get(address, {"project": [three[0].pk, three[1].pk], "export": "csv"}).content.decode("utf-8-sig")
    assert exported.splitlines()[1].split(",")[1:] == ["2.0", "4.0", "2.0", "2.0", "", ""]


def test_one_project_says_everything_that_was_said(read, coordinator, client_for, readers):
    first = make.ApplicationSnapshotFactory(application=read, number=1)
    make.ApplicationSnapshotFactory(application=read, number=2)
    mine = read.assessments.get(assessor=readers[1])
    type(mine).objects.filter(pk=mine.pk).update(version_read=first)
    part = read.cohort.rubric.parts.order_by("sort_order").first()
    mine.comments.create(part=part, private="Quite weak here.", for_project="Count your members.")
    html = client_for(coordinator).get(reverse("cohorts_cms_reading", args=[read.pk])).content.decode()
    for words in ("Rui Reader", "Quite weak here.", "Count your members.", "Because 3", "read an earlier version", "cannot judge", "1–3"):
        assert words in html
    assert html.count("read an earlier version") == 1


@pytest.mark.parametrize("name", ["cohorts_cms_results", "cohorts_cms_results_compare"])
def test_results_are_closed_to_others(name, read, client_for, promoter, reviewer, trainer, visitor_client):
    address = reverse(name, args=[read.cohort_id])
    answers = [client_for(who).get(address).status_code for who in (promoter, reviewer, trainer)]
    assert answers == [302, 302, 404]
    assert visitor_client.get(address).status_code == 302


def test_heat_map_asks_at_most_eight_questions_whatever_the_size(cohort, coordinator, readers):
    assessed(application_of(cohort, "One"), [1, 2], by=readers[0])
    assert is_coordinator(coordinator)  # read once per request, by the shell of the CMS
    with CaptureQueriesContext(connection) as few:
        results_of(cohort, reader=coordinator)
    for n in range(12):
        row = application_of(cohort, f"More {n}")
        for person in readers:
            assessed(row, [1, 2], by=person)
    with CaptureQueriesContext(connection) as many:
        results_of(cohort, reader=coordinator)
    with CaptureQueriesContext(connection) as kept:
        results_of(cohort, reader=coordinator)
    assert len(many) <= len(few) <= 8
    assert len(kept) == len(many) - 2


def test_the_pages_cost_the_same_for_one_project_and_three(three, coordinator, client_for, django_assert_max_num_queries):
    client = client_for(coordinator)
    address = reverse("cohorts_cms_results", args=[three[0].cohort_id])
    client.get(address)
    with CaptureQueriesContext(connection) as all_of_them:
        client.get(address)
    with django_assert_max_num_queries(len(all_of_them)):
        client.get(address, {"only": "discuss"})
    type(three[1]).objects.filter(pk=three[1].pk).update(state="deliberation")  # the same verbs on both pages
    for row in three[:2]:
        client.get(reverse("cohorts_cms_reading", args=[row.pk]))
    with CaptureQueriesContext(connection) as one_voice:
        client.get(reverse("cohorts_cms_reading", args=[three[1].pk]))
    with django_assert_max_num_queries(len(one_voice)):
        client.get(reverse("cohorts_cms_reading", args=[three[0].pk]))


@pytest.mark.parametrize(
    ("language", "number", "words"),
    [
        ("fr", 0, ["0 place libre", "0 place rendue"]),
        ("fr", 1, ["1 place libre", "1 place rendue"]),
        ("fr", 2, ["2 places libres", "2 places rendues"]),
        ("en", 0, ["0 places free", "0 places given back"]),
        ("en", 1, ["1 place free", "1 place given back"]),
    ],
)
def test_places_are_counted_as_each_language_does(language, number, words):
    with translation.override(language):
        found = [
            ngettext("%(n)s place free", "%(n)s places free", number),
            ngettext("%(n)s place given back", "%(n)s places given back", number),
        ]
    assert [one % {"n": number} for one in found] == words


def test_a_short_day_in_english_names_its_month():
    with translation.override("en"):
        days = [date_format(date(2026, 11, 30), name) for name in ("SHORT_DATE_FORMAT", "DATE_FORMAT")]
    assert days == ["Nov. 30, 2026", "Nov. 30, 2026"]

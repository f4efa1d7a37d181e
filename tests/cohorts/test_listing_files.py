"""The list as a file: exactly what is shown, nothing that a spreadsheet would calculate, and no more memory for more rows."""

import csv
import tracemalloc
from datetime import timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import islice

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from academy.management import many_applications
from academy.sheets import stream
from cohorts.listing.cms import PARCEL, table
from cohorts.listing.shown import listing_of
from cohorts.models import CallAnswer, CallQuestion
from tests.factories import cohorts as make

INDEX = "applications:index"
EVERYTHING = "column=country&column=state&column=reviews&column=decision&column=lead&column=mean&column=gap&column=discuss&column=files"


def rows_of(answer, kind):
    content = b"".join(answer.streaming_content)
    if kind == "csv":
        return list(csv.reader(StringIO(content.decode("utf-8-sig"))))
    sheet = load_workbook(BytesIO(content)).active
    return [["" if value is None else value for value in row] for row in sheet.iter_rows(values_only=True)]


@pytest.fixture
def three(cohort):
    turnover = CallQuestion(cohort=cohort, kind="money", label=make.words("Turnover"), public_name=make.words("Turnover"))
    CallQuestion.objects.bulk_create([turnover])
    for name, amount in (("Alba", 10), ("=1+1", 20), ("Corail", None)):
        row = make.SubmittedApplicationFactory(cohort=cohort, project__name=name)
        if amount:
            CallAnswer.objects.create(application=row, question=turnover, number=Decimal(amount), currency="SEK")
    return f"a-{turnover.pk.hex}"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_file_holds_the_filters_the_order_and_the_columns(kind, three, client_for, coordinator, monkeypatch):
    address = f"{reverse(INDEX)}?order=-project&column=state&column={three}&{three}-from=1&export={kind}"
    answer = client_for(coordinator).get(address)
    assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
    heads, *rows = rows_of(answer, kind)
    assert heads == ["Projet", "État", "Turnover (fr)", "Turnover (fr)\u00a0: devise"]
    assert [[str(cell).removesuffix(".00") for cell in row] for row in rows] == [
        ["Alba", "Envoyée", "10", "SEK"],
        ["'=1+1" if kind == "csv" else "=1+1", "Envoyée", "20", "SEK"],
    ]


def test_file_of_several_parcels_says_each_row_once(three, coordinator, monkeypatch):
    monkeypatch.setattr("cohorts.listing.cms.PARCEL", 2)
    found = list(table(listing_of(coordinator, QueryDict("order=project"))))
    assert [row[0] for row in found[1:]] == ["=1+1", "Alba", "Corail"]


def test_nobody_else_gets_the_file(three, client_for, visitor_client, trainer, reviewer, promoter):
    answers = [client.get(f"{reverse(INDEX)}?export=csv") for client in (visitor_client, *map(client_for, (trainer, reviewer, promoter)))]
    assert [answer.status_code for answer in answers] == [302] * 4


def peak(kind, listing):
    """The most memory that the file takes while it is written and sent, of what Python asks for."""
    tracemalloc.start()
    answer = stream(kind, "applications", table(listing))
    size = sum(len(parcel) for parcel in answer.streaming_content)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most, size


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_memory_does_not_grow_with_the_rows(kind, cohort, coordinator):
    many_applications.fill(cohort, applications=200, readers=2)
    peak(kind, listing_of(coordinator, QueryDict(EVERYTHING)))  # whatever is loaded or compiled once
    few, small = peak(kind, listing_of(coordinator, QueryDict(EVERYTHING)))
    many_applications.fill(cohort, applications=1800, readers=2, first=200)
    many, large = peak(kind, listing_of(coordinator, QueryDict(EVERYTHING)))
    assert large > 5 * small
    keys = 300 * 1800  # SQLite reads all keys at once; a row itself is some kilobytes
    assert many < few * 1.25 + 300_000 + keys, (few, many)


def test_queries_are_the_same_for_each_parcel(cohort, coordinator):
    many_applications.fill(cohort, applications=3 * PARCEL, readers=1)
    listing, counts = listing_of(coordinator, QueryDict(EVERYTHING)), []
    rows = listing.every_row(PARCEL)
    for _parcel in range(3):
        with CaptureQueriesContext(connection) as queries:
            assert len(list(islice(rows, PARCEL))) == PARCEL
        counts.append(len(queries))
    assert counts[1] == counts[2] <= 3
    assert counts[0] == counts[1] + 1  # the keys, asked once


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_file_says_until_when_its_project_completes_it_and_what_is_overdue(kind, cohort, client_for, coordinator):
    """As the page shows it: with its personal word, whichever is later."""
    now = timezone.now()
    more = {"extended_until": now + timedelta(days=9), "extended_by": coordinator, "extension_reason": "Fire."}
    for name, due, said in (("Alba", -2, {}), ("Brno", -1, more), ("Cork", 12, more)):
        make.SubmittedApplicationFactory(
            cohort=cohort, project__name=name, state="returned", return_due_at=now + timedelta(days=due), **said
        )
    client = client_for(coordinator)
    _heads, *rows = rows_of(client.get(f"{reverse(INDEX)}?order=due&column=state&column=due&export={kind}"), kind)
    days = [timezone.localtime(now + timedelta(days=number)).date().isoformat() for number in (-2, 9, 12)]
    returned = "Renvoyée pour être complétée"
    assert [[name, state, str(due)[:10]] for name, state, due in rows] == [
        ["Alba", f"{returned} (en retard)", days[0]],
        ["Brno", returned, days[1]],
        ["Cork", returned, days[2]],
    ]
    page = client.get(f"{reverse(INDEX)}?order=due&column=state&column=due").content.decode()
    assert page.count("(en retard)") == 1

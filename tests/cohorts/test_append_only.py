"""Invariant 4: decisions, signatures, check-ins and submitted versions are written once, for the ORM and for raw SQL."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from academy.rules import RuleViolation
from cohorts.models import CheckIn, Determination
from tests.factories import cohorts as make
from tests.factories.forms import FormSendingFactory
from tests.factories.mentoring import MeetingNoteFactory
from tests.factories.partnerships import AgreementFactory

pytestmark = pytest.mark.django_db

ROWS = [
    pytest.param(make.DeterminationFactory, "reasons", "other", id="determination"),
    pytest.param(make.DeterminationFactory, "conditions", "other", id="conditions"),
    pytest.param(make.DeliberationNoteFactory, "words", "other", id="deliberation"),
    pytest.param(MeetingNoteFactory, "words", "other", id="meeting note"),
    pytest.param(make.SignatureFactory, "signed_at", timezone.now(), id="signature"),
    pytest.param(make.CheckInFactory, "method", "qr", id="check-in"),
    pytest.param(AgreementFactory, "sha256", "1" * 64, id="agreement"),
    pytest.param(make.CheckInFactory, "received_at", timezone.now(), id="received"),
    pytest.param(make.CheckInFactory, "client_id", uuid4().hex, id="number-of-the-device"),
    pytest.param(make.ApplicationSnapshotFactory, "number", 9, id="snapshot"),
    pytest.param(FormSendingFactory, "number", 9, id="sent form"),
]


@pytest.mark.parametrize(("factory", "column", "value"), ROWS)
def test_orm_refuses_to_change_or_delete(factory, column, value):
    row = factory()
    setattr(row, column, value)
    for attempt in (
        row.save,
        lambda: row.save(update_fields=[column]),
        row.delete,
        lambda: type(row).objects.filter(pk=row.pk).update(**{column: value}),
        lambda: type(row).objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(RuleViolation):
            attempt()
    assert getattr(type(row).objects.get(pk=row.pk), column) != value


@pytest.mark.parametrize(("factory", "column", "value"), ROWS)
def test_raw_sql_is_refused_by_the_database(factory, column, value):
    row = factory()
    with pytest.raises(IntegrityError, match="kept as it was written"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET {column} = %s", [value])  # noqa: S608


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite tables are emptied with DELETE between tests")
@pytest.mark.parametrize(("factory", "column", "value"), ROWS)
def test_raw_delete_is_refused_on_postgresql(factory, column, value):
    row = factory()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {row._meta.db_table}")  # noqa: S608


def test_a_release_and_an_annulment_are_written_once():
    person = make.UserFactory()
    determination = make.DeterminationFactory()
    determination.released_at, determination.released_by = timezone.now(), person
    determination.save(update_fields=["released_at", "released_by"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Determination.objects.filter(pk=determination.pk).update(released_at=None, released_by=None)
    arrival = make.CheckInFactory(annulled_at=timezone.now(), annulled_by=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckIn.objects.filter(pk=arrival.pk).update(annulled_at=None, annulled_by=None)

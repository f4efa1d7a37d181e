"""A prepared query says what the queryset says, for every value it is asked with."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.models import User
from academy.prepared import Later, LaterPerson, Prepared, PreparedForPerson, PreparedUpdate, columns_of, objects_of
from courses.models import ActivityRecord
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.django_db

records = Prepared(
    lambda: (
        ActivityRecord.objects.filter(user=Later("user", User._meta.pk))
        .filter(activity_key__in=Later("keys", ActivityRecord._meta.get_field("activity_key")))
        .values_list("activity_key", "first_seen_at", "progress")
        .order_by("progress")
    )
)


@pytest.fixture
def two_records(promoter):
    now = timezone.now()
    return [
        ActivityRecord.objects.create(user=promoter, activity_key=uuid.uuid4(), first_seen_at=now, last_seen_at=now, progress=share)
        for share in (0.25, 0.5)
    ]


def test_rows_are_those_of_the_queryset(promoter, other_promoter, two_records):
    keys = [row.activity_key for row in two_records]
    wanted = list(ActivityRecord.objects.order_by("progress").values_list("activity_key", "first_seen_at", "progress"))
    assert records.rows(user=promoter.pk, keys=keys) == wanted
    assert records.rows(user=promoter.pk, keys=keys[:1]) == wanted[:1]
    assert records.rows(user=other_promoter.pk, keys=keys) == []


def test_an_empty_list_finds_nothing_and_asks_nothing(promoter, two_records):
    with CaptureQueriesContext(connection) as queries:
        assert records.rows(user=promoter.pk, keys=[]) == []
    assert len(queries) == 0


def test_a_value_is_never_a_part_of_the_sql(two_records):
    people = Prepared(lambda: User.objects.filter(email=Later("email", User._meta.get_field("email"))).values_list("pk"))
    UserFactory(email="x@example.org")
    assert people.rows(email="' OR 1=1 --") == []
    assert people.rows(email="%s") == []


def test_objects_are_those_of_the_model():
    person = UserFactory(email="x@example.org", name="Xenia")
    people = Prepared(lambda: User.objects.filter(pk=Later("pk", User._meta.pk)).values_list(*columns_of(User)))
    (found,) = objects_of(User, people.rows(pk=person.pk))
    assert (found, found.name, found.date_joined) == (person, "Xenia", person.date_joined)
    assert found._state.adding is False


def test_objects_bring_what_their_keys_lead_to(two_records, promoter, django_assert_num_queries):
    ActivityRecord.objects.filter(pk=two_records[1].pk).update(user=None)
    rows = Prepared(lambda: ActivityRecord.objects.order_by("progress").values_list(*columns_of(ActivityRecord, "user")))
    with django_assert_num_queries(1):
        found = objects_of(ActivityRecord, rows.rows(), "user")
        assert [(one.pk, one.user and one.user.name) for one in found] == [(two_records[0].pk, promoter.name), (two_records[1].pk, None)]


def test_a_moment_inside_is_refused():
    """It would stay at the moment when the SQL was made."""
    sessions = Prepared(lambda: Session.objects.filter(expire_date__gt=timezone.now()).values_list("pk"))
    with pytest.raises(ValueError, match="moment"):
        sessions.rows()


def test_roles_ask_another_query(promoter, other_promoter, trainer, two_records):
    seen = PreparedForPerson(lambda person: ActivityRecord.objects.for_user(person).order_by("progress").values_list("pk"))
    wanted = [(row.pk,) for row in two_records]
    assert seen.rows(promoter) == wanted
    assert seen.rows(other_promoter) == []
    assert seen.rows(trainer) == wanted
    assert seen.rows(other_promoter) == []
    assert set(LaterPerson("person", trainer).roles) == {"Trainers"}


def test_a_session_that_is_over_signs_nobody_in(client_for, promoter):
    client = client_for(promoter)
    assert client.get("/accounts/profile/").status_code == 200
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/accounts/profile/").status_code == 302


def test_a_session_that_is_taken_away_signs_nobody_in(client_for, promoter):
    client = client_for(promoter)
    assert client.get("/accounts/profile/").status_code == 200
    Session.objects.all().delete()
    assert client.get("/accounts/profile/").status_code == 302


def test_an_inactive_person_is_nobody(client_for, promoter):
    client = client_for(promoter)
    User.objects.filter(pk=promoter.pk).update(is_active=False)
    assert client.get("/accounts/profile/").status_code == 302


def test_a_changed_password_ends_the_other_sessions(client_for, promoter):
    client = client_for(promoter)
    promoter.set_password("another-long-word")
    promoter.save(update_fields=["password"])
    assert client.get("/accounts/profile/").status_code == 302


def test_a_role_given_or_taken_counts_at_the_next_request(client_for, promoter, trainer):
    client = client_for(trainer)
    assert client.get("/cms/").status_code == 200
    trainer.groups.clear()
    assert client.get("/cms/").status_code == 302


def test_what_is_left_is_not_read():
    person = UserFactory(email="x@example.org", name="Xenia")
    rows = Prepared(lambda: User.objects.filter(pk=Later("pk", User._meta.pk)).values_list(*columns_of(User, leave=("password",)), "email"))
    (found,) = objects_of(User, rows.rows(pk=person.pk), leave=("password",))
    assert (found, found.name) == (person, "Xenia")
    assert found.get_deferred_fields() == {"password"}


written = PreparedUpdate(
    lambda: ActivityRecord.objects.filter(pk=Later("pk", ActivityRecord._meta.pk)), "visits", "progress", "last_seen_at"
)


def test_what_is_written_is_what_save_would_write(two_records):
    one, other = two_records
    later = timezone.now() + timedelta(days=1)
    with CaptureQueriesContext(connection) as queries:
        written.write(pk=one.pk, visits={"tab": {"sequence": 1}}, progress=0.75, last_seen_at=later)
    assert len(queries) == 1
    one.refresh_from_db()
    assert (one.visits, one.progress, one.last_seen_at) == ({"tab": {"sequence": 1}}, 0.75, later)
    other.refresh_from_db()
    assert (other.visits, other.progress) == ({}, 0.5)

"""24 people claim 10 seats at the same instant: exactly 10 get one. Then the same without the lock, which oversells."""

import sqlite3
import threading

import pytest
from django.db import connection, connections
from django.utils import timezone

from cohorts import actions
from cohorts.actions import sessions
from cohorts.models import Registration, Session
from tests.factories import cohorts as make

CLAIMS, SEATS = 24, 10


@pytest.fixture
def shared_database(tmp_path, monkeypatch):
    """Threads need a database that they can share. SQLite in memory is copied to a file, with the product's own options."""
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        path = tmp_path / "race.sqlite3"
        connection.ensure_connection()
        with sqlite3.connect(path) as copy:
            connection.connection.backup(copy)
        copy.close()
        monkeypatch.setitem(connections.settings["default"], "NAME", str(path))
    return connections.settings["default"]


def at_once(work, jobs):
    """Runs `work(job)` for every job, each in its own thread and connection, all starting together. Gives back what went wrong."""
    start, problems = threading.Barrier(len(jobs)), []

    def run(job):
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            work(job)
        except Exception as problem:  # whatever it is, the test shows it
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return problems


def in_another_connection(read):
    """The answer of `read` as the threads' database has it."""
    answer = []
    problems = at_once(lambda _job: answer.append(read()), [None])
    assert problems == []
    return answer[0]


def held(session):
    return in_another_connection(lambda: session.registrations.holding_a_seat().count())


@pytest.mark.django_db(transaction=True)
def test_24_claims_for_10_seats_give_10(cohort, crowd, request):
    session = make.SessionFactory(cohorts=[cohort], capacity=SEATS)
    people = crowd(CLAIMS)
    request.getfixturevalue("shared_database")
    problems = at_once(
        lambda one: actions.register(
            Session.objects.get(pk=session.pk), by=one.person, person=one.person, project=one.project, payer="project"
        ),
        people,
    )
    assert problems == []
    statuses = in_another_connection(lambda: sorted(session.registrations.values_list("status", flat=True)))
    assert statuses == ["confirmed"] * SEATS + ["waiting"] * (CLAIMS - SEATS)
    line = in_another_connection(lambda: list(session.registrations.in_line().values_list("queue_number", flat=True)))
    assert line == list(range(1, CLAIMS - SEATS + 1))


@pytest.mark.django_db(transaction=True)
def test_one_person_clicking_24_times_is_registered_once(cohort, crowd, request):
    session = make.SessionFactory(cohorts=[cohort], capacity=SEATS)
    [one] = crowd(1)
    request.getfixturevalue("shared_database")
    problems = at_once(
        lambda _click: actions.register(Session.objects.get(pk=session.pk), by=one.person, person=one.person, project=one.project),
        list(range(CLAIMS)),
    )
    assert [problem.code for problem in problems] == ["twice"] * (CLAIMS - 1)
    assert in_another_connection(lambda: session.registrations.count()) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_seats_are_oversold(cohort, crowd, request):
    """The negative control: the same count and the same write, with nothing that makes the claims wait for each other.

    On SQLite the product's IMMEDIATE transactions are themselves the lock, so there each statement commits alone.
    """
    session = make.SessionFactory(cohorts=[cohort], capacity=SEATS)
    people = crowd(CLAIMS)
    rows = [make.RegistrationFactory(session=session, person=one.person, project=one.project) for one in people]
    request.getfixturevalue("shared_database")
    everybody_has_counted = threading.Barrier(CLAIMS)

    def claim_without_lock(row):
        registration = Registration.objects.get(pk=row.pk)
        free = sessions._free_places(session, newcomer=True)
        everybody_has_counted.wait(timeout=60)
        sessions._take_place_or_wait(registration, session, free=free, now=timezone.now())

    assert at_once(claim_without_lock, rows) == []
    assert held(session) == CLAIMS
    assert held(session) > SEATS


@pytest.mark.django_db(transaction=True)
def test_cancelling_and_claiming_at_once_never_oversells_nor_overtakes(cohort, crowd, request):
    """Ten leave while ten newcomers ask: the ten who waited get the places."""
    session = make.SessionFactory(cohorts=[cohort], capacity=SEATS)
    people = crowd(SEATS * 3)
    seated, waiting, newcomers = people[:SEATS], people[SEATS : SEATS * 2], people[SEATS * 2 :]
    rows = [
        actions.register(session, by=one.person, person=one.person, project=one.project, payer="project") for one in (*seated, *waiting)
    ]
    request.getfixturevalue("shared_database")

    def work(job):
        if isinstance(job, Registration):
            actions.cancel_registration(Registration.objects.get(pk=job.pk), by=job.person)
        else:
            actions.register(Session.objects.get(pk=session.pk), by=job.person, person=job.person, project=job.project)

    jobs = [job for pair in zip(rows[:SEATS], newcomers, strict=True) for job in pair]
    assert at_once(work, jobs) == []
    offered = in_another_connection(lambda: set(session.registrations.filter(status="offered").values_list("person", flat=True)))
    assert offered == {one.person.pk for one in waiting}
    assert held(session) == SEATS

"""At the same instant: one code at two desks; an offer that expires, a seat given back and a newcomer; two changes of one entry."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import CalendarEntry, CheckIn, Registration, Session
from courses.models import Certificate
from tests.cohorts.test_last_seat import at_once, held, in_another_connection, shared_database  # noqa: F401 (a fixture)
from tests.factories import cohorts as make

pytestmark = pytest.mark.django_db(transaction=True)
DESKS = 8


def test_one_code_at_many_desks_is_one_arrival(cohort, crowd, coordinator, request):
    session = make.SessionFactory(cohorts=[cohort])
    [one] = crowd(1)
    row = actions.register(session, by=one.person, person=one.person, project=one.project, payer="person")
    actions.verify_funding(row, by=coordinator)
    now = timezone.now()
    Session.objects.update(starts_at=now, ends_at=now + timedelta(days=1), registration_deadline=now, cancellation_deadline=now)
    request.getfixturevalue("shared_database")
    problems = at_once(lambda _desk: actions.check_in(Registration.objects.get(pk=row.pk), by=coordinator), list(range(DESKS)))
    assert [type(problem) for problem in problems] == [RuleViolation] * (DESKS - 1)
    assert in_another_connection(lambda: CheckIn.objects.filter(annulled_at__isnull=True).count()) == 1


def test_one_arrival_sent_by_many_tabs_at_once_is_one_row_and_nobody_is_refused(cohort, crowd, coordinator, request):
    session = make.SessionFactory(cohorts=[cohort])
    [one] = crowd(1)
    row = actions.register(session, by=one.person, person=one.person, project=one.project, payer="person")
    actions.verify_funding(row, by=coordinator)
    now, number = timezone.now(), uuid4()
    Session.objects.update(starts_at=now, ends_at=now + timedelta(days=1), registration_deadline=now, cancellation_deadline=now)
    request.getfixturevalue("shared_database")

    def again(_tab):
        actions.check_in(Registration.objects.get(pk=row.pk), by=coordinator, client_id=number)

    assert at_once(again, list(range(DESKS))) == []
    assert in_another_connection(lambda: list(CheckIn.objects.values_list("client_id", flat=True))) == [number]


def test_expiry_cancelling_and_a_newcomer_at_once_never_oversell(cohort, crowd, request):
    session = make.SessionFactory(cohorts=[cohort], capacity=2)
    sure, late, first, second, newcomer = crowd(5)
    seat = actions.register(session, by=sure.person, person=sure.person, project=sure.project, payer="person")
    offer = actions.register(session, by=late.person, person=late.person, project=late.project)
    for one in (first, second):
        actions.register(session, by=one.person, person=one.person, project=one.project)
    Registration.objects.filter(pk=offer.pk).update(offer_expires_at=timezone.now() - timedelta(minutes=1))
    request.getfixturevalue("shared_database")

    def fresh():
        return Session.objects.get(pk=session.pk)

    jobs = [
        lambda: actions.expire_offers(fresh(), by=None),
        lambda: actions.cancel_registration(Registration.objects.get(pk=seat.pk), by=sure.person),
        lambda: actions.register(fresh(), by=newcomer.person, person=newcomer.person, project=newcomer.project, payer="person"),
    ]
    assert at_once(lambda job: job(), jobs) == []
    assert held(session) == 2
    statuses = in_another_connection(lambda: dict(session.registrations.values_list("person", "status")))
    assert [statuses[one.person.pk] for one in (sure, late, first, second, newcomer)] == [
        "cancelled",
        "expired",
        "offered",
        "offered",
        "waiting",
    ]


def test_changes_at_once_give_each_mail_a_number_of_its_own(cohort, crowd, coordinator, request):
    session = make.SessionFactory(cohorts=[cohort])
    [one] = crowd(1)
    actions.register(session, by=one.person, person=one.person, project=one.project, payer="person")
    request.getfixturevalue("shared_database")
    at_once(lambda place: actions.change_session(Session.objects.get(pk=session.pk), by=coordinator, place=place), list("ABCDEF"))
    assert in_another_connection(lambda: CalendarEntry.objects.get().sequence) == 6
    assert in_another_connection(lambda: Session.objects.get(pk=session.pk).ics_sequence) == 6


def test_no_certificate_outlives_the_check_in_that_is_annulled_meanwhile(cohort, crowd, coordinator, request):
    session = make.SessionFactory(cohorts=[cohort])
    rows = [actions.register(session, by=one.person, person=one.person, project=one.project, payer="person") for one in crowd(6)]
    now = timezone.now()
    times = {
        "starts_at": now - timedelta(hours=2),
        "registration_deadline": now - timedelta(days=1),
        "cancellation_deadline": now - timedelta(days=1),
    }
    for row in rows:
        actions.verify_funding(row, by=coordinator)
    Session.objects.update(ends_at=now, **times)
    arrivals = [actions.check_in(Registration.objects.get(pk=row.pk), by=coordinator).pk for row in rows]
    request.getfixturevalue("shared_database")

    def annul(pk):
        actions.annul_check_in(CheckIn.objects.get(pk=pk), by=coordinator, reason="It was her sister.")

    def certify():
        actions.certify_attendance(Session.objects.get(pk=session.pk), by=coordinator)

    jobs = [lambda pk=pk: annul(pk) for pk in arrivals]
    jobs.insert(len(jobs) // 2, certify)
    assert at_once(lambda job: job(), jobs) == []
    assert in_another_connection(lambda: Certificate.objects.filter(revoked_at__isnull=True).count()) == 0


def test_money_said_while_places_are_released_counts_or_is_refused(cohort, crowd, request):
    """Whoever says who pays at the very moment of the last day keeps the place, or hears that it is gone: never both."""
    session = make.SessionFactory(cohorts=[cohort], capacity=6, funding_lead_days=25)
    people = crowd(7)
    rows = [
        actions.register(session, by=one.person, person=one.person, project=one.project, payer="project", amount=10) for one in people[:6]
    ]
    waits = actions.register(session, by=people[6].person, person=people[6].person, project=people[6].project)
    last_day = session.starts_at - timedelta(days=25)
    actions.tell_of_funding(session, by=None, now=last_day - timedelta(days=14))
    request.getfixturevalue("shared_database")

    def declare(row, person):
        actions.declare_funding(Registration.objects.get(pk=row.pk), by=person, payer="person")

    jobs = [lambda row=row, one=one: declare(row, one.person) for row, one in zip(rows, people, strict=False)]
    jobs.insert(3, lambda: actions.release_unfunded(Session.objects.get(pk=session.pk), by=None, now=last_day))
    problems = at_once(lambda job: job(), jobs)

    def read():
        found = Registration.objects.filter(pk__in=[row.pk for row in rows])
        return [(row.status, row.funding.filter(payer="person").exists()) for row in found]

    ended = in_another_connection(read)
    assert set(ended) <= {("confirmed", True), ("released", False)}
    assert sorted(getattr(problem, "code", repr(problem)) for problem in problems) == ["over"] * ended.count(("released", False))
    assert held(session) == (6 if ("released", False) not in ended else 7 - ended.count(("released", False)))
    assert waits.status == "waiting"

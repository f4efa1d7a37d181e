"""Places, the line, offers, the day itself (calendars: test_calendars)."""

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import Participation, Registration, RegistrationStatus, Session
from tests.factories import cohorts as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def place_for(session, one, **funding):
    return actions.register(session, by=one.person, person=one.person, project=one.project, **funding)


def statuses(*rows):
    return list(Registration.objects.filter(pk__in=[row.pk for row in rows]).order_by("requested_at").values_list("status", flat=True))


@pytest.fixture
def full(cohort, crowd):
    """Two places, both taken, and two people in line."""
    session = make.SessionFactory(cohorts=[cohort], capacity=2)
    return session, [place_for(session, one, payer="project") for one in crowd(4)]


def test_free_place_is_offered_and_confirmed_with_its_funding(session, crowd):
    asked, paid = crowd(2)
    offered = place_for(session, asked)
    assert offered.status == "offered"
    assert offered.offer_expires_at > timezone.now()
    actions.confirm_registration(offered, by=asked.person, payer="grant", amount=300, detail="Region")
    assert (offered.status, offered.funding.get().payer, offered.offer_expires_at) == ("confirmed", "grant", None)
    assert place_for(session, paid, payer="project").status == "confirmed"


def test_who_pays_is_said_before_confirming(session, crowd):
    [one] = crowd(1)
    offered = place_for(session, one)
    with pytest.raises(RuleViolation, match="who pays"):
        actions.confirm_registration(offered, by=one.person, payer="")


def test_freed_place_goes_to_whoever_waited_longest(full):
    _session, (first, second, third, fourth) = full
    assert statuses(first, second, third, fourth) == ["confirmed", "confirmed", "waiting", "waiting"]
    actions.cancel_registration(first, by=first.person, reason="Ill.")
    assert statuses(first, second, third, fourth) == ["cancelled", "confirmed", "offered", "waiting"]


def test_newcomer_does_not_overtake_the_line(full, crowd):
    session, rows = full
    Registration.objects.filter(pk=rows[0].pk).update(status="cancelled")  # a free place that nobody has offered yet
    [late] = crowd(1)
    assert place_for(session, late, payer="project").status == "waiting"


def pause(one, coordinator):
    return actions.pause_participation(one.project.participations.get(), by=coordinator, reason="A flood.")


def passed_over(row):
    return ModelLogEntry.objects.for_instance(row).filter(action="cohorts.pass_over_seat").count()


def test_a_project_that_pauses_is_passed_over_and_keeps_its_place_in_the_line(full, coordinator):
    session, (first, second, third, fourth) = full
    number, place = third.queue_number, pause(third, coordinator)
    actions.cancel_registration(first, by=first.person)
    assert statuses(third, fourth) == ["waiting", "offered"]
    assert (passed_over(third), passed_over(fourth)) == (1, 0)
    actions.expire_offers(session, by=None)
    assert (statuses(third), passed_over(third)) == (["waiting"], 1)
    actions.resume_participation(place, by=coordinator)
    assert statuses(third) == ["waiting"]  # nothing is free
    actions.cancel_registration(second, by=second.person)
    third.refresh_from_db()
    assert (third.status, third.queue_number) == ("offered", number)


def test_who_goes_on_is_offered_what_stayed_free(full, coordinator):
    _session, (first, _second, third, fourth) = full
    place = pause(third, coordinator)
    pause(fourth, coordinator)
    actions.cancel_registration(first, by=first.person)
    assert statuses(third, fourth) == ["waiting", "waiting"]
    actions.resume_participation(place, by=coordinator)
    assert statuses(third, fourth) == ["offered", "waiting"]
    assert (passed_over(third), passed_over(fourth)) == (0, 0)


def test_a_newcomer_takes_a_place_that_only_paused_projects_wait_for_and_it_is_said(full, crowd, coordinator):
    session, (first, _second, third, fourth) = full
    pause(third, coordinator)
    pause(fourth, coordinator)
    actions.cancel_registration(first, by=first.person)
    late, later = crowd(2)
    assert place_for(session, late, payer="project").status == "confirmed"
    assert (passed_over(third), passed_over(fourth)) == (1, 1)
    assert place_for(session, later).status == "waiting"
    assert (passed_over(third), passed_over(fourth)) == (1, 1)


def test_who_pauses_in_one_cohort_and_walks_in_another_of_the_session_is_not_passed_over(full, coordinator):
    session, (first, _second, third, _fourth) = full
    pause(third, coordinator)
    other = make.CohortFactory()
    session.cohorts.add(other)
    make.ParticipationFactory(project=third.project, cohort=other)
    actions.cancel_registration(first, by=first.person)
    assert statuses(third) == ["offered"]


def test_offer_that_expires_goes_on_to_the_next(full):
    session, (first, _second, third, fourth) = full
    actions.cancel_registration(first, by=first.person)
    expired = actions.expire_offers(session, by=None, now=timezone.now() + timedelta(hours=73))
    assert expired == [third]
    assert statuses(third, fourth) == ["expired", "offered"]
    third.refresh_from_db()
    with pytest.raises(RuleViolation):
        actions.confirm_registration(third, by=third.person, payer="project")


def test_offer_never_outlives_the_registration(cohort, crowd):
    soon = timezone.now() + timedelta(hours=5)
    session = make.SessionFactory(cohorts=[cohort], registration_deadline=soon)
    assert place_for(session, crowd(1)[0]).offer_expires_at == soon


def test_nobody_is_promoted_once_registration_has_closed(full):
    session, (first, _second, third, _fourth) = full
    Session.objects.filter(pk=session.pk).update(registration_deadline=timezone.now())
    actions.cancel_registration(first, by=first.person)
    assert statuses(third) == ["waiting"]


def test_asking_again_is_a_new_row_at_the_end(full):
    session, (_first, _second, third, fourth) = full
    actions.cancel_registration(third, by=third.person)
    again = actions.register(session, by=third.person, person=third.person, project=third.project)
    assert again.pk != third.pk
    assert list(session.registrations.in_line()) == [fourth, again]


def test_raising_the_capacity_fills_from_the_line_and_lowering_removes_nobody(full, coordinator):
    session, rows = full
    actions.change_session(session, by=coordinator, capacity=3)
    assert statuses(*rows) == ["confirmed", "confirmed", "offered", "waiting"]
    actions.change_session(session, by=coordinator, capacity=1)
    assert statuses(*rows) == ["confirmed", "confirmed", "offered", "waiting"]


@pytest.mark.parametrize("state", ["invited", "paused", "alumnus"])
def test_only_projects_that_walk_come(state, session, crowd):
    [one] = crowd(1)
    now = timezone.now()
    Participation.objects.update(state=state, graduated_at=now if state == "alumnus" else None)
    with pytest.raises(RuleViolation, match="take part"):
        place_for(session, one)


def test_viewer_and_stranger_do_not_come(session, crowd, other_promoter):
    [one] = crowd(1)
    make.ProjectMemberFactory(project=one.project, person=other_promoter, role="viewer")
    with pytest.raises(RuleViolation, match="members"):
        actions.register(session, by=other_promoter, person=other_promoter, project=one.project)


def test_leaving_the_cohort_frees_the_place(full):
    _session, (first, _second, third, _fourth) = full
    actions.withdraw_participation(first.project.participations.get(), by=first.person, reason="No more money.")
    assert statuses(first, third) == ["cancelled", "offered"]


def test_funding_is_checked_before_the_desk(session, crowd, coordinator):
    [one] = crowd(1)
    registration = place_for(session, one, payer="project")
    now = timezone.now()
    Session.objects.update(starts_at=now, ends_at=now + timedelta(days=1), registration_deadline=now, cancellation_deadline=now)
    with pytest.raises(RuleViolation, match="funding"):
        actions.check_in(registration, by=coordinator)
    actions.verify_funding(registration, by=coordinator)
    actions.check_in(registration, by=coordinator)
    with pytest.raises(RuleViolation):
        actions.check_in(registration, by=coordinator)
    assert registration.check_ins.count() == 1


def test_desk_opens_the_day_before(session, crowd, coordinator):
    registration = place_for(session, crowd(1)[0], payer="project")
    actions.verify_funding(registration, by=coordinator)
    with pytest.raises(RuleViolation, match="day before"):
        actions.check_in(registration, by=coordinator)


def test_annulled_check_in_stays_and_the_right_person_can_arrive(session, crowd, coordinator):
    registration = place_for(session, crowd(1)[0], payer="project")
    actions.verify_funding(registration, by=coordinator)
    now = timezone.now()
    Session.objects.update(starts_at=now, ends_at=now + timedelta(days=1), registration_deadline=now, cancellation_deadline=now)
    registration.refresh_from_db()
    arrival = actions.check_in(registration, by=coordinator)
    actions.annul_check_in(arrival, by=coordinator, reason="It was her sister.")
    actions.check_in(Registration.objects.get(), by=coordinator)
    assert list(registration.check_ins.order_by("pk").values_list("annulled_reason", flat=True)) == ["It was her sister.", ""]


def test_seat_holding_statuses_are_those_of_the_design():
    held = {status for status in RegistrationStatus.values if Registration(status=status).holds_a_seat}
    assert held == {"awaiting_approval", "offered", "confirmed", "ready", "attended"}


def test_wrong_change_is_refused_in_words(session, coordinator):
    with pytest.raises(RuleViolation, match="starts before it ends"):
        actions.change_session(session, by=coordinator, ends_at=session.starts_at)
    session.refresh_from_db()
    assert session.ics_sequence == 0

"""What the clock does, and that its second stroke does nothing more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts import actions
from cohorts.clock import strike
from cohorts.models import Application, Participation, Registration, Requirement, Session
from tests.factories import cohorts as make
from tests.factories.travel import InvitationLetterFactory

pytestmark = pytest.mark.django_db


def test_clock_expires_lapses_and_readies_once(cohort, crowd, draft, coordinator):
    session = make.SessionFactory(cohorts=[cohort], capacity=1)
    first, second = crowd(2)
    offered = actions.register(session, by=first.person, person=first.person, project=first.project)
    waiting = actions.register(session, by=second.person, person=second.person, project=second.project)
    ready = first.project.participations.get()
    for requirement in Requirement.objects.filter(stage__pathway=cohort.pathway, mandatory=True):
        actions.waive(ready, by=coordinator, requirement=requirement, reason="Known.")
    make.open_now(cohort, "running")
    later = timezone.now() + timedelta(days=14)
    assert strike(later) == {"offers expired": 1, "drafts lapsed": 1, "ready to graduate": 1}
    assert strike(later) == {}
    states = dict(Registration.objects.values_list("pk", "status"))
    assert states == {offered.pk: "expired", waiting.pk: "offered"}
    assert Application.objects.get(pk=draft.pk).state == "lapsed"
    assert Participation.objects.get(pk=ready.pk).state == "eligible"


def test_clock_notes_absences_the_day_after_and_makes_alumni(cohort, crowd):
    session = make.SessionFactory(cohorts=[cohort])
    [one] = crowd(1)
    actions.register(session, by=one.person, person=one.person, project=one.project, payer="project")
    assert strike(session.ends_at) == {}
    assert strike(session.ends_at + timedelta(days=1)) == {"absences": 1}
    Participation.objects.update(state="graduated", graduated_at=timezone.now())
    make.open_now(cohort, "closed")
    assert strike() == {"alumni": 1}
    assert Participation.objects.get().state == "alumnus"


def test_what_breaks_in_one_part_of_the_clock_stops_no_other(cohort, participation, promoter):
    """A zone that no longer exists: the reminder of that session cannot be written, and what passports say is deleted all the same."""
    now = timezone.now()
    soon, over = make.SessionFactory(cohorts=[cohort]), make.SessionFactory(cohorts=[cohort])
    early = {"registration_deadline": now - timedelta(days=90), "cancellation_deadline": now - timedelta(days=90)}
    Session.objects.filter(pk=soon.pk).update(starts_at=now + timedelta(days=6), time_zone="Mars/Phobos", **early)
    Session.objects.filter(pk=over.pk).update(starts_at=now - timedelta(days=62), ends_at=now - timedelta(days=60), **early)
    seat = make.RegistrationFactory(session=over, person=promoter, project=participation.project, status="no_show", ended_at=now)
    letter = InvitationLetterFactory(registration=seat)
    done = strike(now)
    letter.refresh_from_db()
    assert (letter.purged_at is not None, done["parts of the clock that broke"]) == (True, 1)

"""What the clock does, and that its second stroke does nothing more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts import actions
from cohorts.clock import strike
from cohorts.models import Application, Participation, Registration, Requirement
from tests.factories import cohorts as make

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

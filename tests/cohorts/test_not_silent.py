"""A project is silent where nobody of it did anything: whatever it writes, sends, shows, says or books on its way is something."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts.attention import find
from cohorts.models import Assessment, AttentionKind, AttentionRule, Dossier, DossierVersion, OfficeHourBooking, Registration
from tests.factories import cohorts as make
from tests.factories.cohort_space import CohortCommentFactory
from tests.factories.forms import FormReplyFactory
from tests.factories.mentoring import OfficeHourFactory
from tests.factories.peers import PeerFeedbackFactory, PeerOpeningFactory
from tests.factories.travel import FundingSourceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def _dossier(place, person, now):
    dossier, _new = Dossier.objects.get_or_create(project=place.project)
    return DossierVersion.objects.create(
        dossier=dossier, heading="publics", words="Cooks.", begun_at=now, written_at=now, written_by=person
    )


def _booking(place, person, now):
    return OfficeHourBooking.objects.create(hour=OfficeHourFactory(), project=place.project, person=person, booked_at=now)


def _source(place, person, now):
    old = now - timedelta(days=30)
    seat = make.RegistrationFactory(person=person, project=place.project, requested_at=old)
    Registration.objects.filter(pk=seat.pk).update(status="confirmed", confirmed_at=old)
    return FundingSourceFactory(registration=seat, sent_at=now)


def _assessment(place, person, now):
    row = make.AssessmentFactory(
        application=None, project=place.project, cohort=place.cohort, assessor=person, kind="self", moment="midway"
    )
    Assessment.objects.filter(pk=row.pk).update(state="submitted", submitted_at=now, submitted_by=person)


ACTS = {
    "form": lambda place, person, now: FormReplyFactory(project=place.project, saved_by=person, saved_at=now),
    "dossier": _dossier,
    "comment": lambda place, person, now: CohortCommentFactory(project=place.project, author=person, posted_at=now),
    "work shown": lambda place, person, now: PeerOpeningFactory(participation=place, opened_by=person, opened_at=now),
    "peer feedback": lambda place, person, now: PeerFeedbackFactory(project=place.project, saved_by=person, saved_at=now),
    "office hour": _booking,
    "money": _source,
    "self-assessment": _assessment,
}


@pytest.fixture
def quiet(participation, cohort):
    """It took its place a month ago, and nothing came since."""
    now = timezone.now()
    cohort.state, cohort.starts_at = "running", now - timedelta(days=40)
    cohort.intake_opens_at, cohort.intake_closes_at = (cohort.starts_at - timedelta(days=n) for n in (40, 10))
    cohort.save()
    participation.activated_at = now - timedelta(days=30)
    participation.save()
    AttentionRule.objects.exclude(kind=AttentionKind.SILENT).update(is_on=False)
    AttentionRule.objects.update_or_create(kind=AttentionKind.SILENT, defaults={"days": 14, "is_on": True})
    return participation


@pytest.mark.parametrize("act", ACTS)
def test_who_did_something_is_not_silent(act, quiet, promoter):
    assert [one.project for one in find() if one.project == quiet.project] == [quiet.project]
    ACTS[act](quiet, promoter, timezone.now() - timedelta(days=2))
    assert [one.kind for one in find() if one.project == quiet.project] == []

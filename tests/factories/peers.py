"""Works that are shown to a cohort, and what other projects say of them."""

import factory
from django.utils import timezone

from cohorts.models import PeerFeedback, PeerOpening
from tests.factories.academy import UserFactory
from tests.factories.cohorts import ParticipationFactory, ProjectFactory, RequirementFactory, days
from tests.factories.courses import SubmissionFactory, SubmissionVersionFactory


class PeerOpeningFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PeerOpening

    participation = factory.SubFactory(ParticipationFactory)
    requirement = factory.SubFactory(RequirementFactory, kind="deliverable")
    version = factory.LazyAttribute(
        lambda row: SubmissionVersionFactory(
            submission=SubmissionFactory(user=None, group_key=str(row.participation.project_id), waiting=True), submitted_by=None
        )
    )
    opened_at = days(-1)
    opened_by = factory.SubFactory(UserFactory)


class PeerFeedbackFactory(factory.django.DjangoModelFactory):
    """Sent; `sent_at=None` for a draft."""

    class Meta:
        model = PeerFeedback

    opening = factory.SubFactory(PeerOpeningFactory)
    owner = factory.LazyAttribute(lambda row: row.opening.participation.project)
    project = factory.SubFactory(ProjectFactory)
    comment = "Ask ten more people."
    saved_at = factory.LazyFunction(timezone.now)
    saved_by = factory.SubFactory(UserFactory)
    sent_at = factory.LazyFunction(timezone.now)

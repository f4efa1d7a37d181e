"""What is shown and said inside a cohort."""

import uuid

import factory
from django.utils import timezone

from cohorts.models import CohortComment, CommentReport, SharedHeading
from tests.factories.academy import UserFactory
from tests.factories.announcements import AnnouncementFactory
from tests.factories.cohorts import ParticipationFactory, days


class SharedHeadingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SharedHeading

    participation = factory.SubFactory(ParticipationFactory)
    heading = "publics"
    shared_at = days(-2)
    shared_by = factory.SubFactory(UserFactory)


class CohortCommentFactory(factory.django.DjangoModelFactory):
    """Under an announcement; with `participation` and `heading`, under a heading."""

    class Meta:
        model = CohortComment

    announcement = factory.Maybe("participation", None, factory.SubFactory(AnnouncementFactory))
    participation = None
    heading = factory.LazyAttribute(lambda row: "publics" if row.participation else "")
    cohort = factory.LazyAttribute(lambda row: (row.participation or row.announcement).cohort)
    author = factory.SubFactory(UserFactory)
    words = "How did you count them?"
    key = factory.LazyFunction(uuid.uuid4)
    posted_at = factory.LazyFunction(timezone.now)


class CommentReportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CommentReport

    comment = factory.SubFactory(CohortCommentFactory)
    reported_by = factory.SubFactory(UserFactory)
    reported_at = days(0)
    reason = "Rude."

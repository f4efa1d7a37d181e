"""What is announced to a cohort."""

import factory

from academy.fields import LocalizedText
from cohorts.models import Announcement, AnnouncementVersion
from tests.factories.academy import UserFactory
from tests.factories.cohorts import CohortFactory, days


class AnnouncementFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Announcement

    cohort = factory.SubFactory(CohortFactory)
    title = factory.LazyFunction(lambda: LocalizedText({"fr": "La salle a changé", "en": "Another room"}))
    body = factory.LazyFunction(lambda: LocalizedText({"fr": "<p>Nous sommes au deuxième étage.</p>", "en": "<p>We are upstairs.</p>"}))
    posted_at = days(-1)
    posted_by = factory.SubFactory(UserFactory)


class AnnouncementVersionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AnnouncementVersion

    announcement = factory.SubFactory(AnnouncementFactory)
    number = 1
    title = factory.LazyAttribute(lambda row: row.announcement.title)
    body = factory.LazyAttribute(lambda row: row.announcement.body)
    written_at = days(-1)
    written_by = factory.SubFactory(UserFactory)

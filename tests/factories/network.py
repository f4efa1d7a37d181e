"""Entries of the directory and messages to them."""

import base64

import factory
from django.core.files.base import ContentFile
from django.utils import timezone

from cohorts.models import DirectoryEntry, NetworkMessage
from tests.factories.academy import UserFactory
from tests.factories.cohorts import ParticipationFactory

# one pixel
LOGO = ContentFile(
    base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="), name="logo.png"
)


class DirectoryEntryFactory(factory.django.DjangoModelFactory):
    """Of a project that takes part, shown to everybody: its name, and nothing else."""

    class Meta:
        model = DirectoryEntry

    project = factory.LazyFunction(lambda: ParticipationFactory().project)
    audience = DirectoryEntry.Audience.EVERYBODY
    changed_by = factory.SubFactory(UserFactory)


class NetworkMessageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = NetworkMessage

    entry = factory.SubFactory(DirectoryEntryFactory)
    sender = factory.SubFactory(UserFactory)
    to = factory.SubFactory(UserFactory)
    words = "We would like to visit you."
    sent_at = factory.LazyFunction(timezone.now)

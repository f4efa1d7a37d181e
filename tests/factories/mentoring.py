"""Meetings with a project."""

import factory
from django.utils import timezone

from cohorts.models import MeetingNote
from tests.factories.academy import UserFactory
from tests.factories.cohorts import ParticipationFactory, days


class MeetingNoteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MeetingNote

    participation = factory.SubFactory(ParticipationFactory)
    met_on = factory.LazyFunction(timezone.localdate)
    author = factory.SubFactory(UserFactory)
    words = "The premises are found."
    visibility = MeetingNote.Visibility.PROJECT
    written_at = days(0)

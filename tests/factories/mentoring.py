"""Meetings with a project, and office hours."""

from datetime import timedelta

import factory
from django.utils import timezone

from cohorts.models import MeetingNote, OfficeHour, OfficeHourBooking
from tests.factories.academy import UserFactory
from tests.factories.cohorts import ParticipationFactory, ProjectFactory, days


class MeetingNoteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MeetingNote

    participation = factory.SubFactory(ParticipationFactory)
    met_on = factory.LazyFunction(timezone.localdate)
    author = factory.SubFactory(UserFactory)
    words = "The premises are found."
    visibility = MeetingNote.Visibility.PROJECT
    written_at = days(0)


class OfficeHourFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OfficeHour
        skip_postgeneration_save = True

    host = factory.SubFactory(UserFactory)
    starts_at = days(7)
    ends_at = factory.LazyAttribute(lambda row: row.starts_at + timedelta(minutes=45))
    time_zone = "Europe/Brussels"
    place = "Brussels"
    link = "https://call.example/room"
    for_whom = OfficeHour.ForWhom.COHORTS
    opened_at = days(-1)

    @factory.post_generation
    def cohorts(self, create, extracted, **kwargs):
        if create and extracted:
            self.cohorts.set(extracted)


class OfficeHourBookingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OfficeHourBooking

    hour = factory.SubFactory(OfficeHourFactory)
    project = factory.SubFactory(ProjectFactory)
    person = factory.SubFactory(UserFactory)
    booked_at = days(-1)

"""What a session leaves, boring on purpose."""

import factory
import wagtail_factories
from django.utils import timezone

from academy.models import AcademyImage
from cohorts.models import Afterwards, AfterwardsAnswer, AfterwardsPhoto
from tests.factories.academy import UserFactory
from tests.factories.cohorts import SessionFactory


class AfterwardsFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Afterwards

    session = factory.SubFactory(SessionFactory)


class PictureFactory(wagtail_factories.ImageFactory):
    class Meta:
        model = AcademyImage


class AfterwardsPhotoFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AfterwardsPhoto

    afterwards = factory.SubFactory(AfterwardsFactory)
    image = factory.SubFactory(PictureFactory)
    alt_text = factory.Sequence(lambda number: f"A circle of chairs {number}")
    agreed_at = factory.LazyFunction(timezone.now)
    agreed_by = factory.SubFactory(UserFactory)


class AfterwardsAnswerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AfterwardsAnswer

    afterwards = factory.SubFactory(AfterwardsFactory)
    text = factory.Sequence(lambda number: f"Who pays the first month {number}?")
    answer = "The fund, for three months."

"""Indicators, the years that are asked about, and what projects answered."""

from datetime import timedelta
from decimal import Decimal

import factory
from django.utils import timezone

from cohorts.models import IndicatorDefinition, IndicatorReport, IndicatorValue, IndicatorYear
from tests.factories.academy import UserFactory
from tests.factories.cohorts import PartnershipFactory, words


class IndicatorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = IndicatorDefinition

    pillar = "impact"
    label = words("People who worked through it")
    sort_order = factory.Sequence(int)


class IndicatorYearFactory(factory.django.DjangoModelFactory):
    """Asked about now."""

    class Meta:
        model = IndicatorYear

    year = factory.Sequence(lambda number: 2025 + number % 100)
    opens_on = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=30))
    due_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=30))


class IndicatorReportFactory(factory.django.DjangoModelFactory):
    """Sent, by a partner."""

    class Meta:
        model = IndicatorReport

    project = factory.LazyFunction(lambda: PartnershipFactory().project)
    year = 2025
    sent_at = factory.LazyFunction(timezone.now)
    sent_by = factory.SubFactory(UserFactory)


class IndicatorValueFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = IndicatorValue

    report = factory.SubFactory(IndicatorReportFactory)
    indicator = factory.SubFactory(IndicatorFactory)
    value = Decimal(10)

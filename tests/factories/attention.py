"""What needs somebody of the team."""

import factory

from cohorts.models import AttentionItem, AttentionRule
from tests.factories.cohorts import CohortFactory, ProjectFactory, days


class AttentionRuleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AttentionRule
        django_get_or_create = ("kind",)

    kind = "silent"
    days = 14


class AttentionItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AttentionItem

    kind = "silent"
    cohort = factory.SubFactory(CohortFactory)
    project = factory.SubFactory(ProjectFactory)
    since = days(-20)

"""How those who came found a session, boring on purpose."""

from datetime import timedelta

import factory

from cohorts.models import Satisfaction, SatisfactionAnswer
from tests.factories.cohorts import SessionFactory


class SatisfactionFactory(factory.django.DjangoModelFactory):
    """Still asked. `is_closed` makes one whose time is over."""

    class Meta:
        model = Satisfaction

    class Params:
        is_closed = factory.Trait(secret="", closed_at=factory.LazyAttribute(lambda row: row.closes_at))

    session = factory.SubFactory(SessionFactory)
    closes_at = factory.LazyAttribute(lambda row: row.session.ends_at + timedelta(days=14))
    secret = "s" * 64


class SatisfactionAnswerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SatisfactionAnswer

    satisfaction = factory.SubFactory(SatisfactionFactory)
    mark = factory.Sequence(lambda number: f"{number:064d}")
    useful = 4

"""Who pays for the trip of somebody to a session."""

import factory

from cohorts.models import FundingSource
from tests.factories.academy import UserFactory
from tests.factories.cohorts import RegistrationFactory, days


class FundingSourceFactory(factory.django.DjangoModelFactory):
    """Said, not looked at. `is_checked`: a coordinator has seen it."""

    class Meta:
        model = FundingSource

    class Params:
        is_checked = factory.Trait(verified_at=days(0), verified_by=factory.SubFactory(UserFactory))

    registration = factory.SubFactory(RegistrationFactory)
    payer = "grant"
    name = "Town of Lille"
    amount = 400
    sent_at = days(-1)

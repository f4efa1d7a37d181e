"""Who pays for the trip of somebody to a session, and the letter for their visa."""

import uuid

import factory

from cohorts.models import FundingSource, InvitationLetter
from cohorts.sealed import seal
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


FACTS = {
    "name": "AMINATA OUEDRAOGO",
    "nationality": "BF",
    "born": "1988-04-17",
    "passport": "ZX4417738",
    "expires": "2039-01-31",
    "consulate": "Consulate of Belgium\n12 rue du Port, Ouagadougou",
}


class InvitationLetterFactory(factory.django.DjangoModelFactory):
    """Asked for. Its facts are sealed as the verb does it."""

    class Meta:
        model = InvitationLetter

    class Params:
        facts = FACTS

    id = factory.LazyFunction(uuid.uuid4)
    registration = factory.SubFactory(RegistrationFactory)
    language = "fr"
    asked_at = days(-1)
    sealed = factory.LazyAttribute(lambda row: seal(row.facts, about=row.id))

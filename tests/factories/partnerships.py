"""What follows graduation, boring on purpose."""

import factory

from cohorts.models import Agreement, SupportPlanItem
from tests.factories.academy import UserFactory
from tests.factories.cohorts import PartnershipFactory, words


class SupportPlanItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SupportPlanItem

    partnership = factory.SubFactory(PartnershipFactory)
    kind = "people"
    owed_by = SupportPlanItem.Party.SMART
    what = words("A week a year.")
    added_by = factory.SubFactory(UserFactory)


class AgreementFactory(factory.django.DjangoModelFactory):
    """A draft."""

    class Meta:
        model = Agreement

    partnership = factory.SubFactory(PartnershipFactory)
    title = words("Contract")
    name = "contract.pdf"
    kind = "pdf"
    size = 9
    sha256 = "0" * 64
    file = factory.django.FileField(data=b"%PDF-1.7\n", filename="contract.pdf")
    added_by = factory.SubFactory(UserFactory)

"""The statuses to which a pathway leads, boring on purpose."""

import factory

from cohorts.models import Typology, TypologyCondition, TypologyPaper, TypologyTerm


def words(text: str) -> dict[str, str]:
    return {"en": text, "fr": f"{text} (fr)"}


class TypologyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Typology
        django_get_or_create = ("key",)

    key = Typology.Key.SOCIAL_FRANCHISE
    label = words("Social franchise")


class TypologyTermFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TypologyTerm

    typology = factory.SubFactory(TypologyFactory)
    kind = TypologyTerm.Kind.PEOPLE
    sort_order = factory.Sequence(lambda n: n)
    text = words("A week a year.")


class TypologyPaperFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TypologyPaper

    typology = factory.SubFactory(TypologyFactory)
    title = words("Contract")


class TypologyConditionFactory(factory.django.DjangoModelFactory):
    """One that a person confirms."""

    class Meta:
        model = TypologyCondition

    typology = factory.SubFactory(TypologyFactory)
    sort_order = factory.Sequence(lambda n: n)
    rule = TypologyCondition.Rule.CONFIRMED
    words = factory.LazyAttribute(lambda row: words("It is not for profit") if row.rule == "confirmed" else {})

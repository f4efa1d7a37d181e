"""People and files, boring on purpose."""

import factory

from academy.models import Message, User


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    language = "en"
    country = "BE"
    password = factory.django.Password("correct horse battery")


class MessageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Message

    to = factory.SubFactory(UserFactory)
    address = factory.LazyAttribute(lambda row: row.to.email)
    language = "en"
    subject = "News"
    body_text = "Something happened.\n"
    cause = factory.Sequence(lambda number: f"tests:{number}")

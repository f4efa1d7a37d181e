"""Polls in the room, boring on purpose."""

import factory
from django.utils import timezone

from cohorts.models import Ballot, Poll
from tests.factories.academy import UserFactory
from tests.factories.cohorts import SessionFactory, words


class PollFactory(factory.django.DjangoModelFactory):
    """A draft. `is_open` makes an open one."""

    class Meta:
        model = Poll

    class Params:
        is_open = factory.Trait(
            state="open", secret="s" * 64, opened_at=factory.LazyFunction(timezone.now), opened_by=factory.SubFactory(UserFactory)
        )

    session = factory.SubFactory(SessionFactory)
    question = words("Where do we meet next?")
    choices = {"fr": "Bruxelles\nLille\nRabat", "en": "Brussels\nLille, France\nRabat, Morocco"}


class BallotFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Ballot

    poll = factory.SubFactory(PollFactory, is_open=True)
    answer = [1]
    mark = factory.Sequence(lambda number: f"{number:064d}")

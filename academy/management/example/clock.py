"""Acting on another day. Only the example uses it: its story began five months ago."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone


@contextmanager
def on(moment: datetime) -> Iterator[None]:
    """Inside, `timezone.now()` answers `moment`, so that every verb dates what it writes as if it were that day.

    The class that Django's function asks is replaced, not the function: models hold the function itself as a default.
    """
    outer = timezone.datetime

    class Kind(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, datetime)

    class Frozen(datetime, metaclass=Kind):
        @classmethod
        def now(cls, tz=None):
            return moment.astimezone(tz) if tz else moment.replace(tzinfo=None)

    timezone.datetime = Frozen
    try:
        yield
    finally:
        timezone.datetime = outer

"""Setup and the example take seconds: they are made once for all these modules, in a transaction that their tests never see the end of.

The tests that want the example come last, because it stays until the end.
"""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings


def pytest_collection_modifyitems(items):
    places = [place for place, item in enumerate(items) if Path(__file__).parent in item.path.parents]
    wanted = sorted((items[place] for place in places), key=lambda item: "demo" in item.fixturenames)
    for place, item in zip(places, wanted, strict=True):
        items[place] = item


@pytest.fixture(scope="package")
def made_once(django_db_setup, django_db_blocker):
    with (
        django_db_blocker.unblock(),
        override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]),
        transaction.atomic(),
    ):
        call_command("setup", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def academy(made_once, db):
    """A site as `manage.py setup` leaves it."""


@pytest.fixture(scope="package")
def told_once(made_once, django_db_blocker):
    with django_db_blocker.unblock(), override_settings(DEMO_PASSWORD="a password for show"), transaction.atomic():
        call_command("demo", stdout=StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(told_once, db, settings):
    """The same with the example in it."""
    settings.DEMO_PASSWORD = "a password for show"

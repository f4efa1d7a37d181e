"""Setup and the example take seconds, so each module makes them once, in a transaction that its tests never see the end of."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def told_once(made_once, django_db_blocker):
    with django_db_blocker.unblock(), override_settings(DEMO_PASSWORD="a password for show"), transaction.atomic():
        call_command("demo", stdout=StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(told_once, db, settings):
    """The same with the example in it."""
    settings.DEMO_PASSWORD = "a password for show"

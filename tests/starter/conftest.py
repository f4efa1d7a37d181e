import pytest
from django.core.management import call_command


@pytest.fixture
def academy(db):
    """A site as `manage.py setup` leaves it."""
    call_command("setup", verbosity=0)

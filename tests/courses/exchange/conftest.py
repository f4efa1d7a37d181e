import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _in_english():
    """Sentences are compared as they are written; what a page says follows its reader."""
    with translation.override("en"):
        yield

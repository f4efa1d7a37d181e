"""What search is measured on: pages and files that nobody wrote, some of them closed, and the command that refuses a real database."""

import pytest
from django.core.management import CommandError, call_command

from academy.management.synthetic import fill
from academy.search.models import SearchEntry
from academy.search.reader import Reader, reader_from
from academy.search.results import Asked, search


def test_invented_pages_are_found_and_the_closed_ones_are_not(home):
    fill(120)
    assert SearchEntry.objects.count() == 120
    every, visitor = (search(Asked(text="coopérative", language="fr"), reader).total for reader in (Reader(), reader_from(None)))
    assert 0 < visitor < every


def test_no_real_database_is_filled(db, monkeypatch):
    monkeypatch.delenv("ACADEMY_SCRATCH", raising=False)
    with pytest.raises(CommandError, match="invented"):
        call_command("bench_search", here=True, entries=1)
    assert not SearchEntry.objects.exists()

"""Rows that every page reads are kept in the process, and never older than their last change here."""

import pytest
from wagtail.models import Locale

pytestmark = pytest.mark.django_db


def codes(rows) -> list[str]:
    return [row.language_code for row in rows]


def test_all_locales_are_read_once_and_anew_when_one_changes(django_assert_num_queries):
    found = sorted(codes(Locale.objects.all()))
    first = found[0]
    with django_assert_num_queries(0):
        assert sorted(codes(Locale.objects.all())) == found
        assert (Locale.objects.all().count(), len(Locale.objects.all())) == (len(found), len(found))
    with django_assert_num_queries(1):
        assert codes(Locale.objects.all().filter(language_code=first)) == [first]
    other = Locale.objects.create(language_code="it")
    assert sorted(codes(Locale.objects.all())) == sorted([*found, "it"])
    assert sorted(codes(Locale.objects.exclude(language_code="it"))) == found
    other.delete()
    assert sorted(codes(Locale.objects.all())) == found

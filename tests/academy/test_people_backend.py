"""What somebody may, as Django says it, in one query."""

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.models import User
from academy.people_backend import PeopleBackend
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["promoter", "trainer", "reviewer", "coordinator"])
def test_permissions_are_those_of_django(role, request):
    person = request.getfixturevalue(role)
    own = Permission.objects.get(content_type__app_label="wiki", codename="delete_question")
    person.user_permissions.add(own)
    mine, django = User.objects.get(pk=person.pk), User.objects.get(pk=person.pk)
    with CaptureQueriesContext(connection) as queries:
        found = PeopleBackend().get_all_permissions(mine)
        assert PeopleBackend().get_all_permissions(mine) == found
    assert (found, len(queries)) == (ModelBackend().get_all_permissions(django), 1)
    assert "wiki.delete_question" in found


def test_nobody_else_has_any():
    closed = UserFactory(is_active=False, is_superuser=True)
    chief = UserFactory(is_superuser=True)
    assert PeopleBackend().get_all_permissions(closed) == set()
    assert PeopleBackend().get_all_permissions(AnonymousUser()) == set()
    assert PeopleBackend().get_all_permissions(chief, obj=chief) == set()
    assert len(PeopleBackend().get_all_permissions(chief)) == Permission.objects.count()

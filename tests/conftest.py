"""The cast, and the settings that make tests quick."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from academy.roles import ensure_roles
from tests.factories.academy import UserFactory


@pytest.fixture(autouse=True)
def _quick_settings(settings, tmp_path):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(tmp_path)}}


def _person(email: str, name: str, *groups: str, **fields):
    user = UserFactory(email=email, name=name, **fields)
    if groups and not Group.objects.filter(name__in=groups).exists():
        ensure_roles()  # a transactional test before this one has emptied the tables, migration rows included
    for group in groups:
        user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def visitor_client() -> Client:
    return Client()


@pytest.fixture
def promoter(db):
    return _person("promoter@example.org", "Paula Promoter")


@pytest.fixture
def other_promoter(db):
    return _person("other@example.org", "Oscar Other")


@pytest.fixture
def trainer(db):
    return _person("trainer@example.org", "Tom Trainer", "Trainers")


@pytest.fixture
def reviewer(db):
    return _person("reviewer@example.org", "Rita Reviewer", "Reviewers")


@pytest.fixture
def coordinator(db):
    return _person("coordinator@example.org", "Cora Coordinator", "Coordinators")


@pytest.fixture
def admin_user(db):
    return _person("admin@example.org", "Ada Admin", is_superuser=True, is_staff=True)


@pytest.fixture
def client_for():
    """A signed-in browser for a person."""

    def make(user) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make

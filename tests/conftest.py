"""The database, the cast, and the settings that make tests quick.

SQLite: migrations run once into a template file, named by a hash of the migrations and of the installed versions; each run works on
a copy of it. A file, not memory: races and the browser need several connections. PostgreSQL: `DATABASE_URL`, with `--reuse-db`.
"""

import os
import shutil
import time
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import translation
from pytest_django.plugin import blocking_manager_key
from xdist.scheduler import LoadScopeScheduling

from academy import lookups
from academy.roles import ensure_roles
from tests.factories.academy import UserFactory
from tests.prepared import CACHE, template


def is_sqlite() -> bool:
    return django_settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


def is_left_over(path: Path) -> bool:
    """A copy that a killed run did not take away."""
    return time.time() - path.stat().st_mtime > 24 * 3600


def pytest_configure(config):
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    location = django_settings.CACHES["default"].get("LOCATION", "")
    if worker and str(location).startswith("redis"):  # each worker empties the cache before a test: its own one
        base, _, number = location.rpartition("/")
        django_settings.CACHES["default"]["LOCATION"] = f"{base}/{(int(number) + int(worker.removeprefix('gw'))) % 16}"
    if worker or not is_sqlite():
        return
    for old in CACHE.glob("run-*.sqlite3*"):
        if is_left_over(old):
            old.unlink(missing_ok=True)
    template()


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb):
    return True if is_sqlite() else django_db_keepdb


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, request):
    if not is_sqlite():
        return
    from django.db import connections  # after the settings are configured

    copy = CACHE / f"run-{os.getpid()}.sqlite3"  # of this process alone: what a killed run left behind is not in the way
    shutil.copyfile(template(), copy)
    connections["default"].settings_dict["TEST"]["NAME"] = str(copy)
    request.addfinalizer(lambda: [path.unlink(missing_ok=True) for path in CACHE.glob(f"{copy.name}*")])


TOGETHER = ("tests/browser/", "tests/starter/")  # they share one server, one setup
WITH_BROWSER = "tests/wiki/test_xss.py"  # looks at the same HTML as tests/browser/test_xss.py


def pytest_xdist_make_scheduler(config, log):
    """With several workers, a file stays whole (its fixtures are made once), and so does what shares something dear."""

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return TOGETHER[0] if file == WITH_BROWSER else next(filter(file.startswith, TOGETHER), file)

    return ByFile(config, log)


def is_transactional(item) -> bool:
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction"))


def pytest_collection_modifyitems(items):
    """A transactional test empties the tables; this puts back what the migrations wrote (the root page, the roles…) before the next one."""
    for item in items:
        if is_transactional(item):
            marker = item.get_closest_marker("django_db")
            item.add_marker(pytest.mark.django_db(*marker.args, **{**marker.kwargs, "serialized_rollback": True}), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """And here before a test of another file that is not transactional: with several workers, files follow each other."""
    result = yield
    if nextitem is not None and is_transactional(item) and not is_transactional(nextitem):
        with item.config.stash[blocking_manager_key].unblock():
            connection.creation.deserialize_db_from_string(connection._test_serialized_contents)
    return result


@pytest.fixture(autouse=True)
def _quick_settings(settings, tmp_path):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.IMPORT_FOLDER = tmp_path / "imports"
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    if settings.CACHES["default"]["BACKEND"].endswith("FileBasedCache"):
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(tmp_path)}}
    else:
        cache.clear()  # kept pages and addresses of the test before
    lookups.forget()  # rows of the test before, rolled back without a signal
    translation.deactivate()  # the language of the last page that the test before asked for


def _person(email: str, name: str, *groups: str, **fields):
    user = UserFactory(email=email, name=name, **fields)
    if groups and not Group.objects.filter(name__in=groups).exists():
        ensure_roles()
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
        client.force_login(user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
        return client

    return make

"""Who gets what at every address of Wagtail's, with rows inside and outside of their reach; and what unknown numbers do anywhere."""

import uuid

import pytest
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import get_resolver, reverse
from wagtail.models import ModelLogEntry, PageLogEntry

from tests.security.test_access_matrix import outcome, walk, world  # noqa: F401 — the fixture
from tests.security.url_map import ROWS
from tests.security.wagtail_map import APART, WAGTAIL
from tests.security.world import add_what_wagtail_keeps

OUTSIDE = ("visitor", "promoter", "reviewer")
INSIDE = ("trainer", "coordinator", "admin_user")


@pytest.fixture
def full_world(world):  # noqa: F811
    add_what_wagtail_keeps(world)
    return world


@pytest.fixture
def clients(full_world, client_for):
    return {role: Client() if role == "visitor" else client_for(getattr(full_world, role)) for role in (*OUTSIDE, *INSIDE)}


def address(key, things, world):  # noqa: F811
    found = [getattr(world, name, name) for name in things]
    return reverse(key, args=[getattr(thing, "pk", thing) for thing in found])


def ask(client: Client, where: str) -> tuple[str, int]:
    """What came back from a GET, or from an empty POST where GET is not the verb; how many acts it logged. Undone afterwards."""
    before = ModelLogEntry.objects.count() + PageLogEntry.objects.count()
    with transaction.atomic():
        answer = client.get(where)
        if answer.status_code == 405:
            answer = client.post(where)
        written = ModelLogEntry.objects.count() + PageLogEntry.objects.count() - before
        transaction.set_rollback(True)
    return outcome(answer), written


def test_every_address_of_wagtail_has_its_rule():
    known = {key for key, _things, _opens in WAGTAIL} | APART
    theirs = {key for key in walk(get_resolver()) if key.startswith(("wagtail", "simple_translation:"))}
    assert theirs - known == set(), "Say in tests/security/wagtail_map.py for whom these addresses open."
    assert known - theirs == set()


def test_cms_opens_for_whom_the_rules_name(full_world, clients):
    """A page, a way on, or a question about what was left out (400); for everybody else sign in, not there, refused."""
    wrong = {}
    for key, things, opens in WAGTAIL:
        where = address(key, things, full_world)
        for role in INSIDE:
            found, written = ask(clients[role], where)
            if (found in ("o", "g", "400")) != (role in opens) or (written and role not in opens):
                wrong[key, things, role] = found
    assert wrong == {}


def test_cms_is_closed_to_whoever_does_not_work_in_it(full_world, clients):
    wrong = {}
    for key, things, _opens in WAGTAIL:
        where = address(key, things, full_world)
        for role in OUTSIDE:
            found, written = ask(clients[role], where)
            if found not in ("l", "n", "r") or written:
                wrong[key, things, role] = found
    assert wrong == {}


def test_unknown_rows_are_not_there(full_world, clients):
    """A number that nobody has, at every address that names a row, ours and Wagtail's: never an error of the server."""
    wrong = {}
    client = clients["admin_user"]
    client.raise_request_exception = False
    named = [(key, things) for key, things, _opens in WAGTAIL] + [(key, things) for key, (things, _letters) in ROWS.items()]
    for key, things in named:
        rows = [getattr(full_world, name, name) for name in things]
        if not any(isinstance(row, Model) for row in rows):
            continue
        args = [(uuid.uuid4() if isinstance(row.pk, uuid.UUID) else 987654321) if isinstance(row, Model) else row for row in rows]
        answer = client.get(reverse(key, args=args))
        if answer.status_code == 405:
            answer = client.post(reverse(key, args=args))
        if answer.status_code not in (302, 404):
            wrong[key] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("sent", [{}, {"import_file_name": "/etc/passwd", "input_format": "0"}])
def test_redirects_that_were_not_signed_are_refused(sent, client_for, visitor_client, promoter, admin_user):
    address = reverse("wagtailredirects:process_import")
    assert client_for(admin_user).post(address, sent).status_code == 400
    assert client_for(admin_user).get(address).status_code == 405
    assert {client.post(address, sent).status_code for client in (visitor_client, client_for(promoter))} == {302}

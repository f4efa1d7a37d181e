"""Who gets what at every address: a visitor, two promoters, the team. A new address fails here until it has its row."""

from types import SimpleNamespace

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver
from django.utils import translation
from wagtail.models import ModelLogEntry, PageLogEntry

from tests.factories import cohorts as make
from tests.security.rules import CAST, RELATIONS, VERBS, rules_of
from tests.security.url_map import ELSEWHERE, ROLES, ROWS
from tests.security.world import SECRETS, build

WAGTAILS = ("wagtail", "simple_translation:", "cms/")  # Wagtail's own addresses: rules for groups of them, below
REFUSED = {"login": "l", "gone": "n", "refused": "r", "method": "m"}.values()


def walk(resolver, names=(), route=""):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from walk(pattern, (*names, pattern.namespace) if pattern.namespace else names, route + str(pattern.pattern))
        else:
            yield ":".join((*names, pattern.name)) if pattern.name else route + str(pattern.pattern)


def outcome(answer) -> str:
    """The letter of what came back."""
    if answer.status_code in (301, 302, 303):
        to = answer["Location"]
        if "/accounts/login/" in to:
            return "l"
        return "r" if to == "/cms/" else "g"
    return {200: "o", 204: "o", 403: "r", 404: "n", 405: "m"}.get(answer.status_code, str(answer.status_code))


def look(client: Client, address: str) -> tuple[str, set[str]]:
    """The letter of what came back, and the secrets in it; whatever looking changed is undone."""
    with transaction.atomic():
        answer = client.get(address)
        shown = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return outcome(answer), {what for what, word in SECRETS.items() if word.encode() in shown}


@pytest.fixture
def world(promoter, other_promoter, trainer, reviewer, coordinator, admin_user):
    with translation.override("fr"):
        people = {
            "promoter": promoter,
            "other_promoter": other_promoter,
            "trainer": trainer,
            "reviewer": reviewer,
            "coordinator": coordinator,
            "admin_user": admin_user,
        }
        yield build(people)


@pytest.fixture
def clients(world, client_for):
    return {role: Client() if role == "visitor" else client_for(getattr(world, role)) for role in CAST}


@pytest.fixture(scope="module")
def seen() -> dict:
    return {}


@pytest.fixture
def answers(seen, request, db) -> dict:
    """Each address of the map as each of the cast gets it: the letter, and which secrets are shown. Asked once: it is a thousand requests."""
    if not seen:
        world, clients = request.getfixturevalue("world"), request.getfixturevalue("clients")
        addresses = {key: address_of(key, world) for key in ROWS}
        addresses["the reviewer's assessment"] = address_of("cohorts_assessment", world, ("reviewed",))
        seen |= {(key, role): look(clients[role], address) for key, address in addresses.items() for role in CAST}
    return seen


def address_of(key: str, world: SimpleNamespace, names: tuple[str, ...] | None = None) -> str:
    things = [getattr(world, name) for name in (ROWS[key][0] if names is None else names)]
    return reverse(key, args=[getattr(thing, "pk", thing) for thing in things])


def ours() -> list[str]:
    return list(dict.fromkeys(key for key in walk(get_resolver()) if not key.startswith(WAGTAILS)))


def test_every_address_has_its_row():
    missing = [key for key in ours() if key not in ROWS and key not in ELSEWHERE]
    assert missing == [], "Say in tests/security/url_map.py who gets what at these addresses."


def test_every_role_gets_what_the_map_says(answers):
    found = {}
    for key, (_things, expected) in ROWS.items():
        got = "".join(answers[key, role][0] for role in ROLES)
        if got != expected:
            found[key] = f"{got}, not {expected}"
    assert found == {}


def test_both_languages_say_the_same(world, clients):
    with translation.override("en"):
        address = address_of("cohorts_application", world)
    assert address.startswith("/en/")
    assert "".join(look(clients[role], address)[0] for role in ROLES) == ROWS["cohorts_application"][1]


def test_map_says_what_the_rules_say():
    """The map's letters against the sentences of rules.py: a page or a way on for whom the rule names, for nobody else."""
    wrong = {}
    for key, (_things, letters) in ROWS.items():
        for rule in rules_of(key):
            opens = {role for role, letter in zip(ROLES, letters, strict=True) if letter in "og"}
            if opens != rule.opens & set(ROLES):
                wrong[key] = (rule.says, sorted(opens ^ (rule.opens & set(ROLES))))
    assert wrong == {}


def test_relations_get_what_the_rules_say(answers):
    """Those whom their role alone does not tell apart, at every address that a rule names; and what the page tells them."""
    wrong = {}
    for key in ROWS:
        for rule in rules_of(key):
            for role in RELATIONS:
                if (answers[key, role][0] in "og") != (role in rule.opens):
                    wrong[key, role] = rule.says
    assert wrong == {}


def test_every_post_has_its_rule():
    only_posts = [key for key, (_things, letters) in ROWS.items() if "m" in letters and "o" not in letters]
    assert [key for key in only_posts if key not in VERBS] == [], "Say in tests/security/rules.py whose post is heard there."


def test_post_is_heard_from_whom_the_rules_name(world, clients):
    """Heard: done, or told why not, in words. Not heard: sign in, not there, refused; and nothing is written."""
    wrong = {}
    for key, (names, fields, heard) in VERBS.items():
        address = address_of(key, world, names)
        data = {name: getattr(getattr(world, value, value), "pk", value) for name, value in fields.items()}
        for role in CAST:
            before = ModelLogEntry.objects.count()
            with transaction.atomic():
                answer = clients[role].post(address, data)
                written = ModelLogEntry.objects.count() - before
                transaction.set_rollback(True)
            found = "l" if answer.status_code == 401 else outcome(answer)
            if (found in "og") != (role in heard) or (written and role not in heard):
                wrong[key, role] = f"{found}, {written} written"
    assert wrong == {}


def test_post_of_whom_the_page_refuses_changes_nothing(world, clients):
    wrong = {}
    before = ModelLogEntry.objects.count() + PageLogEntry.objects.count()
    for key in [key for key in ours() if key in ROWS and key not in VERBS and not key.startswith(("account_", "mfa_"))]:
        address = address_of(key, world)
        for role, letter in zip(ROLES, ROWS[key][1], strict=True):
            if letter not in REFUSED:
                continue
            answer = clients[role].post(address)
            if outcome(answer) not in REFUSED and answer.status_code != 401:
                wrong[key, role] = outcome(answer)
    assert wrong == {}
    assert ModelLogEntry.objects.count() + PageLogEntry.objects.count() == before


# Who may ever be shown each secret of the world. Everybody else meets it at no address.
TOLD = {
    "answers": {"promoter", "onlooker", "reviewer", "coordinator", "admin_user"},
    "review": {"coordinator", "admin_user"},  # the reviewer has not sent their own yet; the decision is not released
    "decision": {"coordinator", "admin_user"},
    "meeting": {"trainer", "coordinator", "admin_user"},
    "comment": {"promoter", "onlooker", "peer", "coordinator", "conflicted_coordinator", "admin_user"},
    "announcement": {"promoter", "onlooker", "peer", "coordinator", "conflicted_coordinator", "admin_user"},
    "passport": {"promoter", "coordinator"},
    "draft": {"trainer", "coordinator", "conflicted_coordinator", "admin_user"},
}


def test_no_address_tells_what_its_reader_may_not_know(answers):
    """Invariants 6, 7 and 13 over the whole map: each of the cast reads every address of ours, and finds no word of another's."""
    told = {(what, role, key) for (key, role), (_letter, secrets) in answers.items() for what in secrets}
    assert {(what, role, key) for what, role, key in told if role not in TOLD[what]} == set()
    assert {what for what, _role, _key in told} == set(SECRETS)  # the secrets stand somewhere: the walk could have found them


def test_private_page_and_its_file_are_closed_to_a_visitor(world, clients):
    page = clients["visitor"].get(world.page.get_url())
    assert page.status_code == 302
    assert "Zanzibar" not in clients["visitor"].get("/fr/search/?q=zanzibar").content.decode().replace("zanzibar", "")
    assert clients["visitor"].get(world.document.url).status_code in (302, 403)
    assert clients["visitor"].get(world.draft.url or "/fr/draft-page/").status_code == 404
    assert clients["promoter"].get(world.document.url).status_code == 200


def test_declared_conflict_closes_every_address_of_the_application(world, clients):
    make.ConflictDeclarationFactory(application=world.application, person=world.reviewer)
    for key in ("cohorts_application", "cohorts_cms_application", "cohorts_assessment", "cohorts_review"):
        answer = clients["reviewer"].get(address_of(key, world))
        assert outcome(answer) in REFUSED, key
        assert b"Hidden venture" not in answer.content
    for address in (reverse("applications:index"), reverse("applications:index") + "?export=csv", reverse("cohorts_reviews")):
        answer = clients["reviewer"].get(address)
        shown = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b"Hidden venture" not in shown


def test_verification_shows_no_address_of_mail(world, clients):
    shown = clients["visitor"].get(address_of("courses_verify", world)).content.decode()
    assert "Paula Promoter" in shown
    assert world.promoter.email not in shown

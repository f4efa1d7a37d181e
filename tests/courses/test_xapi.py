"""xAPI statements: what they say, who is in them, who may read them, and that their signatures hold."""

import base64
import json
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy import signing
from academy.rules import RuleViolation
from courses import actions, xapi
from courses.models import ActivityRecord, FeedToken
from tests.factories.courses import long_text, make_course, make_lesson, make_module, make_quiz, right_answers, translated

pytestmark = pytest.mark.django_db
ADL = "http://adlnet.gov/expapi/verbs/"


@pytest.fixture
def module(db):
    return make_module("Money", language="fr")


@pytest.fixture
def lesson(module):
    return make_lesson(module, "Le compte")


def settle():
    """As if all that is in the history had been written a minute ago."""
    ModelLogEntry.objects.update(timestamp=timezone.now() - timedelta(minutes=1))


def statements(**how):
    settle()
    return xapi.statements(**how).statements


def attempt(quiz, person, right):
    made = actions.start_attempt(quiz, by=person)
    return actions.submit_attempt(made, by=person, quiz=quiz, answers=right_answers(made.questions) if right else {})


def test_a_completion_in_both_languages(lesson, promoter, settings):
    translated(lesson, "en", title="The account")
    actions.complete_activity(lesson, by=promoter)
    (one,) = statements()
    base = settings.BASE_URL.rstrip("/")
    assert one["verb"]["id"] == f"{ADL}completed"
    assert one["object"] == {
        "objectType": "Activity",
        "id": f"{base}/xapi/activities/{lesson.translation_key}",
        "definition": {"name": {"fr": "Le compte", "en": "The account"}, "type": "http://adlnet.gov/expapi/activities/lesson"},
    }
    assert one["result"] == {"completion": True}
    assert one["actor"]["account"]["homePage"] == base
    assert promoter.email not in json.dumps(one)
    assert promoter.name not in json.dumps(one)
    assert one["version"] == "1.0.3"
    assert xapi.statements().statements == [one]
    assert statements(with_email=True)[0]["actor"] == {"objectType": "Agent", "mbox": f"mailto:{promoter.email}"}
    assert statements(with_email=True)[0]["id"] == one["id"]


def test_attempts_failed_passed_and_marked_later(module, promoter, trainer):
    quiz = make_quiz(module, "Le quiz", pass_mark=70)
    attempt(quiz, promoter, right=False)
    attempt(quiz, promoter, right=True)
    found = statements()
    assert [one["verb"]["id"].removeprefix(ADL) for one in found] == ["failed", "passed", "completed"]
    assert [one["result"].get("score") for one in found] == [{"scaled": 0.0}, {"scaled": 1.0}, None]
    assert [one["result"].get("success") for one in found] == [False, True, None]
    assert found[0]["result"]["duration"].startswith("PT")
    assert found[0]["object"]["definition"]["type"].endswith("assessment")
    essay = make_quiz(module, "Le texte", questions=[long_text()])
    waiting = attempt(essay, promoter, right=True)
    assert [one["verb"]["id"].removeprefix(ADL) for one in statements()[3:]] == ["attempted"]
    actions.mark_answers(waiting, marks={waiting.questions[0]["id"]: (0.9, "Good")}, by=trainer)
    assert [one["verb"]["id"].removeprefix(ADL) for one in statements()[3:]] == ["attempted", "passed", "completed"]


def test_a_whole_course(lesson, module, promoter):
    course = make_course("Le cours", (module,), language="fr")
    actions.enrol(course, user=promoter, by=promoter)
    actions.complete_activity(lesson, by=promoter)
    assert [one["object"]["id"].rsplit("/", 1)[1] for one in statements()] == [str(lesson.translation_key), str(course.translation_key)]


def test_neither_the_excused_nor_the_erased(lesson, promoter, other_promoter, trainer):
    actions.excuse_activity(lesson, user=promoter, reason="Ill", by=trainer)
    record = actions.complete_activity(lesson, by=other_promoter)
    assert len(statements()) == 1
    record.user = None
    record.save()
    assert statements() == []


def test_opened_again_is_voided_and_done_again_is_another_statement(lesson, promoter, trainer, settings):
    record = actions.complete_activity(lesson, by=promoter)
    actions.reopen_activity(record, reason="New", by=trainer)
    actions.complete_activity(lesson, by=promoter)
    actions.reopen_activity(record, reason="Newer", by=trainer)
    first, void, second, void_too = statements()
    assert len({one["id"] for one in (first, void, second, void_too)}) == 4
    assert first["object"] == second["object"]
    assert [one["verb"]["id"] for one in (void, void_too)] == [f"{ADL}voided"] * 2
    assert [one["object"] for one in (void, void_too)] == [{"objectType": "StatementRef", "id": one["id"]} for one in (first, second)]
    assert void["actor"] == {"objectType": "Agent", "account": {"homePage": settings.BASE_URL.rstrip("/"), "name": "academy"}}
    assert "result" not in void
    later = xapi.statements(after=ModelLogEntry.objects.filter(action="courses.complete").earliest("pk").pk).statements
    assert later == [void, second, void_too]  # also where what it voids was sent before


def test_an_excuse_that_is_lifted_voids_nothing_and_the_attempts_stand(lesson, module, promoter, trainer):
    excused = actions.excuse_activity(lesson, user=promoter, reason="Ill", by=trainer)
    actions.reopen_activity(excused, reason="Well again", by=trainer)
    assert statements() == []
    quiz = make_quiz(module, pass_mark=70)
    attempt(quiz, promoter, right=True)
    actions.reopen_activity(ActivityRecord.objects.get(activity_key=quiz.translation_key), reason="New", by=trainer)
    told = statements()
    assert sorted(one["verb"]["id"].rpartition("/")[2] for one in told) == ["completed", "passed", "voided"]
    completed = next(one for one in told if one["verb"]["id"] == f"{ADL}completed")
    assert told[-1]["object"] == {"objectType": "StatementRef", "id": completed["id"]}


@pytest.mark.parametrize("number", [1, 3])
def test_voiding_costs_the_same_for_one_and_three(module, promoter, trainer, number, django_assert_num_queries):
    for one in range(number):
        actions.reopen_activity(actions.complete_activity(make_lesson(module, f"{one}"), by=promoter), reason="New", by=trainer)
    settle()
    with django_assert_num_queries(6):
        assert len(xapi.statements().statements) == 2 * number


def test_pages_follow_each_other_and_miss_nothing(module, promoter):
    for number in range(5):
        actions.complete_activity(make_lesson(module, f"{number}"), by=promoter)
    whole, found, after = [one["id"] for one in statements()], [], 0
    while after is not None:
        batch = xapi.statements(after=after, limit=2)
        found += [one["id"] for one in batch.statements]
        after = batch.after
    assert found == whole
    assert len(set(whole)) == 5
    assert xapi.statements(since=timezone.now()).statements == []


def test_what_was_written_this_moment_waits(lesson, promoter):
    actions.complete_activity(lesson, by=promoter)
    assert xapi.statements().statements == []


def test_costs_the_same_for_one_and_three(module, promoter):
    found = []
    for number in range(3):
        actions.complete_activity(make_lesson(module, f"{number}"), by=promoter)
        settle()
        with CaptureQueriesContext(connection) as queries:
            xapi.statements()
        found.append(len(queries))
    assert found[0] == found[2] <= 6, found


# --- the signature


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verify(content, signature, keys):
    header, nothing, signed = signature.split(".")
    assert nothing == ""
    said = json.loads(decoded(header))
    key = next(one for one in keys if one["kid"] == said["kid"])
    assert (said["alg"], key["kty"], key["crv"]) == ("EdDSA", "OKP", "Ed25519")
    payload = base64.urlsafe_b64encode(content).rstrip(b"=").decode()
    Ed25519PublicKey.from_public_bytes(decoded(key["x"])).verify(decoded(signed), f"{header}.{payload}".encode())


# --- the feed


@pytest.fixture
def secret(coordinator):
    return actions.create_feed_token("Another LRS", by=coordinator)[1]


def feed(client, secret="", query=""):
    return client.get(reverse("courses_xapi_feed") + query, headers={"Authorization": f"Bearer {secret}"} if secret else {})


def test_feed_is_read_with_a_token_and_signed(client, secret, lesson, module, promoter):
    for number in range(3):
        actions.complete_activity(make_lesson(module, f"{number}"), by=promoter)
    settle()
    answer = feed(client, secret, "?limit=2")
    assert answer.status_code == 200
    assert answer["X-Experience-API-Version"] == "1.0.3"
    keys = client.get(reverse("signing_keys")).json()["keys"]
    verify(answer.content, answer["X-JWS-Signature"], keys)
    with pytest.raises(InvalidSignature):
        verify(answer.content.replace(b"completed", b"completel"), answer["X-JWS-Signature"], keys)
    assert len(answer.json()["statements"]) == 2
    rest = client.get(answer.json()["more"], headers={"Authorization": f"Bearer {secret}"}).json()
    assert (len(rest["statements"]), rest["more"]) == (1, "")
    assert FeedToken.objects.get().last_used_at is not None
    assert secret not in str(FeedToken.objects.values())


def test_nobody_reads_without_a_valid_token(client, secret, coordinator, client_for):
    assert feed(client).status_code == 401
    assert feed(client, "wrong").status_code == 401
    assert feed(client_for(coordinator)).status_code == 401
    actions.revoke_feed_token(FeedToken.objects.get(), by=coordinator)
    assert feed(client, secret).status_code == 401
    assert client.post(reverse("courses_xapi_feed")).status_code == 405


def test_tokens_are_not_guessed(client):
    for number in range(20):
        assert feed(client, f"wrong{number}").status_code == 401
    assert feed(client, "wrong").status_code == 429


@pytest.mark.parametrize("query", ["?limit=0", "?limit=501", "?limit=x", "?after=-1", "?since=yesterday", "?after=" + "9" * 30])
def test_nonsense_is_said(client, secret, query):
    assert feed(client, secret, query).status_code == 400


def test_token_page_shows_the_secret_once(coordinator, client_for):
    client, address = client_for(coordinator), reverse("courses_xapi_tokens")
    shown = client.post(address, {"verb": "make", "name": "Partner", "with_email": "on"}).content.decode()
    token = FeedToken.objects.get()
    assert token.with_email
    assert "Partner" in shown
    assert FeedToken.objects.get().digest not in shown
    client.post(address, {"verb": "revoke", "token": token.pk})
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert set(ModelLogEntry.objects.values_list("action", flat=True)) == {"courses.create_feed_token", "courses.revoke_feed_token"}
    assert client.post(address, {"verb": "make", "name": " "}).status_code == 200
    assert FeedToken.objects.count() == 1
    with pytest.raises(RuleViolation):
        actions.create_feed_token(" ", by=coordinator)


# --- the file


def test_file_and_its_signature(tmp_path, lesson, promoter):
    actions.complete_activity(lesson, by=promoter)
    settle()
    file = tmp_path / "statements.jsonl"
    call_command("xapi", file)
    lines = file.read_text().splitlines()
    assert [json.loads(line)["verb"]["id"] for line in lines] == [f"{ADL}completed"]
    verify(file.read_bytes(), (tmp_path / "statements.jsonl.jws").read_text(), signing.public_keys())
    call_command("xapi", file, since="2040-01-01")
    assert file.read_text() == ""
    for wrong in ({"since": "soon"}, {}):
        with pytest.raises(CommandError):
            call_command("xapi", tmp_path / "nowhere" / "file" if not wrong else file, **wrong)

"""A certificate as an Open Badge: read, checked and refused as somebody outside would, with what is public alone."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from academy import env
from courses import actions, certificates
from courses.models import Certificate, CoursePage
from tests.factories.courses import CertificateFactory, make_course, make_lesson, make_module

pytestmark = pytest.mark.django_db
WORDS = {
    "fr": {"title": "Attestation de réussite", "about": "Le modèle", "statement": "a terminé le cours", "organisation": "Smart Bruxelles"},
    "en": {"title": "Certificate of completion", "about": "The model", "statement": "has completed the course", "organisation": "Smart Brussels"},
}  # fmt: skip


@pytest.fixture
def certificate(promoter):
    return CertificateFactory(
        holder=promoter,
        kind="course",
        subject_key=uuid4(),
        content=WORDS,
        holder_name="Élodie Promoter",
        issued_at=datetime(2026, 3, 1, 9, 30, 15, 250000, tzinfo=UTC),
        expires_at=datetime(2036, 3, 1, tzinfo=UTC),
    )


def address(name, *args, language="en"):
    with translation.override(language):
        return reverse(name, args=args)


def taken(client, certificate, language="en") -> str:
    answer = client.get(address("courses_certificate_badge", certificate.pk, language=language))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/vc+jwt")
    assert f"badge-{str(certificate.pk)[:8]}-{language}.jwt" in answer.headers["Content-Disposition"]
    return answer.content.decode("ascii")


def decoded(part) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def number(text) -> int:
    return int.from_bytes(decoded(text), "big")


def verified(client, token) -> dict:
    """The claims, once the signature holds against the key at the address that the header names."""
    header, claims, signature = token.split(".")
    said = json.loads(decoded(header))
    assert (set(said), said["alg"], said["typ"]) == ({"alg", "kid", "typ"}, "RS256", "JWT")
    assert said["kid"].startswith(f"{settings.BASE_URL}/.well-known/keys/")
    key = client.get(said["kid"].removeprefix(settings.BASE_URL)).json()
    assert (key["kty"], key["alg"], key["kid"], "d" in key) == ("RSA", "RS256", said["kid"], False)
    public = RSAPublicNumbers(number(key["e"]), number(key["n"])).public_key()
    public.verify(decoded(signature), f"{header}.{claims}".encode(), PKCS1v15(), SHA256())
    return json.loads(decoded(claims))


# --- the credential


@pytest.mark.parametrize(("language", "other"), [("fr", "en"), ("en", "fr")])
def test_credential_says_what_the_certificate_says(client_for, promoter, visitor_client, certificate, language, other):
    found = verified(visitor_client, taken(client_for(promoter), certificate, language))
    base, words = settings.BASE_URL, WORDS[language]
    about = f"{base}/badges/achievements/course/{certificate.subject_key}"
    subject = found["credentialSubject"].pop("id")
    assert (UUID(found["id"].removeprefix("urn:uuid:")), UUID(subject.removeprefix("urn:uuid:")), found["sub"])[2] == subject
    assert str(certificate.pk) not in found["id"] + subject  # the list of the revoked is public
    assert found == {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": found["jti"],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{words['title']} · {words['about']}",
        "issuer": {"id": f"{base}/badges/issuer.json", "type": ["Profile"], "name": words["organisation"], "url": base},
        "validFrom": "2026-03-01T09:30:15Z",
        "awardedDate": "2026-03-01T09:30:15Z",
        "validUntil": "2036-03-01T00:00:00Z",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [{"type": "IdentityObject", "hashed": False, "identityHash": "Élodie Promoter", "identityType": "name"}],
            "achievement": {
                "id": f"{about}/{language}.json",
                "type": ["Achievement"],
                "achievementType": "CertificateOfCompletion",
                "name": f"{words['title']} · {words['about']}",
                "description": f"{words['statement']} · {words['about']}",
                "criteria": {"narrative": f"{words['statement']} · {words['about']}"},
                "inLanguage": language,
                "related": [{"id": f"{about}/{other}.json", "type": ["Related"], "inLanguage": other}],
            },
        },
        "evidence": [{"id": certificate.verify_url, "type": ["Evidence"], "name": words["title"]}],
        "credentialStatus": {"id": f"{base}/badges/revocations.json", "type": "1EdTechRevocationList"},
        "iss": f"{base}/badges/issuer.json",
        "jti": found["id"],
        "sub": subject,
        "nbf": int(datetime(2026, 3, 1, 9, 30, 15, tzinfo=UTC).timestamp()),
        "exp": int(datetime(2036, 3, 1, tzinfo=UTC).timestamp()),
    }


def test_credential_without_an_end_has_none(client_for, promoter, visitor_client):
    found = verified(visitor_client, taken(client_for(promoter), CertificateFactory(holder=promoter)))
    assert {"validUntil", "exp"} & set(found) == set()


def test_both_languages_are_one_credential_and_it_never_changes(client_for, promoter, visitor_client, certificate):
    client = client_for(promoter)
    french, english = taken(client, certificate, "fr"), taken(client, certificate, "en")
    assert french != english
    assert verified(visitor_client, french)["id"] == verified(visitor_client, english)["id"]
    promoter.name, promoter.email = "Another Name", "another@example.org"
    promoter.save()
    assert taken(client, certificate, "fr") == french


def test_whoever_changes_a_word_is_found_out(client_for, promoter, visitor_client, certificate):
    header, claims, signature = taken(client_for(promoter), certificate).split(".")
    changed = json.loads(decoded(claims))
    changed["credentialSubject"]["identifier"][0]["identityHash"] = "Somebody Else"
    forged = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
    with pytest.raises(InvalidSignature):
        verified(visitor_client, f"{header}.{forged}.{signature}")


def test_a_course_that_changes_or_goes_takes_nothing_away(client_for, promoter, visitor_client):
    module = make_module("The model")
    lesson = make_lesson(module)
    course = make_course("First title", modules=(module,), gives_certificate=True)
    actions.enrol(course, user=promoter, by=promoter)
    actions.complete_activity(lesson, by=promoter)
    certificate, client = Certificate.objects.get(holder=promoter), client_for(promoter)
    before = taken(client, certificate)
    printed = certificates.pdf(certificate, language="en")
    course.title = "Second title"
    course.save_revision().publish()
    assert taken(client, certificate) == before
    CoursePage.objects.get(pk=course.pk).delete()
    assert Certificate.objects.get() == certificate
    assert taken(client, certificate) == before
    assert "First title" in client.get(address("courses_certificate", certificate.pk)).content.decode()
    answer = client.get(address("courses_certificate_pdf", certificate.pk))
    assert (answer.content[:5], len(answer.content)) == (b"%PDF-", pytest.approx(len(printed), abs=50))
    told = visitor_client.get(address("courses_verify", certificate.pk), {"lang": "en"}).content.decode()
    assert ("This certificate is valid" in told, "First title" in told) == (True, True)
    achieved = verified(visitor_client, before)["credentialSubject"]["achievement"]
    public = visitor_client.get(achieved["id"].removeprefix(settings.BASE_URL)).json()
    assert {name: value for name, value in public.items() if name != "@context"} == achieved


# --- who


@pytest.mark.parametrize(
    ("who", "status"),
    [("promoter", 200), ("other_promoter", 404), ("trainer", 404), ("coordinator", 404), ("admin_user", 404), (None, 302)],
)
def test_badge_is_for_its_holder_alone(request, client_for, visitor_client, certificate, who, status):
    client = client_for(request.getfixturevalue(who)) if who else visitor_client
    assert client.get(address("courses_certificate_badge", certificate.pk)).status_code == status
    page = client.get(address("courses_certificate", certificate.pk)).content.decode()
    assert (address("courses_certificate_badge", certificate.pk) in page) is (status == 200)


def test_revoked_badge_is_not_given_and_the_list_says_so(client_for, promoter, coordinator, visitor_client, certificate):
    client, listed = client_for(promoter), reverse("courses_badge_revocations")
    claims = verified(visitor_client, taken(client, certificate))
    assert visitor_client.get(listed).json()["revokedCredential"] == []
    actions.revoke_certificate(certificate, reason="A secret reason", by=coordinator)
    assert client.get(address("courses_certificate_badge", certificate.pk)).status_code == 404
    assert "badge.jwt" not in client.get(address("courses_certificate", certificate.pk)).content.decode()
    answer = visitor_client.get(claims["credentialStatus"]["id"].removeprefix(settings.BASE_URL))
    assert answer.json() == {
        "id": claims["credentialStatus"]["id"],
        "issuer": claims["iss"],
        "revokedCredential": [{"id": claims["id"], "revoked": True}],
    }
    assert str(certificate.pk) not in answer.content.decode()


def test_expired_badge_is_still_given_and_says_until_when(client_for, promoter, visitor_client):
    now = timezone.now()
    expired = CertificateFactory(holder=promoter, issued_at=now - timedelta(days=9), expires_at=now - timedelta(days=1))
    assert verified(visitor_client, taken(client_for(promoter), expired))["exp"] < now.timestamp()


# --- what everybody reads


def test_what_a_credential_refers_to_answers_everybody_from_a_cache(visitor_client, certificate):
    achieved = reverse("courses_achievement", args=["course", certificate.subject_key, "fr"])
    key = visitor_client.get(reverse("signing_keys")).json()["keys"][-1]["kid"].removeprefix(settings.BASE_URL)
    for public in (achieved, reverse("courses_badge_issuer"), reverse("courses_badge_revocations"), reverse("signing_keys"), key):
        answer = visitor_client.get(public)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"].startswith("public, max-age=")
        assert not answer.cookies
        assert visitor_client.post(public).status_code in (403, 405)
    profile = visitor_client.get(reverse("courses_badge_issuer")).json()
    assert (profile["type"], profile["id"]) == (["Profile"], f"{settings.BASE_URL}/badges/issuer.json")
    assert "Élodie" not in visitor_client.get(achieved).content.decode()


@pytest.mark.parametrize("wrong", ["graduation/{0}/fr", "course/{0}/de", "course/6f1b7c1e-2d0a-4f0e-9a53-0c1d2e3f4a5b/fr"])
def test_unknown_achievement_is_not_there(visitor_client, certificate, wrong):
    assert visitor_client.get(f"/badges/achievements/{wrong.format(certificate.subject_key)}.json").status_code == 404
    assert visitor_client.get("/.well-known/keys/nothing.json").status_code == 404


def test_key_that_no_longer_signs_still_verifies(client_for, promoter, visitor_client, certificate, settings, tmp_path, monkeypatch):
    client = client_for(promoter)
    old = taken(client, certificate)
    monkeypatch.delenv("BADGE_KEYS", raising=False)
    settings.BADGE_KEYS = (*env.rsa_keys("BADGE_KEYS", tmp_path / "newer.pem"), *settings.BADGE_KEYS)
    new = taken(client, certificate)
    assert new.split(".")[0] != old.split(".")[0]
    assert verified(visitor_client, new) == verified(visitor_client, old)


def test_name_of_a_key_comes_from_itself(visitor_client):
    for key in visitor_client.get(reverse("signing_keys")).json()["keys"]:
        members = {name: key[name] for name in sorted(key) if name in ("e", "kty", "n", "crv", "x")}
        digest = hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == key["kid"].rsplit("/", 1)[-1].removesuffix(".json")
        assert "d" not in key


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_same_whatever_their_length(visitor_client, rows):
    for _row in range(rows):
        CertificateFactory(revoked_at=timezone.now(), revoked_reason="Wrong")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = visitor_client.get(reverse("courses_badge_revocations")).json()
    assert (len(found["revokedCredential"]), len(asked)) == (rows, 1)

"""Badges as a program reads them that is none of ours: PyJWT verifies the signature, and the members are those of the public schema.

What the schema of AchievementCredential asks (Open Badges 3.0 final, 1EdTech) is written down here in our own words, for the classes that we use:
which members an object of a class must have, and, where the class is closed, which it may have.
"""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from django.urls import reverse
from django.utils import timezone, translation

from courses.models import Certificate
from tests.factories.courses import CertificateFactory

pytestmark = pytest.mark.django_db

MUST = {
    "OpenBadgeCredential": {"@context", "id", "type", "credentialSubject", "issuer", "validFrom"},
    "AchievementSubject": {"type", "achievement"},
    "Achievement": {"id", "type", "criteria", "description", "name"},
    "Profile": {"id", "type"},
    "IdentityObject": {"type", "hashed", "identityHash", "identityType"},
    "Evidence": {"type"},
    "Related": {"id", "type"},
    "1EdTechRevocationList": {"id", "type"},
}
MAY = {  # an object of these classes has no other member
    "AchievementSubject": {
        "id", "activityEndDate", "activityStartDate", "creditsEarned", "identifier", "image", "licenseNumber", "narrative", "result", "role", "source", "term",
    },
    "IdentityObject": {"salt"},
    "Related": {"inLanguage", "version"},
}  # fmt: skip
IDENTITY_TYPES = {"name", "sourcedId", "systemId", "userName", "accountId", "emailAddress", "identifier"}


def at(name, *args, language="en"):
    with translation.override(language):
        return reverse(name, args=args)


def opened(client, token: str) -> dict:
    """As a verifier does it: the key is asked at the public address, by the name in the header."""
    keys = jwt.PyJWKSet.from_dict(client.get("/.well-known/jwks.json").json())
    kid = jwt.get_unverified_header(token)["kid"]
    key = next(key for key in keys.keys if key.key_id == kid)
    return jwt.decode(token, key, algorithms=["RS256"])


def taken(client, certificate, language="en") -> str:
    return client.get(at("courses_certificate_badge", certificate.pk, language=language)).content.decode("ascii")


def faults(value, at="") -> list[str]:
    """What an object of a class lacks, or has too much; the objects inside it too."""
    if isinstance(value, list):
        return [fault for number, one in enumerate(value) for fault in faults(one, f"{at}[{number}]")]
    if not isinstance(value, dict):
        return []
    found = [fault for name, one in value.items() for fault in faults(one, f"{at}.{name}")]
    types = value.get("type") or []
    for name in [types] if isinstance(types, str) else types:
        found += [f"{at} lacks {member}" for member in MUST.get(name, set()) - set(value)]
        if name in MAY:
            found += [f"{at} may not have {member}" for member in set(value) - MUST[name] - MAY[name]]
    return found


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "course", "subject_key": uuid4(), "expires_at": datetime(2036, 3, 1, tzinfo=UTC)},
        {"kind": "graduation", "subject_key": uuid4()},
        {"kind": "attendance"},
        {"kind": "course", "content": {"en": {"title": "T", "about": "A"}, "fr": {"title": "T", "about": "A"}}},
    ],
)
def test_another_program_verifies_it_and_finds_what_the_schema_asks(client_for, promoter, visitor_client, language, fields):
    certificate = CertificateFactory(holder=promoter, holder_name="Élodie Promoter", **fields)
    claims = opened(visitor_client, taken(client_for(promoter), certificate, language))
    assert faults(claims, "credential") == []
    assert {"VerifiableCredential", "OpenBadgeCredential"} <= set(claims["type"])
    assert claims["@context"][0] == "https://www.w3.org/ns/credentials/v2"  # the first one, says the data model
    assert {one["identityType"] for one in claims["credentialSubject"]["identifier"]} <= IDENTITY_TYPES
    for name in ("validFrom", "validUntil", "awardedDate"):
        assert name not in claims or datetime.fromisoformat(claims[name]).tzinfo is not None
    claimed = (claims["iss"], claims["jti"], claims["sub"], claims["nbf"], claims.get("exp"))
    until = datetime.fromisoformat(claims["validUntil"]).timestamp() if "validUntil" in claims else None
    since = datetime.fromisoformat(claims["validFrom"]).timestamp()
    assert claimed == (claims["issuer"]["id"], claims["id"], claims["credentialSubject"]["id"], since, until)


def test_check_of_members_finds_what_is_wrong():
    subject = {"type": ["AchievementSubject"], "achievement": {"id": "a", "type": ["Achievement"], "name": "N"}, "nickname": "P"}
    assert sorted(faults(subject, "subject")) == [
        "subject may not have nickname",
        "subject.achievement lacks criteria",
        "subject.achievement lacks description",
    ]


def test_another_program_refuses_a_changed_word_another_key_and_what_has_expired(client_for, promoter, visitor_client):
    client = client_for(promoter)
    token = taken(client, CertificateFactory(holder=promoter))
    header, claims, signature = token.split(".")
    with pytest.raises(jwt.InvalidSignatureError):
        opened(visitor_client, f"{header}.{claims[:-4]}{'AAAA' if claims[-4:] != 'AAAA' else 'BBBB'}.{signature}")
    keys = visitor_client.get("/.well-known/jwks.json").json()["keys"]
    feed = next(jwt.PyJWK.from_dict(key) for key in keys if key["alg"] == "EdDSA")
    with pytest.raises(jwt.PyJWTError):
        jwt.decode(token, feed, algorithms=["EdDSA", "RS256"])
    long_ago = timezone.now() - timedelta(days=800)
    over = CertificateFactory(holder=promoter, kind=Certificate.Kind.COURSE, issued_at=long_ago, expires_at=long_ago + timedelta(days=365))
    with pytest.raises(jwt.ExpiredSignatureError):
        opened(visitor_client, taken(client, over))

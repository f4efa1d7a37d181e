"""A certificate as an Open Badges 3.0 credential: a W3C verifiable credential, signed as a JWT, that a person keeps in a wallet (decision 0025).

Its words are the frozen ones of the certificate, so that it is the same each time it is taken. One credential per language, under one id:
for a wallet they are the same one. The id comes from the certificate's number but does not tell it: the list of the revoked is public,
and whoever knows a number reads a name at `/verify/`.
"""

from datetime import UTC, datetime
from uuid import UUID, uuid5

from django.conf import settings
from django.urls import reverse

from academy import signing
from courses.models import Certificate

NAMES = UUID("7c0b2a0e-3f5d-5c6e-8a41-6d2f1b9e4c58")  # of the ids of credentials, for ever
CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
TYPES = {Certificate.Kind.COURSE: "CertificateOfCompletion"}  # in the vocabulary of Open Badges; the others are "Certificate"
NOBODY_SAID = "Smart Academy"  # the issuer of a certificate whose words name none


def address(name: str, *args) -> str:
    return settings.BASE_URL.rstrip("/") + reverse(name, args=args)


def credential_id(number: UUID) -> str:
    return f"urn:uuid:{uuid5(NAMES, str(number))}"


def _moment(at: datetime) -> str:
    """To the second, as the claims of a JWT count."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _profile(name: str) -> dict:
    return {"id": address("courses_badge_issuer"), "type": ["Profile"], "name": name, "url": settings.BASE_URL}


def issuer(name: str) -> dict:
    return {"@context": CONTEXT, **_profile(name)}


def _words(certificate: Certificate, language: str) -> dict:
    return certificate.content.get(language) or certificate.words


def achievement(certificate: Certificate, language: str) -> dict:
    """What was achieved. The same for everybody who achieved it: nothing of its holder, and each language is an edition of its own."""
    words, subject = _words(certificate, language), certificate.subject_key or certificate.pk
    said = " · ".join(filter(None, [words.get("statement") or words["title"], words["about"]]))
    return {
        "id": address("courses_achievement", certificate.kind, subject, language),
        "type": ["Achievement"],
        "achievementType": TYPES.get(certificate.kind, "Certificate"),
        "name": f"{words['title']} · {words['about']}",
        "description": said,
        "criteria": {"narrative": said},
        "inLanguage": language,
        "related": [
            {"id": address("courses_achievement", certificate.kind, subject, other), "type": ["Related"], "inLanguage": other}
            for other, _name in settings.LANGUAGES
            if other != language
        ],
    }


def credential(certificate: Certificate, language: str) -> dict:
    words, valid_from = _words(certificate, language), _moment(certificate.issued_at)
    made = {
        "@context": CONTEXT,
        "id": credential_id(certificate.pk),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{words['title']} · {words['about']}",
        "issuer": _profile(words.get("organisation") or NOBODY_SAID),
        "validFrom": valid_from,
        "awardedDate": valid_from,
        "credentialSubject": {
            "id": f"urn:uuid:{uuid5(NAMES, f'{certificate.pk}/holder')}",
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "hashed": False, "identityHash": certificate.holder_name, "identityType": "name"},
            ],
            "achievement": achievement(certificate, language),
        },
        "evidence": [{"id": certificate.verify_url, "type": ["Evidence"], "name": words["title"]}],
        "credentialStatus": {"id": address("courses_badge_revocations"), "type": "1EdTechRevocationList"},
    }
    if certificate.expires_at:
        made["validUntil"] = _moment(certificate.expires_at)
    return made


def signed(certificate: Certificate, *, language: str) -> str:
    """The credential with the claims of a JWT beside its properties, as Open Badges 3.0 §8.2 has it."""
    made = credential(certificate, language)
    claims = {
        "iss": made["issuer"]["id"],
        "jti": made["id"],
        "sub": made["credentialSubject"]["id"],
        "nbf": int(certificate.issued_at.timestamp()),
    }
    if certificate.expires_at:
        claims["exp"] = int(certificate.expires_at.timestamp())
    return signing.jwt(made | claims)


def revocations() -> dict:
    revoked = Certificate.objects.filter(revoked_at__isnull=False).order_by("revoked_at", "pk").values_list("pk", flat=True)
    return {
        "id": address("courses_badge_revocations"),
        "issuer": address("courses_badge_issuer"),
        "revokedCredential": [{"id": credential_id(number), "revoked": True} for number in revoked],
    }

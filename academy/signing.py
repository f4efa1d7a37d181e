"""What the Academy signs, so that somebody who has never met it can check it: with a public key, and any JOSE library.

Two keys, both outside git. `XAPI_KEY` (Ed25519) signs the feed of statements; it may change at any time. `BADGE_KEYS` (RSA) signs the
credentials that people keep: the first key signs, those after it only go on being published, so that what they signed still verifies.
Every public key is in `/.well-known/jwks.json`, and each badge key at an address of its own, which is its name (decision 0025).
"""

import base64
import hashlib
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.conf import settings
from django.urls import reverse


def _coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _thumbprint(members: dict[str, str]) -> str:
    """The name that a key has from itself (RFC 7638)."""
    return _coded(hashlib.sha256(_compact(dict(sorted(members.items())))).digest())


def public_keys() -> list[dict]:
    """As JWKs, without anything private."""
    return [feed_key(), *badge_keys().values()]


# --- the feed: a detached JWS (RFC 7515, appendix F) with Ed25519 (RFC 8037) over the very bytes


def _feed_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(settings.XAPI_KEY.encode()).digest())


def feed_key() -> dict:
    members = {"kty": "OKP", "crv": "Ed25519", "x": _coded(_feed_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))}
    return {**members, "use": "sig", "alg": "EdDSA", "kid": _thumbprint(members)}


def detached(content: bytes) -> str:
    """`header..signature`: put the base64url of the content between the two points, and any JWS library verifies it."""
    header = _coded(_compact({"alg": "EdDSA", "kid": feed_key()["kid"], "typ": "JOSE"}))
    return f"{header}..{_coded(_feed_key().sign(f'{header}.{_coded(content)}'.encode()))}"


# --- badges: a JWT in compact form with RS256, which every reader of Open Badges 3.0 must know


@cache
def _loaded(pem: str) -> RSAPrivateKey:
    return load_pem_private_key(pem.encode(), password=None)


def badge_keys() -> dict[str, dict]:
    """The public halves under their thumbprints, the one that signs first. `kid` is the address that gives the key alone."""
    found = {}
    for pem in settings.BADGE_KEYS:
        numbers = _loaded(pem).public_key().public_numbers()
        members = {"kty": "RSA"} | {
            name: _coded(number.to_bytes((number.bit_length() + 7) // 8, "big")) for name, number in (("n", numbers.n), ("e", numbers.e))
        }
        name = _thumbprint(members)
        address = settings.BASE_URL.rstrip("/") + reverse("signing_key", args=[name])
        found[name] = {**members, "use": "sig", "alg": "RS256", "kid": address}
    return found


def jwt(claims: dict) -> str:
    """`header.claims.signature`. The same claims give the same text."""
    kid = next(iter(badge_keys().values()))["kid"]
    signed = f"{_coded(_compact({'alg': 'RS256', 'kid': kid, 'typ': 'JWT'}))}.{_coded(_compact(claims))}"
    return f"{signed}.{_coded(_loaded(settings.BADGE_KEYS[0]).sign(signed.encode(), PKCS1v15(), SHA256()))}"

"""Facts of a passport, sealed: what the database, its backups and its exports hold cannot be read without the keys of this machine.

`VISA_KEYS` is a list: the first seals, each opens, so that a key can be replaced while what the old one sealed is still needed.
"""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class CannotBeOpened(Exception):
    """Sealed with a key that this machine does not have, or not about this row."""


@lru_cache(maxsize=8)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    boxes = []
    for key in keys:
        derived = HKDF(SHA256(), length=32, salt=b"smart-academy", info=b"visa data, 1").derive(key.encode())
        boxes.append(Fernet(base64.urlsafe_b64encode(derived)))
    return MultiFernet(boxes)


def seal(facts: dict[str, str], *, about: UUID) -> str:
    """`about`: the row that will hold it; moved into another row it does not open."""
    return _box(tuple(settings.VISA_KEYS)).encrypt(json.dumps({"about": str(about), "facts": facts}).encode()).decode()


def unseal(sealed: str, *, about: UUID) -> dict[str, str]:
    try:
        found = json.loads(_box(tuple(settings.VISA_KEYS)).decrypt(sealed.encode()))
    except InvalidToken:
        raise CannotBeOpened from None
    if found["about"] != str(about):
        raise CannotBeOpened
    return found["facts"]

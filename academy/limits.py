"""How often somebody may try something that could be guessed."""

import hashlib

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


def _key(request: HttpRequest, name: str, who: str = "") -> str:
    """Of this person; of this visitor where something says `who` it is, that they cannot make up themselves; else of this address."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"limit:{name}:user-{user.pk}"
    return f"limit:{name}:{f'device-{_short(who)}' if who else f'from-{get_adapter(request).get_client_ip(request)}'}"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def tries_too_often(request: HttpRequest, name: str, *, most: int, seconds: int, who: str = "", what: str = "") -> bool:
    """Counts one try of this person (or of this address, for a visitor) and says whether there were more than `most` lately.

    `what` was tried: the same once more is no other try.
    """
    key = _key(request, name, who)
    if what and not cache.add(f"{key}:{_short(what)}", 1, seconds):
        return has_tried_too_often(request, name, most=most + 1, who=who)
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) > most
    except ValueError:  # it ran out between the two
        return False


def has_tried_too_often(request: HttpRequest, name: str, *, most: int, who: str = "") -> bool:
    """Whether `most` tries were counted lately. Counts none: for what counts only the wrong ones."""
    return cache.get(_key(request, name, who), 0) >= most

"""How often somebody may try something that could be guessed."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


def _key(request: HttpRequest, name: str) -> str:
    """Of this person, or of this address for a visitor."""
    user = getattr(request, "user", None)
    who = f"user-{user.pk}" if user is not None and user.is_authenticated else f"from-{get_adapter(request).get_client_ip(request)}"
    return f"limit:{name}:{who}"


def tries_too_often(request: HttpRequest, name: str, *, most: int, seconds: int) -> bool:
    """Counts one try of this person (or of this address, for a visitor) and says whether there were more than `most` lately."""
    key = _key(request, name)
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) > most
    except ValueError:  # it ran out between the two
        return False


def has_tried_too_often(request: HttpRequest, name: str, *, most: int) -> bool:
    """Whether `most` tries were counted lately. Counts none: for what counts only the wrong ones."""
    return cache.get(_key(request, name), 0) >= most

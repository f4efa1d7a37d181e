"""How often somebody may try something that could be guessed."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


def tries_too_often(request: HttpRequest, name: str, *, most: int, seconds: int) -> bool:
    """Counts one try of this person (or of this address, for a visitor) and says whether there were more than `most` lately."""
    user = getattr(request, "user", None)
    who = f"user-{user.pk}" if user is not None and user.is_authenticated else f"from-{get_adapter(request).get_client_ip(request)}"
    key = f"limit:{name}:{who}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) > most
    except ValueError:  # it ran out between the two
        return False

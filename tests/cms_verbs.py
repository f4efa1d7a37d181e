"""What the CMS asks twice: first what would be written, then whether it may leave."""

from django.http import HttpResponse
from django.test import Client


def sure(client: Client, address: str, data: dict | None = None) -> HttpResponse:
    """Looks at the letters of a verb, and lets them leave as they were shown."""
    shown = client.post(address, data or {})
    return client.post(address, {**(data or {}), "letters": shown.context["stamp"]})

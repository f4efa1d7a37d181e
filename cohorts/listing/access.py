"""Whose the list is."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from academy.permissions import is_coordinator


def require_coordinator(request: HttpRequest) -> None:
    """The list is a coordinator's; each row of it is asked for besides."""
    if not is_coordinator(request.user):
        raise PermissionDenied

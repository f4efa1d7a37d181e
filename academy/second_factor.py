"""Staff and their second factor: asked for by default, required when REQUIRE_STAFF_MFA says so (decision 0011)."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import MiddlewareNotUsed
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from academy.permissions import is_staff_member

# Where somebody without one may go: to set it up, to leave, and what those pages need.
OPEN = ("/accounts/", "/static/", "/brand.css", "/healthz", "/readyz")


def lacks_second_factor(user: Any) -> bool:
    """Staff who sign in with a password alone. Recovery codes are no factor of their own."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return is_staff_member(user) and not Authenticator.objects.filter(user=user, type__in=kinds).exists()


class RequireSecondFactorMiddleware:
    """Leads staff without a second factor to the page where they set it up. Costs nothing when it is not required."""

    def __init__(self, get_response):
        if not settings.REQUIRE_STAFF_MFA:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info.startswith(OPEN) or not request.user.is_authenticated or not lacks_second_factor(request.user):
            return self.get_response(request)
        messages.warning(request, _("Set up a second factor first: it is required of everyone who works with other people’s files."))
        return redirect("mfa_index")

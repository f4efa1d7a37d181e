"""Content security policies, two by path: strict on the site, and on the CMS without inline script (decision 0005).

Named after Django 6's `SECURE_CSP`, so that moving there is a deletion.
"""

from collections.abc import Mapping, Sequence

from django.conf import settings

HEADER = "Content-Security-Policy"
PERMISSIONS = "Permissions-Policy"
CLOSED = {"camera": "()", "geolocation": "()", "microphone": "()", "payment": "()", "usb": "()"}


def permissions(**opened: str) -> str:
    """What a page may use of the device: nothing, except what it opens for itself."""
    return ", ".join(f"{name}={value}" for name, value in {**CLOSED, **opened}.items())


def with_camera(response):
    """For the one page that reads badges; its own script alone, never a frame."""
    response.headers[PERMISSIONS] = permissions(camera="(self)")
    return response


def build_policy(directives: Mapping[str, Sequence[str]]) -> str:
    """`{"default-src": ["'self'"]}` becomes `default-src 'self'`. A directive with an empty list stands alone."""
    return "; ".join(" ".join([name, *values]) for name, values in directives.items())


class ContentSecurityPolicyMiddleware:
    """Gives every answer its policy, errors included. An answer that brings a stricter one of its own (a document) keeps it."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.site = build_policy(settings.SECURE_CSP)
        self.cms = build_policy(settings.SECURE_CSP_CMS)

    def __call__(self, request):
        response = self.get_response(request)
        if HEADER not in response.headers:
            response.headers[HEADER] = self.cms if request.path_info.startswith("/cms/") else self.site
        response.headers.setdefault(PERMISSIONS, permissions())
        return response

"""Open Badges: the credential for its holder; for everybody, what it refers to."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from courses import badges
from courses.certificates import organisation_name
from courses.models import Certificate
from courses.permissions import can_take_badge


@require_GET
@never_cache
@login_required
def badge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """In the language of the address. One that was revoked is not given any more."""
    found = get_object_or_404(Certificate.objects.for_user(request.user), pk=pk)
    if not can_take_badge(request.user, found):
        raise Http404
    language = get_language()
    return HttpResponse(
        badges.signed(found, language=language),
        content_type="application/vc+jwt",
        headers={"Content-Disposition": f'attachment; filename="badge-{str(found.pk)[:8]}-{language}.jwt"'},
    )


def _published(data: dict, seconds: int) -> JsonResponse:
    """For wallets and verifiers of others, also in a browser."""
    headers = {"Cache-Control": f"public, max-age={seconds}", "Access-Control-Allow-Origin": "*", "X-Robots-Tag": "noindex"}
    return JsonResponse(data, headers=headers)


@require_safe
def issuer(request: HttpRequest) -> HttpResponse:
    return _published(badges.issuer(organisation_name()), 3600)


@require_safe
def achievement(request: HttpRequest, kind: str, subject: UUID, language: str) -> HttpResponse:
    """In the words of the newest certificate about it: the course itself may be gone."""
    found = Certificate.objects.about(kind, subject).order_by("-issued_at", "pk").first()
    if found is None or language not in dict(settings.LANGUAGES):
        raise Http404
    return _published({"@context": badges.CONTEXT, **badges.achievement(found, language)}, 3600)


@require_safe
def revocations(request: HttpRequest) -> HttpResponse:
    return _published(badges.revocations(), 300)

"""The feed of xAPI statements: read by a machine with its token, a page at a time."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from academy import signing
from academy.limits import tries_too_often
from courses import xapi
from courses.models import FeedToken

MOST, USUAL = 500, 200
WRONG_TOKENS, READS, SECONDS = 20, 600, 600  # a reader asks sixty times a minute at most


def _refused(status: int, why: str) -> HttpResponse:
    answer = JsonResponse({"error": why}, status=status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="xapi"'
    return answer


@csrf_exempt
@never_cache
@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """`?limit=` (to 500) and `?since=` (a moment in ISO 8601); `more` leads to the next page, as in an LRS."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    token = FeedToken.objects.opened_by(secret.strip()).first() if kind.lower() == "bearer" else None
    if token is None:
        if tries_too_often(request, "xapi.wrong", most=WRONG_TOKENS, seconds=SECONDS):
            return _refused(429, "Too many wrong tokens.")
        return _refused(401, "Send a token that a coordinator made: Authorization: Bearer …")
    if tries_too_often(request, f"xapi.{token.pk}", most=READS, seconds=SECONDS):
        return _refused(429, "Too many reads. Wait some minutes.")
    FeedToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now())
    try:
        after = int(request.GET.get("after") or 0)
        limit = int(request.GET.get("limit") or USUAL)
        since = _moment(request.GET.get("since"))
    except ValueError:
        return _refused(400, "after and limit are numbers, since is a moment such as 2026-11-26T12:00:00Z.")
    if not (0 <= after < 2**62 and 1 <= limit <= MOST):
        return _refused(400, f"limit goes from 1 to {MOST}.")
    batch = xapi.statements(after=after, since=since, limit=limit, with_email=token.with_email)
    more = ""
    if batch.after is not None:
        query = request.GET.copy()
        query["after"] = str(batch.after)
        more = f"{request.path}?{query.urlencode()}"
    body = json.dumps({"statements": batch.statements, "more": more}, ensure_ascii=False).encode()
    headers = {
        "X-Experience-API-Version": xapi.VERSION,
        "X-JWS-Signature": signing.detached(body),
        "Link": f'<{settings.BASE_URL.rstrip("/")}{reverse("signing_keys")}>; rel="jwks"',
        "X-Robots-Tag": "noindex",
    }
    return HttpResponse(body, content_type="application/json; charset=utf-8", headers=headers)


def _moment(text: str | None):
    if not text:
        return None
    moment = parse_datetime(text.replace(" ", "+"))  # a plus sign that nobody encoded
    if moment is None:
        raise ValueError(text)
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)

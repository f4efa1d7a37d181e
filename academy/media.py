"""Pictures from the media folder, and nothing else from it. Files go through `/documents/…`, which asks who reads.

A web server may take over `/media/images/`; it must never serve `/media/` whole (stack.md §6).
"""

from pathlib import Path, PurePosixPath

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from django.views.static import serve

PICTURES = {".avif", ".gif", ".jpg", ".jpeg", ".png", ".webp"}


@require_safe
def picture(request: HttpRequest, path: str) -> HttpResponse:
    """One size of a picture. Its name changes when it does, so whoever has it may keep it."""
    if PurePosixPath(path).suffix.lower() not in PICTURES:
        raise Http404
    response = serve(request, path, document_root=Path(settings.MEDIA_ROOT) / "images")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response

"""The views that give a page as PDF or markdown and a section as a zip, to whoever may read it and nobody else."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from academy.privacy import hidden_for
from wiki.exports import bundle_of, markdown_page, zip_of
from wiki.models import WikiPage, WikiSection
from wiki.printing import pdf_of


def _readable(model: type, page_id: int, request: HttpRequest) -> Any:
    """The page as this person would open it: a visitor signs in first, anybody else who may not read it finds nothing."""
    page = get_object_or_404(model.objects.live().select_related("locale"), pk=page_id).specific
    if hidden_for(request).hides(page):
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.get_full_path())
    return page


def _give(response: Any, request: HttpRequest, name: str) -> Any:
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    response.headers["Cache-Control"] = "private, no-store" if request.user.is_authenticated else "no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def page_markdown(request: HttpRequest, page_id: int) -> HttpResponse:
    page = _readable(WikiPage, page_id, request)
    if isinstance(page, HttpResponse):
        return page
    with translation.override(page.locale.language_code):
        text = markdown_page(page, request)
    return _give(HttpResponse(text, content_type="text/markdown; charset=utf-8"), request, f"{page.slug}.md")


@require_safe
def page_pdf(request: HttpRequest, page_id: int) -> HttpResponse:
    page = _readable(WikiPage, page_id, request)
    if isinstance(page, HttpResponse):
        return page
    with translation.override(page.locale.language_code):
        content = pdf_of(page, request, language=page.locale.language_code)
    return _give(HttpResponse(content, content_type="application/pdf"), request, f"{page.slug}.pdf")


@require_safe
def section_zip(request: HttpRequest, page_id: int) -> HttpResponse | StreamingHttpResponse:
    section = _readable(WikiSection, page_id, request)
    if isinstance(section, HttpResponse):
        return section
    bundle = bundle_of(section, request)

    def pieces() -> Iterator[bytes]:
        with translation.override(section.locale.language_code):
            yield from zip_of(bundle)

    return _give(StreamingHttpResponse(pieces(), content_type="application/zip"), request, f"{section.slug}.zip")

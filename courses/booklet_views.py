"""A module taken along, by whoever may read it: to print, as PDF, as EPUB."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from academy.remembered import remembered
from courses import booklet
from courses.access import readable_module
from courses.checks import paper_of
from courses.models import ModulePage, QuizPage
from courses.questions import questions_of
from courses.syllabus import page_address


def _booklet(request: HttpRequest, key: UUID) -> Any:
    """A visitor may sign in first, where the module is for others than everybody."""
    module = readable_module(request.user, key)
    if module is not None:
        return booklet.booklet_of(module, request)
    if not request.user.is_authenticated and ModulePage.objects.live().filter(translation_key=key).exists():
        return redirect_to_login(request.get_full_path())
    raise Http404


def _give(found: booklet.Booklet, content: bytes, kind: str, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{slugify(found.module.title) or 'module'}.{ending}")
    response.headers["Cache-Control"] = "private, no-store" if found.request.user.is_authenticated else "no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def module_print(request: HttpRequest, key: UUID) -> HttpResponse:
    found = _booklet(request, key)
    if isinstance(found, HttpResponse):
        return found
    module = found.module
    found.read_ahead()
    online = booklet.counted_in_words()
    parts = [
        (page, None, online) if page.path in found.online else (page, _papers(page, request) if isinstance(page, QuizPage) else None, "")
        for page in found.activities
    ]
    crumbs = [(module.title, page_address(module.locale.language_code, module.url_path)), (_("The whole module"), "")]
    response = render(request, "courses/booklet.html", {"booklet": found, "module_page": module, "parts": parts, "crumbs": crumbs})
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _papers(quiz: QuizPage, request: HttpRequest) -> list[dict]:
    return remembered(request, ("papers", quiz.pk, quiz.last_published_at), lambda: [paper_of(one) for one in questions_of(quiz)])


def _file(request: HttpRequest, key: UUID, make: Callable[[booklet.Booklet], bytes], kind: str, ending: str) -> HttpResponse:
    found = _booklet(request, key)
    if isinstance(found, HttpResponse):
        return found
    with translation.override(found.module.locale.language_code):
        return _give(found, make(found), kind, ending)


@require_safe
def module_pdf(request: HttpRequest, key: UUID) -> HttpResponse:
    return _file(request, key, booklet.pdf, "application/pdf", "pdf")


@require_safe
def module_epub(request: HttpRequest, key: UUID) -> HttpResponse:
    return _file(request, key, booklet.epub, "application/epub+zip", "epub")

"""Short links, and doors to pages by their number: who is led where."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from wagtail.models import Locale, Page

from academy.links.models import ShortLink
from academy.links.redirects import ask_to_sign_in
from academy.privacy import hidden_for


def reader_language(request: HttpRequest) -> str:
    """Account, else cookie, else browser, else French."""
    language = request.user.language if request.user.is_authenticated else translation.get_language_from_request(request)
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _in_language(page: Page, language: str) -> Page:
    """The translation that is published, else the page itself."""
    locale = Locale.objects.filter(language_code=language).first()
    if locale is None or locale.pk == page.locale_id:
        return page
    return Page.objects.live().filter(translation_key=page.translation_key, locale=locale).first() or page


@require_safe
def go(request: HttpRequest, slug: str) -> HttpResponse:
    """Leads on. What the reader may not open stays unknown: a visitor is asked to sign in, here; somebody else is told nothing."""
    link = ShortLink.objects.select_related("page", "document__collection").filter(slug=slug.lower()).first()
    if link is None:
        raise Http404
    if link.page is not None:
        page = _in_language(link.page, reader_language(request))
        if not page.live:
            raise Http404
        closed, address = hidden_for(request).hides(page), page.get_url(request)
    else:
        rules = link.document.collection.get_view_restrictions()
        closed, address = any(not rule.accept_request(request) for rule in rules), link.document.url
    if closed and not request.user.is_authenticated:
        return ask_to_sign_in(request)
    if closed or not address:
        raise Http404
    return _lead(request, address)


@require_safe
def page_door(request: HttpRequest, number: int) -> HttpResponse:
    """Where a text for all leads to a page that some of its readers may not open: its address is said to those who may (decision 0021)."""
    page = Page.objects.live().filter(pk=number).first()
    closed = page is not None and hidden_for(request).hides(page)
    if closed and not request.user.is_authenticated:
        return ask_to_sign_in(request)
    address = page.get_url(request) if page is not None and not closed else None
    if not address:
        raise Http404
    return _lead(request, address)


def _lead(request: HttpRequest, address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response.headers["Cache-Control"] = "private, no-cache" if request.user.is_authenticated else "no-cache"
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response

"""The wiki's own pages beside Wagtail's: search."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from wagtail.models import Locale, Page

from academy.privacy import hidden_for
from wiki.search import cleaned, find_pages

HITS_A_PAGE = 20


def search(request: HttpRequest) -> HttpResponse:
    query = cleaned(request.GET.get("q", ""))
    found = find_pages(query, hidden=hidden_for(request), locale=Locale.get_active())
    page = Paginator(found, HITS_A_PAGE).get_page(request.GET.get("page"))
    specific = {one.pk: one for one in Page.objects.filter(pk__in=[hit.pk for hit in page]).specific().defer_streamfields()} if page else {}
    hits = [(hit, hit.get_url(request), getattr(specific.get(hit.pk), "listing_summary", "")) for hit in page]
    return render(request, "wiki/search.html", {"query": query, "hits": hits, "page_obj": page, "total": page.paginator.count})

"""The wiki's own pages beside Wagtail's: search, and the comparison of monographs."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from wagtail.models import Locale, Page

from academy.privacy import hidden_for
from wiki.comparison import sources_of
from wiki.figures import MONEY, Indicator, best_year, compare, indicator_or_default, years_given
from wiki.search import cleaned, find_pages

HITS_A_PAGE = 20


def search(request: HttpRequest) -> HttpResponse:
    query = cleaned(request.GET.get("q", ""))
    found = find_pages(query, hidden=hidden_for(request), locale=Locale.get_active())
    page = Paginator(found, HITS_A_PAGE).get_page(request.GET.get("page"))
    specific = {one.pk: one for one in Page.objects.filter(pk__in=[hit.pk for hit in page]).specific().defer_streamfields()} if page else {}
    hits = [(hit, hit.get_url(request), getattr(specific.get(hit.pk), "listing_summary", "")) for hit in page]
    return render(request, "wiki/search.html", {"query": query, "hits": hits, "page_obj": page, "total": page.paginator.count})


@require_safe
def compare_monographs(request: HttpRequest) -> HttpResponse:
    """One indicator over all the monographs that this person may read: a table, and charts of what may stand side by side."""
    indicator = indicator_or_default(request.GET.get("indicator", ""))
    sources = sources_of(indicator, request)
    years = years_given(sources)
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) < 5 and int(asked) in years else best_year(sources)
    context = {
        "indicator": Indicator(indicator),
        "indicators": Indicator.choices,
        "years": years,
        "year": year,
        "comparison": compare(sources, indicator=indicator, year=year) if year else None,
        "is_money": indicator in MONEY,
    }
    return render(request, "wiki/compare.html", context)

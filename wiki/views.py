"""The wiki's own pages beside Wagtail's: the comparison of monographs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wiki.comparison import sources_of
from wiki.figures import MONEY, Indicator, best_year, compare, indicator_or_default, years_given


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

"""The wiki's own pages beside Wagtail's: the comparison of monographs, and *I have read this*."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from academy.http import refuse_politely
from academy.privacy import hidden_for
from wiki import actions
from wiki.comparison import sources_of
from wiki.figures import MONEY, Indicator, best_year, compare, indicator_or_default, years_given
from wiki.models import WikiPage
from wiki.receipts import is_asked


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


@require_POST
@login_required
@refuse_politely
def confirm_read(request: HttpRequest, page_id: int) -> HttpResponse:
    """Heard of a page that the reader may see and that somebody asks to be read; back to its end."""
    page = get_object_or_404(hidden_for(request).exclude_from(WikiPage.objects.live()).select_related("locale"), pk=page_id)
    if not is_asked(page):
        raise Http404
    actions.confirm_read(page, by=request.user)
    messages.success(request, _("Noted: you have read “%(page)s”.") % {"page": page.title})
    return redirect(f"{page.get_url(request)}#receipt")

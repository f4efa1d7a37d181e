"""Deciding on a whole cohort in the CMS: the board of what is prepared, then every letter as it will be read, and one release."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods
from wagtail.admin import messages

from academy.http import as_uuid
from academy.rules import RuleViolation
from cohorts.actions import release_together
from cohorts.cms_results import cohort_crumbs, cohort_or_404, number
from cohorts.deliberation import Board, board_of, release_of
from cohorts.models import Cohort, Determination

ROWS = 50
SHOWS = {
    "": lambda row: True,
    "undecided": lambda row: row.is_undecided,
    "prepared": lambda row: row.pending is not None,
    "unsigned": lambda row: row.is_unsigned,
    "reserve": lambda row: row.rank is not None,
    "told": lambda row: row.in_force is not None,
    "late": lambda row: row.answer_is_late,
}


def _labels() -> dict[str, str]:
    return {
        "": _("All"),
        "undecided": _("Undecided"),
        "prepared": _("Prepared"),
        "unsigned": _("Unsigned"),
        "reserve": _("Reserve list, in its order"),
        "told": _("Told"),
        "late": _("No answer in time"),
    }


@require_GET
def board(request: HttpRequest, pk) -> HttpResponse:
    """Who is prepared as what, what that takes of the places, what is unsigned and what is undecided (`?show=…`)."""
    cohort = cohort_or_404(request, pk)
    found = board_of(cohort, reader=request.user)
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ""
    rows = [row for row in found.standings if SHOWS[show](row)]
    if show == "reserve":
        rows.sort(key=lambda row: row.rank)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    labels = _labels()
    context = {
        "cohort": cohort,
        "board": found,
        "prepared": sum(row.pending is not None for row in found.standings),
        "outcomes": _outcomes(found),
        "rows": [(row, number(row.line.mean)) for row in page.object_list],
        "page": page,
        "shows": [(name, labels[name], sum(holds(row) for row in found.standings)) for name, holds in SHOWS.items()],
        "show": show,
        "header_title": _("Deliberation"),
        "header_icon": "group",
        "breadcrumbs_items": cohort_crumbs(cohort, (_("Deliberation"), "")),
    }
    return render(request, "cohorts/cms/deliberation.html", context)


def _outcomes(found: Board) -> list[tuple[str, int]]:
    """How many are prepared as what; nothing of what nobody is prepared as."""
    return [(outcome.label, found.counts[outcome]) for outcome in Determination.ADMISSION_OUTCOMES if found.counts[outcome]]


@require_http_methods(["GET", "POST"])
def letters(request: HttpRequest, pk) -> HttpResponse:
    """Every letter, and what speaks against sending it; posted, all that is ticked is told at once (`?only=…`: of some decisions)."""
    cohort = cohort_or_404(request, pk)
    found = release_of(cohort, reader=request.user, only=request.GET.getlist("only"))
    ticked = [str(row.determination.pk) for row in found.prepared if not row.stops]
    refused = ""
    if request.method == "POST":
        ticked = request.POST.getlist("decision")
        refused = _release(request, cohort, ticked)
        if not refused:
            return redirect("cohorts_cms_deliberation", pk=cohort.pk)
    context = {
        "cohort": cohort,
        "release": found,
        "ticked": ticked,
        "refused": refused,
        "order_reason": request.POST.get("order_reason", ""),
        "people": len({person.pk for row in found.prepared for copy in row.copies for person in copy.people}),
        "replaced": [row for row in found.prepared if row.sent or row.cancelled],
        "header_title": _("Letters before they leave"),
        "header_icon": "mail",
        "breadcrumbs_items": cohort_crumbs(
            cohort,
            (_("Deliberation"), reverse("cohorts_cms_deliberation", args=[cohort.pk])),
            (_("Letters before they leave"), ""),
        ),
    }
    return render(request, "cohorts/cms/letters.html", context, status=422 if refused else 200)


def _release(request: HttpRequest, cohort: Cohort, ticked: list[str]) -> str:
    """Tells what was ticked. Gives back why not, in words; empty when it is done, now or by an earlier click."""
    keys = {as_uuid(key) for key in ticked} - {None}
    if not keys:
        return _("Tick at least one decision.")
    told = Determination.objects.for_user(request.user).released().filter(application__cohort=cohort, pk__in=keys).count()
    if told < len(keys) and not request.POST.get("read"):
        return _("Say that you have read the letters: what is released is not taken back.")
    said = {"order_reason": request.POST.get("order_reason", ""), "stamp": request.POST.get("stamp", "")}
    try:
        done = release_together(cohort, by=request.user, determinations=keys, only=request.GET.getlist("only"), **said)
    except RuleViolation as refusal:
        return str(refusal)
    if not done.now:
        messages.info(request, _("This was released already: nothing was sent twice."))
        return ""
    words = ngettext("%(n)s decision is told.", "%(n)s decisions are told.", len(done.now)) % {"n": len(done.now)}
    messages.success(request, words)
    return ""

"""The list of applications in the CMS: the page, the form of all that narrows it, and the same rows as a file."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from academy.cms_verbs import crumbs
from academy.http import render_around
from academy.sheets import FORMATS, stream
from cohorts.listing.access import require_coordinator
from cohorts.listing.acts import ACTS
from cohorts.listing.facts import read_facts
from cohorts.listing.rows import Row
from cohorts.listing.saved import shown_views
from cohorts.listing.shown import Listing, kept_part, listing_of, with_parts

PARCEL = 100  # rows of a file that are read at once


class Counted:
    """As many as there are, for a paginator that has its rows already."""

    def __init__(self, number: int):
        self.number = number

    def __len__(self) -> int:
        return self.number


def page_number(request: HttpRequest) -> int:
    typed = request.GET.get("page", "")
    return max(1, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 1


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The list, or the same rows as a file (`?export=csv`, `?export=xlsx`)."""
    require_coordinator(request)
    listing = listing_of(request.user, request.GET)
    kind = request.GET.get("export")
    if kind in FORMATS:
        return stream(kind, _("applications"), table(listing))
    number = page_number(request)
    found, total = listing.page(number)
    if not found and total:  # there are fewer pages than there were
        return redirect(f"{reverse('applications:index')}{with_parts(request.GET)}")
    page = Page(found, number, Paginator(Counted(total), listing.page_size))
    context = {
        "listing": listing,
        "page": page,
        "total": total,
        "heads": heads(listing),
        "quick": quick(listing),
        "views": shown_views(request),
        "acts": ACTS,
        "exports": [(name.upper(), with_parts(request.GET, export=name)) for name in FORMATS],
        "choose": f"{reverse('applications:choose')}?{request.GET.urlencode()}",
        **frame(),
    }
    return render_around(request, "cohorts/cms/applications.html", context, rows=html_rows(listing, found))


def frame(*last: tuple[str, str]) -> dict[str, Any]:
    """The head of each page about the list."""
    here = (_("Applications"), reverse("applications:index") if last else "")
    return {"header_title": last[-1][0] if last else here[0], "header_icon": "form", "breadcrumbs_items": crumbs(here, *last)}


def heads(listing: Listing) -> list[dict[str, Any]]:
    """The columns' headings: where there is an order, the address that puts the rows in it, or turns it round."""
    found = []
    for column in listing.columns:
        up, down = column.name, f"-{column.name}"
        turned = up if listing.order == down else down if listing.order == up else up
        sort = {up: "ascending", down: "descending"}.get(listing.order, "")
        found.append(
            {
                "label": column.label,
                "is_number": column.is_number,
                "sort": sort,
                "href": with_parts(listing.query, order=turned) if column.order else "",
            }
        )
    return found


def html_rows(listing: Listing, found: list[Row]) -> bytes:
    """The rows as they are sent: what is around the words of a cell is the same for all of them."""
    address = reverse("cohorts_cms_application", args=["00000000-0000-0000-0000-000000000000"])
    before, after = address.split("00000000-0000-0000-0000-000000000000")
    history, chosen = escape(_("History")), escape(_("Choose %(name)s"))
    project, *others = listing.columns
    html = []
    for row in found:
        key, name = row["pk"], escape(project.value(row))
        html.append(
            f'<tr><th scope="row"><label><input type="checkbox" name="row" value="{key}" aria-label="{chosen.replace("%(name)s", name)}"></label> '
            f'<a href="{before}{key}{after}">{name}</a> <small><a href="{before}{key}{after}history/" class="cms-no-print">{history}</a></small></th>'
        )
        html += [f'<td class="number">{column.cell(row)}</td>' if column.is_number else f"<td>{column.cell(row)}</td>" for column in others]
        html.append("</tr>\n")
    return "".join(html).encode()


def quick(listing: Listing) -> dict[str, Any]:
    """The few filters that stand on the page itself; the others of the address go with them, unseen."""
    chosen = {said.filter.name: said.values for said in listing.said}
    shown = ("q", *[name for name in ("cohort", "state") if len(chosen.get(name, [])) < 2])  # a select holds one: several stay as they are
    hidden = [(name, value) for name, values in listing.query.lists() if name not in (*shown, "page", "export", "view") for value in values]
    fields = {one.name: one for one in listing.filters if one.name in shown}
    return {
        "hidden": hidden,
        "q": listing.query.get("q", ""),
        "selects": [(fields[name], fields[name].options.items(), chosen.get(name, [])) for name in shown[1:]],
    }


def table(listing: Listing):
    """The headings, then everything that is listed, on however many pages."""
    cells = [cell for column in listing.columns for cell in column.in_file]
    yield [str(label) for label, _value in cells]
    for row in listing.every_row(PARCEL):
        yield [_on_the_clock_of_the_academy(value(row)) for _label, value in cells]


def _on_the_clock_of_the_academy(value: Any) -> Any:
    """Moments as the page shows their days; a file that two people make is the same."""
    return timezone.make_naive(value, ZoneInfo(settings.TIME_ZONE)) if isinstance(value, datetime) else value


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Every filter, every column and the order, as one form whose answer is the list."""
    require_coordinator(request)
    listing = listing_of(request.user, request.GET, every_question=True)
    titles = read_facts(request.user, set()).cohorts if not listing.facts.cohorts else listing.facts.cohorts
    values = {one.name: request.GET.getlist(one.name) for one in listing.filters}
    shown = {column.name for column in listing.columns}
    context = {
        "fields": [(one, values[one.name]) for one in listing.filters if not one.name.startswith("a-")],
        "calls": asked_by_call(listing, titles, values),
        "columns": [
            (column, column.name in shown)
            for column in listing.known.values()
            if column.name != "project" and not column.name.startswith("a-")
        ],
        "orders": [
            (f"{sign}{column.name}", column.label, sign, f"{sign}{column.name}" == listing.order)
            for column in listing.known.values()
            if column.order
            for sign in ("", "-")
        ],
        "back": f"{reverse('applications:index')}?{kept_part(request.GET)}",
        "troubles": listing.troubles,
        **frame((_("Filters, columns and order"), "")),
    }
    return render(request, "cohorts/cms/applications_choose.html", context)


def asked_by_call(listing: Listing, titles: dict[str, str], values: dict[str, list[str]]) -> list[dict[str, Any]]:
    """The questions of each call, as filters and as columns; those of the cohorts that are chosen, when some are."""
    wanted = set(QueryDict(listing.query.urlencode()).getlist("cohort"))
    shown = {column.name for column in listing.columns}
    found: dict[str, dict[str, Any]] = {}
    for question in listing.facts.questions:
        cohort = str(question.cohort_id)
        if wanted and cohort not in wanted:
            continue
        key = f"a-{question.pk.hex}"
        call = found.setdefault(cohort, {"title": titles.get(cohort, ""), "fields": [], "columns": []})
        call["fields"] += [(one, values[one.name]) for one in listing.filters if one.name.startswith(key)]
        call["columns"].append((listing.known[key], key in shown))
    return list(found.values())

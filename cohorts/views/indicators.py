"""The yearly indicators of one project: what it said over the years, and the form of the year that is asked about."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from academy.http import refuse_politely, wants_json
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.indicator_answers import CURRENCY, NOTE, kept_of
from cohorts.indicator_figures import FEWEST, head_of, over_years, value_words
from cohorts.indicator_form import IndicatorForm
from cohorts.merging import Merge, why_both
from cohorts.models import IndicatorReport, IndicatorYear, Project
from cohorts.models.indicators import reporting
from cohorts.permissions import can_speak_for_project
from cohorts.views.autosaved import autosaved


def _before(project: Project, year: int) -> dict[int, tuple[str, str]]:
    """Of each indicator, the last thing that was said before the year, in words, and when."""
    reports = IndicatorReport.objects.sent().filter(project=project, year__lte=year).exclude(year=year, kind=IndicatorReport.Kind.YEARLY)
    return {
        row.indicator_id: (value_words(row.indicator, row.value, row.currency), head_of(report))
        for report in reports.order_by("year", "kind").prefetch_related("values__indicator")
        for row in report.values.all()
    }


def _project(request: HttpRequest, pk: UUID) -> Project:
    return get_object_or_404(Project.objects.of_member(request.user), pk=pk)


@login_required
@require_GET
def own(request: HttpRequest, project: UUID) -> HttpResponse:
    """The project over the years, the means of all beside, and what is asked now."""
    row = _project(request, project)
    asked = IndicatorYear.objects.open().first() if reporting(row).exists() else None
    report = asked and IndicatorReport.objects.filter(project=row, year=asked.year, kind=IndicatorReport.Kind.YEARLY).first()
    context = {
        "project": row,
        "table": over_years(row),
        "asked": asked,
        "report": report,
        "is_late": bool(asked) and asked.due_on < timezone.localdate() and not (report and report.sent_at),
        "may_fill": can_speak_for_project(request.user, row),
        "fewest": FEWEST,
    }
    return render(request, "cohorts/indicators.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@refuse_politely
def fill(request: HttpRequest, project: UUID, year: int) -> HttpResponse:
    """The form of one year. It keeps itself while one types; sent, it may be corrected while the year is asked about."""
    row = _project(request, project)
    asked = IndicatorYear.objects.open().first()
    if not can_speak_for_project(request.user, row) or asked is None or asked.year != year or not reporting(row).exists():
        raise Http404
    form = IndicatorForm(request.POST if request.method == "POST" else None, kept=kept_of(row, year))
    if request.method == "POST":
        return _save(request, row, asked, form)
    return _show(request, row, asked, form)


def _save(request: HttpRequest, row: Project, asked: IndicatorYear, form: IndicatorForm) -> HttpResponse:
    """Whatever the button: what is right is kept first, then it is sent if all is."""
    valid = form.is_valid()
    sends = valid and "send" in request.POST and not wants_json(request)
    try:
        merged = actions.merge_report(
            row, by=request.user, year=asked.year, answers=form.answers, since=form.since, choices=form.choices, send=sends
        )
    except RuleViolation as refusal:
        if wants_json(request):
            raise
        form.add_error(None, str(refusal))
        return _show(request, row, asked, form)
    form.kept = kept_of(row, asked.year)
    if wants_json(request):
        return JsonResponse(_saved(request, form, merged))
    for name in merged.both:
        form.add_error(name, why_both(merged, name))
    if valid and form.kept.is_sent and not sends:
        form.add_error(None, _("These numbers are sent. What you changed counts once you send them again."))
    if form.errors:
        form.show_others(merged)
        return _show(request, row, asked, form, merged)
    messages.success(request, _("Sent. Thank you: here is where you stand.") if sends else _("Kept. Nothing is sent before you say so."))
    return redirect("cohorts_indicators_own", project=row.pk)


def _saved(request: HttpRequest, form: IndicatorForm, merged: Merge) -> dict:
    """What static/js/application.js needs to go on."""
    others, both = (
        {name: form.said(name, text) for name, text in merged.others.items()},
        {name: form.box(name, merged) for name in merged.both},
    )
    return autosaved(request, form, merged, saved=_saved_words(form), marks=form.marks(merged), others=others, both=both)


def _saved_words(form: IndicatorForm) -> str:
    report = form.kept.report
    if report is None:
        return ""
    if form.kept.is_sent:
        return _("Sent. What you change here stays on this device until you send it again.")
    return _("Saved at %(time)s") % {"time": date_format(timezone.localtime(report.changed_at), "TIME_FORMAT")}


def _show(request: HttpRequest, row: Project, asked: IndicatorYear, form: IndicatorForm, merged: Merge | None = None) -> HttpResponse:
    context = {
        "project": row,
        "asked": asked,
        "form": form,
        "lines": form.lines(_before(row, asked.year), merged),
        "currency": form.box(CURRENCY, merged) if CURRENCY in form.fields else None,
        "note": form.box(NOTE, merged),
        "is_sent": form.kept.is_sent,
        "saved_words": _saved_words(form),
    }
    return render(request, "cohorts/indicators_fill.html", context)

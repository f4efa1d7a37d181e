"""The yearly indicators of one project: what it said over the years, and the form of the year that is asked about."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.application_form import NumberField, currencies
from cohorts.indicator_figures import FEWEST, by_pillar, over_years, value_words
from cohorts.models import IndicatorDefinition, IndicatorReport, IndicatorYear, Project
from cohorts.models.indicators import reporting
from cohorts.permissions import can_speak_for_project

MONEY = IndicatorDefinition.Kind.MONEY


def as_typed(value: Decimal) -> str:
    """As one types it: no noughts after the mark, and the mark of the reader's language."""
    plain = f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return plain.replace(".", formats.get_format("DECIMAL_SEPARATOR"))


class IndicatorForm(forms.Form):
    """One box for each indicator. What is not known stays empty."""

    use_required_attribute = False

    def __init__(self, *args, indicators, report: IndicatorReport | None, currency: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.indicators = {f"i{row.pk}": row for row in indicators}
        kept = {row.indicator_id: row for row in report.values.all()} if report else {}
        for name, row in self.indicators.items():
            field = NumberField(label=row.label, help_text=row.help, required=False)
            if row.pk in kept:
                field.initial = as_typed(kept[row.pk].value)
            self.fields[name] = field
        if any(row.kind == MONEY for row in indicators):
            initial = next((row.currency for row in kept.values() if row.currency), currency)
            self.fields["currency"] = forms.ChoiceField(
                label=gettext_lazy("Currency of your amounts"), choices=currencies, required=False, initial=initial
            )
        self.fields["note"] = forms.CharField(
            label=gettext_lazy("What one should know to read these numbers"),
            required=False,
            max_length=2000,
            initial=report.note if report else "",
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def clean(self):
        data = super().clean()
        for name, row in self.indicators.items():
            if value := data.get(name):
                self._check(name, row, Decimal(value), data.get("currency") or "")
        self._say_what_is_not_asked_any_more()
        return data

    def _check(self, name: str, row: IndicatorDefinition, value: Decimal, currency: str) -> None:
        try:
            row.check_value(value, currency if row.kind == MONEY else "")
        except RuleViolation as refusal:
            if refusal.code != "currency":
                self.add_error(name, str(refusal))
            elif "currency" not in self.errors:
                self.add_error("currency", str(refusal))

    def _say_what_is_not_asked_any_more(self) -> None:
        """An indicator may be turned off while one fills in: what was typed there does not vanish without a word."""
        for row in IndicatorDefinition.objects.filter(is_on=False):
            if self.data.get(f"i{row.pk}", "").strip():
                words = _("“%(indicator)s” is not asked any more: what you typed there is not kept. Send the others again.")
                self.add_error(None, words % {"indicator": row.label})

    @property
    def given(self) -> dict:
        data = self.cleaned_data
        return {
            row: (Decimal(data[name]), data["currency"] if row.kind == MONEY else "")
            for name, row in self.indicators.items()
            if data.get(name)
        }

    def lines(self, before: dict) -> list:
        """By pillar: each indicator with its box, and in words what was said before."""
        found = [Asked(row, self[name], *before.get(row.pk, ("", ""))) for name, row in self.indicators.items()]
        return by_pillar(found)


class Asked:
    """One indicator of the form; `year` names the report that `words` come from."""

    def __init__(self, indicator: IndicatorDefinition, field, words: str, year: str):
        self.indicator, self.field, self.words, self.year = indicator, field, words, year


def _before(project: Project, year: int) -> tuple[dict[int, tuple[str, str]], str]:
    """Of each indicator, the last thing that was said before the year, in words, and when; and the currency of its amounts."""
    reports = IndicatorReport.objects.sent().filter(project=project, year__lte=year).exclude(year=year, kind=IndicatorReport.Kind.YEARLY)
    found, currency = {}, ""
    for report in reports.order_by("year", "kind").prefetch_related("values__indicator"):
        for row in report.values.all():
            when = _("%(year)s, at the application") % {"year": report.year} if report.is_baseline else str(report.year)
            found[row.indicator_id] = (value_words(row.indicator, row.value, row.currency), when)
            currency = row.currency or currency
    return found, currency


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
def fill(request: HttpRequest, project: UUID, year: int) -> HttpResponse:
    """The form of one year. It may be left and taken up again; sent, it may be corrected while the year is asked about."""
    row = _project(request, project)
    asked = IndicatorYear.objects.open().first()
    if not can_speak_for_project(request.user, row) or asked is None or asked.year != year or not reporting(row).exists():
        raise Http404
    reports = IndicatorReport.objects.filter(project=row, year=year, kind=IndicatorReport.Kind.YEARLY)
    report = reports.prefetch_related("values").first()
    before, currency = _before(row, year)
    indicators = list(IndicatorDefinition.objects.filter(is_on=True))
    form = IndicatorForm(request.POST or None, indicators=indicators, report=report, currency=currency)
    if request.method == "POST" and form.is_valid():
        send = "send" in request.POST
        try:
            saved = actions.save_report(row, by=request.user, year=year, given=form.given, note=form.cleaned_data["note"], send=send)
        except RuleViolation as refusal:
            form.add_error(None, str(refusal))
        else:
            words = _("Sent. Thank you: here is where you stand.") if saved.sent_at else _("Kept. Nothing is sent before you say so.")
            messages.success(request, words)
            return redirect("cohorts_indicators_own", project=row.pk)
    context = {"project": row, "asked": asked, "report": report, "form": form, "lines": form.lines(before)}
    return render(request, "cohorts/indicators_fill.html", context)

"""Indicators inside the CMS: which they are, which year is asked about, and every partner beside the others."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, TitleColumn

from academy.admin import GuardedModelViewSet
from academy.charts import bars
from academy.cldr import by_name
from academy.cms_verbs import crumbs
from academy.countries import country_name
from academy.models import User
from academy.permissions import is_coordinator, works_in_cms
from academy.sheets import FORMATS, sheet
from academy.ui import PILLARS
from cohorts.indicator_figures import FEWEST, Comparison, Group, Summary, compare, trends, value_words
from cohorts.models import IndicatorDefinition, IndicatorYear, Partnership
from cohorts.viewsets import GuardedIndexView


class DefinitionIndexView(GuardedIndexView):
    may_list = staticmethod(works_in_cms)

    def rows_for(self, user):
        return IndicatorDefinition.objects.all()

    @cached_property
    def columns(self):
        return [
            TitleColumn("label", label=_("Indicator"), get_url=self.edit_url),
            Column("get_pillar_display", label=_("Pillar"), sort_key="pillar"),
            Column("get_kind_display", label=_("Kind"), sort_key="kind"),
            BooleanColumn("is_on", label=_("Asked"), sort_key="is_on"),
        ]

    def edit_url(self, row: IndicatorDefinition) -> str | None:
        allowed = self.request.user.has_perm("cohorts.change_indicatordefinition")
        return reverse("indicators:edit", args=[row.pk]) if allowed else None


INDICATOR = ObjectList(
    [
        HelpPanel(
            content=gettext_lazy(
                "Five minutes are enough for some nine indicators. Put better what is asked at any time; what means something else is another "
                "indicator: turn this one off, and what was answered stays."
            )
        ),
        FieldRowPanel([FieldPanel("pillar"), FieldPanel("kind"), FieldPanel("sort_order")]),
        FieldPanel("label"),
        FieldPanel("help"),
        FieldRowPanel([FieldPanel("may_be_negative"), FieldPanel("is_on")]),
        FieldPanel("questions", widget=forms.CheckboxSelectMultiple),
    ]
)


class IndicatorViewSet(GuardedModelViewSet):
    model = IndicatorDefinition
    name = "indicators"
    icon = "list-ul"
    menu_label = gettext_lazy("Indicators")
    index_view_class = DefinitionIndexView
    copy_view_enabled = False
    inspect_view_enabled = False
    edit_handler = INDICATOR
    list_filter = ["pillar", "is_on"]


class YearIndexView(GuardedIndexView):
    may_list = staticmethod(works_in_cms)

    def rows_for(self, user):
        return IndicatorYear.objects.all()

    @cached_property
    def columns(self):
        return [
            TitleColumn("year", label=_("Year"), get_url=self.edit_url, sort_key="year"),
            DateColumn("opens_on", label=_("Asked from"), sort_key="opens_on"),
            DateColumn("due_on", label=_("Wanted until"), sort_key="due_on"),
        ]

    def edit_url(self, row: IndicatorYear) -> str | None:
        allowed = self.request.user.has_perm("cohorts.change_indicatoryear")
        return reverse("indicator_years:edit", args=[row.pk]) if allowed else None


class YearViewSet(GuardedModelViewSet):
    model = IndicatorYear
    name = "indicator_years"
    icon = "calendar"
    menu_label = gettext_lazy("Years of indicators")
    index_view_class = YearIndexView
    copy_view_enabled = False
    inspect_view_enabled = False
    form_fields = ["year", "opens_on", "due_on"]


# --- every partner beside the others


class CompareForm(forms.Form):
    """Which year, which partners, which indicators. Unknown values are the usual ones: a saved address never fails."""

    year = forms.ChoiceField(label=gettext_lazy("Year"), required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    typology = forms.ChoiceField(label=gettext_lazy("Typology"), required=False)
    pillar = forms.ChoiceField(label=gettext_lazy("Pillar"), required=False)

    def __init__(self, data, *, years: list[int], reader: User):
        super().__init__(data)
        partners = Partnership.objects.current().known_to(reader).select_related("typology", "project")
        countries = {row.project.country for row in partners} - {""}
        typologies = {row.typology.key: str(row.typology.label) for row in partners}
        self.fields["year"].choices = [(str(year), str(year)) for year in years]
        self.fields["country"].choices = [
            ("", _("All")),
            *by_name({code: country_name(code) for code in countries}),
        ]
        self.fields["typology"].choices = [("", _("All")), *by_name(typologies)]
        self.fields["pillar"].choices = [("", _("All")), *((row.key, row.label) for row in PILLARS.values())]
        self.full_clean()
        self.chosen = {name: self.cleaned_data.get(name) or "" for name in ("country", "typology", "pillar")}
        self.year = int(self.cleaned_data.get("year") or years[0])


def summary_cell(indicator: IndicatorDefinition, summary: Summary) -> str:
    """The mean and the middle, or why they are not said."""
    if summary.mean is None:
        return _("not said (%(n)s)") % {"n": summary.count}
    mean, middle = (value_words(indicator, value, summary.currency) for value in (summary.mean, summary.middle))
    return _("%(mean)s · middle %(middle)s (%(n)s)") % {"mean": mean, "middle": middle, "n": summary.count}


def _group_cells(group: Group, found: Comparison) -> list[str]:
    return [summary_cell(indicator, group.summaries[indicator.pk]) for indicator in found.indicators]


def _trend_lines(request: HttpRequest, found: Comparison, form: CompareForm) -> list[dict]:
    """Of each indicator whose mean may be said, its bars over the years."""
    narrowed = {name: form.chosen[name] for name in ("country", "typology")}
    lines = []
    for pk, years in trends(request.user, indicators=found.indicators, **narrowed).items():
        indicator = next(row for row in found.indicators if row.pk == pk)
        if any(summary.mean is not None for _year, summary in years):
            drawn = bars([summary.mean for _year, summary in years])
            rows = [
                {"year": year, "words": value_words(indicator, summary.mean, summary.currency), "bar": bar, "n": summary.count}
                for (year, summary), bar in zip(years, drawn, strict=True)
            ]
            lines.append({"indicator": indicator, "rows": rows})
    return lines


@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """The table, the means, the years; or exactly the rows that are shown as a file."""
    if not works_in_cms(request.user):
        raise Http404
    years = list(IndicatorYear.objects.values_list("year", flat=True))
    form = CompareForm(request.GET, years=years, reader=request.user) if years else None
    found = compare(request.user, year=form.year, **form.chosen) if form else None
    kind = request.GET.get("export")
    if found and kind in FORMATS:
        return sheet(kind, f"{_('indicators')} {found.year}", table(found))
    query = request.GET.copy()
    query.pop("export", None)
    context = {
        "form": form,
        "found": found,
        "rows": [(row, [(row.words(one), row.words_before(one)) for one in found.indicators]) for row in found.sent] if found else [],
        "together": _group_cells(found.together, found) if found else [],
        "groups": [
            (heading, [(group, _group_cells(group, found)) for group in groups])
            for heading, groups in ((_("By country"), found.countries), (_("By typology"), found.typologies))
        ]
        if found
        else [],
        "trends": _trend_lines(request, found, form) if found else [],
        "exports": [(name.upper(), f"?{query.urlencode()}&export={name}") for name in FORMATS],
        "fewest": FEWEST,
        "may_open": is_coordinator(request.user),
        "header_title": _("Indicators, compared"),
        "header_icon": "list-ul",
        "breadcrumbs_items": crumbs((_("Indicators"), reverse("indicators:index")), (_("Indicators, compared"), "")),
    }
    return render(request, "cohorts/cms/indicators.html", context)


def table(found: Comparison):
    """Plain numbers, each amount with its currency beside: what a spreadsheet can work with."""
    heads = [_("Project"), _("Country"), _("Typology"), _("Year"), _("Sent")]
    for indicator in found.indicators:
        heads += [str(indicator.label), *([_("Currency")] if indicator.kind == IndicatorDefinition.Kind.MONEY else [])]
    yield [*heads, _("What one should know to read these numbers")]
    for row in found.sent:
        cells = [row.project.name, row.project.country_name, row.typology, found.year, row.report.sent_at]
        for indicator in found.indicators:
            value = row.values.get(indicator.pk)
            cells.append(value.value if value else None)
            if indicator.kind == IndicatorDefinition.Kind.MONEY:
                cells.append(value.currency if value else "")
        yield [*cells, row.report.note]


class ComparisonMenuItem(MenuItem):
    def is_shown(self, request):
        return works_in_cms(request.user)


def pages() -> list:
    return [path("indicators-compared/", indicators, name="cohorts_cms_indicators")]

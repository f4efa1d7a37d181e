"""Where the first partner stood when it applied, what it says of this year, and the question to every partner."""

from decimal import Decimal

from academy.management.example.story import Story
from cohorts.actions import save_report
from cohorts.models import IndicatorDefinition, IndicatorReport, IndicatorValue, IndicatorYear

NAME = "chile"


def report_indicators(story: Story) -> None:
    project, lead = story.projects[NAME], story.lead(NAME)
    plan = story.plan["indicators"]
    indicators = list(IndicatorDefinition.objects.filter(is_on=True).order_by("sort_order"))
    IndicatorYear.objects.create(year=story.now.year, opens_on=story.day(-5).date(), due_on=story.day(35).date())
    applied = story.day(-135)
    baseline = IndicatorReport.objects.create(
        project=project, kind=IndicatorReport.Kind.BASELINE, year=applied.year, sent_at=applied, sent_by=lead
    )
    for indicator, value in zip(indicators, plan["baseline"], strict=True):
        if value is not None:
            IndicatorValue.objects.create(report=baseline, indicator=indicator, value=value, currency=_currency(indicator, plan))
    given = {
        indicator: (Decimal(value), _currency(indicator, plan))
        for indicator, value in zip(indicators, plan["now"], strict=True)
        if value is not None
    }
    with story.at(-1, hour=18):
        save_report(project, by=lead, year=story.now.year, given=given, note=plan["note"], send=True)


def _currency(indicator: IndicatorDefinition, plan: dict) -> str:
    return plan["currency"] if indicator.kind == IndicatorDefinition.Kind.MONEY else ""

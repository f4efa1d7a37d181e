"""Yearly indicators: what a project said when it applied, what it says of each year, and the letters that ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.audit import record
from academy.locking import lock
from academy.models import Message, User
from academy.rules import RuleViolation
from cohorts.indicator_answers import CURRENCY, LONGEST_NOTE, NOTE, kept_of
from cohorts.letters import tell_project
from cohorts.merging import Choice, Merge, merge
from cohorts.models import (
    Application,
    CallAnswer,
    IndicatorDefinition,
    IndicatorReport,
    IndicatorValue,
    IndicatorYear,
    Project,
)
from cohorts.models.indicators import reporting

Given = tuple[Decimal, str]  # a value, and its currency where it is an amount
REMINDED = (("last", timedelta(days=2)), ("soon", timedelta(days=14)))


@transaction.atomic
def copy_baseline(project: Project, *, by: User | None) -> IndicatorReport | None:
    """Where the project stood when it applied, out of the last application that led it into a cohort. Made once; None when nothing is known."""
    lock(project)
    if IndicatorReport.objects.filter(project=project, kind=IndicatorReport.Kind.BASELINE).exists():
        return None
    application = (
        Application.objects.filter(project=project, participations__isnull=False, submitted_at__isnull=False)
        .order_by("-submitted_at")
        .first()
    )
    if application is None:
        return None
    answers = CallAnswer.objects.filter(application=application, question__indicators__isnull=False, number__isnull=False)
    values = {}
    for indicator, number, currency in answers.order_by("question__sort_order").values_list("question__indicators", "number", "currency"):
        values.setdefault(indicator, (number, currency))
    values = _only_possible(values)
    if not values:
        return None
    row = IndicatorReport.objects.create(
        project=project,
        kind=IndicatorReport.Kind.BASELINE,
        year=timezone.localtime(application.submitted_at).year,
        sent_at=application.submitted_at,
        sent_by=application.submitted_by,
    )
    IndicatorValue.objects.bulk_create(
        IndicatorValue(report=row, indicator_id=indicator, value=value, currency=currency)
        for indicator, (value, currency) in values.items()
    )
    record(project, "cohorts.copy_baseline", by=by, data={"report": str(row.pk)})
    return row


def _only_possible(values: dict[int, Given]) -> dict[int, Given]:
    """Without what an indicator does not take: an application may have answered below nought, or without a currency."""
    known = IndicatorDefinition.objects.in_bulk(list(values))

    def is_possible(indicator: int) -> bool:
        try:
            known[indicator].check_value(*values[indicator])
        except RuleViolation:
            return False
        return True

    return {indicator: values[indicator] for indicator in values if is_possible(indicator)}


def _check(given: Mapping[IndicatorDefinition, Given]) -> None:
    asked = set(IndicatorDefinition.objects.filter(is_on=True).values_list("pk", flat=True))
    for indicator, (value, currency) in given.items():
        if indicator.pk not in asked:
            words = _("“%(indicator)s” is not asked any more. Load the page again: what else you typed is kept.")
            raise RuleViolation(words % {"indicator": indicator.label}, code="off")
        try:
            indicator.check_value(value, currency)
        except RuleViolation as refusal:
            raise RuleViolation(f"“{indicator.label}”: {refusal}", code=refusal.code) from None


@transaction.atomic
def merge_report(
    project: Project,
    *,
    by: User,
    year: int,
    answers: Mapping[str, str],
    since: Mapping[str, str],
    choices: Mapping[str, Choice] | None = None,
    send: bool = False,
) -> Merge:
    """Keeps what one page changed, box by box, beside what others changed meanwhile (`cohorts.merging`); sends it when nothing waits
    for a choice. What is sent already changes only when it is sent again.
    """
    lock(project)
    kept = kept_of(project, year)
    asked = {name: text for name, text in answers.items() if name in kept.texts}
    found = merge(asked, kept.texts, since=since, choices=choices, texts={NOTE: LONGEST_NOTE})
    if CURRENCY in found.both:  # an amount is nothing without its currency
        found.written = {name: text for name, text in found.written.items() if not kept.is_money(name)}
    sends = send and not found.both
    if kept.is_sent and not sends:
        found.written.clear()
    if sends or found.written:
        whole = kept.texts | found.written
        save_report(project, by=by, year=year, given=kept.given(whole), note=whole[NOTE], send=sends)
    return found


@transaction.atomic
def save_report(
    project: Project, *, by: User, year: int, given: Mapping[IndicatorDefinition, Given], note: str = "", send: bool = False
) -> IndicatorReport:
    """Keeps all that is known so far; sent, it counts. It may be corrected until the next year is asked about."""
    lock(project)
    asked = IndicatorYear.objects.open().first()
    if asked is None or asked.year != year:
        raise RuleViolation(_("This year is not asked about now. Write to your coordinator to correct something."), code="closed")
    if not reporting(project).exists():
        raise RuleViolation(_("Only partners report their indicators."), code="partner")
    _check(given)
    row = IndicatorReport.objects.filter(project=project, year=year, kind=IndicatorReport.Kind.YEARLY).first()
    row = row or IndicatorReport(project=project, year=year)
    if send and not given:
        raise RuleViolation(_("Give at least one number."), code="empty")
    row.note, row.changed_at = note.strip(), timezone.now()
    if send or row.sent_at:
        row.sent_at, row.sent_by = row.changed_at, by
    row.save()
    # what is not asked any more was not in the form: it stays
    row.values.filter(indicator__is_on=True).exclude(indicator__in=given).delete()
    for indicator, (value, currency) in given.items():
        IndicatorValue.objects.update_or_create(report=row, indicator=indicator, defaults={"value": value, "currency": currency})
    if row.sent_at:  # a draft is saved with every word: its history would say nothing
        record(project, "cohorts.send_indicators", by=by, data={"year": year, "values": len(given)})
    return row


def _reason(asked: IndicatorYear, today: date) -> str:
    """Which letter is due: only the last one, for who became a partner late."""
    for name, before in REMINDED:
        if today >= asked.due_on - before:
            return name
    return "open"


SUBJECTS = {
    "open": gettext_lazy("Five minutes for the indicators of your project"),
    "soon": gettext_lazy("Two weeks left for the indicators of your project"),
    "last": gettext_lazy("Two days left for the indicators of your project"),
}
_until = lazy(
    lambda day: _("They are wanted until %(day)s. What you do not know you leave empty.") % {"day": date_format(day, "DATE_FORMAT")}, str
)
_about = lazy(
    lambda year: (
        _("We ask every partner the same few numbers about %(year)s, on the three pillars: last year’s stand beside.") % {"year": year}
    ),
    str,
)


def ask_for_indicators(asked: IndicatorYear, *, by: User | None, today: date | None = None) -> int:
    """Writes to every partner that has not sent its numbers: once when the year opens, then twice before its last day."""
    today = today or timezone.localdate()
    if not asked.opens_on <= today <= asked.due_on:
        return 0
    why = _reason(asked, today)
    sent = IndicatorReport.objects.sent().yearly().filter(year=asked.year).values("project")
    causes = {
        f"indicators:{asked.year}:{why}:{row.project_id}": row.project
        for row in reporting().exclude(project__in=sent).select_related("project")
    }
    told = set(Message.objects.filter(cause__in=list(causes)).values_list("cause", flat=True))
    for cause, project in causes.items():
        if cause not in told:
            tell_project(
                project,
                subject=SUBJECTS[why],
                lines=[_about(asked.year), _until(asked.due_on)],
                link="cohorts_indicators_own",
                link_to=project.pk,
                link_label=gettext_lazy("Fill in the indicators"),
                cause=cause,
                by=by,
            )
    return len(causes) - len(told)

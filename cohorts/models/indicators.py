"""The indicators that every partner reports once a year: which they are is data, what each project answered is kept."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.fields import LocalizedTextField
from academy.permissions import works_in_cms
from academy.rules import RuleViolation
from academy.ui import PILLARS

from .application import interests_of
from .call import CallQuestion
from .constraints import date_with_author, is_currency
from .participation import Partnership
from .project import Project, ProjectMember

FIRST_YEAR, LAST_YEAR = 1990, 2200


class IndicatorDefinition(models.Model):
    """One indicator. What is asked may be put better at any time; what kind of number it is stays once somebody answered.

    `questions` are those of calls whose answer says where a project stood when it applied. Not asked any more: `is_on` is off, and
    what was answered stays.
    """

    class Kind(models.TextChoices):
        NUMBER = "number", _("Number")
        MONEY = "money", _("Amount of money")
        PERCENT = "percent", _("Percentage, from 0 to 100")

    pillar = models.CharField(_("pillar"), max_length=16, choices=[(row.key, row.label) for row in PILLARS.values()])
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.NUMBER)
    label = LocalizedTextField(_("label"))
    help = LocalizedTextField(_("help"), blank=True)
    may_be_negative = models.BooleanField(_("may be below nought"), default=False, help_text=_("Such as the result of a year."))
    questions = models.ManyToManyField(
        CallQuestion,
        blank=True,
        related_name="indicators",
        verbose_name=_("answered in the application by"),
        limit_choices_to={"kind__in": ["number", "money"]},
        help_text=_("Questions of calls, numbers and amounts, whose answer is where the project stood when it applied."),
    )
    is_on = models.BooleanField(_("asked"), default=True)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["pillar", "sort_order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="percent", may_be_negative=True),
                name="no_percentage_is_below_nought",
                violation_error_message=_("A percentage goes from 0 to 100: it is never below nought."),
            ),
        ]

    def __str__(self):
        return str(self.label)

    def check_value(self, value: Decimal, currency: str = "") -> None:
        """The one rule of what may be answered: the form, the verbs and `IndicatorValue` ask it. Raises RuleViolation with the reason."""
        if self.kind == self.Kind.PERCENT and not 0 <= value <= 100:
            raise RuleViolation(_("A percentage goes from 0 to 100."), code="range")
        if value < 0 and not self.may_be_negative:
            raise RuleViolation(_("This number cannot be below nought."), code="range")
        if bool(currency) != (self.kind == self.Kind.MONEY):
            words = _("Say in which currency your amounts are.") if self.kind == self.Kind.MONEY else _("Only an amount has a currency.")
            raise RuleViolation(words, code="currency")

    def clean(self):
        super().clean()
        before = type(self).objects.filter(pk=self.pk).first()
        if before and before.kind != self.kind and self.values.exists():
            raise ValidationError({"kind": _("Projects have answered it already: its kind stays. Turn it off, and add another.")})
        if before and before.may_be_negative and not self.may_be_negative and self.values.filter(value__lt=0).exists():
            raise ValidationError(
                {"may_be_negative": _("Projects have answered below nought already: this stays. Turn it off, and add another.")}
            )


class IndicatorYearQuerySet(models.QuerySet):
    def open(self, today: date | None = None):
        """Those about which projects report now: from the first day until the last, and late until the next year is asked about."""
        return self.filter(opens_on__lte=today or timezone.localdate()).order_by("-year")[:1]


class IndicatorYear(models.Model):
    """Asking every partner about one year. A coordinator adds it; the clock writes to the projects."""

    year = models.PositiveSmallIntegerField(
        _("year"), unique=True, validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    opens_on = models.DateField(_("asked from"), help_text=_("On this day the projects are written to."))
    due_on = models.DateField(
        _("wanted until"), help_text=_("They are reminded two weeks and two days before. Late answers are taken too.")
    )

    objects = IndicatorYearQuerySet.as_manager()

    class Meta:
        verbose_name = _("year of indicators")
        verbose_name_plural = _("years of indicators")
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__gt=F("opens_on")),
                name="indicators_are_wanted_after_they_are_asked",
                violation_error_message=_("The last day comes after the first."),
            ),
        ]

    def __str__(self):
        return str(self.year)


class IndicatorReportQuerySet(models.QuerySet):
    def of_member(self, user):
        if not user.is_authenticated:
            return self.none()
        return self.filter(project__in=ProjectMember.objects.filter(person=user).values("project"))

    def for_user(self, user):
        """The team, but for the projects in which a person has an interest."""
        return self.exclude(project__in=interests_of(user).values("pk")) if works_in_cms(user) else self.none()

    def sent(self):
        return self.filter(sent_at__isnull=False)

    def yearly(self):
        return self.filter(kind=IndicatorReport.Kind.YEARLY)

    def told_to(self, user):
        """What the team compares, on every page and in every file: what is sent about years, without what is closed to the reader."""
        return self.for_user(user).sent().yearly()


class IndicatorReport(models.Model):
    """What a project said of one year; or, as its baseline, what its application said. NULL `sent_at`: still being filled in."""

    class Kind(models.TextChoices):
        BASELINE = "baseline", _("As in the application")
        YEARLY = "yearly", _("Yearly")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="indicator_reports", verbose_name=_("project"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.YEARLY)
    year = models.PositiveSmallIntegerField(_("year"))
    note = models.TextField(_("what one should know to read these numbers"), max_length=2000, blank=True)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = IndicatorReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report of indicators")
        verbose_name_plural = _("reports of indicators")
        ordering = ["project", "kind", "year"]
        constraints = [
            models.UniqueConstraint(fields=["project", "year"], condition=Q(kind="yearly"), name="a_project_reports_a_year_once"),
            models.UniqueConstraint(fields=["project"], condition=Q(kind="baseline"), name="a_project_has_one_baseline"),
            date_with_author("sent", name="indicators_are_sent_by_somebody"),
        ]

    def __str__(self):
        return f"{self.project} {self.year}"

    @property
    def is_baseline(self) -> bool:
        return self.kind == self.Kind.BASELINE


class IndicatorValue(models.Model):
    """One number of a report. What the project does not know has no row."""

    report = models.ForeignKey(IndicatorReport, on_delete=models.CASCADE, related_name="values", verbose_name=_("report"))
    indicator = models.ForeignKey(IndicatorDefinition, on_delete=models.PROTECT, related_name="values", verbose_name=_("indicator"))
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, blank=True)

    class Meta:
        verbose_name = _("value of an indicator")
        verbose_name_plural = _("values of indicators")
        constraints = [
            models.UniqueConstraint(fields=["report", "indicator"], name="a_report_says_an_indicator_once"),
            is_currency("currency", name="the_currency_of_a_value_is_one"),
        ]

    def __str__(self):
        return f"{self.indicator}: {self.value}"

    def clean(self):
        super().clean()
        try:
            self.indicator.check_value(self.value, self.currency)
        except RuleViolation as refusal:
            raise ValidationError(str(refusal), code=refusal.code) from None


def reporting(project: Project | None = None):
    """The partnerships whose projects report: those that go on."""
    rows = Partnership.objects.current()
    return rows if project is None else rows.filter(project=project)
